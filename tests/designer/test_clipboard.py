"""Copy and paste: as text, between windows, without losing anything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from designer.canvas import clipboard
from runtime.graph import Wire
from tests.designer.desk import CTRL, Desk, stack

Key = Qt.Key


@pytest.fixture
def desk(qtbot):
    return Desk(qtbot, stack("input", "convolution", "relu"))


def test_that_paste_in_another_window_brings_nodes_settings_and_inner_wires(desk, qtbot):
    with desk.document.edit("Set"):
        desk.document.change("convolution", filters=7, kernel="wrong")
    desk.canvas.select(["convolution", "relu"])
    desk.key(Key.Key_C, CTRL)
    other = Desk(qtbot)
    other.key(Key.Key_V, CTRL)
    assert other.names() == ["Convolution", "ReLU"]
    assert other.document.nodes[other.id_of("convolution")].settings == {"filters": 7, "kernel": "wrong"}
    assert other.document.wires == (Wire("convolution-1", "out", "relu-1", "image"),)
    assert len(other.canvas.selected_ids()) == 2


def test_that_pasting_twice_gives_fresh_names_and_places(desk):
    desk.canvas.select(["relu"])
    desk.key(Key.Key_C, CTRL)
    desk.key(Key.Key_V, CTRL)
    desk.key(Key.Key_V, CTRL)
    assert desk.names() == ["Input", "Convolution", "ReLU", "ReLU 2", "ReLU 3"]
    assert len({node.position for node in desk.document.nodes.values()}) == 5
    assert desk.mirrors()


def test_that_cut_is_one_step_and_duplicate_stands_beside(desk):
    desk.canvas.select(["relu"])
    desk.key(Key.Key_X, CTRL)
    assert "relu" not in desk.document.nodes
    desk.key(Key.Key_Z, CTRL)
    desk.canvas.select(["convolution", "relu"])
    desk.key(Key.Key_D, CTRL)
    assert len(desk.document.nodes) == 5
    assert Wire("convolution-1", "out", "relu-1", "image") in desk.document.wires


def test_that_a_clipboard_without_nodes_is_said_and_changes_nothing(desk, qtbot):
    QGuiApplication.clipboard().setText("a letter")
    before = desk.document.graph()
    with qtbot.waitSignal(desk.editor.said) as told:
        desk.key(Key.Key_V, CTRL)
    assert "no nodes" in told.args[0]
    assert desk.document.graph() is before


@given(st.text(max_size=200))
@settings(max_examples=200)
def test_that_any_text_is_read_or_refused_without_an_error(text):
    clipboard.read(text)
    clipboard.read('{"netloom-nodes": 1, ' + text)
    clipboard.read('{"netloom-nodes": 1, "nodes": [' + text + '], "wires": []}')


@pytest.mark.parametrize("place", ['["a", 1]', "[1]", "[1e999, 0]", "null"])
def test_that_a_node_without_a_sound_place_is_refused(place):
    node = f'{{"id": "a", "type": "relu", "name": "a", "settings": {{}}, "position": {place}}}'
    assert clipboard.read(f'{{"netloom-nodes": 1, "nodes": [{node}], "wires": []}}') is None
