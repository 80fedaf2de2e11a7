"""The part that an optimizer trains is chosen in the inspector among the frames and blocks of the drawing."""

import pytest
from PySide6.QtWidgets import QLabel

from designer.canvas.naming import rename, rename_block
from designer.inspector.part_field import PartField
from tests.builders.adversarial import players
from tests.designer.desk import Desk


@pytest.fixture
def desk(qtbot):
    desk = Desk(qtbot, players())
    desk.project.analyse_now()
    desk.view.go_to(named(desk, "Maker's"))
    return desk


def named(desk, name):
    return next(node.id for node in desk.document.nodes.values() if node.name == name)


def field(desk) -> PartField:
    found = desk.workspace.inspector.form.rows.fields["part"]
    assert isinstance(found, PartField)
    return found


def listed(desk) -> list[str]:
    box = field(desk).box
    return [box.itemText(row) for row in range(box.count())]


def part(desk) -> object:
    return desk.document.nodes[named(desk, "Maker's")].settings["part"]


def choose(desk, row: int) -> None:
    box = field(desk).box
    box.setCurrentIndex(row)
    box.activated.emit(row)


def test_that_everything_comes_first_and_then_the_frames_and_blocks(desk):
    assert listed(desk) == ["everything before its losses", "Maker", "Judge"]
    assert field(desk).box.currentText() == "Maker"


def test_that_a_choice_is_one_step_of_undo(desk):
    choose(desk, 2)
    assert part(desk) == "Judge"
    choose(desk, 0)
    assert part(desk) == ""
    desk.project.undo()
    assert part(desk) == "Maker"
    assert field(desk).box.currentText() == "Maker"


def test_that_a_name_that_is_there_no_longer_is_kept_and_told_as_wrong(desk):
    with desk.document.edit("Remove"):
        desk.document.remove(named(desk, "Maker"))
    desk.project.analyse_now()
    assert part(desk) == "Maker"
    assert field(desk).box.currentText() == "Maker (not there)"
    assert field(desk).box.property("wrong")
    said = [shown.text() for shown in desk.workspace.inspector.form.findChildren(QLabel) if not shown.isHidden()]
    assert any("No frame and no block is called “Maker”" in text for text in said)
    choose(desk, 1)
    assert part(desk) == "Judge"
    assert listed(desk) == ["everything before its losses", "Judge"]
    assert not field(desk).box.property("wrong")
    assert not desk.workspace.inspector.form.rows.complaints


def test_that_the_list_follows_renames_and_new_frames(desk):
    assert rename(desk.document, named(desk, "Maker"), "Painter") == ""
    rename_block(desk.document, next(iter(desk.document.blocks)), "Critic")
    with desk.document.edit("Add"):
        desk.document.add("frame", "Third", position=(2000.0, 0.0))
    desk.project.analyse_now()
    assert listed(desk) == ["everything before its losses", "Painter", "Third", "Critic"]
    assert field(desk).box.currentText() == "Painter"
    assert part(desk) == "Painter"


def test_that_undoing_a_rename_takes_the_optimizer_back_too(desk):
    rename(desk.document, named(desk, "Maker"), "Painter")
    desk.project.undo()
    desk.project.analyse_now()
    assert part(desk) == "Maker"
    assert listed(desk) == ["everything before its losses", "Maker", "Judge"]
    assert field(desk).fault == ""


def test_that_the_only_use_of_a_block_takes_the_optimizer_along(desk):
    document = desk.document
    with document.edit("One use"):
        document.remove(named(desk, "Real"))
        document.change(named(desk, "Made"), name="Judge")
    rename(document, named(desk, "Judge"), "Critic")
    assert document.nodes[named(desk, "Judge's")].settings["part"] == "Critic"


def test_that_a_name_typed_over_another_part_s_in_the_form_of_a_frame_mixes_up_nothing(desk, qtbot):
    desk.view.go_to(named(desk, "Maker"))
    line = desk.workspace.inspector.form.rows.fields[""].line
    line.selectAll()
    qtbot.keyClicks(line, "Judge2")
    assert part(desk) == "Judge2"
    assert desk.document.nodes[named(desk, "Judge's")].settings["part"] == "Judge"
