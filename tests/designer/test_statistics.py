"""What the network costs: in the inspector, on the canvas, in the status line and in the table of statistics."""

import csv
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from designer.inspector.node_form import NodeForm
from runtime.attach import data_sources
from runtime.templates import graph_of
from tests.designer.desk import Desk, stack


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.fixture
def desk(qtbot):
    desk = Desk(qtbot, stack("input", "convolution", "relu", "flatten", "dense", "output"))
    with desk.document.edit("Shape"):
        desk.document.change("input", shape=[16, 64, 64])
        desk.document.change("convolution", filters=32)
    desk.document.seal()
    desk.project.analyse_now()
    return desk


@pytest.fixture
def table(desk):
    desk.workspace.show_statistics(True)
    return desk.workspace.statistics.table


def column(table, number: int) -> list[str]:
    return [plain(str(table.content.index(row, number).data())) for row in range(table.content.rowCount())]


def click(table, row: int) -> None:
    place = table.visualRect(table.content.index(row, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_that_the_inspector_tells_what_a_convolution_costs(desk):
    desk.view.go_to("convolution")
    form = desk.workspace.inspector.form
    assert isinstance(form, NodeForm)
    shown = [plain(label.text()) for label in form.findChildren(QLabel) if not label.isHidden()]
    facts = dict(pairwise(shown))
    assert facts["Output"] == "32 × 64 × 64"
    assert facts["Parameters"] == "4 640"
    assert facts["Multiply-adds"] == "18.9 M"
    assert facts["Memory per image"] == "0.5 MB"


def test_that_the_tooltip_of_a_node_tells_the_same(desk):
    tip = plain(desk.canvas.node_items["convolution"].toolTip())
    assert "Output 32×64×64 · 4 640 parameters · 18.9 M multiply-adds · 0.5 MB per case" in tip
    relu = plain(desk.canvas.node_items["relu"].toolTip())
    assert "Output 32×64×64 · 0.5 MB per case" in relu


def test_that_the_status_line_tells_what_the_whole_costs(desk):
    status = plain(desk.workspace.status())
    assert status.startswith("6 nodes · 1 315 370 parameters · 20.2 M multiply-adds per image · about ")
    assert status.endswith(f" MB at batch {desk.document.training.batch}")


def test_that_the_status_line_of_signals_speaks_of_signals(qtbot):
    desk = Desk(qtbot, graph_of("ecg"))
    (source,) = data_sources(desk.document.graph())
    with desk.document.edit("Learn"):
        desk.document.change(source, folder="ecgs", found_size=[1000], channels=12, found_rate=100.0, label="class")
        desk.document.change(source, classes=["slow", "fast"], images=4)
    desk.project.analyse_now()
    assert " multiply-adds per signal · " in plain(desk.workspace.status())


def test_that_what_cannot_be_counted_yet_is_said(desk, qtbot):
    desk.workspace.show_statistics(True)
    assert "not counted" not in desk.workspace.statistics._totals.text()
    with desk.document.edit("Cut"):
        desk.document.remove("input")
    desk.project.analyse_now()
    assert "4 not counted yet" in desk.workspace.status()
    said = desk.workspace.statistics._totals.text()
    assert said.endswith("4 nodes not counted: without a shape nothing can be; the problems say what is missing")


def test_that_the_status_line_of_an_empty_drawing_is_short(desk):
    desk.project.new()
    assert desk.workspace.status() == "0 nodes · 0 parameters"


def test_that_the_table_has_a_row_for_each_node_in_order(desk, table):
    assert column(table, 0) == ["Input", "Convolution", "ReLU", "Flatten", "Dense", "Output"]
    assert column(table, 1) == ["–", "4 640", "–", "–", "1 310 730", "–"]
    assert column(table, 2) == ["–", "18.9 M", "–", "–", "1.3 M", "–"]
    assert column(table, 3)[:3] == ["262 kB", "0.5 MB", "0.5 MB"]


def test_that_a_click_in_the_table_selects_the_node_also_when_sorted(desk, table):
    click(table, 4)
    assert desk.canvas.selected_ids() == ("dense",)
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    assert column(table, 0)[:2] == ["Convolution", "Dense"]
    click(table, 0)
    assert desk.canvas.selected_ids() == ("convolution",)


def test_that_the_table_follows_the_selection_and_every_change(desk, table):
    desk.view.go_to("dense")
    assert table.node_at(table.currentIndex().row()) == "dense"
    with desk.document.edit("Fewer"):
        desk.document.change("convolution", filters=16)
    desk.project.analyse_now()
    assert column(table, 1)[1] == "2 320"
    assert table.node_at(table.currentIndex().row()) == "dense"


def test_that_an_order_that_was_chosen_stays_after_a_change(desk, table):
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    with desk.document.edit("More"):
        desk.document.change("dense", units=1)
        desk.document.change("convolution", filters=512)
    desk.project.analyse_now()
    assert column(table, 0)[:2] == ["Dense", "Convolution"]


def test_that_the_copy_is_csv_with_whole_numbers(desk, table):
    desk.workspace.statistics.table.copy()
    rows = list(csv.DictReader(QGuiApplication.clipboard().text().splitlines()))
    assert list(rows[0]) == [
        "Node", "Parameters", "Multiply-adds", "Memory (bytes)", "Type", "Output", "Id"
    ]  # fmt: skip
    assert rows[1] == {
        "Node": "Convolution", "Parameters": "4640", "Multiply-adds": "18874368", "Memory (bytes)": "524288",
        "Type": "Convolution", "Output": "32×64×64", "Id": "convolution",
    }  # fmt: skip


def test_that_the_command_opens_the_table_from_anywhere_and_closes_it_where_it_is_seen(window, qtbot):
    window.go("data")
    action = window.actions_["statistics"]
    action.trigger()
    assert window.current == "design"
    assert window.design.statistics.isVisible()
    assert not window.design.inspector.overview.isVisible()
    assert action in [window.actions_[command.id] for command in window.actions_]
    assert action.text().startswith("Hide")
    action.trigger()
    assert not window.design.statistics.isVisible()
    assert window.design.inspector.overview.isVisible()
