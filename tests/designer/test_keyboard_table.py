"""The table of what a hand does on the canvas, row by row, each gesture with its test, most of which stand here.

Each is made with real mouse and key events, most of them at the main window. `TABLE` names every gesture once;
`test_that_every_row_has_its_test` holds that the tests exist.
"""

import importlib
import textwrap
from collections.abc import Callable
from itertools import product

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from designer.canvas import clipboard
from designer.palette.list import KIND
from nodes.spec import find
from runtime.files import load_graph
from runtime.graph import Graph, Node, Wire
from runtime.runs import find_runs
from tests.designer.desk import MIDDLE, stack
from tests.designer.hand import CTRL, LEFT, NONE, SHIFT, Hand

Key = Qt.Key
FOUR = ("input", "convolution", "relu", "max_pooling")
HERE = "test_keyboard_table"

TABLE: dict[str, dict[str, str]] = {
    "add": {
        "drag from palette": "test_that_a_row_is_dragged_from_the_palette",
        "double-click on the canvas": "test_that_a_double_click_opens_the_search_at_the_cursor_and_arrows_choose",
        "Insert on the canvas": "test_that_insert_opens_the_search_below_the_node_of_the_keyboard",
        "Enter in the palette": "test_that_enter_in_the_palette_adds_below_and_connects",
    },
    "connect": {
        "drag port to port, either direction": "test_that_a_wire_is_dragged_in_either_direction",
        "Shift+click a second node": "test_that_shift_and_a_click_connect",
    },
    "select": {
        "click": "test_that_a_click_selects_and_ctrl_toggles",
        "Ctrl+click toggles": "test_that_a_click_selects_and_ctrl_toggles",
        "drag a lasso": "test_that_a_lasso_selects_and_with_ctrl_adds",
        "Ctrl+A": "test_that_ctrl_a_selects_all_and_esc_nothing",
        "Esc": "test_that_ctrl_a_selects_all_and_esc_nothing",
    },
    "edit": {
        "Delete": "test_that_delete_leaves_the_gap_and_backspace_closes_it",
        "Backspace keeps links": "test_that_delete_leaves_the_gap_and_backspace_closes_it",
        "Ctrl+D duplicates": "test_that_ctrl_d_duplicates_beside",
        "Ctrl+X, Ctrl+C, Ctrl+V": "test_that_cut_copy_and_paste_go_by_keys",
        "a copy is seen": "test_that_a_copy_is_seen_wherever_the_view_is",
        "paste between windows": "test_that_paste_works_between_two_windows",
        "paste as text, through a mail": "test_that_a_piece_survives_a_mail",
        "arrow keys nudge": "test_canvas.test_that_the_arrow_keys_nudge_in_one_step_of_undo",
        "F2 renames": "test_that_f2_renames_in_place",
    },
    "undo": {
        "Ctrl+Z": "test_that_undo_is_unlimited_and_named",
        "Ctrl+Shift+Z": "test_that_undo_is_unlimited_and_named",
        "Ctrl+Y": "test_that_undo_is_unlimited_and_named",
        "named": "test_that_undo_is_unlimited_and_named",
    },
    "view": {
        "wheel zooms at the cursor": "test_that_the_wheel_zooms_at_the_cursor_and_stays_within_bounds",
        "Space or middle button pans": "test_that_space_and_the_middle_button_pan",
        "Ctrl+0": "test_that_ctrl_0_ctrl_1_and_f_bring_the_view_about",
        "Ctrl+1": "test_that_ctrl_0_ctrl_1_and_f_bring_the_view_about",
        "F": "test_that_ctrl_0_ctrl_1_and_f_bring_the_view_about",
        "a press on the minimap": "test_inspector.test_that_a_press_on_the_overview_moves_the_canvas",
        "Ctrl+F": "test_that_ctrl_f_finds_a_node_by_some_letters",
    },
    "arrange": {
        "Ctrl+L lays the graph out": "test_that_ctrl_l_lays_out_everything",
        "Ctrl+L lays the selection out": "test_layout.test_that_ctrl_l_is_one_step_and_lays_out_only_the_selection",
    },
    "group": {
        "Ctrl+G": "test_blocks.test_that_ctrl_g_makes_a_block_of_what_a_lasso_caught_and_asks_for_its_name",
        "double-click enters it": "test_blocks.test_that_a_double_click_opens_a_block_and_alt_up_leaves_it",
        "breadcrumb leaves it": "test_blocks.test_that_the_breadcrumb_leads_out_and_renames",
        "Ctrl+Shift+G takes it apart": "test_blocks.test_that_ctrl_shift_g_gives_the_nodes_back",
    },
    "remarks": {
        "comment": "test_remarks.test_that_a_key_adds_a_comment_beside_the_node_and_ctrl_enter_keeps_what_is_written",
        "frame": "test_remarks.test_that_a_key_puts_a_frame_around_the_selection_and_asks_for_its_title",
    },
    "problems": {
        "hover": "test_fixes.test_that_resting_on_a_node_with_a_problem_opens_a_card_whose_button_mends_it",
        "Ctrl+. offers the fix": "test_fixes.test_that_a_problem_is_mended_by_keys_alone",
        "clicking a row goes there": "test_fixes.test_that_a_click_beside_the_buttons_still_goes_to_the_node",
    },
    "run": {
        "F5 trains": "test_that_f5_trains_and_shift_f5_stops",
        "Shift+F5 stops": "test_that_f5_trains_and_shift_f5_stops",
        "F7 checks": "test_that_f7_says_what_is_missing_and_when_nothing_is",
    },
    "anything": {
        "Ctrl+Shift+P": "test_that_the_command_palette_holds_every_command_by_name",
    },
    "canvas": {
        "snapping under another connects": "test_that_a_bar_snaps_under_another_and_is_connected",
        "dropping on a wire inserts": "test_canvas.test_that_a_bar_dropped_on_a_wire_is_inserted",
        "a wire into empty space opens the search": "test_that_a_wire_into_empty_space_offers_what_fits_best_first",
        "ports that fit grow, the others fade": "test_that_fitting_ports_grow_and_the_others_fade",
        "a tooltip says why": "test_that_a_tooltip_says_why_a_wire_does_not_fit",
        "a loop is refused while dragging": "test_that_a_loop_is_refused_while_dragging_and_nothing_is_drawn",
        "search by name, synonym, purpose, with slips": "test_that_the_search_finds_by_name_synonym_purpose_and_slips",
    },
}


