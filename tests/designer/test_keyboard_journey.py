"""The whole journey with the keyboard alone: no event of a mouse is made here."""

import onnxruntime
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from runtime.data.practice import write_practice
from runtime.graph import Wire
from runtime.runs import find_runs
from tests.designer.hand import ALT, CTRL, SHIFT, Hand

Key = Qt.Key
MOUSE = {QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonRelease, QEvent.Type.MouseMove}


class Mice(QObject):
    """Counts what a mouse did to the window."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = 0

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.seen += isinstance(event, QMouseEvent) and event.type() in MOUSE
        return False


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "heads"
    write_practice("t1-t2", place, patients=6)
    return place


@pytest.fixture
def hand(qtbot):
    made = Hand(qtbot)
    mice = Mice()
    made.window.windowHandle().installEventFilter(mice)
    yield made
    assert mice.seen == 0


@pytest.mark.long
def test_that_everything_goes_by_keyboard_alone(hand, folder, tmp_path):
    open_the_folder(hand, folder)
    draw(hand)
    hand.until(lambda: hand.problems() == [])
    assert not hand.window.messages.isVisible(), hand.window.messages.text
    hand.look("keys")
    run = train(hand, tmp_path / "heads.netloom")
    hand.press(Key.Key_4, ALT)
    evaluation = hand.window.evaluation
    hand.until(lambda: evaluation.confusion.isVisible() and evaluation.confusion.counts)
    assert run.status == "finished"
    file = export(hand, tmp_path / "heads.onnx")
    (entry,) = onnxruntime.InferenceSession(str(file)).get_inputs()
    assert entry.type == "tensor(float)"


def open_the_folder(hand, folder):
    """Ctrl+Shift+O asks for a folder."""
    with hand.answering(folder):
        hand.press(Key.Key_O, CTRL | SHIFT)
    data = hand.window.data
    assert hand.window.current == "data"
    hand.until(lambda: data.found is not None and data.found.settings and not data.survey.running)


def add(hand, words, **settings):
    """Insert, a few letters, Enter; then Tab into the form and type the settings. Gives the new node's id."""
    before = set(hand.document.nodes)
    hand.press(Key.Key_Insert)
    assert hand.view.finder.box.isVisible()
    hand.write(words)
    hand.press(Key.Key_Return)
    (new,) = set(hand.document.nodes) - before
    for name, text in settings.items():
        hand.tab_to(hand.window.design.inspector.form.rows.fields[name].line)
        hand.press(Key.Key_A, CTRL)
        hand.write(text)
    if settings:
        hand.press(Key.Key_2, ALT)  # back to the canvas
        assert hand.view.hasFocus()
        find(hand, hand.document.nodes[new].name)
    return new


def find(hand, name):
    """Ctrl+F goes to a node."""
    hand.press(Key.Key_F, CTRL)
    hand.write(name)
    hand.press(Key.Key_Return)
    assert hand.document.nodes[hand.view.canvas.focused].name == name


def draw(hand):
    """The network, with the data in its source."""
    hand.press(Key.Key_2, ALT)
    source = add(hand, "dicom folder")
    hand.press(Key.Key_1, ALT)
    use = hand.button("Use this data")
    hand.tab_to(use)
    hand.press(Key.Key_Space)
    hand.press(Key.Key_2, ALT)
    find(hand, "DICOM folder")
    add(hand, "resize", size="16")
    add(hand, "convolution", filters="4")
    add(hand, "relu")
    add(hand, "global average")
    dense = add(hand, "dense", units="2")
    loss = add(hand, "cross-entropy")
    add(hand, "adamw", rate="0.01")
    find(hand, "Dense")
    add(hand, "accuracy")
    hand.look("keys")
    output = add(hand, "output")
    connect(hand, output, "Dense")
    wires = set(hand.document.wires)
    assert hand.document.nodes[dense].settings["units"] == 2
    assert {Wire(dense, "out", loss, "prediction"), Wire(source, "class", loss, "target")} <= wires


def connect(hand, node_id, other):
    """C begins to connect the node that the keyboard is at; Ctrl+F chooses the other one, Enter connects."""
    assert hand.view.canvas.focused == node_id
    hand.press(Key.Key_C)
    find(hand, other)
    hand.press(Key.Key_Return)
    assert [hand.document.nodes[wire.source].name for wire in hand.document.wires if wire.target == node_id] == [other]


def train(hand, project):
    """Alt+3, the epochs, Ctrl+S, F5."""
    hand.press(Key.Key_3, ALT)
    training = hand.window.training
    fields = training.side.settings.form.rows.fields
    for name, text in (("epochs", "1"), ("batch", "16")):
        hand.tab_to(fields[name].line)
        hand.press(Key.Key_A, CTRL)
        hand.write(text)
    with hand.answering(project):
        hand.press(Key.Key_S, CTRL)
    assert not hand.window.project.dirty
    hand.press(Key.Key_F5)
    assert training.running, hand.window.messages.text
    hand.until(lambda: not training.running)
    (run,) = find_runs(project)
    assert training.charts.losses.curves
    return run


def export(hand, file):
    """Alt+5, Tab to the button, Space."""
    hand.press(Key.Key_5, ALT)
    delivery = hand.window.delivery
    hand.tab_to(delivery.onnx)
    with hand.answering(file):
        hand.press(Key.Key_Space)
    hand.until(lambda: delivery.results["onnx"].isVisible())
    assert "Written and checked" in delivery.results["onnx"].text(), delivery.results["onnx"].text()
    assert QApplication.focusWidget() is not None
    return file
