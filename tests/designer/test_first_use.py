"""What a person meets who uses the window for the first time."""

from datetime import datetime

from PySide6.QtWidgets import QFileDialog, QPushButton

from designer.evaluation.wording import metric_row, of_patients
from designer.moving_bar import MovingBar
from designer.project import Project
from designer.run_choice import RunChoice
from designer.training.history import History
from designer.training.runs_panel import title_of
from runtime.events import Epoch, Failed, Finished, Preparing, Started, line
from runtime.files import load_graph
from runtime.job import make_job
from runtime.runs import create_run


def run_beside(project, second, stopped=False):
    """A run as a worker leaves it, without the training."""
    moment = datetime(2026, 11, 21, 9, 45, second)
    folder = project.parent / f"{project.stem}-runs" / f"{moment:%Y%m%d-%H%M%S}"
    run = create_run(make_job(load_graph(project).graph, folder))
    metrics = {"train_loss": 0.2, "validation_loss": 0.1, "validation_accuracy": 0.98}
    told = (Started(8, 1, "cpu", 1), Epoch(8, metrics, 1.0, best=True), Finished(8, 8, metrics, stopped))
    run.events_file.write_text("".join(line(event, 1.0) + "\n" for event in told), encoding="utf-8")
    (run.folder / "checkpoints" / "best.safetensors").touch()
    return run


def choice_of(qtbot, file):
    project = Project()
    project.load(file)
    choice = RunChoice(project)
    qtbot.addWidget(choice, before_close_func=lambda widget: widget.close_down())
    qtbot.addWidget(choice.note)
    choice.refresh()
    qtbot.waitUntil(lambda: not choice.reader.reading)
    return choice


def offered(qtbot, choice, run):
    """Whether a run that has ended is chosen and was trained to its end."""
    with qtbot.waitSignal(choice.offered) as told:
        choice.offer(run)
    assert told.args[0].folder == run.folder
    return told.args[1]


def test_that_a_run_is_listed_with_its_best_epoch_and_main_measure(make_project):
    run = run_beside(make_project(), 0)
    assert title_of(run) == "21 Nov 09:45:00 · finished · epoch 8 · validation accuracy 0.98"


def test_that_a_stopped_run_never_becomes_the_choice_by_itself(qtbot, make_project):
    file = make_project()
    first = run_beside(file, 0)
    choice = choice_of(qtbot, file)
    stopped = run_beside(file, 1, stopped=True)
    assert not offered(qtbot, choice, stopped)
    assert choice.run.folder == first.folder
    assert choice.count() == 2


def test_that_a_finished_run_is_chosen_with_a_note_unless_the_user_chose_another(qtbot, make_project):
    file = make_project()
    first = run_beside(file, 0)
    choice = choice_of(qtbot, file)
    assert offered(qtbot, choice, run_beside(file, 1))
    assert "before, it was 21 Nov 09:45:00 · finished" in choice.note.text()
    assert not choice.note.isHidden()
    choice.setCurrentIndex(choice.findData(str(first.folder)))
    choice.activated.emit(choice.currentIndex())
    assert choice.note.isHidden()
    assert not offered(qtbot, choice, run_beside(file, 2))
    assert choice.run.folder == first.folder


def test_that_without_a_finished_run_one_has_to_be_chosen(qtbot, make_project):
    file = make_project()
    run_beside(file, 0, stopped=True)
    choice = choice_of(qtbot, file)
    assert choice.run is None
    assert "Choose a run" in choice.why_none


def test_that_what_is_known_of_runs_stays_while_they_are_read_anew(qtbot, make_project):
    file = make_project()
    first = run_beside(file, 0)
    choice = choice_of(qtbot, file)
    newest = run_beside(file, 1)
    choice.refresh()
    assert choice.reader.reading
    assert (choice.count(), choice.run.folder) == (1, first.folder)
    qtbot.waitUntil(lambda: choice.count() == 2)
    assert choice.run.folder == first.folder
    assert choice.itemData(0) == str(newest.folder)