def test_that_every_row_has_its_test():
    for row in TABLE.values():
        for gesture, name in row.items():
            module, _, test = name.rpartition(".")
            found = importlib.import_module(f"tests.designer.{module or HERE}")
            assert callable(getattr(found, test, None)), f"{gesture}: there is no {name}"


@pytest.fixture
def draw(qtbot) -> Callable[..., Hand]:
    """Opens the main window at Design with a stack of nodes."""

    def made(*types: str) -> Hand:
        hand = Hand(qtbot)
        hand.window.project.new(stack(*types))
        hand.go("design")
        hand.view.setFocus()
        QApplication.processEvents()  # the view is fitted in the next turn
        return hand

    return made


@pytest.fixture
def hand(draw) -> Hand:
    return draw(*FOUR)


def click(hand, node_id, modifier=NONE):
    QTest.mouseClick(hand.view.viewport(), LEFT, modifier, hand.place(node_id))


def chosen(hand):
    return set(hand.view.canvas.selected_ids())


def cut_wires(hand, *targets):
    """Take the wires into nodes away, as if they had never been drawn."""
    with hand.document.edit("Cut"):
        for wire in [wire for wire in hand.document.wires if wire.target in targets]:
            hand.document.disconnect(wire)


def in_scene(hand, x, y):
    return hand.view.mapFromScene(QPointF(x, y))


# add


@pytest.mark.parametrize("away", [QPoint(0, 0), QPoint(-150, 120)])
def test_that_a_row_is_dragged_from_the_palette(hand, away):
    hand.view.pan_by(away)  # it lands where it is let go, however the view was moved
    new = hand.drag_from_palette("dropout", in_scene(hand, 600, 300))
    assert hand.document.nodes[new].type == "dropout"
    x, y = hand.document.nodes[new].position
    assert abs(x + 128 - 600) <= 8
    assert abs(y + 14 - 300) <= 8


def test_that_a_double_click_opens_the_search_at_the_cursor_and_arrows_choose(hand):
    at = in_scene(hand, -200, 40)
    QTest.mouseDClick(hand.view.viewport(), LEFT, NONE, at)
    box = hand.view.finder.box
    assert box.pos() == at
    hand.write("pool")
    second = box.list.item(1).text()
    hand.press(Key.Key_Down)
    hand.press(Key.Key_Return)
    assert list(hand.document.nodes.values())[-1].name.startswith(second)
    assert hand.view.hasFocus()


