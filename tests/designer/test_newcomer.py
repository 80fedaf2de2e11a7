"""The way of a person who knows another node editor: a residual block, used twice, with remarks, kept, and broken."""

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from runtime.files import load_graph
from runtime.graph import block_of
from tests.designer.hand import ALT, CTRL, LEFT, SHIFT, Hand, Key

pytestmark = pytest.mark.long


@pytest.fixture
def hand(qtbot):
    return Hand(qtbot)


def insert(hand, words):
    """Insert, words, Enter: a node below the one that the keyboard is at."""
    before = set(hand.document.nodes)
    hand.press(Key.Key_Insert)
    hand.write(words)
    hand.press(Key.Key_Return)
    (new,) = set(hand.document.nodes) - before
    hand.until(lambda: hand.view.hasFocus(), 5_000)
    return new


def field(hand, name, text):
    """Click into a field of the inspector's form and type something else."""
    hand.retype(hand.window.design.inspector.form.rows.fields[name].line, text)
    assert QApplication.activePopupWidget() is None
    hand.window.activateWindow()  # without a window manager nobody gives the keyboard back when names were offered
    hand.until(lambda: QGuiApplication.focusWindow() is hand.window.windowHandle(), 5_000)


def drawn(hand):
    """Input, and below it convolution, normalisation, ReLU, convolution, and an addition with the way round them."""
    hand.go("design")
    hand.look("design-empty")
    QTest.mouseDClick(hand.view.viewport(), LEFT, pos=QPoint(400, 80))
    hand.write("input")
    hand.look("search")
    hand.press(Key.Key_Return)
    start = hand.id_of("input")
    hand.until(lambda: hand.view.hasFocus(), 5_000)
    made = [insert(hand, words) for words in ("conv", "batch norm", "relu", "conv", "add")]
    hand.wire(start, "out", made[-1], "in")
    return start, made


def residual(hand):
    """The block of all but the input, named; gives its use."""
    start, made = drawn(hand)
    hand.look("drawn")
    hand.click(hand.view.viewport(), hand.place(made[0]))
    for node_id in made[1:]:
        hand.click(hand.view.viewport(), hand.place(node_id), CTRL)
    hand.press(Key.Key_G, CTRL)
    hand.look("grouped-naming")
    hand.write("Residual")
    hand.press(Key.Key_Return)
    (use,) = [node.id for node in hand.document.nodes.values() if block_of(node.type)]
    return start, made, use


def argued(hand, made, use):
    """Open the block, give it the argument `channels`, and compute the filters from it."""
    QTest.mouseDClick(hand.view.viewport(), LEFT, pos=hand.place(use))
    hand.look("inside")
    QTest.mouseDClick(hand.view.viewport(), LEFT, pos=QPoint(60, 60))
    hand.write("argument")
    hand.press(Key.Key_Return)
    argument = hand.id_of("argument")
    hand.press(Key.Key_F2)
    hand.write("channels")
    hand.press(Key.Key_Return)
    field(hand, "default", "1")
    for node_id, text in ((made[0], "=2*channels"), (made[3], "=channels")):
        hand.click(hand.view.viewport(), hand.place(node_id))
        field(hand, "filters", text)
        hand.look("computed")
    hand.window.project.analyse_now()
    hand.click(hand.view.viewport(), QPoint(30, 300))
    hand.look("block-form")
    return argument


def test_that_a_newcomer_builds_uses_keeps_breaks_and_mends_a_residual_network(hand, tmp_path, fitted_graph):
    hand.look("start")
    _, made, use = residual(hand)
    assert hand.document.nodes[use].name == "Residual"
    argued(hand, made, use)
    hand.view.setFocus()
    hand.press(Key.Key_Up, ALT)
    hand.look("left")
    hand.until(lambda: hand.view.canvas.selected_ids() == (use,), 5_000)
    field(hand, "repeat", "3")
    hand.window.project.analyse_now()
    hand.look("repeat")
    hand.view.setFocus()
    second = insert(hand, "residual")
    for one in (use, second):
        hand.click(hand.view.viewport(), hand.place(one))
        choose(hand, "weights", "shared")
        hand.view.setFocus()
    insert(hand, "output")
    hand.look("two-uses")
    facts = hand.window.project.analyse_now().parameters
    assert facts > 0
    remarks(hand, use, second)
    undone_and_redone(hand)
    file = tmp_path / "residual.netloom"
    with hand.answering(file):
        hand.press(Key.Key_S, CTRL)
    assert sheets(load_graph(file).graph) == sheets(hand.document.graph())
    kept = hand.document.graph()
    hand.window.project.new()
    hand.look("new")
    assert hand.window.open_project(file)
    assert sheets(hand.document.graph()) == sheets(kept)
    hand.go("design")
    hand.look("reopened")
    copied(hand, use)
    broken(hand, fitted_graph)


