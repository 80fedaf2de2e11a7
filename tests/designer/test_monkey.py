"""A monkey at the window: keys and clicks at random hurt nothing, and bring no exception and no warning of Qt."""

import math
import random
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer, qInstallMessageHandler
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

from designer.canvas.measures import FARTHEST, NEAREST
from runtime.templates import graph_of
from tests.designer.hand import ALT, CTRL, NONE, SHIFT, Hand

Key = Qt.Key
BUTTONS = (Qt.MouseButton.LeftButton,) * 6 + (Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton)
MODIFIERS = (NONE,) * 6 + (CTRL, SHIFT, CTRL | SHIFT, ALT)
KEYS = (
    *(Key.Key_Tab, Key.Key_Backtab, Key.Key_Return, Key.Key_Escape, Key.Key_Space, Key.Key_Insert, Key.Key_Delete),
    *(Key.Key_Backspace, Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End),
    *(
        Key.Key_F2,
        Key.Key_F5,
        Key.Key_F7,
        Key.Key_F8,
        Key.Key_Period,
        Key.Key_Plus,
        Key.Key_Minus,
        Key.Key_0,
        Key.Key_1,
    ),
    *(Key.Key_A, Key.Key_C, Key.Key_D, Key.Key_F, Key.Key_G, Key.Key_L, Key.Key_V, Key.Key_X, Key.Key_Y, Key.Key_Z),
    *(Key.Key_P, Key.Key_E, Key.Key_R, Key.Key_U, Key.Key_1, Key.Key_3),
)
NOT_A_FAULT = ("propagateSizeHints", "does not support raise", "does not support grabbing")
"""What the platform without a screen says of itself."""
MOST_NODES = 90
LOOK_EVERY = 50


class Monkey:
    """Presses, moves, turns the wheel and types, the same for the same seed."""

    def __init__(self, hand: Hand, seed: int) -> None:
        self.hand = hand
        self.dice = random.Random(seed)
        self.held: tuple[QWidget, Qt.MouseButton, QPoint] | None = None
        self.done: list[str] = []
        self.farthest = FARTHEST  # what it took to see everything, at one time or another

    def act(self) -> None:
        """Do one thing."""
        deed = self.dice.choice((self.key, self.key, self.key, self.press, self.move, self.move, self.release,
                                 self.double_click, self.wheel, self.menu, self.wait))  # fmt: skip
        self.done.append(deed.__name__)
        self.measure()
        deed()
        self.measure()

    def measure(self) -> None:
        """The view may be zoomed out as far as it takes to see a drawing of which a part was dragged away."""
        room, drawn = self.hand.view.viewport().rect(), self.hand.view.sceneRect()
        self.farthest = min(self.farthest, room.width() / drawn.width(), room.height() / drawn.height())

    def key(self) -> None:
        key, modifier = self.dice.choice(KEYS), self.dice.choice(MODIFIERS)
        if key is Key.Key_F5 or (modifier & ALT):
            modifier = SHIFT  # training, and going elsewhere, is for other tests
        self.done[-1] = f"{key.name} {modifier}"
        popup, focus = QApplication.activePopupWidget(), QApplication.focusWidget()
        target = popup if popup is not None else focus if focus is not None else self.hand.view
        QTest.keyClick(target, key, modifier)

    def press(self) -> None:
        self.release()
        target, at = self.place()
        self.held = (target, self.dice.choice(BUTTONS), at)
        QTest.mousePress(target, self.held[1], self.dice.choice(MODIFIERS), at)

    def move(self) -> None:
        target, at = self.place()
        QTest.mouseMove(self.grabbing(target), at)

    def release(self) -> None:
        if self.held is not None:
            button = self.held[1]
            target, at = self.place()
            target, self.held = self.grabbing(target), None
            QTest.mouseRelease(target, button, NONE, at)

    def grabbing(self, below: QWidget) -> QWidget:
        """Who hears the mouse: the widget it was pressed on, as long as that is there; else the one below it."""
        return self.held[0] if self.held is not None and isValid(self.held[0]) else below

    def double_click(self) -> None:
        self.release()
        target, at = self.place()
        QTest.mouseDClick(target, Qt.MouseButton.LeftButton, self.dice.choice(MODIFIERS), at)

    def wheel(self) -> None:
        viewport = self.hand.view.viewport()
        at = self.point(viewport)
        by = self.dice.choice((-1200, -120, -15, 15, 120, 1200))
        QApplication.sendEvent(viewport, QWheelEvent(
            QPointF(at), QPointF(viewport.mapToGlobal(at)), QPoint(0, 0), QPoint(0, by), Qt.MouseButton.NoButton,
            self.dice.choice(MODIFIERS), Qt.ScrollPhase.NoScrollPhase, False))  # fmt: skip

    def menu(self) -> None:
        viewport = self.hand.view.viewport()
        at = self.point(viewport)
        reason = self.dice.choice(tuple(QContextMenuEvent.Reason)[:2])
        QApplication.sendEvent(viewport, QContextMenuEvent(reason, at, viewport.mapToGlobal(at)))

    def wait(self) -> None:
        QApplication.processEvents()

    def place(self) -> tuple[QWidget, QPoint]:
        """Mostly somewhere on the drawing, often on a bar; at times on the palette or the inspector."""
        view, design = self.hand.view, self.hand.window.design
        items = list(view.canvas.node_items.values())
        where = self.dice.random()
        if items and where < 0.5:
            item = self.dice.choice(items)
            spots = [spot.point() for spot in item.spots.values()]
            offset = self.dice.choice([QPointF(20, 14), QPointF(100, 14), *spots])
            return view.viewport(), view.mapFromScene(item.pos() + offset)
        if where < 0.85:
            return view.viewport(), self.point(view.viewport())
        part = self.dice.choice((design.palette_panel.list.viewport(), design.inspector, view.finder.box))
        at = self.point(part)
        inner = part.childAt(at)
        return (inner, inner.mapFrom(part, at)) if inner is not None else (part, at)

    def point(self, widget: QWidget) -> QPoint:
        return QPoint(self.dice.randrange(max(1, widget.width())), self.dice.randrange(max(1, widget.height())))


