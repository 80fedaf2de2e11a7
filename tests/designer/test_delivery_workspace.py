"""The Deliver workspace, on a run that was really trained."""

import csv
import shutil

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from designer.delivery.answers import Answers
from designer.delivery.card import export_text
from designer.delivery.prediction import free_place
from designer.delivery.statements import StatementsWindow
from designer.delivery.ways import choices_of
from designer.delivery.workspace import DeliveryWorkspace
from designer.project import Project
from runtime.report.statements import STATEMENTS

LONG = 120_000


@pytest.fixture(scope="module")
def trained(train_discs):
    """A folder with a project and its trained run."""
    return train_discs(epochs=3)


@pytest.fixture
def project(trained, tmp_path_factory):
    """The trained project, a copy for each test, as far from the pictures as the first."""
    copy = tmp_path_factory.mktemp("copied")
    shutil.copytree(trained, copy, dirs_exist_ok=True)
    made = Project()
    made.load(copy / "discs.netloom")
    return made


def read(qtbot, made):
    """A workspace when it has read the runs of its project."""
    qtbot.waitUntil(lambda: made.runs.run is not None)
    return made


@pytest.fixture
def delivery(qtbot, project):
    made = DeliveryWorkspace(project)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.close_down())
    made.show()
    return read(qtbot, made)


def test_that_without_a_run_the_workspace_says_what_to_do(qtbot):
    made = DeliveryWorkspace(Project())
    qtbot.addWidget(made)
    assert not made.onnx.isEnabled()
    assert "train the project first" in made.onnx.toolTip()


