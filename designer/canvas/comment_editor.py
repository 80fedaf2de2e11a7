"""Writing a comment where it stands: Ctrl+Enter or a click elsewhere keeps the text, Esc takes it back.

Each letter is in the document, and so in the crash journal, as it is typed: a long text is no more lost than a node.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit

from designer.canvas import remark_edits
from designer.canvas.in_place import InPlace, ends, inside, is_redo
from designer.canvas.remark_facts import colour_of, paper, size_of, text_of
from designer.theme import TEXT_SIZE, Theme

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_LEAST = QSize(200, 72)
_SMALLEST = 11


class TextBox(QPlainTextEdit):
    """Plain text that keeps every key to itself, so that none of them edits the drawing."""

    done = Signal(bool)  # whether the text is to be kept

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if event.key() == Qt.Key.Key_Escape:
            self.done.emit(False)
        elif enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.done.emit(True)
        else:
            super().keyPressEvent(event)
        event.accept()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and is_redo(event):
            event.accept()
            return True
        return bool(super().event(event))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if ends(event):
            self.done.emit(True)


class CommentEditor(InPlace):
    """Opens the text over a note and hands on what is written."""

    def __init__(self, view: CanvasView) -> None:
        self._before: tuple[str, tuple[float, float]] = ("", (0.0, 0.0))  # the text and the size
        self._own: object = None  # the step that this box wrote last
        self._opened = 0
        self.box = TextBox(view)
        super().__init__(view, self.box, self.box.done)
        self.box.setFrameShape(QFrame.Shape.NoFrame)
        self.box.setTabChangesFocus(True)
        self.box.setAccessibleName(self.tr("Text of the comment"))
        self.box.setAccessibleDescription(self.tr("Ctrl+Enter keeps the text, Esc takes it back."))
        self.box.textChanged.connect(self._write)

    def open_at(self, node_id: str) -> None:
        """Show the text over the note."""
        self._view.reveal(node_id)
        node = self._view.editor.document.nodes[node_id]
        self._before, self._own = (text_of(node), size_of(node)), None
        self._opened += 1
        self.box.setPlainText(text_of(node))
        self.box.moveCursor(QTextCursor.MoveOperation.End)
        self._show(node_id)

    def settle(self) -> None:
        """What was written is in the document already; it can be written on."""

    def _keep(self, node_id: str) -> str:
        self._put(node_id, self.box.toPlainText())
        return ""

    def _take_back(self, node_id: str) -> None:
        text, size = self._before
        document = self._view.editor.document
        if self._own is not None and document.state is self._own:
            document.undo(for_good=True)
        if node_id in document.nodes and text_of(document.nodes[node_id]) != text:  # part of it was saved meanwhile
            remark_edits.write(document, node_id, text, QSizeF(*size))

    def _write(self) -> None:
        if self.node_id:
            self._put(self.node_id, self.box.toPlainText())

    def _put(self, node_id: str, text: str) -> None:
        document, least = self._view.editor.document, QSizeF(*self._before[1])
        if text.strip() != text_of(document.nodes[node_id]):
            remark_edits.write(document, node_id, text.strip(), least, merge=f"write {node_id} {self._opened}")
            self._own = document.state

    def _place(self, _value: int = 0) -> None:
        item = self._view.canvas.remarks.items.get(self.node_id)
        if item is None:
            return
        scale, color = self._view.scale_now, paper(colour_of(item.node), Theme.current()).name()
        size = max(_SMALLEST, round(TEXT_SIZE * scale))
        look = f"background: {color}; font-size: {size}px; border: 1px solid {Theme.current().accent};"
        if self.box.styleSheet() != (sheet := f"QPlainTextEdit {{ {look} }}"):
            self.box.setStyleSheet(sheet)
        area = self._view.mapFromScene(item.name_box()).boundingRect()
        room = area.size().expandedTo(_LEAST).boundedTo(self._view.viewport().size())
        self.box.setGeometry(inside(QRect(area.topLeft(), room), self._view.viewport()))