def test_that_insert_opens_the_search_below_the_node_of_the_keyboard(hand):
    hand.press(Key.Key_Tab)
    hand.press(Key.Key_Tab)
    assert hand.view.canvas.focused == "convolution"
    hand.press(Key.Key_Insert)
    hand.write("batch norm")
    hand.press(Key.Key_Return)
    new = hand.id_of("batch_normalization")
    assert {Wire("convolution", "out", new, "image"), Wire(new, "out", "relu", "image")} <= set(hand.document.wires)


def test_that_enter_in_the_palette_adds_below_and_connects(hand):
    click(hand, "max_pooling")
    listed = hand.window.design.palette_panel.list
    row = next(row for row in range(listed.count()) if listed.item(row).data(KIND) is find("flatten"))
    listed.setCurrentRow(row)
    listed.setFocus()
    hand.press(Key.Key_Return)
    assert Wire("max_pooling", "out", hand.id_of("flatten"), "image") in hand.document.wires


# connect


@pytest.mark.parametrize("backwards", [False, True])
def test_that_a_wire_is_dragged_in_either_direction(hand, backwards):
    cut_wires(hand, "relu")
    ends = [hand.port("convolution", False, "out"), hand.port("relu", True, "image")]
    hand.drag(ends[backwards], ends[not backwards])
    assert Wire("convolution", "out", "relu", "image") in hand.document.wires


@pytest.mark.parametrize("backwards", [False, True])
def test_that_shift_and_a_click_connect(hand, backwards):
    cut_wires(hand, "relu", "max_pooling")
    first, second = ("relu", "max_pooling") if not backwards else ("max_pooling", "relu")
    click(hand, first)
    click(hand, second, SHIFT)
    assert len(hand.document.wires) == 2
    assert {hand.document.wires[-1].source, hand.document.wires[-1].target} == {"relu", "max_pooling"}


# select


def test_that_a_click_selects_and_ctrl_toggles(hand):
    click(hand, "relu")
    assert chosen(hand) == {"relu"}
    click(hand, "input", CTRL)
    assert chosen(hand) == {"relu", "input"}
    click(hand, "relu", CTRL)
    assert chosen(hand) == {"input"}
    click(hand, "convolution")
    assert chosen(hand) == {"convolution"}


def test_that_a_lasso_selects_and_with_ctrl_adds(hand):
    hand.drag(in_scene(hand, -60, 70), in_scene(hand, 300, 130))
    assert chosen(hand) == {"relu", "max_pooling"}
    viewport = hand.view.viewport()
    QTest.mousePress(viewport, LEFT, CTRL, in_scene(hand, -60, -20))
    for _ in range(2):
        QTest.mouseMove(viewport, in_scene(hand, 300, 10))
    QTest.mouseRelease(viewport, LEFT, CTRL, in_scene(hand, 300, 10))
    assert chosen(hand) == {"input", "relu", "max_pooling"}
    hand.drag(in_scene(hand, -60, 400), in_scene(hand, -20, 440))
    assert chosen(hand) == set()


def test_that_ctrl_a_selects_all_and_esc_nothing(hand):
    hand.press(Key.Key_A, CTRL)
    assert chosen(hand) == set(FOUR)
    hand.press(Key.Key_Escape)
    assert chosen(hand) == set()


# edit


def test_that_delete_leaves_the_gap_and_backspace_closes_it(hand):
    click(hand, "relu")
    hand.press(Key.Key_Delete)
    assert hand.document.wires == (Wire("input", "image", "convolution", "image"),)
    assert hand.document.nodes["max_pooling"].position == (0.0, 120.0)
    hand.press(Key.Key_Z, CTRL)
    click(hand, "relu")
    hand.press(Key.Key_Backspace)
    assert Wire("convolution", "out", "max_pooling", "image") in hand.document.wires
    assert hand.document.nodes["max_pooling"].position == (0.0, 80.0)


