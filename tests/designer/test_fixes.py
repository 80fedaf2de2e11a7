"""Fix buttons beside the problems and at the nodes, pressed by mouse and by key."""

from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer.canvas import measures
from designer.mending import FixButton
from runtime import surgery
from runtime.document import Document
from tests.builders.graphs import classifier
from tests.designer.desk import CTRL, LEFT, NONE, Desk


def placed(graph):
    """The graph with its bars under each other."""
    document = Document(graph)
    with document.edit("Place"):
        for row, node_id in enumerate(graph.nodes):
            document.change(node_id, position=(0.0, measures.STEP * row))
    return document.graph()


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, placed(classifier(layers=["relu"])))
    qtbot.waitUntil(lambda: bool(listed(made)))
    return made


def listed(desk) -> list[FixButton]:
    return [button for button in desk.workspace.inspector.problems.list.findChildren(FixButton) if button.isVisible()]


def hover(desk, node_id: str) -> None:
    at = desk.middle(node_id)
    QApplication.sendEvent(
        desk.view.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, desk.view.viewport().mapToGlobal(at))
    )


def test_that_the_sizes_of_the_drawing_are_those_of_the_canvas():
    assert (surgery.WIDTH, surgery.HEIGHT, surgery.STEP) == (measures.WIDTH, measures.HEIGHT, measures.STEP)


def test_that_a_click_on_a_fix_mends_the_problem_and_undo_brings_it_back(desk, qtbot):
    before = desk.document.graph()
    assert [button.text() for button in listed(desk)] == ["Insert Flatten", "Insert Global average pooling"]
    QTest.mouseClick(listed(desk)[0], LEFT)
    qtbot.waitUntil(lambda: not desk.project.analysis.problems)
    assert not listed(desk)
    assert desk.document.undo_label == "Insert Flatten"
    assert desk.id_of("flatten") in desk.canvas.node_items
    assert desk.mirrors()
    desk.key(Qt.Key.Key_Z, CTRL)
    assert desk.document.graph() == before
    qtbot.waitUntil(lambda: len(listed(desk)) == 2)


def test_that_a_fix_of_the_list_is_reached_by_tab_and_pressed_by_enter(desk, qtbot):
    problems = desk.workspace.inspector.problems.list
    problems.setFocus()
    QTest.keyClick(problems, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is listed(desk)[0]
    assert "Insert Flatten" in listed(desk)[0].accessibleName()
    QTest.keyClick(listed(desk)[0], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not desk.project.analysis.problems)


def test_that_a_click_beside_the_buttons_still_goes_to_the_node(desk):
    problems = desk.workspace.inspector.problems.list
    item = problems.itemWidget(problems.item(0))
    QTest.mouseClick(item, LEFT, NONE, QPoint(20, 8))
    assert desk.canvas.selected_ids() == (desk.id_of("dense"),)


def test_that_resting_on_a_node_with_a_problem_opens_a_card_whose_button_mends_it(desk, qtbot):
    dense = desk.id_of("dense")
    hover(desk, dense)
    card = desk.view.fix_card
    assert card.isVisible()
    assert [button.text() for button in card.buttons] == ["Insert Flatten", "Insert Global average pooling"]
    assert not card.geometry().intersects(desk.view.mapFromScene(
        desk.canvas.node_items[dense].scene_box()).boundingRect())  # fmt: skip
    QTest.mouseClick(card.buttons[1], LEFT)
    assert not card.isVisible()
    qtbot.waitUntil(lambda: not desk.project.analysis.problems)
    assert desk.id_of("global_average_pooling")


def test_that_the_card_goes_when_the_mouse_leaves_it_and_does_not_come_where_all_is_well(desk):
    hover(desk, desk.id_of("relu"))
    assert not desk.view.fix_card.isVisible()
    hover(desk, desk.id_of("dense"))
    desk.move(desk.middle("dense-1") + QPoint(0, 4))
    assert desk.view.fix_card.isVisible()
    desk.move(desk.view.viewport().rect().bottomRight() - QPoint(4, 4))
    assert not desk.view.fix_card.isVisible()


def test_that_a_right_click_opens_the_card(desk):
    at = desk.middle(desk.id_of("dense"))
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, desk.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(desk.view.viewport(), event)
    assert desk.view.fix_card.isVisible()


def test_that_a_problem_is_mended_by_keys_alone(desk, qtbot):
    desk.key(Qt.Key.Key_Period, CTRL)
    card = desk.view.fix_card
    assert card.buttons[0].hasFocus()
    QTest.keyClick(card.buttons[0], Qt.Key.Key_Down)
    assert card.buttons[1].hasFocus()
    QTest.keyClick(card.buttons[1], Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not desk.project.analysis.problems)
    assert desk.id_of("global_average_pooling")
    assert desk.view.hasFocus()


def test_that_esc_closes_the_card_and_gives_the_keyboard_back(desk):
    desk.key(Qt.Key.Key_Period, CTRL)
    QTest.keyClick(desk.view.fix_card.buttons[0], Qt.Key.Key_Escape)
    assert not desk.view.fix_card.isVisible()
    assert desk.view.hasFocus()
    assert desk.project.analysis.problems


def test_that_a_changed_type_is_shown_by_canvas_and_inspector(qtbot):
    desk = Desk(qtbot, placed(classifier(metrics=(), loss="dice_loss")))
    qtbot.waitUntil(lambda: bool(listed(desk)))
    desk.view.go_to(desk.id_of("dice_loss"))
    assert "smooth" in desk.workspace.inspector.form.rows.fields
    QTest.mouseClick(listed(desk)[0], LEFT)
    qtbot.waitUntil(lambda: not desk.project.analysis.problems)
    assert "smooth" not in desk.workspace.inspector.form.rows.fields
    assert desk.mirrors()


def test_that_what_training_lacks_is_added_from_the_list_of_the_train_workspace(qtbot, tmp_path, window):
    (tmp_path / "pictures").mkdir()
    graph = placed(classifier(folder=str(tmp_path / "pictures")))
    document = Document(graph)
    with document.edit("Remove"):
        for node in graph.nodes.values():
            if node.type in ("output", "adam"):
                document.remove(node.id)
    window.project.new(document.graph())
    blockers = window.training.side.problems
    qtbot.waitUntil(lambda: len(blockers.findChildren(FixButton)) == 2)
    assert {button.text() for button in blockers.findChildren(FixButton)} == {"Add Output", "Add Adam"}
    for _ in range(2):
        there = len(blockers.findChildren(FixButton))
        blockers.findChildren(FixButton)[0].click()
        qtbot.waitUntil(partial(_fewer, blockers, there))
    assert {"output", "adam"} <= {node.type for node in window.project.document.nodes.values()}


def _fewer(blockers, than: int) -> bool:
    return len(blockers.findChildren(FixButton)) == than - 1
