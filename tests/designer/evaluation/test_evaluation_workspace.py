"""The Evaluate page on a run that was really trained: parts apart, the sealed test, other folders, kept results."""

import csv
import io

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from designer.evaluation.workspace import EvaluationWorkspace
from designer.project import Project
from runtime.evaluation.openings import openings
from tests.builders.pictures import class_folders

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


def press(button):
    QTest.mouseClick(button, LEFT)


def wait_measured(qtbot, page):
    qtbot.waitUntil(lambda: page._process is None and not page.reader.reading and bool(page.result), timeout=LONG)


def test_that_without_a_run_the_page_says_what_to_do(qtbot):
    page = EvaluationWorkspace(Project())
    qtbot.addWidget(page, before_close_func=lambda widget: widget.close_down())
    assert not page.evaluate_button.isEnabled()
    assert "train the project first" in page.evaluate_button.toolTip()
    assert "Train the project first" in page.empty.says.text()


@pytest.mark.slow
def test_that_a_run_is_measured_beside_the_window_and_the_result_is_kept(qtbot, open_page, trained):
    page = open_page(trained)
    assert page.pages.currentWidget() is page.empty
    press(page.evaluate_button)
    assert not page.evaluate_button.isEnabled()
    assert page.busy.isVisible()
    wait_measured(qtbot, page)
    assert page.result["part"] == "validation"
    assert "Accuracy" in [row[0] for row in page.metrics.content.rows]
    assert sum(map(sum, page.confusion.counts)) == page.result["cases"]
    again = open_page(page.project.path.parent)
    qtbot.waitUntil(lambda: bool(again.result))
    assert again.result["metrics"] == page.result["metrics"]


def test_that_measuring_can_be_cancelled(qtbot, open_page, trained):
    page = open_page(trained)
    press(page.evaluate_button)
    press(page.busy.cancel)
    qtbot.waitUntil(page.evaluate_button.isEnabled, timeout=LONG)
    assert not page.busy.isVisible()
    assert not page.result


def test_that_each_part_shows_its_own_results_and_its_number_of_cases(qtbot, page):
    buttons = page.parts.buttons
    assert [buttons[name].text() for name in ("validation", "train", "test")] == [
        "Validation · 5", "Training · 25", "Test · 6, sealed",
    ]  # fmt: skip
    assert "5 validation cases" in page.view.numbers.title.text()
    press(buttons["train"])
    qtbot.waitUntil(lambda: page.result.get("part") == "train")
    assert "25 training cases" in page.view.numbers.title.text()


@pytest.mark.slow
def test_that_test_cases_are_sealed_until_they_are_opened_and_openings_are_counted(qtbot, page):
    run = page.runs.run
    press(page.parts.buttons["test"])
    qtbot.waitUntil(lambda: not page.reader.reading)
    assert page.pages.currentWidget() is page.empty
    assert "sealed: 6 cases" in page.empty.title.text()
    assert "not opened before" in page.empty.says.text()
    assert "validation part first" not in page.empty.says.text()
    assert not page.evaluate_button.isVisible()
    assert openings(run.folder) == 0
    press(page.empty.open_button)
    wait_measured(qtbot, page)
    assert page.result["part"] == "test"
    assert openings(run.folder) == 1
    assert page.parts.buttons["test"].text() == "Test · 6, opened 1×"
    press(page.evaluate_button)
    assert "opened once before" in page.empty.says.text()
    press(page.empty.keep_button)
    assert page.pages.currentWidget() is page.view
    assert openings(run.folder) == 1


def test_that_the_seal_says_when_the_validation_cases_were_not_measured_yet(qtbot, open_page, trained):
    page = open_page(trained)
    press(page.parts.buttons["test"])
    qtbot.waitUntil(lambda: not page.reader.reading)
    assert "Evaluate the validation part first" in page.empty.says.text()


@pytest.fixture
def by_sex(pictures):
    """A table beside the pictures that says of each whose it is."""
    table = pictures / "who.csv"
    named = [path.relative_to(pictures).as_posix() for path in sorted(pictures.rglob("*.png"))]
    rows = [f"{name},{'fm'[place % 2]}" for place, name in enumerate(named)]
    table.write_text("\n".join(["path,sex", *rows]), encoding="utf-8")
    yield
    table.unlink()