def test_that_ctrl_d_duplicates_beside(hand):
    click(hand, "convolution")
    click(hand, "relu", CTRL)
    hand.press(Key.Key_D, CTRL)
    fresh = chosen(hand)
    assert len(hand.document.nodes) == 6
    assert not fresh & set(FOUR)
    assert len([wire for wire in hand.document.wires if wire.source in fresh and wire.target in fresh]) == 1
    assert hand.document.undo_label == "Duplicate 2 nodes"


def test_that_cut_copy_and_paste_go_by_keys(hand):
    click(hand, "relu")
    hand.press(Key.Key_X, CTRL)
    assert "relu" not in hand.document.nodes
    hand.press(Key.Key_V, CTRL)
    assert hand.document.nodes[hand.id_of("relu")].name == "ReLU"
    hand.press(Key.Key_C, CTRL)
    hand.press(Key.Key_V, CTRL)
    assert [node.name for node in hand.document.nodes.values() if node.type == "relu"] == ["ReLU", "ReLU 2"]


@pytest.mark.slow
def test_that_paste_works_between_two_windows(draw):
    other, hand = draw("input"), draw(*FOUR)
    hand.press(Key.Key_A, CTRL)
    hand.press(Key.Key_C, CTRL)
    other.window.activateWindow()
    other.until(lambda: QGuiApplication.focusWindow() is other.window.windowHandle())
    other.press(Key.Key_V, CTRL)
    assert [node.type for node in other.document.nodes.values()] == ["input", *FOUR]
    assert len(other.document.wires) == 3
    assert [node.type for node in hand.document.nodes.values()] == list(FOUR)


@pytest.mark.parametrize("key", [Key.Key_V, Key.Key_D])
def test_that_a_copy_is_seen_wherever_the_view_is(hand, key):
    click(hand, "convolution")
    click(hand, "relu", CTRL)
    hand.press(Key.Key_C, CTRL)
    hand.view.pan_by(QPoint(5000, -3000))
    hand.press(key, CTRL)
    assert len(hand.document.nodes) == 6
    assert len(chosen(hand)) == 2
    assert all(hand.view.viewport().rect().contains(hand.place(node_id)) for node_id in chosen(hand))
    first, second = (hand.document.nodes[node_id].position for node_id in sorted(chosen(hand)))
    assert (second[0] - first[0], second[1] - first[1]) == (0.0, 40.0)


def mailed(text: str, *, quotes: int, width: int, newline: str, spaces: str = " ") -> str:
    """What comes back of a text that was sent, answered and wrapped by programs for mail."""
    lines = [part for line in text.split("\n") for part in (wrapped(line, width) if width else [line])]
    quoted = [">" * (quotes > 1) + "> " * (quotes > 0) + line.replace(" ", spaces) for line in lines]
    return newline.join(
        ["Hello Ann,", "", 'here is the "stack" you asked for {see below}:', *quoted, "", "-- ", "Bo > Co"]
    )


def wrapped(line: str, width: int) -> list[str]:
    return textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False, drop_whitespace=True) or [line]


@pytest.mark.slow
def test_that_a_piece_survives_a_mail(draw):
    hand = draw(*FOUR)
    name = "A block > of the first stage, “grey” images only, as drawn by Mr O'Neil on a long Monday afternoon in May"
    with hand.document.edit("Rename"):
        hand.document.change("relu", name=name)
        hand.document.change("convolution", filters=7)
    click(hand, "convolution")
    click(hand, "relu", CTRL)
    hand.press(Key.Key_C, CTRL)
    sent = QGuiApplication.clipboard().text()
    other = draw("input")
    for newline, (quotes, width) in product(["\n", "\r\n"], [(0, 0), (1, 0), (0, 60), (1, 60), (2, 40)]):
        came = mailed(sent, quotes=quotes, width=width, newline=newline)
        assert came != sent
        QGuiApplication.clipboard().setText(came)
        other.press(Key.Key_V, CTRL)
        pasted = [node for node in other.document.nodes.values() if node.type != "input"]
        assert [node.name for node in pasted] == ["Convolution", name], (newline, quotes, width)
        assert pasted[0].settings == {"filters": 7}
        assert [(wire.output, wire.input) for wire in other.document.wires] == [("out", "image")]
        other.press(Key.Key_Z, CTRL)
        assert len(other.document.nodes) == 1


def test_that_hard_spaces_of_a_mail_do_no_harm():
    text = clipboard.write({"a": Node("a", "relu", "One long name", {}, (0.0, 8.0))}, (), ["a"])
    piece = clipboard.read(mailed(text, quotes=1, width=0, newline="\r\n", spaces="\u00a0"))
    assert piece is not None
    assert [node.name for node in piece.nodes] == ["One long name"]


