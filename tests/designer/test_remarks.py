"""Comments and coloured frames on the canvas, by real mouse and key events."""

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from designer import theme
from designer.canvas.remark_facts import COLOURS, box_of, mixed, paper
from nodes.spec import find
from tests.designer.desk import CTRL, SHIFT, Desk, stack

Key = Qt.Key
STACK = ("input", "convolution", "relu", "max_pooling", "flatten", "dense")


@pytest.fixture
def desk(qtbot):
    made = Desk(qtbot, stack(*STACK))
    made.view.actual_size()
    return made


@pytest.fixture
def framed(desk):
    """A frame around convolution and ReLU, by its key; its name is kept."""
    desk.canvas.select(["convolution", "relu"])
    desk.key(Key.Key_F, CTRL | SHIFT)
    QTest.keyClick(desk.view.renamer.line, Key.Key_Return)
    return desk


def box(desk, node_id: str) -> QRectF:
    return box_of(desk.document.nodes[node_id])


def title(desk, frame: str) -> QPoint:
    return desk.at(box(desk, frame).topLeft() + QPointF(60, 12))


def corner(desk, node_id: str) -> QPoint:
    return desk.at(box(desk, node_id).bottomRight())


def comment(desk, text: str = "", at: QPointF | None = None) -> str:
    """A comment to the right of the nodes."""
    new = desk.editor.add(find("comment"), at or QPointF(400, 40))
    with desk.document.edit("Write"):
        desk.document.change(new, text=text)
    return new


def positions(desk) -> dict:
    return {node_id: node.position for node_id, node in desk.document.nodes.items()}


# Comments


def test_that_a_key_adds_a_comment_beside_the_node_and_ctrl_enter_keeps_what_is_written(desk):
    desk.click(desk.middle("relu"))
    desk.key(Key.Key_M, CTRL | SHIFT)
    new = desk.id_of("comment")
    assert desk.view.remarks.editor.box.isVisible()
    assert box(desk, new).left() > box(desk, "relu").right()
    QTest.keyClicks(desk.view.remarks.editor.box, "sharp borders")
    QTest.keyClick(desk.view.remarks.editor.box, Key.Key_Return, CTRL)
    assert desk.document.nodes[new].settings["text"] == "sharp borders"
    assert not desk.view.remarks.editor.box.isVisible()
    assert desk.canvas.remarks.spoken(new) == "Comment: sharp borders"
    desk.project.undo()
    assert not desk.document.nodes[new].settings.get("text")
    assert desk.mirrors()


@pytest.mark.parametrize("key", [Key.Key_F2, Key.Key_Return])
def test_that_a_key_opens_the_text_of_the_comment_and_esc_takes_it_back(desk, key):
    new = comment(desk, "before")
    desk.key(key)
    editor = desk.view.remarks.editor.box
    assert editor.toPlainText() == "before"
    QTest.keyClicks(editor, " and after")
    QTest.keyClick(editor, Key.Key_Escape)
    assert desk.document.nodes[new].settings["text"] == "before"
    assert not editor.isVisible()


def test_that_a_comment_is_in_the_document_as_it_is_typed_in_one_step(desk):
    new = comment(desk, "before")
    start = desk.document.undo_label
    desk.key(Key.Key_F2)
    editor = desk.view.remarks.editor.box
    QTest.keyClicks(editor, " and after")
    assert desk.document.nodes[new].settings["text"] == "before and after"
    assert editor.toPlainText() == "before and after"
    QTest.keyClick(editor, Key.Key_Z, CTRL)
    assert desk.document.nodes[new].settings["text"] == "before"
    QTest.keyClicks(editor, " noon")
    QTest.keyClick(editor, Key.Key_Escape)
    assert desk.document.nodes[new].settings["text"] == "before"
    assert desk.document.undo_label == start
    assert desk.document.redo_label == ""


def test_that_a_click_elsewhere_keeps_a_name_too_where_the_window_has_not_the_keyboard(desk):
    desk.canvas.select(["convolution", "relu"])
    desk.key(Key.Key_F, CTRL | SHIFT)
    QTest.keyClicks(desk.view.renamer.line, "Encoder")
    desk.click(desk.at(QPointF(-200, 300)))
    assert desk.document.nodes[desk.id_of("frame")].name == "Encoder"


def test_that_what_is_being_written_stays_when_another_sheet_is_looked_at(desk):
    desk.canvas.select(["flatten"])
    desk.key(Key.Key_G, CTRL)
    QTest.keyClick(desk.view.renamer.line, Key.Key_Return)
    (use,) = desk.canvas.selected_ids()
    new = comment(desk)
    desk.key(Key.Key_F2)
    QTest.keyClicks(desk.view.remarks.editor.box, "one")
    desk.view.blocks.enter(use)
    assert desk.document.nodes[new].settings["text"] == "one"
    assert not desk.view.remarks.editor.box.isVisible()