@pytest.mark.slow
def test_that_a_test_part_is_opened_once_for_the_groups_of_the_validation_part(qtbot, by_sex, page):
    run = page.runs.run
    page.evaluate(["sex"])
    wait_measured(qtbot, page)
    press(page.parts.buttons["test"])
    qtbot.waitUntil(lambda: not page.reader.reading)
    assert "The groups by sex are measured with it." in page.empty.says.text()
    press(page.empty.open_button)
    wait_measured(qtbot, page)
    assert {group["column"] for group in page.result["subgroups"]} == {"sex"}
    assert openings(run.folder) == 1


@pytest.mark.slow
def test_that_groups_of_the_test_part_are_measured_only_when_it_is_opened_for_them(qtbot, page):
    run, groups = page.runs.run, page.view.groups
    press(page.parts.buttons["test"])
    qtbot.waitUntil(lambda: not page.reader.reading)
    press(page.empty.open_button)
    wait_measured(qtbot, page)
    assert not page.evaluate_button.property("primary")
    page.view.tabs.show_page("groups")
    QTest.keyClicks(groups.columns, "weather")
    press(groups.by_button)
    assert page.pages.currentWidget() is page.empty
    assert "For the groups by weather it is measured once more" in page.empty.says.text()
    press(page.empty.keep_button)
    assert page.pages.currentWidget() is page.view
    assert openings(run.folder) == 1
    press(groups.by_button)
    with qtbot.waitSignal(page.said, timeout=LONG) as said:
        press(page.empty.open_button)
    assert "weather" in said.args[0]
    assert openings(run.folder) == 1  # there is no such column, so nothing was measured


@pytest.mark.slow
def test_that_another_folder_is_measured_as_an_external_test(qtbot, page, tmp_path):
    press(page.parts.buttons["all"])
    assert "another folder" in page.empty.title.text()
    assert page.empty.folder_button.isVisible()
    page.evaluate_folder(class_folders(tmp_path / "elsewhere", 12))
    wait_measured(qtbot, page)
    assert page.result["external"]
    assert "12 cases of another folder" in page.view.numbers.title.text()


def test_that_the_result_is_copied_as_csv(page):
    press(page.copy_button)
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0][:2] == ["Metric", "Value"]
    assert {row[0]: row[1] for row in rows[1:] if row}["Accuracy"] == str(page.result["metrics"]["accuracy"])
    assert ["truth / predicted", "bright", "dark"] in rows


@pytest.mark.slow
def test_that_a_measuring_that_fails_is_said_in_one_sentence(qtbot, open_page, trained):
    page = open_page(trained)
    (page.runs.run.folder / "split.json").write_text("no split")
    with qtbot.waitSignal(page.said, timeout=LONG) as said:
        page.evaluate()
    assert said.args[1] == "error"
    assert said.args[0]
    assert "Traceback" not in said.args[0]
    qtbot.waitUntil(page.evaluate_button.isEnabled, timeout=LONG)


def test_that_a_damaged_record_is_said_and_can_be_measured_again(qtbot, page):
    (page.runs.run.folder / "evaluation-train.json").write_text('{"format": 2}')
    with qtbot.waitSignal(page.said) as said:
        press(page.parts.buttons["train"])
    assert "damaged" in said.args[0]
    assert page.evaluate_button.isEnabled()


@pytest.mark.slow
def test_that_groups_are_asked_for_by_the_name_of_their_column(qtbot, page):
    view = page.view
    view.tabs.show_page("groups")
    assert "No groups were measured yet" in view.groups.empty.title.text()
    with qtbot.waitSignal(page.said, timeout=LONG) as said:
        QTest.keyClicks(view.groups.columns, "weather")
        QTest.keyClick(view.groups.columns, Qt.Key.Key_Return)
    assert "weather" in said.args[0]


@pytest.mark.parametrize("size", [(1280, 740), (1000, 640)])
def test_that_every_page_fits_without_scrolling_as_a_whole(page, size):
    page.resize(*size)
    for name in page.view.tabs.buttons:
        page.view.tabs.show_page(name)
    assert not page.hasHeightForWidth() or page.heightForWidth(size[0]) <= size[1]
    assert page.minimumSizeHint().width() <= size[0]
    assert page.minimumSizeHint().height() <= size[1]