def test_that_f2_renames_in_place(hand):
    click(hand, "relu")
    hand.press(Key.Key_F2)
    line = hand.view.renamer.line
    assert line.hasFocus()
    bar = hand.view.mapFromScene(hand.view.canvas.node_items["relu"].scene_box()).boundingRect()
    assert bar.intersects(line.geometry())
    hand.write("Bend")
    hand.press(Key.Key_Return)
    assert hand.document.nodes["relu"].name == "Bend"
    assert hand.document.undo_label == "Rename ReLU to Bend"
    assert not line.isVisible()
    assert hand.view.hasFocus()
    hand.press(Key.Key_Z, CTRL)
    assert hand.document.nodes["relu"].name == "ReLU"


def test_that_esc_takes_a_new_name_back(hand):
    click(hand, "relu")
    hand.press(Key.Key_F2)
    hand.write("Bend")
    hand.press(Key.Key_Escape)
    assert hand.document.nodes["relu"].name == "ReLU"
    assert not hand.view.renamer.line.isVisible()
    assert hand.document.undo_label == ""


@pytest.mark.parametrize(("name", "said"), [("", "needs a name"), ("Input", "Another node is called “Input”")])
def test_that_a_name_that_cannot_be_is_refused_and_can_be_mended(hand, name, said):
    click(hand, "relu")
    hand.press(Key.Key_F2)
    hand.press(Key.Key_Delete)
    hand.write(name)
    hand.press(Key.Key_Return)
    assert said in hand.window.messages.said
    assert hand.view.renamer.line.hasFocus()
    hand.press(Key.Key_A, CTRL)
    hand.write("Bend")
    hand.press(Key.Key_Return)
    assert hand.document.nodes["relu"].name == "Bend"


def test_that_while_renaming_no_key_edits_the_drawing_and_a_click_beside_keeps_the_name(hand):
    before = set(hand.document.nodes)
    click(hand, "relu")
    hand.press(Key.Key_F2)
    for key, modifier in ((Key.Key_Insert, NONE), (Key.Key_L, CTRL), (Key.Key_D, CTRL), (Key.Key_F2, NONE)):
        hand.press(key, modifier)
    hand.press(Key.Key_A, CTRL)
    hand.press(Key.Key_Delete)
    hand.write("f c")
    assert set(hand.document.nodes) == before
    QTest.mouseClick(hand.view.viewport(), LEFT, NONE, in_scene(hand, 600, 300))
    assert hand.document.nodes["relu"].name == "f c"
    assert not hand.view.renamer.line.isVisible()


@pytest.mark.parametrize("gone", ["node", "project"])
def test_that_renaming_ends_when_its_node_is_gone(hand, gone):
    click(hand, "relu")
    hand.press(Key.Key_F2)
    if gone == "node":
        with hand.document.edit("Remove"):
            hand.document.remove("relu")
    else:
        hand.window.project.new(Graph())
    assert not hand.view.renamer.line.isVisible()


# undo


@pytest.mark.slow
def test_that_undo_is_unlimited_and_named(hand):
    start = hand.document.graph()
    for _ in range(60):
        for node_id in ("relu", "input"):
            hand.view.canvas.select([node_id])
            hand.press(Key.Key_Down)
    undo = hand.window.actions_["undo"]
    hand.drag(hand.place("input"), hand.place("input") + QPoint(-80, 0))
    hand.until(lambda: undo.text() == "Undo: Move Input")
    hand.press(Key.Key_Z, CTRL)
    assert hand.window.actions_["redo"].text() == "Redo: Move Input"
    taken_back = 1
    while hand.document.undo_label:
        hand.press(Key.Key_Z, CTRL)
        taken_back += 1
    assert taken_back == 121
    assert hand.document.graph() == start
    hand.press(Key.Key_Z, CTRL | SHIFT)
    hand.press(Key.Key_Y, CTRL)
    assert hand.document.graph() != start
    assert hand.document.undo_label == "Move Input"


# view


def turn_wheel(hand, at, by):
    viewport = hand.view.viewport()
    place = viewport.mapToGlobal(at)
    QApplication.sendEvent(viewport, QWheelEvent(
        QPointF(at), QPointF(place), QPoint(0, 0), QPoint(0, by), Qt.MouseButton.NoButton, NONE,
        Qt.ScrollPhase.NoScrollPhase, False))  # fmt: skip


