"""The page of runs, with real folders, real processes and real clicks."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QMessageBox

from designer.runs.cost_plot import CostPlot
from designer.runs.words import COLUMNS, time_text
from runtime.document import Document
from runtime.files import load_graph
from runtime.run_facts import RunFacts
from runtime.run_notes import read_notes
from runtime.runs import Run, default_run_folder
from tests.builders.past_runs import past_run

LONG = 60_000
LEFT = Qt.MouseButton.LeftButton
NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


def widened(graph, filters):
    document = Document(graph)
    first = next(node.id for node in graph.nodes.values() if node.type == "convolution")
    with document.edit("Widen"):
        document.change(first, filters=filters)
    return document.graph()


@pytest.fixture
def project(make_project):
    """A project with three runs: of 4, 8 and 16 filters, the widest not the best."""
    file = make_project()
    graph = load_graph(file).graph
    for number, (filters, reached) in enumerate([(4, 0.8), (8, 0.95), (16, 0.9)]):
        run = default_run_folder(file).with_name(f"2026030{number + 1}-050607")
        past_run(widened(graph, filters), run, reached, batch=8 * (number + 1))
    return file


@pytest.fixture
def page(qtbot, open_window, project):
    """The page of the window with all runs read."""
    window = open_window(project)
    window.resize(1500, 950)
    window.show_workspace("train")
    click(window.training.views.buttons["runs"])
    qtbot.waitUntil(lambda: len(window.training.shelf.runs.facts) == 3, timeout=LONG)
    return window.training.shelf.page


def click(widget, place=None, modifier=NONE):
    QTest.mouseClick(widget, LEFT, modifier, place or widget.rect().center())


def names(table):
    return [str(table.sorted.index(row, 0).data()) for row in range(table.sorted.rowCount())]


def cell(table, row, column, x=None):
    box = table.visualRect(table.sorted.index(row, COLUMNS.index(column)))
    return box.center() if x is None else QPoint(box.left() + x, box.center().y())


def click_row(table, row, modifier=NONE):
    click(table.viewport(), cell(table, row, "state"), modifier)


def tick(table, row):
    click(table.viewport(), cell(table, row, "run", 14))


def sort_by(table, column):
    head = table.horizontalHeader()
    middle = head.sectionViewportPosition(COLUMNS.index(column)) + head.sectionSize(COLUMNS.index(column)) // 2
    click(head.viewport(), QPoint(middle, head.height() // 2))


def test_that_rows_say_what_a_run_reached_and_cost_and_are_sorted_by_a_click(page):
    table = page.table
    assert [name[:6] for name in names(table)] == ["03 Mar", "02 Mar", "01 Mar"]
    sort_by(table, "best")
    assert [name[:6] for name in names(table)] == ["01 Mar", "03 Mar", "02 Mar"]
    sort_by(table, "best")
    assert [name[:6] for name in names(table)] == ["02 Mar", "03 Mar", "01 Mar"]
    sort_by(table, "multiply_adds")
    assert [name[:6] for name in names(table)] == ["01 Mar", "02 Mar", "03 Mar"]
    row = {column: str(table.sorted.index(1, place).data()) for place, column in enumerate(COLUMNS)}
    assert row["state"] == "finished"
    assert row["best"].startswith("accuracy 0.9")
    assert row["epochs"] == "12 / 12"
    assert row["size"].endswith("kB")
    assert page.facts.text().startswith("3 runs, ")


def test_that_a_row_that_is_clicked_is_shown_in_the_curves(page, open_window):
    training = page.window().training
    click_row(page.table, 2)
    assert training.shown.folder.name == "20260301-050607"
    assert training.side.runs.currentIndex().row() == 2


def test_that_tags_and_notes_are_written_in_the_table_and_kept_in_the_run(qtbot, page):
    table = page.table
    table.scrollTo(table.sorted.index(0, COLUMNS.index("tags")))
    click(table.viewport(), cell(table, 0, "tags"))
    QTest.mouseDClick(table.viewport(), LEFT, NONE, cell(table, 0, "tags"))
    editor = table.findChild(QLineEdit)
    QTest.keyClicks(editor, "wide, good")
    QTest.keyClick(editor, Qt.Key.Key_Return)
    folder = page.runs.folders[0]
    qtbot.waitUntil(lambda: read_notes(folder).tags == ("wide", "good"), timeout=LONG)
    assert str(table.sorted.index(0, COLUMNS.index("tags")).data()) == "wide, good"


def test_that_ticked_runs_are_compared_in_curves_in_words_and_by_cost(qtbot, page):
    table = page.table
    with qtbot.waitSignal(page.comparison.compared, timeout=LONG):
        for row in range(3):
            tick(table, row)
    pane = page.comparison
    assert [facts.name for facts in pane.runs] == ["20260301-050607", "20260302-050607", "20260303-050607"]
    assert [curve.name[:6] for curve in pane.plot.curves] == ["01 Mar", "02 Mar", "03 Mar"]
    click(pane.parts.buttons["differences"])
    assert "batch size: 8 → 16" in pane.words.toPlainText()
    assert "4 → 8" in pane.words.toPlainText()
    click(pane.copy)
    assert "filters of" in QGuiApplication.clipboard().text()
    click(pane.parts.buttons["cost"])
    assert pane.costs.front == (0, 1)
    training = page.window().training
    assert len(training.shelf.others(training.shown.folder)) == 2
    click(page.untick)
    assert page.runs.ticked() == []


@pytest.mark.parametrize(
    ("cases", "axis"),
    [(("signal", "signal"), "multiply-adds per signal"), (("signal", "volume"), "multiply-adds per case")],
)
def test_that_the_cost_plot_says_what_is_computed_for(qtbot, cases, axis):
    plot = CostPlot()
    qtbot.addWidget(plot)
    runs = [RunFacts(one, one, "", "finished", multiply_adds=9, value=0.5, one_case=one) for one in cases]
    plot.show_runs(runs, "multiply_adds")
    assert plot.plot.getAxis("bottom").labelText == axis


def test_that_a_point_of_the_cost_plot_leads_to_its_run(qtbot, page):
    for row in (0, 1):
        click_row(page.table, row, CTRL if row else NONE)
    with qtbot.waitSignal(page.comparison.compared, timeout=LONG):
        click(page.compare)
    click(page.comparison.parts.buttons["cost"])
    plot = page.comparison.costs.plot
    spot = page.comparison.costs.runs[0]
    training = page.window().training

    def leads():
        plot.grab()  # the axes settle when they are drawn
        place = plot.plotItem.vb.mapViewToScene(QPointF(float(spot.multiply_adds), float(spot.error)))
        QTest.mouseMove(plot.viewport(), plot.mapFromScene(place))
        click(plot.viewport(), plot.mapFromScene(place))
        return training.shown.folder.name == spot.name

    qtbot.waitUntil(leads, timeout=LONG)


def test_that_the_graph_of_a_run_is_opened_as_one_edit_that_undo_takes_back(page):
    window = page.window()
    drawn = window.project.document.graph()
    click_row(page.table, 2)
    click(page.reopen)
    assert window.current == "design"
    run = Run(page.runs.folders[2])
    assert window.project.document.graph().nodes == run.job.graph.nodes
    assert window.project.document.training == run.job.graph.training
    assert "Undo brings yours back" in window.messages.text
    window.actions_.trigger("undo")
    assert window.project.document.graph() == drawn


def test_that_a_run_is_deleted_only_after_its_size_was_shown_and_confirmed(qtbot, page, monkeypatch):
    asked = []
    answers = [QMessageBox.StandardButton.Cancel, QMessageBox.StandardButton.Yes]

    def question(_parent, _title, text, *_rest):
        asked.append(text)
        return answers[len(asked) - 1]

    monkeypatch.setattr(QMessageBox, "question", question)
    folder = page.runs.folders[0]
    click_row(page.table, 0)
    click(page.delete)
    assert folder.exists()
    with qtbot.waitSignal(page.deleted, timeout=LONG):
        click(page.delete)
    assert "kB" in asked[1]
    assert "03 Mar" in asked[1]
    assert not folder.exists()
    assert len(page.runs.folders) == 2
    assert "free again" in page.window().messages.text
    assert page.window().training.shown.folder != folder


def test_that_a_run_that_is_trained_cannot_be_deleted(page):
    folder = page.runs.folders[0]
    page.runs.take(replace(page.runs.facts[folder], status="running"))
    click_row(page.table, 0)
    assert not page.delete.isEnabled()
    assert "stop it first" in page.delete.toolTip()


@pytest.mark.slow
def test_that_two_hundred_runs_are_rows_at_once_and_read_by_a_process(qtbot, open_window, project):
    graph = load_graph(project).graph
    for number in range(200):
        past_run(graph, default_run_folder(project).with_name(f"20260401-{number:06}"), 0.5 + number / 500, epochs=2)
    window = open_window(project)
    runs = window.training.shelf.runs
    assert len(runs.folders) == 203
    assert len(runs.facts) < 203
    qtbot.waitUntil(lambda: len(runs.facts) == 203, timeout=LONG)


def test_that_times_are_spoken():
    assert [time_text(seconds) for seconds in (12.4, 200, 7500)] == ["12 s", "3 min 20 s", "2 h 5 min"]
