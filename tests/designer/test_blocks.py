"""Blocks in the window: made, opened, left, used and taken apart with real mouse and key events."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from designer.place import Place
from runtime.graph import block_of
from tests.designer.desk import CTRL, SHIFT, Desk, stack

Key = Qt.Key
ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, stack("input", "convolution", "relu", "dropout", "output"))


def lasso(desk, *node_ids):
    """Drag a rectangle that touches these bars."""
    boxes = [desk.canvas.node_items[node_id].scene_box() for node_id in node_ids]
    area = boxes[0]
    for box in boxes[1:]:
        area = area.united(box)
    desk.drag(desk.at(area.topLeft() + QPointF(-20, 4)), desk.at(area.bottomRight() + QPointF(20, -4)))


def made_block(desk, name="Unit"):
    """A block of the convolution and what follows, made by mouse and keys; gives the use."""
    lasso(desk, "convolution", "relu")
    desk.key(Key.Key_G, CTRL)
    line = desk.view.renamer.line
    assert line.isVisible()
    QTest.keyClicks(line, name)
    QTest.keyClick(line, Key.Key_Return)
    (use,) = [node.id for node in desk.document.nodes.values() if block_of(node.type)]
    return use


def test_that_ctrl_g_makes_a_block_of_what_a_lasso_caught_and_asks_for_its_name(desk):
    use = made_block(desk)
    assert desk.document.nodes[use].name == "Unit"
    assert [block.name for block in desk.document.blocks.values()] == ["Unit"]
    assert set(desk.canvas.node_items) == {"input", use, "dropout", "output"}
    assert desk.mirrors()
    assert desk.project.seen.facts[use].parameters == desk.project.analysis.parameters > 0


def test_that_a_double_click_opens_a_block_and_alt_up_leaves_it(desk):
    use = made_block(desk)
    desk.double_click(desk.middle(use))
    assert desk.project.place == Place(block_of(desk.document.nodes[use].type), use)
    assert {"convolution", "relu"} < set(desk.canvas.node_items)
    assert desk.mirrors()
    desk.key(Key.Key_Up, ALT)
    assert desk.project.place == Place()
    assert desk.canvas.selected_ids() == (use,)
    assert desk.mirrors()


def test_that_enter_opens_a_block_and_escape_at_rest_leaves_it(desk):
    use = made_block(desk)
    desk.view.go_to(use)
    desk.key(Key.Key_Return)
    assert desk.project.place.path == use
    desk.view.go_to("relu")
    desk.key(Key.Key_Escape)
    assert desk.project.place.path == use
    desk.key(Key.Key_Escape)
    assert desk.project.place == Place()


def test_that_ctrl_shift_g_gives_the_nodes_back(desk):
    before = {node.name for node in desk.document.nodes.values()}
    use = made_block(desk)
    desk.view.go_to(use)
    desk.key(Key.Key_G, CTRL | SHIFT)
    assert {node.name for node in desk.document.nodes.values()} == before
    assert not desk.document.blocks
    assert desk.mirrors()
    for _ in range(3):
        desk.key(Key.Key_Z, CTRL)
    assert set(desk.document.nodes) == {"input", "convolution", "relu", "dropout", "output"}


def test_that_what_cannot_be_a_block_is_said(desk):
    said = []
    desk.editor.said.connect(said.append)
    desk.canvas.select(["convolution", "dropout"])
    desk.key(Key.Key_G, CTRL)
    assert "ReLU" in said[-1]
    assert not desk.document.blocks
    desk.canvas.select(["relu"])
    desk.key(Key.Key_G, CTRL | SHIFT)
    assert "Select a block" in said[-1]
    desk.key(Key.Key_Return, CTRL)
    assert "Choose a block" in said[-1]
    desk.key(Key.Key_Up, ALT)
    assert "main sheet" in said[-1]


def test_that_each_sheet_remembers_how_it_was_looked_at(desk):
    use = made_block(desk)
    desk.view.zoom(0.5)
    desk.view.pan_by(QPoint(40, 30))
    scale, middle = desk.view.scale_now, desk.view.mapToScene(desk.view.viewport().rect().center())
    desk.view.blocks.enter(use)
    desk.view.zoom(2.0)
    desk.view.blocks.leave()
    assert desk.view.scale_now == scale
    again = desk.view.mapToScene(desk.view.viewport().rect().center())
    assert (again - middle).manhattanLength() <= 4


def test_that_undoing_the_block_one_is_in_leads_out_of_it(desk):
    use = made_block(desk)
    desk.double_click(desk.middle(use))
    while desk.document.undo_label:
        desk.project.undo()
    desk.project.analyse_now()
    assert desk.project.place == Place()
    assert desk.mirrors()
