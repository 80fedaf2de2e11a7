"""The page of a cross-validation, with a real queue and real clicks."""

import csv

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from runtime.data.labels import read_dataset
from runtime.evaluation.fold_queue import find_queues
from runtime.evaluation.record import load_record
from runtime.files import save_graph
from runtime.runs import Run
from runtime.template_fit import fitted
from runtime.templates import graph_of

LONG = 240_000
LEFT = Qt.MouseButton.LeftButton


def click(widget):
    QTest.mouseClick(widget, LEFT)


def page_of(window):
    window.resize(1280, 800)
    window.show_workspace("train")
    click(window.training.views.buttons["folds"])
    return window.training.shelf.folds


@pytest.fixture
def page(open_window, make_project):
    return page_of(open_window(make_project(epochs=1)))


@pytest.fixture
def column():
    """Cells of a column of the table of folds, by the head."""

    def cells(page, head):
        place = page.folds.content.headers.index(head)
        return [row[place] for row in page.folds.content.rows]

    return cells


def test_that_the_keyboard_alone_comes_to_the_page_and_chooses_how_cases_are_divided(page):
    window = page.window()
    window.training.views.show_page("curves")
    window.actions_.trigger("cross_validation")
    assert window.training.views.current == "folds"
    assert page.question.how.hasFocus()
    assert page.question.k.isVisible()
    QTest.keyClick(page.question.how, Qt.Key.Key_Down)
    assert page.question.column.isVisible()
    assert not page.question.k.isVisible()
    assert "Name the column" in page.start.toolTip()
    assert not page.start.isEnabled()
    QTest.keyClicks(page.question.column.lineEdit(), "site")
    assert page.start.isEnabled()
    assert page.question.asked.column == "site"


def test_that_what_cannot_be_done_says_why(page, window):
    assert "no folds yet" in page.more.toolTip()
    assert "Nothing" in page.stop.toolTip()
    unsaved = page_of(window)
    assert not unsaved.start.isEnabled()
    assert "Save the project first" in unsaved.start.toolTip()


@pytest.mark.long
def test_that_one_click_trains_all_folds_and_shows_them_pooled(qtbot, page, column):
    window = page.window()
    page.question.k.setValue(3)
    click(page.start)
    assert page.stop.isEnabled()
    qtbot.waitUntil(lambda: page.facts.text().startswith("Fold 1 of 3"), timeout=LONG)
    qtbot.waitUntil(lambda: page.pooled.isVisible() and page.start.isEnabled(), timeout=LONG)
    (queue,) = find_queues(window.project.path)
    record = load_record(queue.folder, "pooled")
    assert column(page, "State") == ["done"] * 3
    assert sum(column(page, "Cases")) == record.cases == 36
    assert page.pooled.table.content.rows[0][2] != "–"
    assert "All folds are done" in page.more.toolTip()
    with qtbot.waitSignal(page.wants_results) as asked:
        click(page.pooled.open)
    assert asked.args == [queue.folder]
    assert window.current == "evaluate"
    qtbot.waitUntil(lambda: window.evaluation.result.get("part") == "pooled", timeout=LONG)
    assert window.evaluation.metrics.content.rowCount() >= len(record.metrics)
    tabs = window.evaluation.view.tabs.buttons
    assert [name for name in ("threshold", "alike", "shortcuts") if tabs[name].isVisible()] == []
    click(window.evaluation.parts.buttons["validation"])
    qtbot.waitUntil(lambda: not window.evaluation.result)
    window.show_workspace("train")
    page.folds.selectRow(1)
    QTest.keyClick(page.folds, Qt.Key.Key_Return)
    assert window.training.views.current == "curves"
    assert window.training.shown.folder == queue.folder / "fold-2"


@pytest.mark.long
def test_that_a_queue_is_stopped_and_gone_on_with_by_the_next_window(qtbot, open_window, make_project, column):
    path = make_project(epochs=5000)
    page = page_of(open_window(path))
    page.question.k.setValue(3)
    click(page.start)
    qtbot.waitUntil(lambda: bool(page.standing.runs) and page.standing.runs[0].epoch > 1, timeout=LONG)
    page.window().close()
    again = page_of(open_window(path))
    qtbot.waitUntil(again.stop.isEnabled, timeout=LONG)
    assert again.question.asked.k == 3
    click(again.stop)
    qtbot.waitUntil(again.more.isEnabled, timeout=LONG)
    assert column(again, "State") == ["stopped", "waiting", "waiting"]
    assert again.facts.text() == "0 of 3 folds are done."
    first = Run(again.standing.runs[0].run)
    done = first.epochs_done
    click(again.more)
    qtbot.waitUntil(lambda: again.standing.runs[0].epoch > done, timeout=LONG)
    click(again.stop)
    qtbot.waitUntil(again.more.isEnabled, timeout=LONG)
    assert first.epochs_done > done


@pytest.mark.long
def test_that_columns_of_the_data_are_offered_and_one_that_is_none_is_told(qtbot, open_window, tmp_path, pictures):
    folder = tmp_path / "data"
    paths = sorted(path.relative_to(pictures).as_posix() for path in pictures.rglob("*.png"))
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes((pictures / path).read_bytes())
    with (folder / "sites.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("path", "site"), *((path, f"Clinic {at % 3}") for at, path in enumerate(paths))])
    graph = fitted(graph_of("lenet"), read_dataset(folder))
    save_graph(graph, tmp_path / "sites.netloom")
    page = page_of(open_window(tmp_path / "sites.netloom"))
    page.question.how.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.question.column.count() > 0, timeout=LONG)
    assert page.question.column.itemText(0) == "site (3 values)"
    page.question.column.lineEdit().setText("hospital")
    click(page.start)
    qtbot.waitUntil(lambda: "no column “hospital”" in page.window().messages.text, timeout=LONG)
    page.question.column.setCurrentIndex(0)
    assert page.question.asked.column == "site"
    qtbot.waitUntil(page.start.isEnabled, timeout=LONG)
