"""Blocks in the window: made, opened, left, used and taken apart with real mouse and key events."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from designer.canvas.node_menu import node_menu
from designer.inspector.computed_field import offers
from designer.mending import mend, on_its_sheet
from designer.palette.list import USES
from designer.place import Place
from nodes.spec import REGISTRY
from runtime.fixes import fixes_for
from runtime.graph import block_of
from tests.designer.desk import CTRL, LEFT, NONE, SHIFT, Desk, stack

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


def argued_block(desk):
    """A block whose convolution has as many filters as its argument says; gives the use and the argument."""
    use = made_block(desk)
    desk.double_click(desk.middle(use))
    desk.editor.add(REGISTRY["argument"], QPointF(-400, 0))
    argument = desk.id_of("argument")
    assert desk.editor.rename(argument, "channels") == ""
    desk.view.go_to("convolution")
    field = desk.workspace.inspector.form.rows.fields["filters"].line
    field.selectAll()
    QTest.keyClicks(field, "=2*channels")
    desk.project.analyse_now()
    return use, argument


def test_that_a_field_takes_an_expression_and_shows_its_value_or_why_it_has_none(desk):
    argued_block(desk)
    form = desk.workspace.inspector.form
    assert desk.document.nodes["convolution"].settings["filters"] == "=2*channels"
    assert form.rows.fields["filters"]._computed.text() == "= 2"
    assert desk.project.seen.facts["convolution"].shape[0] == 2
    QTest.keyClicks(form.rows.fields["filters"].line, "x")
    desk.project.analyse_now()
    assert "channelsx" in form.rows.complaints["filters"]
    assert "channels" in form.rows.complaints["filters"]


def test_that_the_names_of_arguments_are_offered():
    assert offers("=2*ch", ("channels", "depth")) == ("=2*channels",)
    assert offers("=", ("channels", "depth")) == ("=channels", "=depth")
    assert offers("2", ("channels",)) == ()
    assert offers("=2*channels", ("channels",)) == ()


def test_that_a_choice_is_computed_after_a_press_on_its_sign(desk):
    argued_block(desk)
    field = desk.workspace.inspector.form.rows.fields["padding"]
    QTest.mouseClick(field.sign, LEFT)
    QTest.keyClicks(field.line, "'valid' if channels > 3 else 'same'")
    desk.project.analyse_now()
    assert desk.document.nodes["convolution"].settings["padding"].startswith("='valid'")
    assert field._computed.text() == "= same"
    QTest.mouseClick(field.sign, LEFT)
    assert "padding" not in desk.document.nodes["convolution"].settings


def test_that_renaming_an_argument_renames_it_wherever_it_is_used(desk):
    use, argument = argued_block(desk)
    desk.view.blocks.leave()
    with desk.document.edit("Change"):
        desk.document.change(use, channels=5)
    assert desk.editor.rename(argument, "width") == ""
    assert desk.document.nodes["convolution"].settings["filters"] == "=2 * width"
    assert desk.document.nodes[use].settings == {"width": 5}
    assert "expression" in desk.editor.rename(argument, "two words")
    assert desk.project.analyse_now().facts[f"{use}/convolution"].shape[0] == 10


def test_that_a_use_shows_its_arguments_first_and_repeats_with_shared_weights(desk):
    use, _ = argued_block(desk)
    desk.key(Key.Key_Up, ALT)
    form = desk.workspace.inspector.form
    assert list(form.rows.fields) == ["", "channels", "repeat", "weights", "rate_factor", "frozen_epochs"]
    once = desk.project.analysis.parameters
    for name, text in (("channels", "4"), ("repeat", "3")):
        form.rows.fields[name].line.selectAll()
        QTest.keyClicks(form.rows.fields[name].line, text)
    desk.project.analyse_now()
    item = desk.canvas.node_items[use]
    assert item.repeats
    assert "×3" in item.summary()
    assert desk.project.analysis.parameters > 2 * once
    desk.view.setFocus()
    desk.key(Key.Key_D, CTRL)
    (other,) = desk.canvas.selected_ids()
    assert [desk.document.nodes[one].name for one in (use, other)] == ["Unit", "Unit 2"]
    with desk.document.edit("Share"):
        for one in (use, other):
            desk.document.change(one, weights="shared", repeat=1)
    desk.editor.connect_nodes("input", other)
    desk.project.analyse_now()
    assert desk.canvas.node_items[other].shares
    assert "2 of the uses share" in desk.workspace.inspector.form.use.note.text()
    shared = desk.project.analysis.parameters
    with desk.document.edit("Own"):
        desk.document.change(other, weights="own")
    assert desk.project.analyse_now().parameters == 2 * shared


def rows_of(palette):
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def test_that_the_palette_lists_blocks_with_their_uses_and_what_belongs_here(desk):
    palette = desk.workspace.palette_panel
    assert "Argument" in rows_of(palette)  # of the whole drawing
    assert "Block input" not in rows_of(palette)
    use = made_block(desk)
    desk.project.analyse_now()
    row = rows_of(palette).index("Unit")
    assert palette.list.item(row).data(USES) == 1
    palette.list.setCurrentRow(row)
    desk.view.canvas.focus("")
    QTest.keyClick(palette.list, Key.Key_Return)
    desk.project.analyse_now()
    assert len(desk.document.uses_of(block_of(desk.document.nodes[use].type))) == 2
    assert palette.list.item(rows_of(palette).index("Unit")).data(USES) == 2
    desk.view.blocks.enter(use)
    assert {"Argument", "Block input", "Block output", "Unit"} <= set(rows_of(palette))


def test_that_a_block_is_renamed_copied_and_deleted_from_its_row(desk):
    use = made_block(desk)
    desk.project.analyse_now()
    palette, block = desk.workspace.palette_panel, block_of(desk.document.nodes[use].type)
    said = []
    desk.workspace.said.connect(said.append)
    palette.list.setCurrentRow(rows_of(palette).index("Unit"))
    QTest.keyClick(palette.list, Key.Key_Delete)
    assert "used 1 times" in said[-1] or "used once" in said[-1]
    QTest.keyClick(palette.list, Key.Key_F2)
    line = palette.list.findChild(QLineEdit)
    line.selectAll()
    QTest.keyClicks(line, "Stem")
    QTest.keyClick(line, Key.Key_Return)
    QApplication.processEvents()
    assert desk.document.blocks[block].name == "Stem"
    assert desk.document.nodes[use].name == "Stem"
    copy = next(one for one in palette.blocks.actions(block) if "independent" in one.text())
    copy.trigger()
    desk.project.analyse_now()
    assert [one.name for one in desk.document.blocks.values()] == ["Stem", "Stem 2"]
    palette.list.setCurrentRow(rows_of(palette).index("Stem 2"))
    QTest.keyClick(palette.list, Key.Key_Delete)
    assert list(desk.document.blocks) == [block]


def test_that_a_block_is_refused_inside_itself_with_the_reason(desk):
    use = made_block(desk)
    kind = desk.document.find(desk.document.nodes[use].type)
    desk.canvas.select([use])
    desk.editor.copy()
    desk.view.blocks.enter(use)
    said, before = [], desk.document.graph()
    desk.editor.said.connect(said.append)
    desk.editor.add(kind, QPointF(0, 0))
    assert "cannot be used inside itself" in said[-1]
    desk.key(Key.Key_V, CTRL)
    assert "cannot be used inside itself" in said[-1]
    desk.double_click(desk.at(QPointF(-300, -200)))
    QTest.keyClicks(desk.view.finder.box.field, "Unit")
    assert "cannot be used inside itself" in desk.view.finder.box.list.item(0).text()
    QTest.keyClick(desk.view.finder.box.field, Key.Key_Return)
    assert desk.document.graph() is before


def test_that_the_search_finds_a_block_by_name_and_adds_a_use(desk):
    use = made_block(desk)
    desk.double_click(desk.at(desk.canvas.node_items["output"].pos() + QPointF(400, 200)))
    desk.search("Unit")
    assert len(desk.document.uses_of(block_of(desk.document.nodes[use].type))) == 2


def test_that_a_problem_inside_says_the_way_and_a_click_goes_there(desk):
    use = made_block(desk)
    with desk.document.edit("Change"):
        desk.document.change("convolution", filters="=nothing")
    desk.project.analyse_now()
    listed = desk.workspace.inspector.problems.list
    text = next(listed.item(row).text() for row in range(listed.count()) if "nothing" in listed.item(row).text())
    assert text.startswith("Unit / Convolution:")
    assert "Inside “Unit”" in desk.canvas.node_items[use].toolTip()
    row = next(row for row in range(listed.count()) if listed.item(row).text() == text)
    QTest.mouseClick(listed.viewport(), LEFT, NONE, listed.visualItemRect(listed.item(row)).center())
    assert desk.project.place.path == use
    assert desk.canvas.selected_ids() == ("convolution",)


def test_that_a_problem_inside_is_mended_by_its_button(desk):
    use = made_block(desk)
    with desk.document.edit("Change"):
        desk.document.change("convolution", filters="many")
    analysis = desk.project.analyse_now()
    problem = next(one for one in analysis.problems if one.node == f"{use}/convolution")
    labels = [fix.label for fix in fixes_for(*on_its_sheet(problem, analysis))]
    assert labels
    assert mend(desk.project, problem, labels[0])
    assert not [one for one in desk.project.analyse_now().problems if one.node == f"{use}/convolution"]


def test_that_the_breadcrumb_leads_out_and_renames(desk):
    use = made_block(desk)
    desk.view.blocks.enter(use)
    crumb = desk.workspace.breadcrumb
    assert [button.text() for button in crumb.buttons] == ["Main", "Unit"]
    assert "used once" in crumb.note.text()
    crumb.name.selectAll()
    QTest.keyClicks(crumb.name, "Stem")
    QTest.keyClick(crumb.name, Key.Key_Return)
    assert [block.name for block in desk.document.blocks.values()] == ["Stem"]
    QTest.mouseClick(crumb.buttons[0], LEFT)
    assert desk.project.place == Place()
    assert not crumb.isVisible()
    desk.view.blocks.enter(use)
    QTest.keyClick(crumb.buttons[0], Key.Key_Backspace)
    assert desk.project.place == Place()


def test_that_a_copied_use_brings_its_blocks_and_finds_them_where_they_are(qtbot, desk):
    use = made_block(desk)
    desk.canvas.select(["dropout", use])
    desk.key(Key.Key_G, CTRL)
    desk.view.renamer.give_up()
    outer = desk.canvas.selected_ids()[0]
    desk.key(Key.Key_C, CTRL)
    desk.key(Key.Key_V, CTRL)
    assert len(desk.document.blocks) == 2
    assert len(desk.document.uses_of(block_of(desk.document.nodes[outer].type))) == 2
    other = Desk(qtbot)
    other.key(Key.Key_V, CTRL)
    assert {block.name for block in other.document.blocks.values()} == {"Unit", "Block"}
    other.key(Key.Key_V, CTRL)
    assert len(other.document.blocks) == 2
    (unit,) = [one for one, block in other.document.blocks.items() if block.name == "Unit"]
    with other.document.edit("Change"):
        (convolution,) = [node.id for node in other.document.on(unit).values() if node.type == "convolution"]
        other.document.change(convolution, filters=99)
    other.key(Key.Key_V, CTRL)
    assert sorted(block.name for block in other.document.blocks.values()) == ["Block", "Block 2", "Unit", "Unit 2"]
    assert other.mirrors()


def test_that_ports_are_reordered_by_keys_and_uses_follow(desk):
    desk.canvas.select(["relu"])
    use = made_block(desk)
    desk.view.blocks.enter(use)
    desk.editor.add(REGISTRY["block_output"], QPointF(300, 300))
    desk.canvas.select(())
    form = desk.workspace.inspector.form
    before = form.lists["out"].ids()
    assert len(before) == 2
    form.lists["out"].list.setCurrentRow(0)
    wires = set(desk.document.wires)
    QTest.keyClick(form.lists["out"].list, Key.Key_Down, CTRL)
    assert form.lists["out"].ids() == before[::-1]
    assert [port.name for port in desk.document.find(desk.document.nodes[use].type).outputs] == list(before[::-1])
    assert set(desk.document.wires) == wires
    assert desk.mirrors()


def test_that_statistics_sum_the_sheet_and_a_double_click_opens_a_use(desk):
    use = made_block(desk)
    desk.workspace.show_statistics(True)
    table = desk.workspace.statistics.table
    rows = {row[-1]: row for row in table.content.rows}
    assert rows[use][1] == desk.project.analysis.parameters
    place = table.visualRect(table.content.index(list(rows).index(use), 0)).center()
    QTest.mouseClick(table.viewport(), LEFT, NONE, place)
    QTest.mouseDClick(table.viewport(), LEFT, NONE, place)
    assert desk.project.place.path == use
    assert "convolution" in {row[-1] for row in table.content.rows}


def test_that_the_menu_of_a_bar_has_the_commands_for_blocks(desk):
    use = made_block(desk)
    desk.view.go_to(use)
    assert [action.objectName() for action in node_menu(desk.view).actions()][:4] == [
        "enter", "ungroup", "freeze", "group",
    ]  # fmt: skip


def test_that_a_block_is_built_from_nothing_by_keyboard_alone(qtbot):
    desk = Desk(qtbot, stack("input", "dense"))
    desk.view.go_to("dense")
    desk.key(Key.Key_G, CTRL)
    QTest.keyClicks(desk.view.renamer.line, "Head")
    QTest.keyClick(desk.view.renamer.line, Key.Key_Return)
    desk.key(Key.Key_Return)
    assert desk.project.place != Place()
    desk.view.go_to("dense")
    desk.key(Key.Key_Insert)
    desk.search("relu")
    desk.view.canvas.focus("")
    desk.key(Key.Key_Insert)
    desk.search("argument")
    desk.key(Key.Key_F2)
    QTest.keyClicks(desk.view.renamer.line, "units")
    QTest.keyClick(desk.view.renamer.line, Key.Key_Return)
    desk.key(Key.Key_Up, ALT)
    (use,) = desk.canvas.selected_ids()
    desk.key(Key.Key_D, CTRL)
    (second,) = desk.canvas.selected_ids()
    kind = desk.document.find(desk.document.nodes[second].type)
    assert [one.name for one in kind.settings()] == ["units", "repeat", "weights", "rate_factor", "frozen_epochs"]
    assert {node.type for node in desk.document.on(kind.block).values()} >= {"dense", "relu", "argument"}
    assert desk.document.nodes[use].type == desk.document.nodes[second].type
    assert desk.mirrors()
