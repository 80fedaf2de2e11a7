"""Previews on the canvas: asked for once, beside every bar, following edits, and gone when they are hidden."""

from dataclasses import replace

import pytest
from PySide6.QtGui import QPixmap

from designer.looking.preview_item import PreviewItem, preview_of
from runtime.attach import attach
from runtime.data.labels import read_dataset
from tests.builders import graphs
from tests.designer.desk import Desk

LONG = 120_000


@pytest.fixture
def desk(qtbot, pictures):
    drawn = graphs.classifier()
    source = "image_folder-1"
    settings = attach(drawn, source, read_dataset(pictures))
    made = Desk(qtbot, replace(drawn, nodes={**drawn.nodes, source: replace(drawn.nodes[source], settings=settings)}))
    yield made
    made.workspace.close_down()


def pictures_on(desk):
    return {node: item for node, bar in desk.canvas.node_items.items() if (item := preview_of(bar)) is not None}


@pytest.mark.long
def test_that_previews_come_follow_edits_and_go(desk, qtbot):
    bar = desk.workspace.previews
    assert bar.isHidden()
    with qtbot.waitSignal(bar.previews.told, timeout=LONG):
        bar.turn_on(True)
    assert bar.isVisible()
    assert {"image_folder-1", "convolution-1", "dense-1"} <= set(pictures_on(desk))
    assert "cross_entropy-1" not in pictures_on(desk)
    assert "Case 1 of" in bar.says.text()
    assert "Output 4×" in pictures_on(desk)["convolution-1"].toolTip()
    assert "weights not learned yet" in pictures_on(desk)["convolution-1"].toolTip()
    with qtbot.waitSignal(bar.previews.told, timeout=LONG), desk.document.edit("Change"):
        desk.document.change("convolution-1", filters=6)
    assert "Output 6×" in pictures_on(desk)["convolution-1"].toolTip()
    with qtbot.waitSignal(bar.previews.told, timeout=LONG):
        bar.after.click()
    assert "Case 2 of" in bar.says.text()
    with qtbot.waitSignal(bar.previews.told, timeout=LONG), desk.document.edit("Remove"):
        desk.document.remove("convolution-1")
    assert set(pictures_on(desk)) == {"image_folder-1"}
    desk.document.undo()
    qtbot.waitUntil(lambda: "dense-1" in pictures_on(desk), timeout=LONG)
    bar.close_button.click()
    assert pictures_on(desk) == {}
    assert bar.isHidden()


@pytest.mark.long
def test_that_a_drawing_without_data_says_so(qtbot):
    desk = Desk(qtbot, graphs.classifier(folder=""))
    bar = desk.workspace.previews
    with qtbot.waitSignal(bar.previews.failed, timeout=LONG):
        bar.turn_on(True)
    assert bar.fault.text()
    assert pictures_on(desk) == {}
    desk.workspace.close_down()


def test_that_a_picture_goes_with_its_bar_and_is_never_in_the_way(desk):
    item = PreviewItem(desk.canvas.node_items["relu-1"])
    item.show_picture(QPixmap(56, 56), {"shape": [4, 8, 8], "low": 0.0, "high": 2.5, "trained": True}, False)
    before = item.sceneBoundingRect().topLeft()
    with desk.document.edit("Move"):
        desk.document.change("relu-1", position=(400.0, 320.0))
    assert item.sceneBoundingRect().topLeft() != before
    assert desk.canvas.node_at(item.sceneBoundingRect().center()) is None
    assert "values 0 to 2.5 · learned weights" in item.toolTip()
    desk.canvas.refill()
    assert pictures_on(desk) == {}


def test_that_pictures_that_are_too_small_to_be_drawn_are_told_and_one_click_shows_them(desk):
    bar, view = desk.workspace.previews, desk.workspace.view
    view.zoom(0.3 / view.scale_now)
    bar.turn_on(True)
    assert not bar.far.isHidden()
    bar.nearer.click()
    assert view.scale_now == pytest.approx(1)
    assert bar.far.isHidden()
    view.zoom(0.3)
    assert not bar.nearer.isHidden()
