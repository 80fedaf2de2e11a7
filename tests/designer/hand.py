"""A person at the real main window: presses, drags, drops and types; waits only for what can be seen."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QWidget

import nodes  # noqa: F401 - registers the node types
from designer import theme
from designer.canvas.measures import HEIGHT, WIDTH
from designer.palette.list import KIND
from designer.window import MainWindow
from nodes.spec import find

Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton
WAIT_MS = 60_000


class Hand:
    """The window and what a person does with it."""

    def __init__(self, qtbot) -> None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the window of the test before
        theme.apply(QApplication.instance(), Qt.ColorScheme.Dark)
        self.qtbot = qtbot
        self.window = MainWindow()
        qtbot.addWidget(self.window, before_close_func=_forget_changes)
        self.window.resize(1440, 900)
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(lambda: QGuiApplication.focusWindow() is self.window.windowHandle())
        self._pictures = 0

    # What is looked at

    @property
    def document(self):
        return self.window.project.document

    @property
    def view(self):
        return self.window.design.view

    def id_of(self, type_id: str) -> str:
        """The last node of a type."""
        return [node.id for node in self.document.nodes.values() if node.type == type_id][-1]

    def problems(self) -> list[str]:
        """The rows of the problem list in Design."""
        shown = self.window.design.inspector.problems.list
        return [shown.item(row).text() for row in range(shown.count())]

    def until(self, seen: Callable[[], object], timeout_ms: int = WAIT_MS) -> None:
        """Wait until this is seen."""
        self.qtbot.waitUntil(lambda: bool(seen()), timeout=timeout_ms)

    def look(self, name: str) -> None:
        """Keep a picture of the window, if a folder for them is named (NETLOOM_PICTURES)."""
        folder = os.environ.get("NETLOOM_PICTURES", "")
        if folder:
            self._pictures += 1
            for _ in range(4):
                QApplication.processEvents()
            self.window.grab().save(str(Path(folder) / f"{name}-{self._pictures:02}.png"))

    # The mouse

    def click(self, widget: QWidget, at: QPoint | None = None, modifier=NONE) -> None:
        """Press and let go on a widget that can be seen, and used if it is a button."""
        assert widget.isVisible(), widget
        assert widget.isEnabled(), widget.toolTip()
        QTest.mouseClick(widget, LEFT, modifier, widget.rect().center() if at is None else at)

    def go(self, workspace: str) -> None:
        """Click on a workspace in the top bar."""
        self.click(self.window.top.switches[workspace])
        assert self.window.current == workspace

    def button(self, name: str, within: QWidget | None = None) -> QAbstractButton:
        """The visible button with this text or object name, as soon as it is there."""

        def found() -> list[QAbstractButton]:
            made = (within or self.window).findChildren(QAbstractButton)
            return [one for one in made if one.isVisible() and name in (one.text(), one.objectName())]

        self.until(found, 5_000)
        return found()[0]

    def drag_from_palette(self, type_id: str, to: QPoint) -> str:
        """Take a type from the palette to a place of the canvas; gives the new node's id."""
        listed = self.window.design.palette_panel.list
        row = next(row for row in range(listed.count()) if listed.item(row).data(KIND) is find(type_id))
        listed.scrollToItem(listed.item(row))
        viewport = listed.viewport()
        start = listed.visualItemRect(listed.item(row)).center()
        end = viewport.mapFromGlobal(self.view.viewport().mapToGlobal(to))
        before = set(self.document.nodes)
        QTest.mousePress(viewport, LEFT, NONE, start)
        for part in (0.1, 0.5, 0.9, 1.0):
            QTest.mouseMove(viewport, start + (end - start) * part)
        QTest.mouseRelease(viewport, LEFT, NONE, end)
        (new,) = set(self.document.nodes) - before
        return new

    def place(self, node_id: str) -> QPoint:
        """A place of the view on the node's bar, clear of its ports."""
        corner = self.view.canvas.node_items[node_id].pos()
        return self.view.mapFromScene(corner + QPointF(WIDTH / 2 - 60, HEIGHT / 2))

    def port(self, node_id: str, is_input: bool, name: str) -> QPoint:
        """Where a port is in the view."""
        return self.view.mapFromScene(self.view.canvas.node_items[node_id].spot_point(is_input, name))

    def drag(self, start: QPoint, end: QPoint) -> None:
        """Press on the canvas, move, let go."""
        viewport = self.view.viewport()
        QTest.mousePress(viewport, LEFT, NONE, start)
        for part in (0.3, 0.7, 1.0):
            QTest.mouseMove(viewport, start + (end - start) * part)
        QTest.mouseRelease(viewport, LEFT, NONE, end)

    def wire(self, source: str, output: str, target: str, port: str) -> None:
        """Draw a wire from port to port."""
        self.drag(self.port(source, False, output), self.port(target, True, port))

    def drop_files(self, *paths: Path, on: QWidget) -> bool:
        """Drop files as the file manager does; whether they were taken."""
        window = self.window.windowHandle()
        at = QPointF(on.mapTo(self.window, on.rect().center()))
        files = QMimeData()
        files.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        copy = Qt.DropAction.CopyAction
        enter = QDragEnterEvent(at.toPoint(), copy, files, LEFT, NONE)
        QApplication.sendEvent(window, enter)
        move = QDragMoveEvent(at.toPoint(), copy, files, LEFT, NONE)
        move.accept()  # as Qt does when the entering was accepted
        QApplication.sendEvent(window, move)
        drop = QDropEvent(at, copy, files, LEFT, NONE)
        QApplication.sendEvent(window, drop)
        return bool(enter.isAccepted() and drop.isAccepted())

    # The keyboard

    def press(self, key: Qt.Key, modifier=NONE) -> None:
        """Press a key in whichever window has the keyboard."""
        QTest.keyClick(_focused(), key, modifier)

    def write(self, text: str) -> None:
        """Type a text where the keyboard is."""
        for letter in text:
            QTest.keyClick(_focused(), letter)

    def tab_to(self, widget: QWidget) -> None:
        """Press Tab until the keyboard is at a widget."""
        assert widget.isVisible(), widget
        assert widget.isEnabled(), widget.toolTip()
        for _ in range(120):
            if QApplication.focusWidget() is widget:
                return
            self.press(Key.Key_Tab)
        raise AssertionError(f"Tab does not lead to {widget.accessibleName() or widget}")

    def retype(self, line: QLineEdit, text: str) -> None:
        """Click into a line and type something else."""
        self.click(line)
        QTest.keyClick(line, Key.Key_A, CTRL)
        QTest.keyClicks(line, text)

    @contextmanager
    def answering(self, path: Path) -> Iterator[None]:
        """The next file dialog gets this path typed, and Enter."""
        answered: list[QWidget] = []

        def answer() -> None:
            dialog = QApplication.activeModalWidget()
            if not isinstance(dialog, QFileDialog) or answered:
                return
            line = dialog.findChild(QLineEdit, "fileNameEdit")
            if line is None or not line.hasFocus():
                return
            answered.append(dialog)
            QTest.keyClick(line, Key.Key_A, CTRL)
            QTest.keyClicks(line, str(path))
            QTest.keyClick(line, Key.Key_Return)

        timer = QTimer(self.window)
        timer.setInterval(20)
        timer.timeout.connect(answer)
        timer.start()
        try:
            yield
        finally:
            timer.stop()
        assert answered, "no file dialog came"
        self.window.activateWindow()  # without a window manager nobody gives the keyboard back
        self.until(lambda: QGuiApplication.focusWindow() is self.window.windowHandle())


def _focused() -> QWindow:
    window = QGuiApplication.focusWindow()
    assert window is not None
    return window


def _forget_changes(window: MainWindow) -> None:
    """A test's end asks nothing: what is unsaved may go."""
    window.project.new()