def test_that_while_the_runs_of_a_project_are_first_read_it_is_said(qtbot, make_project):
    file = make_project()
    first = run_beside(file, 0)
    choice = choice_of(qtbot, file)
    choice.project.load(file)
    choice.refresh()
    assert choice.run is None
    assert "still being read" in choice.why_none
    with qtbot.waitSignal(choice.chosen) as told:
        pass
    assert told.args[0].folder == first.folder
    assert not choice.why_none


def test_that_runs_of_a_project_that_was_left_are_not_listed(qtbot, make_project):
    file = make_project()
    run_beside(file, 0)
    choice = choice_of(qtbot, file)
    choice.refresh()
    choice.project.new()
    choice.refresh()
    qtbot.waitUntil(lambda: not choice.reader.reading)
    assert choice.count() == 0
    assert "no trained run yet" in choice.why_none


def test_that_the_manual_opens_inside_the_program_and_leaves_the_window_free(window):
    window.actions_.trigger("manual")
    assert window.manual.isVisible()
    assert not window.manual.isModal()
    assert "Netloom" in window.manual.text.toPlainText()


def test_that_sensitivity_and_specificity_name_the_class_they_find():
    result = {"classes": ["T1", "T2"]}
    assert metric_row("sensitivity", 0.5, result)[0] == "Sensitivity (T2 found)"
    assert metric_row("specificity", 0.5, result)[0] == "Specificity (T1 found)"


def test_that_patients_that_are_not_known_are_not_counted():
    assert of_patients({"cases": 129, "patients": 129, "unknown_patients": 129}) == " of unknown patients"
    assert of_patients({"cases": 129, "patients": 12}) == " of 12 patients"


def test_that_a_field_in_red_keeps_f5_from_training_and_says_its_sentence(window, make_project):
    window.open_project(make_project())
    rows = window.training.side.settings.form.rows
    rows.fields["epochs"].edited.emit("abc")
    window.actions_.trigger("train")
    assert window.training.session is None
    assert window.current == "train"
    assert rows.complaints["epochs"] in window.messages.said


def test_that_a_project_without_a_file_says_why_it_is_saved_first(window, fitted_graph, monkeypatch):
    asked = []

    def cancel(_parent, title, *_more):
        asked.append(title)
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", cancel)
    window.project.new(fitted_graph)
    window.actions_.trigger("train")
    assert asked == ["Save the project first: its runs are kept beside its file"]
    assert "saved first" in window.messages.said
    (save,) = (one for one in window.messages.findChildren(QPushButton) if one.text() == "Save …")
    save.click()
    assert len(asked) == 2


def test_that_the_reason_of_a_failed_save_is_not_talked_over(window, fitted_graph, monkeypatch, tmp_path):
    lost = str(tmp_path / "gone" / "a.netloom")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (lost, ""))
    window.project.new(fitted_graph)
    window.actions_.trigger("train")
    assert "a.netloom" in window.messages.said


def test_that_a_failure_is_said_once_with_a_way_to_the_log(window, make_project):
    file = make_project()
    run = run_beside(file, 0)
    window.open_project(file)
    failure = Failed("“/data” could not be read.", log="log.txt")
    window.show_workspace("train")
    window.training.history.take(failure)
    window.training.redraw()
    window.training.failed.emit(failure, run)
    assert window.training.strip.state.text() == failure.message
    assert window.messages.said == "The training failed."
    window.go("design")
    window.training.failed.emit(failure, run)
    assert window.messages.said == failure.message
    window.go("train")
    assert window.messages.said == ""


def test_that_after_the_last_image_the_first_epoch_is_named_and_the_bar_is_not_full(qtbot):
    history = History.of([Started(8, 1, "cpu", 1), Preparing("Reading the images", 316, 316)])
    assert (history.state, history.share) == ("First epoch …", None)
    bar = MovingBar()
    qtbot.addWidget(bar)
    bar.setRange(0, 0)
    assert bar.piece().width() < bar.width() / 2
