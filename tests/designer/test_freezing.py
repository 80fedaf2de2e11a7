"""How single nodes learn, in the window: a part of the form that opens, a command, a mark on the bar."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from designer.canvas.node_menu import node_menu
from designer.inspector.training_form import TrainingForm
from designer.project import Project
from tests.designer.desk import LEFT, form, inspected

OWN = ("rate_factor", "frozen_epochs", "l1", "l2")


@pytest.fixture
def desk(qtbot):
    return inspected(qtbot, "input", "convolution", "batch_normalization", "relu")


def open_fields(desk) -> set[str]:
    return {name for name in OWN if not form(desk).rows.fields[name].isHidden()}


def retype(desk, name: str, text: str) -> None:
    line = form(desk).rows.fields[name].line
    line.selectAll()
    QTest.keyClicks(line, text)
    desk.project.analyse_now()


def test_that_how_a_node_learns_is_folded_behind_its_other_settings(desk):
    assert [name for name in form(desk).rows.fields if name in OWN] == list(form(desk).rows.fields)[-4:]
    assert open_fields(desk) == set()
    fold = form(desk).fold
    assert fold.text() == "How it learns"
    QTest.mouseClick(fold, LEFT)
    assert open_fields(desk) == set(OWN)
    QTest.keyClick(fold, Qt.Key.Key_Space)
    assert open_fields(desk) == set()


def test_that_the_part_stays_open_for_the_next_node_and_is_not_there_where_nothing_is_trained(desk):
    QTest.mouseClick(form(desk).fold, LEFT)
    desk.click(desk.middle("batch_normalization"))
    assert open_fields(desk) == set(OWN)
    QTest.mouseClick(form(desk).fold, LEFT)
    desk.click(desk.middle("convolution"))
    assert open_fields(desk) == set()
    desk.click(desk.middle("relu"))
    assert form(desk).fold is None


def test_that_a_factor_typed_there_is_one_step_of_undo_and_seen_on_the_bar(desk):
    QTest.mouseClick(form(desk).fold, LEFT)
    retype(desk, "rate_factor", "0")
    item = desk.canvas.node_items["convolution"]
    assert desk.document.nodes["convolution"].settings["rate_factor"] == 0
    assert item.facts.frozen
    assert item.summary().startswith("frozen")
    assert "frozen" in item.accessible_text()
    desk.project.undo()
    assert "rate_factor" not in desk.document.nodes["convolution"].settings


def test_that_a_bar_of_a_frozen_node_carries_a_mark(desk):
    item = desk.canvas.node_items["batch_normalization"]  # its name leaves no room for words
    corner = desk.view.mapFromScene(item.scene_box().topLeft())
    whole = desk.view.viewport().grab().toImage().copy(corner.x(), corner.y(), 30, 30)
    with desk.document.edit("Freeze"):
        desk.document.change("batch_normalization", rate_factor=0)
    desk.project.analyse_now()
    desk.canvas.update()
    assert desk.view.viewport().grab().toImage().copy(corner.x(), corner.y(), 30, 30) != whole


def test_that_settings_that_are_not_as_usual_and_complaints_open_the_part(desk):
    with desk.document.edit("Pace"):
        desk.document.change("batch_normalization", l2=0.1)
    desk.click(desk.middle("batch_normalization"))
    assert open_fields(desk) == set(OWN)
    QTest.mouseClick(form(desk).fold, LEFT)
    assert open_fields(desk) == set()
    with desk.document.edit("Break"):
        desk.document.change("batch_normalization", l1=-1)
    desk.project.analyse_now()
    assert open_fields(desk) == set(OWN)
    texts = [label.text() for label in form(desk).findChildren(QLabel) if not label.isHidden()]
    assert any("0 or more fits" in text for text in texts)


def test_that_one_command_freezes_what_is_selected_and_lets_it_learn_again(desk):
    desk.canvas.select(("convolution", "batch_normalization", "relu"))
    actions = {action.objectName(): action for action in node_menu(desk.view).actions()}
    before = desk.document.graph()
    actions["freeze"].trigger()
    frozen = {name for name, node in desk.document.nodes.items() if node.settings.get("rate_factor") == 0}
    assert frozen == {"convolution", "batch_normalization"}
    desk.project.undo()
    assert desk.document.graph() == before
    desk.project.redo()
    actions["freeze"].trigger()
    assert desk.document.graph() == before


def test_that_the_command_says_why_it_does_nothing(desk):
    said = []
    desk.editor.said.connect(said.append)
    desk.canvas.select(("relu",))
    menu = [action.objectName() for action in node_menu(desk.view).actions()]
    assert "freeze" not in menu
    next(one for one in desk.view.commands if one.id == "freeze").run()
    assert said == ["Nothing selected has trained numbers; select layers, blocks or a frame around them."]


def test_that_the_training_settings_offer_balanced_sampling(qtbot):
    project = Project()
    form = TrainingForm(project)
    qtbot.addWidget(form)
    box = form.rows.fields["sampling"].box
    assert [box.itemText(place) for place in range(box.count())] == ["all cases once", "balanced classes"]
    form.rows.fields["sampling"].edited.emit("balanced")
    assert project.document.training.sampling == "balanced"
    project.undo()
    assert project.document.training.sampling == "all"