def test_that_the_wheel_zooms_at_the_cursor_and_stays_within_bounds(hand):
    at = QPoint(200, 150)
    for by, limit in ((120, 4.0), (-120, 0.1)):
        before, scale = hand.view.mapToScene(at), hand.view.scale_now
        turn_wheel(hand, at, by)
        assert (hand.view.scale_now > scale) is (by > 0)
        assert (hand.view.mapToScene(at) - before).manhattanLength() <= 2 / hand.view.scale_now
        for _ in range(60):
            turn_wheel(hand, at, by)
        assert hand.view.scale_now == pytest.approx(limit)


@pytest.mark.parametrize("by_space", [False, True])
def test_that_space_and_the_middle_button_pan(hand, by_space):
    before, viewport = hand.view.mapToScene(QPoint(0, 0)), hand.view.viewport()
    if by_space:
        QTest.keyPress(hand.view, Key.Key_Space)
    button = LEFT if by_space else MIDDLE
    QTest.mousePress(viewport, button, NONE, QPoint(400, 400))
    QTest.mouseMove(viewport, QPoint(450, 430))
    QTest.mouseRelease(viewport, button, NONE, QPoint(450, 430))
    if by_space:
        QTest.keyRelease(hand.view, Key.Key_Space)
    moved = (hand.view.mapToScene(QPoint(0, 0)) - before) * hand.view.scale_now
    assert (moved - QPointF(-50, -30)).manhattanLength() < 3
    assert hand.document.undo_label == ""


def test_that_ctrl_0_ctrl_1_and_f_bring_the_view_about(hand):
    view = hand.view
    view.pan_by(QPoint(900, 900))
    view.zoom(3.0)
    hand.press(Key.Key_0, CTRL)
    assert all(view.viewport().rect().contains(hand.place(node_id)) for node_id in FOUR)
    view.zoom(2.5)
    hand.press(Key.Key_1, CTRL)
    assert view.scale_now == pytest.approx(1.0)
    hand.press(Key.Key_F, CTRL)
    hand.write("ReLU")
    hand.press(Key.Key_Return)
    view.pan_by(QPoint(-3000, 2000))
    hand.press(Key.Key_F)
    centre = view.viewport().rect().center()
    assert (view.mapToScene(centre) - QPointF(128, 94)).manhattanLength() < 4


def test_that_ctrl_f_finds_a_node_by_some_letters(hand):
    hand.view.pan_by(QPoint(4000, 4000))
    hand.press(Key.Key_F, CTRL)
    hand.write("pool")
    hand.press(Key.Key_Return)
    assert chosen(hand) == {"max_pooling"}
    assert hand.view.viewport().rect().contains(hand.place("max_pooling"))


# arrange


def test_that_ctrl_l_lays_out_everything(hand):
    with hand.document.edit("Mix"):
        for place, node_id in enumerate(FOUR):
            hand.document.change(node_id, position=(300.0 * (place % 2), 40.0 * (3 - place)))
    mixed = hand.document.graph()
    hand.press(Key.Key_L, CTRL)
    heights = [hand.document.nodes[node_id].position[1] for node_id in FOUR]
    assert heights == sorted(heights)
    assert len({hand.document.nodes[node_id].position[0] for node_id in FOUR}) == 1
    laid_out = hand.document.graph()
    hand.press(Key.Key_L, CTRL)
    assert hand.document.graph() == laid_out
    while hand.document.undo_label == "Lay out":
        hand.press(Key.Key_Z, CTRL)
    assert hand.document.graph() == mixed


# run


@pytest.mark.long
def test_that_f5_trains_and_shift_f5_stops(qtbot, make_project):
    hand, file = Hand(qtbot), make_project(epochs=400)
    assert hand.window.open_project(file)
    training = hand.window.training
    hand.press(Key.Key_F5)
    assert training.running, hand.window.messages.text
    hand.until(lambda: training.history.share)
    hand.press(Key.Key_F5, SHIFT)
    hand.until(lambda: not training.running)
    (run,) = find_runs(file)
    assert run.status == "stopped"


