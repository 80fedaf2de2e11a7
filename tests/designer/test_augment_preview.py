"""The preview below an augmentation node: asked for, shown, kept up to date, and honest about what is in its way."""

from dataclasses import replace

import pytest

from designer.inspector.augment_preview import AugmentPreview
from tests.builders import graphs
from tests.designer.desk import Desk

LONG = 60_000


@pytest.fixture
def desk(qtbot, pictures):
    from runtime.attach import attach
    from runtime.data.labels import read_dataset

    drawn = graphs.classifier(before=[("augment", {"probability": 1.0})])
    source = "image_folder-1"
    settings = attach(drawn, source, read_dataset(pictures))
    made = Desk(qtbot, replace(drawn, nodes={**drawn.nodes, source: replace(drawn.nodes[source], settings=settings)}))
    made.workspace.go_to("augment-1")
    return made


def shown(desk) -> AugmentPreview:
    (found,) = desk.workspace.inspector.form.findChildren(AugmentPreview)
    return found


def change(desk, **settings) -> None:
    with desk.document.edit("Change"):
        desk.document.change("augment-1", **settings)


@pytest.mark.long
def test_that_nine_versions_come_when_they_are_asked_for_and_again_when_settings_change(desk, qtbot):
    panel = shown(desk)
    assert not panel.opened
    assert not panel.busy
    panel.open_button.click()
    assert panel.busy
    assert panel.bar.isVisible()
    qtbot.waitUntil(lambda: not panel.busy, timeout=LONG)
    assert panel.fault.text() == ""
    assert [picture.isNull() for picture in panel.grid.pictures] == [False] * 9
    assert "Case 1 of 36" in panel.says.text()
    assert not panel.bar.isVisible()
    before = [picture.toImage() for picture in panel.grid.pictures]
    change(desk, rotate=180.0)
    qtbot.waitUntil(lambda: panel.busy, timeout=LONG)
    assert panel.grid.stale
    qtbot.waitUntil(lambda: not panel.busy, timeout=LONG)
    assert not panel.grid.stale
    assert [picture.toImage() for picture in panel.grid.pictures] != before
    panel.next.click()
    qtbot.waitUntil(lambda: not panel.busy, timeout=LONG)
    assert "Case 2 of 36" in panel.says.text()


@pytest.mark.slow
def test_that_a_wrong_setting_is_explained_instead(desk, qtbot):
    panel = shown(desk)
    change(desk, elastic=45.0)
    panel.open_button.click()
    qtbot.waitUntil(lambda: not panel.busy, timeout=LONG)
    assert "would fold the image over itself" in panel.fault.text()
    assert panel.fault.isVisible()
    assert "Traceback" not in panel.fault.text()


def test_that_leaving_the_node_ends_the_work(desk, qtbot):
    panel = shown(desk)
    panel.open_button.click()
    assert panel.busy
    desk.workspace.go_to("image_folder-1")
    assert not panel.busy


def test_that_only_nodes_that_act_in_training_alone_have_a_preview(desk):
    desk.workspace.go_to("image_folder-1")
    assert not desk.workspace.inspector.form.findChildren(AugmentPreview)
