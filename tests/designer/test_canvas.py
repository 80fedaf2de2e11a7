"""The canvas under a real mouse and keyboard."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from nodes.spec import find
from runtime.graph import Graph, Wire
from tests.designer.desk import CTRL, MIDDLE, SHIFT, Desk, stack

Key = Qt.Key
FOUR = ("input", "convolution", "relu", "max_pooling")


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, stack(*FOUR))


@pytest.fixture
def empty(qtbot):
    return Desk(qtbot)


def test_that_the_scene_shows_every_node_and_wire(desk):
    assert desk.mirrors()
    assert len(desk.canvas.wire_items) == 3


def test_that_an_empty_canvas_says_what_to_do(empty):
    assert empty.view._hint.isVisible()
    empty.double_click(QPoint(300, 300))
    empty.search("conv")
    assert empty.names() == ["Convolution"]
    assert not empty.view._hint.isVisible()


def test_that_a_double_click_adds_at_the_pointer(empty):
    at = QPoint(300, 200)
    scene = empty.view.mapToScene(at)
    empty.double_click(at)
    empty.search("relu")
    x, y = next(iter(empty.document.nodes.values())).position
    assert abs(x - scene.x()) <= 4
    assert abs(y - scene.y()) <= 4


def test_that_the_search_forgives_a_slip_and_goes_on_esc(empty):
    empty.double_click(QPoint(300, 300))
    box = empty.view.finder.box
    QTest.keyClicks(box.field, "convlution")
    assert box.list.item(0).text() == "Convolution"
    QTest.keyClick(box.field, Key.Key_Escape)
    assert not box.isVisible()
    assert empty.names() == []


def test_that_dragging_a_bar_moves_it_in_one_named_step(desk):
    desk.drag(desk.middle("convolution"), desk.middle("convolution") + QPoint(400, 80))
    assert desk.document.nodes["convolution"].position == (400.0, 120.0)
    assert desk.document.undo_label == "Move Convolution"
    desk.key(Key.Key_Z, CTRL)
    assert desk.document.nodes["convolution"].position == (0.0, 40.0)
    assert desk.mirrors()


def test_that_esc_takes_a_drag_back(desk):
    start = desk.middle("relu")
    desk.press(start)
    desk.move(start + QPoint(120, 60))
    assert desk.canvas.node_items["relu"].x() > 0
    desk.key(Key.Key_Escape)
    desk.release(start + QPoint(120, 60))
    assert desk.mirrors()
    assert desk.document.undo_label == ""


@pytest.mark.parametrize("backwards", [False, True])
def test_that_a_wire_is_drawn_from_port_to_port_in_either_direction(desk, backwards):
    with desk.document.edit("Cut"):
        desk.document.disconnect(Wire("convolution", "out", "relu", "image"))
    ends = [desk.port("convolution", False, "out"), desk.port("relu", True, "image")]
    desk.drag(ends[backwards] + QPoint(0, 0), ends[not backwards])
    assert Wire("convolution", "out", "relu", "image") in desk.document.wires


def test_that_while_a_wire_is_drawn_only_fitting_ports_are_shown_as_such(desk):
    desk.press(desk.port("relu", False, "out"))
    fits = {node_id: item._fits for node_id, item in desk.canvas.node_items.items()}
    assert fits["convolution"][(True, "image")] is False  # it would close a loop
    desk.key(Key.Key_Escape)
    assert all(item._fits is None for item in desk.canvas.node_items.values())


def test_that_a_wire_that_does_not_fit_is_refused_with_a_reason(desk, qtbot):
    before = desk.document.graph()
    with qtbot.waitSignal(desk.editor.said) as told:
        desk.drag(desk.port("relu", False, "out"), desk.port("convolution", True, "image") + QPoint(0, 2))
    assert "loop" in told.args[0]
    assert desk.document.graph() is before


def test_that_a_wire_let_go_in_empty_space_offers_what_fits_and_connects_it(desk):
    start = desk.port("max_pooling", False, "out")
    desk.drag(start, start + QPoint(0, 120))
    box = desk.view.finder.box
    assert box.isVisible()
    offered = [box.list.item(row).text() for row in range(box.list.count())]
    assert "AdamW" not in offered
    assert "DICOM folder" not in offered
    assert offered[0] == "Convolution"
    desk.search("flatten")
    assert Wire("max_pooling", "out", desk.id_of("flatten"), "image") in desk.document.wires


def test_that_shift_click_connects_to_the_second_node(desk):
    with desk.document.edit("Cut"):
        desk.document.disconnect(Wire("relu", "out", "max_pooling", "image"))
    desk.click(desk.middle("relu"))
    desk.click(desk.middle("max_pooling"), SHIFT)
    assert Wire("relu", "out", "max_pooling", "image") in desk.document.wires


def test_that_ctrl_click_toggles_and_a_lasso_selects_what_it_touches(desk):
    desk.click(desk.middle("relu"))
    desk.click(desk.middle("input"), CTRL)
    assert set(desk.canvas.selected_ids()) == {"relu", "input"}
    desk.click(desk.middle("relu"), CTRL)
    assert desk.canvas.selected_ids() == ("input",)
    desk.drag(desk.at(QPointF(-60, 70)), desk.at(QPointF(300, 130)))
    assert desk.canvas.selected_ids() == ("relu", "max_pooling")


def test_that_ctrl_a_selects_all_and_esc_none(desk):
    desk.key(Key.Key_A, CTRL)
    assert len(desk.canvas.selected_ids()) == 4
    desk.key(Key.Key_Escape)
    assert desk.canvas.selected_ids() == ()


def test_that_delete_leaves_a_gap_and_backspace_closes_it(desk):
    desk.click(desk.middle("relu"))
    desk.key(Key.Key_Delete)
    assert desk.document.wires == (Wire("input", "image", "convolution", "image"),)
    desk.key(Key.Key_Z, CTRL)
    desk.click(desk.middle("relu"))
    desk.key(Key.Key_Backspace)
    assert Wire("convolution", "out", "max_pooling", "image") in desk.document.wires
    assert desk.document.nodes["max_pooling"].position == (0.0, 80.0)
    assert desk.mirrors()


def test_that_a_wire_is_selected_by_a_click_and_deleted(qtbot):
    desk = Desk(qtbot, stack("input", "relu"))
    with desk.document.edit("Apart"):
        desk.document.change("relu", position=(0.0, 200.0))
    desk.click(desk.at(QPointF(128, 114)))
    assert desk.canvas.selected_wires() == (Wire("input", "image", "relu", "image"),)
    desk.key(Key.Key_Delete)
    assert desk.document.wires == ()


def test_that_a_bar_dropped_on_a_wire_is_inserted(desk):
    with desk.document.edit("Add"):
        new = desk.document.add("dropout", "Dropout", (400.0, 0.0))
    grip = desk.middle(new)
    desk.drag(grip, desk.middle("relu") + QPoint(0, 20))
    wires = set(desk.document.wires)
    assert {Wire("relu", "out", new, "image"), Wire(new, "out", "max_pooling", "image")} <= wires
    assert Wire("relu", "out", "max_pooling", "image") not in wires
    assert desk.document.nodes[new].position == (0.0, 120.0)
    assert desk.document.nodes["max_pooling"].position == (0.0, 160.0)


def test_that_a_bar_dropped_under_another_is_connected(desk):
    with desk.document.edit("Add"):
        new = desk.document.add("flatten", "Flatten", (400.0, 0.0))
    desk.drag(desk.middle(new), desk.middle("max_pooling") + QPoint(6, 42))
    assert Wire("max_pooling", "out", new, "image") in desk.document.wires
    assert desk.document.nodes[new].position == (0.0, 160.0)


def test_that_the_arrow_keys_nudge_in_one_step_of_undo(desk):
    desk.click(desk.middle("relu"))
    for _ in range(3):
        desk.key(Key.Key_Right)
    desk.key(Key.Key_Down, SHIFT)
    assert desk.document.nodes["relu"].position == (24.0, 120.0)
    desk.key(Key.Key_Z, CTRL)
    assert desk.document.nodes["relu"].position == (0.0, 80.0)
    desk.key(Key.Key_Y, CTRL)
    assert desk.document.nodes["relu"].position == (24.0, 120.0)


def test_that_the_whole_graph_can_be_built_by_keyboard(empty):
    for words in ("input", "convolution", "relu", "flatten", "dense", "output"):
        empty.key(Key.Key_Insert)
        empty.search(words)
    assert [node.type for node in empty.document.nodes.values()] == [
        "input", "convolution", "relu", "flatten", "dense", "output",
    ]  # fmt: skip
    assert len(empty.document.wires) == 5
    assert not empty.project.analyse_now().errors


def test_that_c_connects_by_keys(desk):
    with desk.document.edit("Cut"):
        desk.document.disconnect(Wire("convolution", "out", "relu", "image"))
    desk.key(Key.Key_Tab)
    desk.key(Key.Key_Tab)
    assert desk.canvas.focused == "convolution"
    desk.key(Key.Key_C)
    desk.key(Key.Key_Down)
    desk.key(Key.Key_Return)
    assert Wire("convolution", "out", "relu", "image") in desk.document.wires


def test_that_tab_walks_in_reading_order_and_leaves_behind_the_last(desk):
    seen = []
    for _ in range(4):
        desk.key(Key.Key_Tab)
        seen.append(desk.canvas.focused)
    assert seen == list(FOUR)
    desk.key(Key.Key_Tab)
    assert desk.canvas.focused == ""


def test_that_a_screen_reader_hears_name_shape_and_problems(desk):
    desk.view.go_to("max_pooling")
    with desk.document.edit("Cut"):
        desk.document.disconnect(Wire("relu", "out", "max_pooling", "image"))
    desk.project.analyse_now()
    text = desk.canvas.node_items["max_pooling"].accessible_text()
    assert text.startswith("Max pooling")
    assert "draw a wire" in text
    assert desk.view.accessibleDescription()


def test_that_ctrl_f_finds_a_node(desk):
    desk.key(Key.Key_F, CTRL)
    desk.search("pool")
    assert desk.canvas.selected_ids() == ("max_pooling",)


def test_that_the_wheel_zooms_at_the_pointer_within_bounds(desk):
    at = QPoint(200, 150)
    before = desk.view.mapToScene(at)
    desk.view.zoom(1.5, at)
    after = desk.view.mapToScene(at)
    assert (after - before).manhattanLength() < 2
    for _ in range(30):
        desk.view.zoom(1.5, at)
    assert desk.view.scale_now == pytest.approx(4.0)
    for _ in range(60):
        desk.view.zoom(0.5, at)
    assert desk.view.scale_now == pytest.approx(0.1)
    desk.key(Key.Key_1, CTRL)
    assert desk.view.scale_now == pytest.approx(1.0)


@pytest.mark.parametrize("by_space", [False, True])
def test_that_the_middle_button_and_space_pan(desk, by_space):
    before = desk.view.mapToScene(QPoint(0, 0))
    if by_space:
        QTest.keyPress(desk.view, Key.Key_Space)
        desk.drag(QPoint(400, 400), QPoint(450, 430))
        QTest.keyRelease(desk.view, Key.Key_Space)
    else:
        desk.drag(QPoint(400, 400), QPoint(450, 430), MIDDLE)
    moved = desk.view.mapToScene(QPoint(0, 0)) - before
    assert (moved - QPointF(-50, -30)).manhattanLength() < 1.5
    assert desk.document.undo_label == ""


def test_that_f_and_ctrl_0_bring_the_graph_into_view(desk):
    desk.view.pan_by(QPoint(900, 900))
    desk.key(Key.Key_0, CTRL)
    assert desk.view.viewport().rect().contains(desk.middle("input"))
    desk.view.pan_by(QPoint(-900, 700))
    desk.canvas.select(["relu"])
    desk.key(Key.Key_F)
    assert desk.view.viewport().rect().contains(desk.middle("relu"))


def test_that_a_loss_added_below_gets_the_only_target_there_is(qtbot):
    desk = Desk(qtbot, stack("dicom_folder", "flatten", "dense"))
    with desk.document.edit("Attach"):
        desk.document.change(
            "dicom_folder", folder="/x", label="class", classes=["a", "b"], counts=[3, 3], channels=1, found_size=[8, 8]
        )
    desk.project.analyse_now()
    desk.view.go_to("dense")
    desk.key(Key.Key_Insert)
    desk.search("cross-entropy")
    loss = desk.id_of("cross_entropy")
    assert Wire("dense", "out", loss, "prediction") in desk.document.wires
    assert Wire("dicom_folder", "class", loss, "target") in desk.document.wires


def test_that_another_document_is_shown_from_scratch_and_the_old_one_let_go(desk):
    old = desk.document
    desk.project.new(Graph())
    assert desk.mirrors()
    with old.edit("Add"):
        old.add("relu")
    assert desk.mirrors()


def test_that_light_and_dark_can_be_painted_with_problems_at_every_zoom(desk):
    with desk.document.edit("Break"):
        desk.document.change("convolution", kernel="many")
        desk.document.add("no_such_type", "Mystery", (300.0, 0.0))
    desk.project.analyse_now()
    for zoom in (0.2, 1.0, 3.0):
        desk.view.zoom(zoom / desk.view.scale_now)
        assert not desk.view.grab().isNull()
    assert desk.canvas.node_items["convolution"].has_error
    assert "many" in desk.canvas.node_items["convolution"].toolTip()


def test_that_no_command_key_is_given_twice(desk):
    keys = [key for command in desk.view.commands for key in command.keys]
    assert len(keys) == len(set(keys))


def test_that_a_bar_that_has_its_input_is_not_pulled_back_from_a_place_beside(desk):
    start = desk.middle("convolution")
    desk.drag(start, start + QPoint(120, 24))
    assert desk.document.nodes["convolution"].position[0] == 120.0


def test_that_adding_a_bar_that_is_seen_does_not_move_the_view(desk):
    at = QPoint(desk.view.viewport().width() - 140, 300)
    before = desk.view.mapToScene(QPoint(0, 0))
    desk.double_click(at - QPoint(128, 14))
    desk.search("dropout")
    assert desk.view.mapToScene(QPoint(0, 0)) == before
    desk.view.drop_type(find("dropout"), QPoint(135, desk.view.viewport().height() - 40))
    assert desk.view.mapToScene(QPoint(0, 0)) == before


def test_that_a_new_bar_out_of_sight_moves_the_view_by_the_least(desk):
    before = desk.view.mapToScene(QPoint(0, 0))
    desk.view.reveal(desk.editor.add(find("dropout"), desk.view.mapToScene(QPoint(300, 0)) - QPointF(0, 20)))
    moved = desk.view.mapToScene(QPoint(0, 0)) - before
    assert moved.x() == 0
    assert -40 <= moved.y() < 0


def test_that_the_empty_canvas_names_the_chain(qtbot):
    said = Desk(qtbot).view._hint.text()
    places = [said.index(word) for word in ("source", "preparation", "layers", "loss", "optimizer", "output")]
    assert places == sorted(places)