def test_that_f7_says_what_is_missing_and_when_nothing_is(hand, make_project):
    hand.press(Key.Key_F7)
    assert "keep it from training" in hand.window.messages.said
    assert hand.window.current == "train"
    hand.window.project.new()  # nothing is unsaved, so nothing is asked
    assert hand.window.open_project(make_project())
    hand.press(Key.Key_F7)
    assert hand.window.messages.said == "No problems: it can be trained."


# anything


def test_that_the_command_palette_holds_every_command_by_name(hand):
    hand.press(Key.Key_P, CTRL | SHIFT)
    palette = hand.window.palette_
    assert palette.isVisible()
    listed = {palette.list.topLevelItem(row).text(0) for row in range(palette.list.topLevelItemCount())}
    own = {command.title for command in hand.view.commands if command.listed}
    assert own - listed <= {"Undo", "Redo"}  # these are listed with what they would take back
    assert {"Train", "Stop training", "Check", "Save", "Open …"} <= listed
    QTest.keyClicks(palette.search, "lay out")
    QTest.keyClick(palette.search, Key.Key_Return)
    assert not palette.isVisible()
    assert hand.document.undo_label in ("Lay out", "")


# canvas


def test_that_a_bar_snaps_under_another_and_is_connected(hand):
    new = hand.drag_from_palette("flatten", in_scene(hand, 480, 300))
    assert not [wire for wire in hand.document.wires if wire.target == new]
    hand.drag(hand.place(new), hand.place("max_pooling") + QPoint(6, round(42 * hand.view.scale_now)))
    assert Wire("max_pooling", "out", new, "image") in hand.document.wires
    assert hand.document.nodes[new].position == (0.0, 160.0)


def test_that_a_wire_into_empty_space_offers_what_fits_best_first(hand):
    start = hand.port("max_pooling", False, "out")
    hand.drag(start, in_scene(hand, 500, 300))
    box = hand.view.finder.box
    assert box.isVisible()
    offered = [box.list.item(row).text() for row in range(box.list.count())]
    assert offered[0] == "Convolution"
    assert not {"Adam", "DICOM folder", "Input"} & set(offered)
    hand.press(Key.Key_Return)
    assert Wire("max_pooling", "out", hand.id_of("convolution"), "image") in hand.document.wires


def test_that_a_wire_pulled_backwards_into_empty_space_offers_what_can_come_before(draw):
    hand = draw("convolution")
    start = hand.port("convolution", True, "image")
    hand.drag(start, in_scene(hand, 500, -200))
    box = hand.view.finder.box
    offered = [box.list.item(row).text() for row in range(box.list.count())]
    assert not {"Adam", "Output", "Cross-entropy"} & set(offered)
    hand.write("image folder")
    hand.press(Key.Key_Return)
    assert Wire(hand.id_of("image_folder"), "image", "convolution", "image") in hand.document.wires


def test_that_fitting_ports_grow_and_the_others_fade(draw):
    hand = draw("input", "relu", "cross_entropy")
    cut_wires(hand, "relu", "cross_entropy")
    fits, other = hand.port("relu", True, "image"), hand.port("input", False, "image")
    wrong = hand.port("cross_entropy", False, "loss")
    plain, clear = ink(hand, fits.toTuple()), ink(hand, wrong.toTuple(), 3)
    viewport = hand.view.viewport()
    QTest.mousePress(viewport, LEFT, NONE, other)
    QTest.mouseMove(viewport, other + QPoint(200, 6))
    assert ink(hand, fits.toTuple()) > 1.3 * plain
    assert ink(hand, wrong.toTuple(), 3) < 0.8 * clear
    QTest.keyClick(hand.view, Key.Key_Escape)
    assert ink(hand, fits.toTuple()) == plain
    QTest.mouseRelease(viewport, LEFT, NONE, other)


def ink(hand, spot: tuple[int, int], reach: int = 10) -> float:
    """How much the surroundings of a port, as many pixels as it reaches, differ from the drawing's ground."""
    area = hand.view.viewport().rect().intersected(hand.view.rect())
    picture = hand.view.viewport().grab(area).toImage()
    ground, found = picture.pixelColor(2, 2), 0.0
    for x in range(spot[0] - reach, spot[0] + reach + 1):
        for y in range(spot[1] - reach, spot[1] + reach + 1):
            color = picture.pixelColor(x, y)
            pairs = zip(color.getRgbF()[:3], ground.getRgbF()[:3], strict=True)
            found += sum(abs(one - two) for one, two in pairs)
    return found