def sheets(graph):
    """The graph sheet by sheet: only there the order of wires means something."""
    wires = {
        name: [wire for wire in graph.wires if graph.nodes[wire.target].sheet == name] for name in ("", *graph.blocks)
    }
    return dict(graph.nodes), wires, dict(graph.blocks), graph.training


def choose(hand, name, text):
    """Choose in a list of choices, by keys."""
    box = hand.window.design.inspector.form.rows.fields[name]
    from PySide6.QtWidgets import QComboBox

    (combo,) = [*box.findChildren(QComboBox)] or [box.inner]
    combo.setFocus()
    row = next(at for at in range(combo.count()) if text in (combo.itemText(at).lower(), combo.itemData(at)))
    while combo.currentIndex() != row:
        before = combo.currentIndex()
        hand.press(Key.Key_Down if row > before else Key.Key_Up)
        assert combo.currentIndex() != before


def remarks(hand, use, second):
    hand.click(hand.view.viewport(), hand.place(use))
    hand.click(hand.view.viewport(), hand.place(second), CTRL)
    hand.press(Key.Key_F, CTRL | SHIFT)
    hand.look("frame")
    hand.write("Body")
    hand.press(Key.Key_Return)
    hand.press(Key.Key_M, CTRL | SHIFT)
    hand.write("Both uses share one set of weights.")
    hand.look("comment")
    hand.press(Key.Key_Escape)
    hand.look("remarks")


def undone_and_redone(hand):
    hand.view.setFocus()
    whole, steps = hand.document.graph(), 0
    while hand.document.undo_label:
        hand.press(Key.Key_Z, CTRL)
        steps += 1
    assert not hand.document.nodes
    assert not hand.document.blocks
    hand.look("undone")
    while hand.document.redo_label:
        hand.press(Key.Key_Z, CTRL | SHIFT)
        steps -= 1
    assert steps == 0
    assert hand.document.graph() == whole
    hand.look("redone")


def copied(hand, use):
    """The block goes as text into another project."""
    hand.view.setFocus()
    hand.view.go_to(use)
    hand.press(Key.Key_C, CTRL)
    text = QApplication.clipboard().text()
    assert "Residual" in text
    hand.window.project.new()
    hand.go("design")
    QApplication.clipboard().setText("Dear colleague,\n\n" + text.replace("\n", "\r\n") + "\n\nBest wishes")
    hand.view.setFocus()
    hand.press(Key.Key_V, CTRL)
    hand.look("pasted")
    assert [block.name for block in hand.document.blocks.values()] == ["Residual"]
    hand.press(Key.Key_G, CTRL | SHIFT)
    hand.look("ungrouped")
    hand.press(Key.Key_Escape)
    hand.press(Key.Key_L, CTRL)
    hand.look("laid-out")


def broken(hand, fitted_graph):
    """A template, its flatten deleted, is mended by the button beside the problem."""
    hand.window.project.new()  # nothing is asked about what was pasted
    hand.window.show_start()
    hand.look("gallery")
    card = hand.window.start.cards["lenet"]
    hand.click(card)
    hand.go("design")
    hand.window.project.analyse_now()
    hand.look("template")
    hand.window.project.new(fitted_graph)
    hand.window.project.analyse_now()
    victim = hand.id_of("flatten")
    hand.view.setFocus()
    hand.view.go_to(victim)
    hand.press(Key.Key_Backspace)
    hand.window.project.analyse_now()
    hand.look("broken")
    assert hand.window.project.analysis.errors
    hand.click(hand.button("Insert Flatten"))
    assert not hand.window.project.analyse_now().errors
    assert hand.id_of("flatten")
    hand.look("mended")


def test_that_the_name_given_at_once_belongs_to_the_step_that_made_the_block(hand):
    residual(hand)
    assert hand.document.undo_label == "Make a block of 5 nodes"
    hand.view.setFocus()
    hand.press(Key.Key_Z, CTRL)
    assert not hand.document.blocks
    hand.press(Key.Key_Y, CTRL)
    assert [block.name for block in hand.document.blocks.values()] == ["Residual"]


def test_that_the_last_node_of_a_drawing_gives_its_block_an_output(hand):
    _, made, use = residual(hand)
    (end,) = hand.document.find(hand.document.nodes[use].type).outputs
    assert any(wire.source == made[-1] and wire.target == end.name for wire in hand.document.wires)
