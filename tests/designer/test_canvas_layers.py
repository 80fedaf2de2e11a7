"""The canvas near by and from far away: what is drawn, and how little is drawn again."""

import random

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from designer import theme
from designer.canvas import node_paint
from designer.canvas.measures import COLUMN, DETAIL, HEIGHT, STEP, WIDTH
from designer.canvas.raster import Raster
from runtime.analysis import analyse
from tests.builders.large import large
from tests.designer.desk import CTRL, Desk, stack

FOUR = ("input", "convolution", "relu", "max_pooling")
FAR = DETAIL / 2


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, stack(*FOUR))
    made.view.zoom(FAR / made.view.scale_now)
    made.view.centerOn(made.canvas.content().center())
    return made


def colors(desk: Desk, area: QRectF) -> set[str]:
    """The colours in a part of the view, which is told in scene pixels."""
    QApplication.processEvents()
    picture = desk.view.viewport().grab().toImage()
    box = desk.view.mapFromScene(area).boundingRect()
    spots = ((x, y) for x in range(box.left(), box.right() + 1) for y in range(box.top(), box.bottom() + 1))
    return {picture.pixelColor(x, y).name() for x, y in spots}


def around(desk: Desk, node_id: str) -> QRectF:
    return desk.canvas.node_items[node_id].scene_box().adjusted(-20, -6, 20, 6)


def test_that_bars_and_wires_are_seen_from_far_away(desk):
    shown = theme.Theme.current()
    assert "#4f86f7" in colors(desk, around(desk, "convolution"))
    between = QRectF(WIDTH / 2 - 10, HEIGHT + 3, 20, STEP - HEIGHT - 6)
    assert shown.wire in colors(desk, between)


def test_that_what_is_selected_and_what_has_the_keyboard_is_seen_from_far_away(desk):
    accent = theme.Theme.current().accent
    assert accent not in colors(desk, around(desk, "relu"))
    desk.canvas.select(["relu"])
    assert accent in colors(desk, around(desk, "relu"))
    desk.canvas.select([])
    assert accent not in colors(desk, around(desk, "relu"))
    before = colors(desk, around(desk, "relu"))
    desk.canvas.focus("relu")
    assert colors(desk, around(desk, "relu")) != before


def test_that_a_selected_wire_is_seen_from_far_away(desk):
    between = QRectF(WIDTH / 2 - 20, HEIGHT, 40, STEP - HEIGHT)
    first = next(iter(desk.canvas.wire_items.values()))
    first.setSelected(True)
    assert theme.Theme.current().accent in colors(desk, between)


def test_that_a_problem_is_seen_from_far_away_and_goes_with_its_cause(desk):
    error = theme.Theme.current().error
    with desk.document.edit("Spoil"):
        desk.document.change("convolution", filters=-1)
    desk.project.analyse_now()
    assert error in colors(desk, around(desk, "convolution"))
    desk.project.undo()
    desk.project.analyse_now()
    assert error not in colors(desk, around(desk, "convolution"))


def test_that_a_bar_dragged_from_far_away_leaves_nothing_behind(desk):
    old = around(desk, "max_pooling")
    start = desk.view.mapFromScene(desk.canvas.node_items["max_pooling"].scene_box().center())
    desk.drag(start, start + QPoint(120, 60))
    assert desk.document.nodes["max_pooling"].position != (0.0, 3 * STEP)
    assert "#9b6dd6" not in colors(desk, old)
    assert "#9b6dd6" in colors(desk, around(desk, "max_pooling"))


def test_that_the_lasso_is_seen_from_far_away(desk):
    desk.press(QPoint(30, 30))
    desk.move(QPoint(160, 130))
    corner = QRectF(desk.view.mapToScene(QPoint(25, 60)), desk.view.mapToScene(QPoint(35, 70)))
    nothing = {theme.Theme.current().canvas}
    assert colors(desk, corner) > nothing
    desk.release(QPoint(160, 130))
    assert colors(desk, corner) == nothing


