"""The page of a search, with real workers and real clicks."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from runtime.files import load_graph
from runtime.runs import find_runs

LONG = 240_000
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(open_window, make_project):
    window = open_window(make_project(epochs=1))
    window.resize(1500, 950)
    window.show_workspace("train")
    click(window.training.views.buttons["search"])
    return window.training.shelf.search


def click(widget):
    QTest.mouseClick(widget, LEFT)


def search_for(page, words):
    page.offered.setCurrentIndex(page.offered.findText(words))
    click(page.add)


def test_that_ranges_are_edits_of_the_project_that_undo_takes_back(qtbot, page):
    window = page.window()
    assert not page.start.isEnabled()
    assert "Choose a setting" in page.start.toolTip()
    search_for(page, "learning rate of “Adam”")
    (one,) = window.project.document.training.search
    assert one.log
    assert page.start.isEnabled()
    assert page.offered.findText("learning rate of “Adam”") < 0
    window.actions_.trigger("undo")
    assert window.project.document.training.search == ()
    qtbot.waitUntil(lambda: page.ranges.rowCount() == 0)


def test_that_ends_are_written_in_the_table_and_wrong_ones_are_told(qtbot, page):
    search_for(page, "batch size (training)")
    table, document = page.table, page.window().project.document

    def write(column, text):
        place = table.visualRect(page.ranges.index(0, column)).center()
        QTest.mouseClick(table.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
        QTest.mouseDClick(table.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, place)
        editor = table.findChild(QLineEdit)
        editor.selectAll()
        QTest.keyClicks(editor, text)
        QTest.keyClick(editor, Qt.Key.Key_Return)
        del editor
        qtbot.waitUntil(lambda: table.findChild(QLineEdit) is None)

    write(2, "3")
    qtbot.waitUntil(lambda: document.training.search[0].low == 3)
    write(3, "1")
    qtbot.waitUntil(lambda: "above its highest" in page.window().messages.text)
    assert document.training.search[0].high > 3
    table.selectRow(0)
    click(page.remove)
    assert document.training.search == ()


@pytest.mark.long
def test_that_a_search_shows_its_trials_and_the_best_is_taken_over_with_one_click(qtbot, page):
    window = page.window()
    search_for(page, "learning rate of “Adam”")
    page.count.setValue(2)
    click(page.start)
    qtbot.waitUntil(lambda: page.state.get("best") is not None and not page.session.running, timeout=LONG)
    qtbot.waitUntil(lambda: len(page.state["trials"]) == 2 and page.best.isEnabled(), timeout=LONG)
    assert page.trials.content.rowCount() == 2
    assert len(find_runs(window.project.path)) == 2
    before = window.project.document.graph()
    click(page.best)
    best = next(one for one in page.state["trials"] if one["number"] == page.state["best"])
    (value,) = best["values"].values()
    adam = next(node for node in window.project.document.nodes.values() if node.type == "adam")
    assert adam.settings["rate"] == value
    window.actions_.trigger("undo")
    assert window.project.document.graph() == before
    page.trials.doubleClicked.emit(page.trials.content.index(0, 0))
    assert window.training.views.current == "curves"
    assert window.training.shown.folder.name.endswith(("t000", "t001"))


@pytest.mark.long
def test_that_a_search_is_stopped_found_again_by_the_next_window_and_gone_on_with(qtbot, open_window, page):
    window = page.window()
    path = window.project.path
    search_for(page, "learning rate of “Adam”")
    window.actions_.trigger("save")
    assert load_graph(path).graph.training.search
    page.count.setValue(50)
    click(page.start)
    qtbot.waitUntil(lambda: bool(page.state) and len(page.state["trials"]) >= 1, timeout=LONG)
    window.close()
    again = open_window(path).training.shelf.search
    qtbot.waitUntil(lambda: again.session is not None and bool(again.state), timeout=LONG)
    assert again.session.running
    qtbot.waitUntil(again.stop.isEnabled, timeout=LONG)
    click(again.stop)
    qtbot.waitUntil(lambda: not again.session.running, timeout=LONG)
    qtbot.waitUntil(again.more.isEnabled, timeout=LONG)
    done = len(again.state["trials"])
    again.count.setValue(done + 1)
    click(again.more)
    qtbot.waitUntil(lambda: len(again.state["trials"]) > done, timeout=LONG)
    click(again.stop)
    qtbot.waitUntil(lambda: not again.session.running, timeout=LONG)