def test_that_a_double_click_opens_the_text_and_a_click_elsewhere_keeps_it(desk):
    new = comment(desk)
    desk.double_click(desk.at(box(desk, new).center()))
    QTest.keyClicks(desk.view.remarks.editor.box, "one")
    QTest.keyClick(desk.view.remarks.editor.box, Key.Key_Return)
    QTest.keyClicks(desk.view.remarks.editor.box, "two")
    desk.click(desk.at(QPointF(-200, 300)))
    assert desk.document.nodes[new].settings["text"] == "one\ntwo"
    assert not desk.view.finder.box.isVisible()


def test_that_a_comment_grows_with_its_text_in_the_same_step(desk):
    new = comment(desk)
    before = box(desk, new)
    desk.key(Key.Key_F2)
    desk.view.remarks.editor.box.setPlainText("编码器 بزرگ words " * 30)
    QTest.keyClick(desk.view.remarks.editor.box, Key.Key_Enter, CTRL)
    assert box(desk, new).height() > before.height()
    desk.project.undo()
    assert box(desk, new) == before


def test_that_a_comment_is_resized_at_its_corner_in_one_step_but_not_below_its_least(desk):
    new = comment(desk)
    before = box(desk, new)
    desk.drag(corner(desk, new), corner(desk, new) + QPoint(80, 40))
    assert (box(desk, new).width(), box(desk, new).height()) == pytest.approx(
        (before.width() + 80, before.height() + 40), abs=8
    )
    assert desk.document.undo_label == "Resize Comment"
    desk.project.undo()
    assert box(desk, new) == before
    desk.drag(corner(desk, new), desk.at(before.topLeft()) - QPoint(50, 50))
    assert box(desk, new).width() >= 64
    assert box(desk, new).height() >= 32
    assert box(desk, new).topLeft() == before.topLeft()


def test_that_esc_takes_a_resize_back(desk):
    new = comment(desk)
    before = box(desk, new)
    desk.press(corner(desk, new))
    desk.move(corner(desk, new) + QPoint(70, 70))
    assert desk.canvas.remarks.items[new].scene_box() != before
    desk.key(Key.Key_Escape)
    assert desk.canvas.remarks.items[new].scene_box() == before
    assert box(desk, new) == before


# Frames


def test_that_a_key_puts_a_frame_around_the_selection_and_asks_for_its_title(desk):
    desk.canvas.select(["convolution", "relu"])
    desk.key(Key.Key_F, CTRL | SHIFT)
    frame = desk.id_of("frame")
    assert desk.view.renamer.line.isVisible()
    QTest.keyClicks(desk.view.renamer.line, "Encoder")
    QTest.keyClick(desk.view.renamer.line, Key.Key_Return)
    assert desk.document.nodes[frame].name == "Encoder"
    around = box(desk, frame)
    assert around.contains(box(desk, "convolution"))
    assert around.contains(box(desk, "relu"))
    assert not around.contains(box(desk, "max_pooling"))
    assert box(desk, "max_pooling").top() >= around.bottom() + 8
    assert box(desk, "input").bottom() <= around.top() - 8
    assert desk.canvas.remarks.spoken(frame) == "Frame Encoder, 2 nodes"
    desk.key(Key.Key_Z, CTRL)
    assert frame not in desk.document.nodes


def test_that_a_double_click_on_the_title_renames_the_frame(framed):
    framed.double_click(title(framed, framed.id_of("frame")))
    QTest.keyClicks(framed.view.renamer.line, "Stem")
    QTest.keyClick(framed.view.renamer.line, Key.Key_Return)
    assert framed.document.nodes[framed.id_of("frame")].name == "Stem"


def test_that_dragging_the_title_takes_along_what_lies_inside_in_one_step(framed):
    frame = framed.id_of("frame")
    note = comment(framed, "in it", box(framed, frame).topLeft() + QPointF(20, 60))
    with framed.document.edit("Make it small"):
        framed.document.change(note, size=[64, 32])
    before, start = positions(framed), title(framed, frame)
    framed.drag(start, start + QPoint(400, 160))
    after = positions(framed)
    moved = {node_id for node_id in after if after[node_id] != before[node_id]}
    assert moved == {frame, note, "convolution", "relu"}
    steps = {tuple(b - a for a, b in zip(before[one], after[one], strict=True)) for one in moved}
    assert len(steps) == 1
    assert framed.document.undo_label == "Move Frame"
    assert framed.mirrors()
    framed.project.undo()
    assert positions(framed) == before


