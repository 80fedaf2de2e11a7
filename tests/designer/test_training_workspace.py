"""The Train workspace, with real workers on small pictures."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from designer.training.blockers import blockers_of
from designer.training.history import History, smoothed
from designer.training.session import TrainingSession
from runtime.events import Batch, Epoch, Failed, Finished, Paused, Started, Warned, line
from runtime.files import load_graph
from runtime.runs import Run, default_run_folder, find_runs

LONG = 120_000


def begun(qtbot, project):
    """A session of which the first epoch is done."""
    session = TrainingSession.begin(load_graph(project).graph, default_run_folder(project))
    with qtbot.waitSignal(session.happened, timeout=LONG, check_params_cb=lambda event: isinstance(event, Epoch)):
        session.follow()
    return session


def kill_worker(run):
    os.kill(json.loads((run.folder / "worker.json").read_text())["pid"], signal.SIGKILL)


def stop(qtbot, session):
    with qtbot.waitSignal(session.ended, timeout=LONG):
        session.stop()


@pytest.mark.slow
def test_that_a_session_tells_every_event_once_and_ends_once(qtbot, make_project):
    project = make_project(epochs=2)
    session = TrainingSession.begin(load_graph(project).graph, default_run_folder(project))
    events, ends = [], []
    session.happened.connect(events.append)
    session.ended.connect(ends.append)
    with qtbot.waitSignal(session.ended, timeout=LONG):
        session.follow()
    assert [event.epoch for event in events if isinstance(event, Epoch)] == [1, 2]
    assert isinstance(events[-1], Finished)
    session.read()
    session._check_life()
    assert ends == [session.run]
    assert events == [event for event, _ in session.run.events()]
    assert session.run.status == "finished"


@pytest.mark.slow
def test_that_a_training_can_be_stopped_and_keeps_what_it_learned(qtbot, make_project):
    session = begun(qtbot, make_project(epochs=10_000))
    stop(qtbot, session)
    assert session.run.status == "stopped"
    assert session.run.can_resume


@pytest.mark.slow
def test_that_a_killed_worker_leaves_a_plain_sentence_and_a_marked_run(qtbot, make_project):
    session = begun(qtbot, make_project(epochs=10_000))
    kill_worker(session.run)
    with qtbot.waitSignal(session.ended, timeout=LONG):
        pass
    last = session.run.events()[-1][0]
    assert isinstance(last, Failed)
    assert last.message.startswith("The training process ended unexpectedly.")
    assert session.run.status == "died"


@pytest.mark.long
def test_that_the_window_outlives_a_killed_worker_and_can_resume_the_run(qtbot, window, make_project):
    window.open_project(make_project(epochs=10_000))
    window.actions_.trigger("train")
    training = window.training
    qtbot.waitUntil(lambda: training.history.done >= 1 and training.shown.can_resume, timeout=LONG)
    kill_worker(training.shown)
    qtbot.waitUntil(lambda: not training.running, timeout=LONG)
    assert window.isVisible()
    assert "ended unexpectedly" in training.strip.state.text()
    assert window.messages.text == "The training failed."
    assert training.strip.resume.isEnabled()
    done = training.history.done
    qtbot.mouseClick(training.strip.resume, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: training.history.done > done, timeout=LONG)
    with qtbot.waitSignal(training.session.ended, timeout=LONG):
        window.actions_.trigger("stop")


@pytest.mark.long
def test_that_a_training_goes_on_when_the_window_closes_and_is_found_by_the_next(qtbot, open_window, make_project):
    project = make_project(epochs=10_000)
    first = open_window(project)
    first.actions_.trigger("train")
    qtbot.waitUntil(lambda: first.training.history.done >= 1, timeout=LONG)
    first.close()
    (run,) = find_runs(project)
    assert run.status == "running"
    second = open_window(project)
    assert second.training.running
    assert second.current == "train"
    done = second.training.history.done
    qtbot.waitUntil(lambda: second.training.history.done > done, timeout=LONG)
    with qtbot.waitSignal(second.training.session.ended, timeout=LONG):
        second.actions_.trigger("stop")
    assert run.status == "stopped"


@pytest.mark.long
def test_that_a_finished_training_is_evaluated_by_itself(qtbot, window, make_project):
    window.open_project(make_project(epochs=1))
    window.actions_.trigger("train")
    qtbot.waitUntil(lambda: bool(window.evaluation.result), timeout=LONG)
    assert window.evaluation.result["part"] == "validation"
    assert window.evaluation.confusion.counts
    assert not window.training.running


def test_that_a_worker_that_refuses_its_job_ends_the_session_with_its_sentence(qtbot, make_project):
    project = make_project()
    graph = load_graph(project).graph
    source = next(node for node in graph.nodes.values() if node.settings.get("folder"))
    other_data = {"folder": str(project.parent / "gone"), "fingerprint": "0" * 64}  # not those that the project knows
    lost = replace(source, settings={**source.settings, **other_data})
    graph = replace(graph, nodes={**graph.nodes, source.id: lost})
    session = TrainingSession.begin(graph, default_run_folder(project))
    told = []
    session.happened.connect(told.append)
    with qtbot.waitSignal(session.ended, timeout=LONG):
        session.follow()
    assert isinstance(told[-1], Failed)
    assert "gone" in told[-1].message
    assert "Traceback" not in told[-1].message


def test_that_an_event_that_is_half_written_is_read_when_it_is_whole(qtbot, tmp_path):
    session, told = TrainingSession(Run(tmp_path)), []
    session.happened.connect(told.append)
    text = line(Warned("Few images."), 0.0) + "\n"
    session.run.events_file.write_text(text[:20])
    session.read()
    assert told == []
    session.run.events_file.write_text(text)
    session.read()
    assert told == [Warned("Few images.")]


def test_that_the_problems_lead_to_their_nodes(qtbot, window):
    window.begin_with("lenet")
    window.project.analyse_now()
    window.show_workspace("train")
    problems = window.training.side.problems
    row = next(row for row, problem in enumerate(window.training.blockers) if problem.node)
    with qtbot.waitSignal(window.training.goes_to_node) as went:
        place = problems.visualItemRect(problems.item(row)).center()
        qtbot.mouseClick(problems.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert went.args == [window.training.blockers[row].node]
    assert window.current == "design"


def test_that_each_place_is_named_once_among_what_keeps_it_from_training(window):
    window.begin_with("lenet")
    places = [(one.node, one.field) for one in blockers_of(window.project.analyse_now()) if one.node and one.field]
    assert len(places) == len(set(places)) > 0


def test_that_training_settings_are_edited_through_the_document(qtbot, window, make_project):
    window.open_project(make_project(epochs=3))
    window.show_workspace("train")
    field = window.training.side.settings.form.rows.fields["epochs"]
    field.edited.emit("7")
    assert window.project.document.training.epochs == 7
    window.project.undo()
    assert window.project.document.training.epochs == 3


def a_history():
    return History.of([
        Started(3, 10, "cpu", 100, {"train": 8}),
        Epoch(1, {"train_loss": 2.0, "validation_loss": 1.0, "validation_auc": None}, 1.0, best=True),
        Batch(2, 5, 10, 1.5, 12.0),
        Epoch(2, {"train_loss": 1.0, "validation_loss": 3.0, "validation_auc": 0.5}, 1.0),
    ])  # fmt: skip


def test_that_a_history_keeps_each_epoch_once_and_leaves_out_what_could_not_be_computed():
    history = a_history()
    history.take(Epoch(2, {"train_loss": 0.5}, 1.0))
    assert history.series["train_loss"] == [(1.0, 2.0), (2.0, 0.5)]
    assert history.series["validation_auc"] == [(2.0, 0.5)]
    assert history.best_epoch == 1


def test_that_a_pause_shows_until_the_training_goes_on():
    history = History.of([Epoch(1, {"train_loss": 1.0}, 1.0), Paused("Paused: the disk is full.", 10)])
    assert history.state == "Paused: the disk is full."
    history.take(Epoch(2, {"train_loss": 0.5}, 1.0))
    assert "Paused" not in history.state


def test_that_smoothing_leaves_a_constant_curve_as_it_is():
    flat = [(float(epoch), 0.25) for epoch in range(1, 6)]
    assert [y for _, y in smoothed(flat, 0.9)] == pytest.approx([0.25] * 5)
    assert smoothed([(1.0, 1.0), (2.0, 0.0)], 0.5)[1][1] == pytest.approx(1 / 3)


def test_that_curves_show_both_losses_the_best_epoch_and_read_their_values(window):
    charts = window.training.charts
    charts.show_history(a_history(), {"another": a_history()})
    titles = [curve.title for curve in charts.losses.curves]
    assert titles[:2] == ["train loss", "validation loss"]
    assert "train loss · another" in titles
    assert "validation loss 3" in charts.losses.value_text(2)
    charts.log.setChecked(True)
    charts.smoothing.setValue(10)
    assert charts.csv().splitlines() == [
        "epoch,train_loss,validation_loss,validation_auc", "1,2.0,1.0,", "2,1.0,3.0,0.5",
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".png", ".svg"])
def test_that_plots_are_saved_as_pictures_and_drawings(window, tmp_path, ending):
    window.show_workspace("train")
    window.training.charts.show_history(a_history(), {})
    written = window.training.charts.write(tmp_path / f"curves{ending}")
    assert all(file.stat().st_size > 500 for file in written)


def test_that_the_window_does_not_import_torch_or_pydicom():
    code = "import sys, designer.app; sys.exit(bool({'torch', 'pydicom'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_that_the_end_of_a_training_reads_as_one_sentence():
    def told(*event) -> str:
        return History.of([Finished(*event)]).state

    assert told(4, 3, {}, True, "It was stopped in epoch 5.") == "Stopped after 4 epochs; epoch 3 was the best."
    assert told(0, 0, {}, True, "It was stopped before the first epoch.") == "Stopped before the first epoch was done."
    assert told(1, 1, {}, False, "") == "Finished after 1 epoch; epoch 1 was the best."
    patience = "validation_loss did not get better for 3 epochs."
    because = "Finished after 9 epochs, because validation loss did not get better for 3 epochs; epoch 6 was the best."
    assert told(9, 6, {}, False, patience) == because
