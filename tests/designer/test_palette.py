"""The palette: found by typing, added by Enter, drawn by dragging."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from designer.canvas.measures import HEIGHT
from designer.canvas.sheets import types_on
from designer.palette.list import KIND
from nodes.spec import REGISTRY, Category
from runtime.graph import MAIN, Wire
from tests.designer.desk import LEFT, NONE, Desk, stack


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, stack("input", "convolution"))


def rows(palette) -> list[str]:
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def place_of(palette, title: str) -> QPoint:
    item = next(palette.list.item(row) for row, text in enumerate(rows(palette)) if text == title)
    palette.list.scrollToItem(item)
    return palette.list.visualItemRect(item).center()


def drag(desk, title: str, to: QPoint) -> None:
    """Press on a row, move over the canvas, let go there."""
    viewport = desk.workspace.palette_panel.list.viewport()
    start = place_of(desk.workspace.palette_panel, title)
    end = viewport.mapFromGlobal(desk.view.viewport().mapToGlobal(to))
    QTest.mousePress(viewport, LEFT, NONE, start)
    QTest.mouseMove(viewport, start + QPoint(30, 0))
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, LEFT, NONE, end)


def test_that_every_type_stands_under_its_category(desk):
    palette = desk.workspace.palette_panel
    kinds = [palette.list.item(row).data(KIND) for row in range(palette.list.count())]
    assert {kind for kind in kinds if kind is not None} == set(types_on(desk.document, MAIN))


def test_that_typing_finds_by_title_and_by_purpose(desk):
    palette = desk.workspace.palette_panel
    QTest.keyClicks(palette.field, "max pool")
    assert rows(palette)[0] == "Max pooling"
    palette.field.clear()
    QTest.keyClicks(palette.field, "zzzz")
    assert rows(palette) == []
    assert palette._none.isVisible()


def test_that_enter_adds_below_the_focused_node_and_connects(desk):
    desk.view.go_to("convolution")
    palette = desk.workspace.palette_panel
    for _ in range(2):
        palette.field.clear()
        QTest.keyClicks(palette.field, "relu")
        QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert Wire("convolution", "out", "relu-1", "image") in desk.document.wires
    assert Wire("relu-1", "out", "relu-2", "image") in desk.document.wires
    assert desk.document.nodes["relu-2"].position == (0.0, 120.0)


def test_that_adding_within_a_stack_inserts_and_moves_the_rest_down(desk):
    desk.view.go_to("input")
    palette = desk.workspace.palette_panel
    QTest.keyClicks(palette.field, "dropout")
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert Wire("dropout-1", "out", "convolution", "image") in desk.document.wires
    assert desk.document.nodes["convolution"].position == (0.0, 80.0)


def test_that_a_row_dragged_onto_the_canvas_is_dropped_there(desk):
    far = desk.middle("convolution") + QPoint(0, 160)
    drag(desk, "ReLU", far)
    relu = desk.document.nodes["relu-1"]
    place = desk.view.mapToScene(far)
    assert abs(relu.position[0] + 128 - place.x()) <= 4
    assert abs(relu.position[1] + 14 - place.y()) <= 4


def test_that_a_row_dropped_on_a_wire_is_inserted(desk):
    drag(desk, "Dropout", (desk.port("input", False, "image") + desk.port("convolution", True, "image")) / 2)
    above, below = Wire("input", "image", "dropout-1", "image"), Wire("dropout-1", "out", "convolution", "image")
    assert set(desk.document.wires) == {above, below}


def test_that_a_row_dropped_under_a_bar_is_connected(desk):
    drag(desk, "ReLU", desk.middle("convolution") + QPoint(64, 40))
    assert Wire("convolution", "out", "relu-1", "image") in desk.document.wires


def test_that_a_drag_let_go_outside_or_taken_back_adds_nothing(desk):
    before = desk.document.graph()
    drag(desk, "ReLU", QPoint(-60, 40))
    listed = desk.workspace.palette_panel.list
    start = place_of(desk.workspace.palette_panel, "ReLU")
    QTest.mousePress(listed.viewport(), LEFT, NONE, start)
    QTest.mouseMove(listed.viewport(), start + QPoint(400, 0))
    QTest.keyClick(listed, Qt.Key.Key_Escape)
    QTest.mouseRelease(listed.viewport(), LEFT, NONE, start + QPoint(400, 0))
    assert desk.document.graph() is before


def test_that_rows_explain_themselves(desk):
    listed = desk.workspace.palette_panel.list
    tips = [listed.item(row).toolTip() for row in range(listed.count()) if listed.item(row).data(KIND) is not None]
    assert all(tips)


@pytest.mark.parametrize(("aside", "gap", "caught"), [(0, 13, True), (160, 36, True), (0, 60, False), (190, 13, False)])
def test_that_a_row_let_go_well_below_a_bar_is_caught_when_a_third_of_it_lies_under(desk, aside, gap, caught):
    bar = desk.canvas.node_items["convolution"].scene_box()
    drag(desk, "ReLU", desk.at(QPointF(bar.center().x() + aside, bar.bottom() + gap + HEIGHT / 2)))
    assert (Wire("convolution", "out", "relu-1", "image") in desk.document.wires) is caught


def test_that_the_wire_to_be_made_is_shown_while_a_row_is_dragged(desk):
    bar = desk.canvas.node_items["convolution"].scene_box()
    promised, relu = desk.canvas.promised, REGISTRY["relu"]
    desk.view.preview_drop(relu, desk.at(QPointF(bar.center().x() + 100, bar.bottom() + 30 + HEIGHT / 2)))
    assert promised.isVisible()
    assert promised.path().pointAtPercent(0) == desk.canvas.node_items["convolution"].spot_point(False, "out")
    desk.view.preview_drop(relu, desk.at(QPointF(bar.center().x(), bar.bottom() + 300)))
    assert not promised.isVisible()
    desk.view.preview_drop(relu, desk.at(QPointF(bar.center().x(), bar.bottom() + 30)))
    desk.view.forget_preview()
    assert not promised.isVisible()


@pytest.mark.parametrize("category", [Category.LOSS, Category.OPTIMIZER, Category.OUTPUT])
def test_that_a_click_on_a_tile_shows_its_family(desk, category):
    palette = desk.workspace.palette_panel
    QTest.keyClicks(palette.field, "relu")
    QTest.mouseClick(palette.families.buttons[category], LEFT)
    assert palette.field.text() == ""
    row = palette.list.currentRow()
    assert palette.list.item(row).data(KIND).category is category
    assert palette.list.viewport().rect().contains(palette.list.visualItemRect(palette.list.item(row)))
    assert palette.list.item(row - 1).text() == category.title