def test_that_a_smaller_frame_moves_with_the_one_around_it(framed):
    inner = framed.id_of("frame")
    framed.canvas.select([inner, "max_pooling"])
    framed.key(Key.Key_F, CTRL | SHIFT)
    QTest.keyClick(framed.view.renamer.line, Key.Key_Return)
    (outer,) = [one for one in framed.document.nodes if one.startswith("frame") and one != inner]
    assert box(framed, outer).contains(box(framed, inner))
    before = positions(framed)
    framed.drag(title(framed, outer), title(framed, outer) + QPoint(320, 0))
    after = positions(framed)
    assert {one for one in after if after[one] != before[one]} == {outer, inner, "convolution", "relu", "max_pooling"}


def test_that_the_body_of_a_frame_lets_clicks_and_the_lasso_through(framed):
    frame = framed.id_of("frame")
    area = box(framed, frame)
    beside = framed.at(QPointF(area.left() + 10, box(framed, "relu").center().y()))
    framed.click(beside)
    assert framed.canvas.selected_ids() == ()
    framed.drag(beside, framed.at(box(framed, "relu").center() + QPointF(0, 8)))
    assert framed.canvas.selected_ids() == ("relu",)
    out = QPointF(30, 4)
    framed.drag(framed.at(area.topLeft() - out), framed.at(area.bottomRight() + out))
    assert frame in framed.canvas.selected_ids()
    framed.double_click(beside)
    assert framed.view.finder.box.isVisible()


def test_that_a_frame_is_resized_at_an_edge_and_fitted_to_its_nodes_again(framed):
    frame = framed.id_of("frame")
    before = box(framed, frame)
    edge = framed.at(QPointF(before.right(), before.center().y()))
    framed.drag(edge, edge + QPoint(160, 0))
    assert box(framed, frame).width() == pytest.approx(before.width() + 160, abs=8)
    assert box(framed, frame).height() == before.height()
    next(one for one in framed.view.commands if one.id == "fit_frame").run()
    assert box(framed, frame) == before
    assert framed.document.undo_label == "Fit Frame to its nodes"


def test_that_the_menu_of_a_frame_colours_it_and_the_one_of_a_comment_writes(framed):
    frame = framed.id_of("frame")
    at = title(framed, frame)
    viewport = framed.view.viewport()
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, viewport.mapToGlobal(at)))
    menu = framed.view.remarks.menu
    assert menu.isVisible()
    next(one for one in menu.actions() if one.text() == "Green").trigger()
    menu.close()
    assert framed.document.nodes[frame].settings["colour"] == "green"
    assert framed.document.undo_label == "Colour Frame"
    note = comment(framed)
    QApplication.sendEvent(viewport, QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(), QPoint()))
    framed.view.remarks.menu.actions()[0].trigger()
    framed.view.remarks.menu.close()
    assert framed.view.remarks.editor.node_id == note


def test_that_the_inspector_changes_a_remark(framed):
    frame = framed.id_of("frame")
    framed.click(title(framed, frame))
    assert framed.canvas.selected_ids() == (frame,)
    with framed.document.edit("Colour"):
        framed.document.change(frame, colour="red", size=[400, 300])
    assert framed.canvas.remarks.items[frame].size.width() == 400
    assert framed.mirrors()


# Both, with nodes


def test_that_the_palette_and_the_search_add_remarks(desk):
    desk.canvas.select(["relu"])
    palette = desk.workspace.palette_panel
    palette.asked.emit(find("frame"))
    assert box(desk, desk.id_of("frame")).contains(box(desk, "relu"))
    desk.double_click(desk.at(QPointF(450, 200)))
    desk.search("sticky")
    assert desk.document.nodes[desk.id_of("comment")].type == "comment"
    assert desk.mirrors()


def test_that_remarks_are_selected_nudged_duplicated_copied_and_deleted_with_nodes(framed):
    frame, note = framed.id_of("frame"), comment(framed, "note")
    framed.view.setFocus()
    framed.click(title(framed, frame))
    framed.click(framed.at(box(framed, note).center()), CTRL)
    framed.click(framed.middle("dense"), CTRL)
    assert set(framed.canvas.selected_ids()) == {frame, note, "dense"}
    before = positions(framed)
    framed.key(Key.Key_Right)
    after = positions(framed)
    assert {one for one in after if after[one] != before[one]} == {frame, note, "dense", "convolution", "relu"}
    assert framed.document.undo_label == "Move 1 node and 2 remarks"
    count = len(framed.document.nodes)
    framed.key(Key.Key_D, CTRL)
    assert len(framed.document.nodes) == count + 3
    framed.key(Key.Key_C, CTRL)
    assert "note" in QGuiApplication.clipboard().text()
    framed.key(Key.Key_V, CTRL)
    assert len(framed.document.nodes) == count + 6
    framed.key(Key.Key_Delete)
    assert len(framed.document.nodes) == count + 3
    assert framed.mirrors()
    framed.key(Key.Key_A, CTRL)
    framed.key(Key.Key_Backspace)
    assert not framed.document.nodes
    assert framed.mirrors()
    framed.project.undo()
    assert framed.mirrors()