@pytest.mark.parametrize("scale", [FAR, 1.0])
def test_that_light_and_dark_change_what_is_drawn(desk, scale):
    desk.view.zoom(scale / desk.view.scale_now)
    desk.view.centerOn(desk.canvas.node_items["relu"].scene_box().center())
    free = QRectF(-60, 60, 20, 10)
    for wanted in (Qt.ColorScheme.Light, Qt.ColorScheme.Dark):
        shown = theme.apply(QApplication.instance(), wanted)
        assert shown.canvas in colors(desk, free)
        seen = colors(desk, desk.canvas.node_items["relu"].scene_box())
        assert (shown.field if scale == 1.0 else "#d98a3d") in seen
    light = theme.LIGHT.field
    assert light not in colors(desk, desk.canvas.node_items["relu"].scene_box())


def test_that_a_bar_is_drawn_from_its_picture_when_the_view_moves(desk, monkeypatch):
    desk.view.actual_size()
    QApplication.processEvents()
    painted, plain = [], node_paint.paint_texts
    monkeypatch.setattr(
        node_paint, "paint_texts", lambda painter, look, name, *rest, **more: (
            painted.append(name), plain(painter, look, name, *rest, **more)
        )
    )  # fmt: skip
    desk.view.pan_by(QPoint(7, 5))
    desk.view.viewport().grab()
    assert painted == []
    with desk.document.edit("Rename"):
        desk.document.change("relu", name="Rectifier")
    desk.view.viewport().grab()
    assert painted == ["Rectifier"]


def test_that_an_analysis_that_says_the_same_draws_nothing_again(desk):
    QApplication.processEvents()
    before = desk.canvas.overview.version
    desk.canvas.show_analysis(analyse(desk.document.graph()))
    assert desk.canvas.overview.version == before


def test_that_all_of_a_large_drawing_fits_into_the_view(qtbot):
    desk = Desk(qtbot, large(700))
    with desk.document.edit("Move far away"):
        desk.document.change("n5", position=(0.0, 40_000.0))
    desk.key(Qt.Key.Key_0, CTRL)
    room = desk.view.mapToScene(desk.view.viewport().rect()).boundingRect()
    assert room.contains(desk.canvas.content())
    desk.view.zoom(0.1)
    assert desk.view.mapToScene(desk.view.viewport().rect()).boundingRect().width() < 10 * room.width()


def test_that_wires_go_after_many_moves_as_in_a_fresh_drawing(qtbot):
    desk = Desk(qtbot, large(120))
    chance = random.Random(5)
    ids = list(desk.document.nodes)
    for _ in range(60):
        place = (chance.randrange(6) * COLUMN / 2, chance.randrange(20) * STEP)
        with desk.document.edit("Move"):
            desk.document.change(chance.choice(ids), position=place)
    desk.project.analyse_now()
    seen = {wire: item.path() for wire, item in desk.canvas.wire_items.items()}
    desk.canvas.refill()
    fresh = {wire: item.path() for wire, item in desk.canvas.wire_items.items()}
    assert [wire for wire in fresh if fresh[wire] != seen[wire]] == []


def test_that_the_tip_of_a_bar_tells_of_now(desk, qtbot):
    with desk.document.edit("Rename"):
        desk.document.change("relu", name="Rectifier")
    place = desk.view.mapFromScene(desk.canvas.node_items["relu"].scene_box().center())
    viewport = desk.view.viewport()
    asked = QHelpEvent(QEvent.Type.ToolTip, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, asked)
    assert "Rectifier" in QToolTip.text()
    QToolTip.hideText()


def test_that_the_raster_finds_what_touches_and_forgets_what_is_gone():
    raster: Raster[str] = Raster()
    raster.put("near", [QRectF(0, 0, 10, 10)])
    raster.put("long", [QRectF(-5000, 5, 9000, 4), QRectF(0, 900, 5, 5)])
    assert set(raster.near(QRectF(2, 2, 4, 5))) == {"near", "long"}
    raster.put("near", [QRectF(3000, 0, 10, 10)])
    assert set(raster.near(QRectF(2, 2, 4, 5))) == {"long"}
    raster.remove("long")
    assert not raster.near(QRectF(-6000, -10, 8000, 1000))