def test_that_a_tooltip_says_why_a_wire_does_not_fit(draw):
    hand = draw("input", "relu", "cross_entropy", "adam")
    start, end = hand.port("relu", False, "out"), hand.port("adam", True, "loss")
    viewport, before = hand.view.viewport(), hand.document.graph()
    QTest.mousePress(viewport, LEFT, NONE, start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    assert QToolTip.isVisible()
    assert "takes a wire of the kind" in QToolTip.text()
    QTest.mouseRelease(viewport, LEFT, NONE, end)
    assert "takes a wire of the kind" in hand.window.messages.said
    assert hand.document.graph() is before


def test_that_a_loop_is_refused_while_dragging_and_nothing_is_drawn(hand):
    start, end = hand.port("relu", False, "out"), hand.port("convolution", True, "image")
    viewport, before = hand.view.viewport(), hand.document.graph()
    QTest.mousePress(viewport, LEFT, NONE, start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end + QPoint(0, 2))
    assert "would close a loop" in QToolTip.text()
    QTest.mouseRelease(viewport, LEFT, NONE, end + QPoint(0, 2))
    assert "would close a loop" in hand.window.messages.said
    assert hand.document.graph() is before


SEARCHES = [
    ("ReLU", "ReLU"), ("relu", "ReLU"), ("activation", "ReLU"), ("non-linear", "ReLU"), ("nonlinear", "ReLU"),
    ("rleu", "ReLU"), ("actvation", "ReLU"), ("convolutoin", "Convolution"), ("convolve", "Convolution"),
    ("cnv", "Convolution"), ("smaller", "Max pooling"), ("fully connected", "Dense"), ("skip connection", "Add"),
    ("concat", "Concatenate"), ("overfitting", "Augment"), ("hounsfield", "Window/level"),
    ("probabilites", "Sigmoid"),
    ("image size", "Resize"), ("batchnorm", "Batch normalisation"), ("classes", "Dense"),
    ("max-pool", "Max pooling"),
    ("segmentation", "Dice + cross-entropy"), ("learning rate", "SGD"), ("deconvolution", "Transposed convolution"),
]  # fmt: skip


@pytest.mark.slow
def test_that_the_search_finds_by_name_synonym_purpose_and_slips(draw):
    hand = draw()
    box = hand.view.finder.box
    for typed, first in SEARCHES:
        QTest.mouseDClick(hand.view.viewport(), LEFT, NONE, QPoint(300, 200))
        hand.write(typed)
        assert (typed, box.list.item(0).text()) == (typed, first)
        hand.press(Key.Key_Escape)


# What is being typed


@pytest.mark.parametrize("by", ["Ctrl+S", "F7"])
def test_that_saving_and_checking_take_the_name_that_is_being_typed(hand, tmp_path, by):
    hand.window.project.save(tmp_path / "drawn.netloom")
    click(hand, "relu")
    hand.press(Key.Key_F2)
    hand.write("Bend")
    hand.press(*{"Ctrl+S": (Key.Key_S, CTRL), "F7": (Key.Key_F7, NONE)}[by])
    assert hand.document.nodes["relu"].name == "Bend"
    assert not hand.view.renamer.line.isVisible()
    if by == "Ctrl+S":
        assert not hand.window.project.dirty
        assert load_graph(tmp_path / "drawn.netloom").graph.nodes["relu"].name == "Bend"


def test_that_a_comment_is_saved_while_it_is_written_and_written_on(hand, tmp_path):
    hand.window.project.save(tmp_path / "drawn.netloom")
    click(hand, "relu")
    hand.press(Key.Key_M, CTRL | SHIFT)
    hand.write("sharp ")
    hand.press(Key.Key_S, CTRL)
    assert not hand.window.project.dirty
    note = hand.id_of("comment")
    assert load_graph(tmp_path / "drawn.netloom").graph.nodes[note].settings["text"] == "sharp"
    hand.write("borders")
    assert hand.window.project.dirty
    hand.press(Key.Key_Y, CTRL)
    assert hand.view.remarks.editor.box.hasFocus()
    assert hand.document.nodes[note].settings["text"] == "sharp borders"
    hand.press(Key.Key_Escape)
    assert not hand.document.nodes[note].settings.get("text")
    assert hand.window.project.dirty