def test_that_find_goes_to_a_comment_by_what_it_says(desk):
    new = comment(desk, "Halve the learning rate here")
    desk.canvas.select([])
    desk.key(Key.Key_F, CTRL)
    desk.search("learning rate")
    assert desk.canvas.focused == new
    assert desk.canvas.selected_ids() == (new,)


def test_that_tab_reaches_remarks_and_a_screen_reader_hears_them(framed):
    frame = framed.id_of("frame")
    framed.canvas.focus("")
    heard = {}
    for _ in framed.document.nodes:
        framed.view.focusNextPrevChild(True)
        heard[framed.canvas.focused] = framed.view.accessibleDescription()
    assert set(heard) == set(framed.document.nodes)
    assert heard[frame] == "Frame, 2 nodes"


def test_that_keys_that_mean_nodes_leave_remarks_alone(framed):
    framed.click(title(framed, framed.id_of("frame")))
    before = framed.document.graph()
    framed.key(Key.Key_C)
    framed.key(Key.Key_Insert)
    assert framed.view.finder.box.isVisible()
    QTest.keyClick(framed.view.finder.box.field, Key.Key_Escape)
    assert framed.document.graph() == before


def test_that_what_runs_is_counted_and_remarks_are_not(framed):
    comment(framed, "note")
    framed.project.analyse_now()
    assert framed.workspace.status().startswith(f"{len(STACK)} nodes")
    assert not [one for one in framed.project.analysis.problems if "comment" in one.node or "frame" in one.node]


def test_that_far_away_the_titles_stay_readable_and_can_be_pressed(framed):
    frame = framed.id_of("frame")
    framed.view.zoom(0.2)
    framed.view.fit()
    framed.view.zoom(0.2 / framed.view.scale_now)
    item = framed.canvas.remarks.items[frame]
    label = framed.view.mapFromScene(item.label_box(framed.view.scale_now)).boundingRect()
    assert label.height() >= 17
    assert label.width() >= 40
    framed.canvas.select([])
    framed.click(label.center())
    assert framed.canvas.selected_ids() == (frame,)
    framed.view.grab()


# Laying out


def test_that_frames_follow_their_nodes_and_comments_what_they_stand_beside(framed):
    frame = framed.id_of("frame")
    relu = box(framed, "relu")
    note = comment(framed, "beside", relu.topRight() + QPointF(40, 0))
    with framed.document.edit("Disorder"):
        framed.document.change("relu", position=(16.0, 84.0))
    away = box(framed, note).topLeft() - box(framed, "relu").topLeft()
    framed.canvas.select([])
    framed.key(Key.Key_L, CTRL)
    around = box(framed, frame)
    assert around.contains(box(framed, "convolution"))
    assert around.contains(box(framed, "relu"))
    bars = [box(framed, one) for one in STACK if one not in ("convolution", "relu")]
    assert not any(around.intersects(bar) for bar in bars)
    assert framed.mirrors()
    assert framed.document.undo_label == "Lay out"
    assert (
        box(framed, note).topLeft() - box(framed, "relu").topLeft()
    ).manhattanLength() <= away.manhattanLength() + 64
    before = framed.document.graph()
    framed.key(Key.Key_L, CTRL)
    assert framed.document.graph() == before


def test_that_nested_frames_are_laid_out_once(framed):
    framed.canvas.select([framed.id_of("frame"), "max_pooling", "input"])
    framed.key(Key.Key_F, CTRL | SHIFT)
    QTest.keyClick(framed.view.renamer.line, Key.Key_Return)
    framed.canvas.select([])
    framed.key(Key.Key_L, CTRL)
    before = framed.document.graph()
    framed.key(Key.Key_L, CTRL)
    assert framed.document.graph() == before
    inner, outer = sorted(
        (one for one in before.nodes if one.startswith("frame")), key=lambda one: box(framed, one).width()
    )
    assert box(framed, outer).contains(box(framed, inner))
    assert not box(framed, outer).intersects(box(framed, "flatten"))


# Colours


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("colour", sorted(COLOURS))
def test_that_text_on_each_colour_has_enough_contrast(dark, colour):
    look = theme.DARK if dark else theme.LIGHT
    for ground in (paper(colour, look), mixed(COLOURS[colour], look.canvas, 0.45)):
        assert contrast(QColor(look.text), ground) >= 4.5


def contrast(one: QColor, other: QColor) -> float:
    """The ratio of luminances, as the web's guidelines define it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: QColor) -> float:
    parts = (color.redF(), color.greenF(), color.blueF())
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
