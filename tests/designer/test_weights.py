"""Weights to begin with, in the window: named, emptied, looked at; blocks and frames frozen as a whole."""

import pytest
import torch
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont

from designer.canvas.freezing import can_freeze
from designer.inspector.training_form import TrainingForm
from designer.project import Project
from designer.tables import RowsTable
from designer.weights.report_window import ReportWindow
from runtime.analysis import analyse
from runtime.compile import compile_graph
from runtime.weights.starting import start_of
from tests.builders import blocks, graphs


@pytest.fixture
def form(qtbot):
    project = Project()
    project.new(graphs.classifier(before=["normalise"], size=(16, 16)))
    made = TrainingForm(project)
    qtbot.addWidget(made)
    project.changed.connect(lambda _change: made.show_training(project.document.training))
    return made, project


def test_that_what_loaded_layers_do_is_asked_only_where_weights_are_named_and_they_can_be_taken_away(form, tmp_path):
    made, project = form
    field = made.rows.fields["weights_from"]
    assert made.rows.fields["loaded_rate"].isHidden()
    assert not field.look.isEnabled()
    field.line.setText(str(tmp_path))
    field.line.editingFinished.emit()
    assert project.document.training.weights_from == str(tmp_path)
    assert not made.rows.fields["loaded_rate"].isHidden()
    assert field.look.isEnabled()
    field.line.setText("")
    field.line.editingFinished.emit()
    assert project.document.training.weights_from == ""
    field.line.setText(str(tmp_path / "nothing.pth"))
    field.line.editingFinished.emit()
    assert "There is no file and no run" in made.rows.complaints["weights_from"]


def test_that_a_report_shows_new_layers_first_and_reasons(form, qtbot, tmp_path):
    made, project = form
    state = compile_graph(analyse(project.document.graph())).state_dict()
    state["dense.weight"] = torch.zeros(7, 3)
    torch.save(state, tmp_path / "w.pth")
    made.rows.fields["weights_from"].edited.emit(str(tmp_path / "w.pth"))
    window = ReportWindow(project)
    qtbot.addWidget(window)
    window.show_report(start_of(analyse(project.document.graph())).report.record())
    first = window.table.content.rows[0]
    assert first[0] == "Dense"
    assert first[1] == "chance: it is new"
    assert "7×3 in the file" in first[3]
    window.resize(560, 500)
    window.show()
    table, words = window.table, window.table.fontMetrics()
    qtbot.waitUntil(lambda: table.rowHeight(0) > 26)  # the reason takes more than a line, and has them
    room = QRect(0, 0, table.columnWidth(3) - 12, 1000)
    needed = words.boundingRect(room, Qt.TextFlag.TextWordWrap, first[3]).height()
    assert needed > words.height()
    assert table.rowHeight(0) >= needed
    assert any("layers begin with the weights of w.pth" in text for text in window.told)


def test_that_the_reasons_in_a_report_are_seen_without_scrolling_at_every_width_and_size_of_letters(qtbot):
    table = RowsTable(["Layer", "Begins with", "In the file", "Why"], "Layers", wrapped=True)
    qtbot.addWidget(table)
    name = "features.denseblock4.denselayer16.conv1.weight"
    table.show_rows([["Convolution of the first block", "chance: it is new", name, "7×3 in the file, 2×256 here"]])
    table.fit_columns()
    table.show()
    for points in (8, 12, 16):
        letters = QFont(table.font())
        letters.setPointSize(points)
        table.setFont(letters)
        for width in (1000, 700, 540):
            table.resize(width, 300)
            qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0)
            assert table.columnWidth(3) >= 16 * table.fontMetrics().averageCharWidth()
    table.resize(1600, 300)
    assert table.columnWidth(2) > table.fontMetrics().horizontalAdvance(name)


def test_that_blocks_and_what_lies_in_a_frame_can_be_frozen():
    project = Project()
    project.new(blocks.residual())
    document = project.document
    use = next(node.id for node in document.on("").values() if node.type.startswith("block:"))
    assert can_freeze(document, [use]) == (use,)
    x, y = document.nodes[use].position
    with document.edit("Frame"):
        frame = document.add("frame", "Part", (x - 20, y - 40), {"size": [400, 120]})
    assert use in can_freeze(document, [frame])