@pytest.mark.long
def test_that_an_onnx_file_is_exported_and_its_check_is_told(qtbot, delivery, tmp_path):
    delivery.export("onnx", tmp_path / "model.onnx")
    assert not delivery.buttons["python"].isEnabled()
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    told = delivery.results["onnx"]
    assert told.isVisible()
    assert "Written and checked" in told.text()
    assert (tmp_path / "model.onnx").stat().st_size > 1000
    qtbot.mouseClick(delivery.cards["onnx"].copy_path, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == str(tmp_path / "model.onnx")


@pytest.mark.long
def test_that_python_source_is_exported_with_its_weights(qtbot, delivery, tmp_path):
    delivery.export("python", tmp_path / "model.py")
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    assert "Written and checked" in delivery.results["python"].text()
    assert (tmp_path / "model.safetensors").exists()


@pytest.mark.slow
def test_that_a_folder_is_predicted_into_a_table(qtbot, delivery, pictures, tmp_path):
    page = delivery.prediction
    page.predict([pictures], tmp_path / "answers.csv")
    assert "are being made now" in page.folder.toolTip()
    qtbot.waitUntil(page.folder.isEnabled, timeout=LONG)
    assert page.answers.count.text() == "36 images answered"
    assert str(tmp_path / "answers.csv") in page.told.result.text()
    assert len(page.answers.table.content.rows) == 36
    assert delivery.onnx.isEnabled()
    with (tmp_path / "answers.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 36


def test_that_an_export_that_cannot_be_made_says_why_in_its_card(qtbot, delivery, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    delivery.export("onnx", blocked / "model.onnx")
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    told = delivery.results["onnx"].text()
    assert told
    assert "Traceback" not in told
    assert delivery.results["onnx"].property("role") == "wrong"
    assert not delivery.cards["onnx"].open_folder.isVisible()


def test_that_the_check_of_an_export_is_told_in_plain_words():
    record = {"file": "m.py", "opset": 0, "checked_cases": 16, "max_abs_difference": 0.0}
    assert "on 16 held-out cases: the answers are exactly the same. It fits." in export_text(record)
    assert "opset" not in export_text(record)
    other = export_text({**record, "opset": 20, "checked_cases": 1, "max_abs_difference": 1.5e-7})
    assert "opset 20" in other
    assert "on 1 held-out case: the largest difference is 0.00000015. It fits." in other
    assert "on 16 draws of noise:" in export_text({**record, "drawn": True})


def test_that_a_mask_is_answered_with_the_share_of_the_image_that_each_class_has(qtbot):
    answers = Answers()
    qtbot.addWidget(answers)
    for predicted, shares in (("4, 10", {"4": 0.0321, "10": 0.0004}), ("4", {"4": 1.0}), ("background", {})):
        answers.add({"path": "a.png", "predicted": [predicted], "shares": shares, "probabilities": {}, "problem": ""})
    answers.show_now()
    model = answers.table.model()
    told = [model.index(row, 1).data() for row in range(3)]
    assert told == ["4 3.2 %, 10 below 0.1 %", "4 100.0 %", "background"]


def test_that_the_probability_shown_is_that_of_the_answer_also_where_a_threshold_chose_it(qtbot):
    answers = Answers()
    qtbot.addWidget(answers)
    for predicted in (["ill"], ["healthy"], []):
        answers.add({"path": "a.png", "predicted": predicted, "probabilities": {"healthy": 0.7, "ill": 0.3},
                     "problem": "" if predicted else "a.png is a text."})  # fmt: skip
    answers.show_now()
    model = answers.table.model()
    assert [model.index(row, 2).data() for row in range(3)] == ["0.300", "0.700", "–"]


def test_that_a_long_reason_takes_the_lines_it_needs_as_answers_come_and_when_it_gets_narrower(qtbot):
    answers = Answers()
    qtbot.addWidget(answers)
    answers.resize(900, 400)
    answers.show()
    qtbot.waitExposed(answers)
    why = "a.dcm has pixels of 0.32 × 0.32 mm, and the model was made for pixels of 1.4 × 1.4 to 1.9 × 1.9 mm."
    for problem in ("", why):
        answers.add({"path": "a.dcm", "predicted": [], "probabilities": {}, "problem": problem})
    answers.show_now()
    table = answers.table
    assert table.rowHeight(1) > table.rowHeight(0)
    before = table.rowHeight(1)
    answers.resize(700, 400)
    qtbot.waitUntil(lambda: table.rowHeight(1) > before)
    assert table.rowHeight(0) == table.verticalHeader().defaultSectionSize()
    answers.add({"path": f"{'folder of a study/' * 3}a.dcm", "predicted": [], "probabilities": {}, "problem": ""})
    answers.show_now()
    assert table.rowHeight(2) > table.rowHeight(0)  # the end of its name is what tells a file from others


def drop(widget, path):
    """Let a folder or file go over a widget, as the desktop does."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, copy, left = widget.rect().center(), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(place, copy, data, left, none)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(QPointF(place), copy, data, left, none))
    return enter.isAccepted()


@pytest.mark.slow
def test_that_a_dropped_file_is_answered_or_refused_with_the_reason(qtbot, delivery, pictures, tmp_path):
    page = delivery.prediction
    (tmp_path / "notes.txt").write_text("no image")
    assert drop(page, tmp_path / "notes.txt")
    assert not drop(page, tmp_path)
    qtbot.waitUntil(page.folder.isEnabled, timeout=LONG)
    (row,) = page.answers.table.content.rows
    assert row[1] is None
    assert "not an image" in row[3]
    assert page.told.result.property("role") == "wrong"
    assert page.told.open_folder.isVisible()  # the table with the reason was written now
    shutil.copyfile(next(pictures.rglob("*.png")), tmp_path / "one.png")
    assert drop(page, tmp_path / "one.png")
    qtbot.waitUntil(page.folder.isEnabled, timeout=LONG)
    ((path, answer, share, why),) = page.answers.table.content.rows
    assert (path, why) == ("one.png", "")
    assert answer in ("bright", "dark")
    assert 0.5 <= share.full <= 1
    assert (tmp_path / "one-predictions.csv").exists()


@pytest.mark.slow
def test_that_a_prediction_that_fails_offers_no_older_table(qtbot, delivery, tmp_path):
    page, older = delivery.prediction, tmp_path / "answers.csv"
    older.write_text("of another model")
    (tmp_path / "empty").mkdir()
    page.predict([tmp_path / "empty"], older)
    qtbot.waitUntil(page.folder.isEnabled, timeout=LONG)
    assert page.told.result.property("role") == "wrong"
    assert older.read_text() == "of another model"
    assert not page.told.open_folder.isVisible()
    assert page.pages.currentWidget() is page.empty


def test_that_predicting_can_be_cancelled_and_writes_nothing(qtbot, delivery, pictures, tmp_path):
    page = delivery.prediction
    page.predict([pictures], tmp_path / "answers.csv")
    qtbot.mouseClick(page.busy.cancel, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.folder.isEnabled, timeout=LONG)
    assert "no file was written" in page.told.result.text()
    assert not (tmp_path / "answers.csv").exists()


@pytest.mark.slow
def test_that_a_folder_is_watched_until_it_is_switched_off(qtbot, delivery, pictures, tmp_path):
    page, folder = delivery.prediction, tmp_path / "coming"
    folder.mkdir()
    page.watch(folder)
    assert page.watch_button.isChecked()
    assert "stop that first" in page.folder.toolTip()
    shutil.copyfile(next(pictures.rglob("*.png")), folder / "a.png")
    qtbot.waitUntil(lambda: page.answers.table.content.rowCount() == 1, timeout=LONG)
    qtbot.mouseClick(page.watch_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(page.folder.isEnabled, timeout=LONG)
    assert not page.watch_button.isChecked()
    assert "The watch has ended. 1 image answered." in page.told.result.text()
    with (tmp_path / "coming-answers" / "predictions.csv").open(newline="") as file:
        assert [row["path"] for row in csv.DictReader(file)] == ["a.png"]


def test_that_the_report_and_its_card_are_written_and_can_be_opened(qtbot, delivery, tmp_path):
    delivery.write_report(tmp_path / "report.html")
    qtbot.waitUntil(delivery.report.isEnabled, timeout=LONG)
    card = delivery.cards["report"]
    assert "still for you to write" in card.result.text()
    assert card.open_file.isVisible()
    assert card.file == tmp_path / "report.html"
    assert "research use only" in card.file.read_text(encoding="utf-8").lower()
    assert (tmp_path / "model_card.json").exists()


@pytest.mark.long
def test_that_the_operator_sets_offered_are_those_that_can_be_written():
    from runtime.delivery.onnx_file import NEWEST, OLDEST

    offered = [value for value, _ in choices_of("onnx")[0].values if value]
    assert offered == [str(number) for number in range(NEWEST, OLDEST - 1, -1)]


def test_that_a_table_of_answers_never_takes_the_name_of_another_file(tmp_path):
    (tmp_path / "scans").mkdir()
    assert free_place(tmp_path / "scans", "-predictions.csv").name == "scans-predictions.csv"
    (tmp_path / "scans-predictions.csv").write_text("mine")
    assert free_place(tmp_path / "scans", "-predictions.csv").name == "scans-predictions-2.csv"


def test_that_what_only_the_author_can_write_is_asked_for_and_stands_in_the_report(qtbot, delivery, tmp_path):
    qtbot.mouseClick(delivery.statements, Qt.MouseButton.LeftButton)
    (window,) = delivery.findChildren(StatementsWindow)
    assert window.isModal()
    window.text.setPlainText("Is the disc bright?")
    window.close_button.click()
    qtbot.waitUntil(lambda: not delivery.findChildren(StatementsWindow))
    delivery.write_report(tmp_path / "report.html")
    qtbot.waitUntil(delivery.report.isEnabled, timeout=LONG)
    assert "Is the disc bright?" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert f"{len(STATEMENTS) - 1} items are still for you to write" in delivery.results["report"].text()