def look_at_all(hand: Hand, farthest: float) -> None:
    """What holds whatever was done."""
    view, document, project = hand.view, hand.document, hand.window.project
    items, here = {**view.canvas.node_items, **view.canvas.remarks.items}, document.on(project.place.sheet)
    assert {node_id: item.node for node_id, item in items.items()} == dict(here)
    assert set(view.canvas.wire_items) == {wire for wire in document.wires if wire.target in here}
    places = [node.position for node in here.values()]
    assert all(math.isfinite(x) and math.isfinite(y) for x, y in places)
    assert {node_id: (item.x(), item.y()) for node_id, item in items.items()} == {
        node_id: node.position for node_id, node in here.items()
    }
    assert farthest * 0.999 <= view.scale_now <= NEAREST * 1.001
    transform = view.viewportTransform()
    assert all(math.isfinite(part) for part in (transform.m11(), transform.m22(), transform.dx(), transform.dy()))
    assert view.canvas.focused == "" or view.canvas.focused in items
    assert len({node.name for node in here.values()}) == len(here)
    project.analyse_now()
    assert project.seen.drawn is document.graph()
    if document.undo_label:
        before, label = document.graph(), document.undo_label
        project.undo()
        assert document.redo_label == label
        project.redo()
        assert document.graph() == before
        assert document.undo_label == label


@pytest.fixture
def hand(qtbot) -> Iterator[Hand]:
    made = Hand(qtbot)
    timer = QTimer(made.window)
    timer.setInterval(0)
    timer.timeout.connect(send_away)
    timer.start()
    yield made
    timer.stop()


def send_away() -> None:
    """A dialog that waits for an answer gets Esc, so that nothing hangs."""
    dialog = QApplication.activeModalWidget()
    if isinstance(dialog, QDialog):
        dialog.reject()


def let_loose(hand: Hand, seed: int, events: int) -> None:
    """So many events, with a look at everything after every fifty."""
    said: list[str] = []
    faults: list[BaseException] = []
    before = qInstallMessageHandler(lambda _kind, _context, message: said.append(message))
    hook, sys.excepthook = sys.excepthook, lambda _kind, error, _trace: faults.append(error)
    monkey = Monkey(hand, seed)
    try:
        begin(hand)
        for event in range(1, events + 1):
            monkey.act()
            if event % LOOK_EVERY == 0:
                settle(hand, monkey)
                look_at_all(hand, monkey.farthest)
                real = [message for message in said if not any(part in message for part in NOT_A_FAULT)]
                assert (real, faults) == ([], []), monkey.done[-LOOK_EVERY:]
    except AssertionError as error:
        error.add_note(f"seed {seed}, event {len(monkey.done)}, the last: {monkey.done[-LOOK_EVERY:]}")
        raise
    finally:
        qInstallMessageHandler(before)
        sys.excepthook = hook


def begin(hand: Hand) -> None:
    hand.window.project.new(graph_of("lenet"))
    hand.window.show_workspace("design")
    hand.view.setFocus()


def settle(hand: Hand, monkey: Monkey) -> None:
    """Let go, close what popped up, come back to the drawing; begin anew where it has grown too large."""
    monkey.release()
    popup = QApplication.activePopupWidget()
    while popup is not None:
        popup.close()
        popup = QApplication.activePopupWidget()
    for _ in range(3):
        QApplication.processEvents()
    if hand.window.current != "design":
        hand.window.show_workspace("design")
    hand.view.give_up()
    if not 4 <= len(hand.document.nodes) <= MOST_NODES:
        begin(hand)
    QApplication.processEvents()


@pytest.mark.slow
def test_that_a_thousand_random_events_hurt_nothing(hand):
    let_loose(hand, seed=1, events=1_000)


@pytest.mark.long
@pytest.mark.parametrize("seed", [2, 3, 4, 5])
def test_that_twenty_thousand_random_events_hurt_nothing(hand, seed):
    let_loose(hand, seed, events=5_000)
