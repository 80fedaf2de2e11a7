"""Writing a comment where it stands: Ctrl+Enter or a click elsewhere keeps the text, Esc takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from designer.canvas import remark_edits
from designer.canvas.remark_facts import colour_of, paper, text_of
from designer.theme import TEXT_SIZE, Theme

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_LEAST = QSize(200, 72)
_SMALLEST = 11
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


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
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return bool(super().event(event))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.done.emit(True)


class CommentEditor(QObject):
    """Opens the text over a note and hands on what was written."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.node_id = ""
        self.box = TextBox(view)
        self.box.setFrameShape(QFrame.Shape.NoFrame)
        self.box.setTabChangesFocus(True)
        self.box.setAccessibleName(self.tr("Text of the comment"))
        self.box.setAccessibleDescription(self.tr("Ctrl+Enter keeps the text, Esc takes it back."))
        self.box.hide()
        self.box.done.connect(self._finish)
        view.viewport().installEventFilter(self)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self._place)
        view.editor.project.changed.connect(self._follow)
        view.editor.project.replaced.connect(self.give_up)
        view.canvas.leaving.connect(self.give_up)

    def open_at(self, node_id: str) -> None:
        """Show the text over the note."""
        self._view.reveal(node_id)
        self.node_id = node_id
        self.box.setPlainText(text_of(self._view.editor.document.nodes[node_id]))
        self.box.moveCursor(QTextCursor.MoveOperation.End)
        self._place()
        self.box.show()
        self.box.raise_()
        self.box.setFocus(Qt.FocusReason.PopupFocusReason)

    def accept(self) -> None:
        """Close the text and keep it."""
        self._finish(keep=True)

    def give_up(self) -> None:
        """Close the text; the comment stays as it was."""
        self._finish(keep=False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Zooming would leave the text behind: it is closed, and kept."""
        if self.node_id and event.type() is QEvent.Type.Wheel:
            self._finish(keep=True)
        return False

    def _finish(self, keep: bool) -> None:
        node_id, self.node_id = self.node_id, ""
        if not node_id:
            return
        had_focus = self.box.hasFocus()
        self.box.hide()
        if keep and node_id in self._view.editor.document.nodes:
            remark_edits.write(self._view.editor.document, node_id, self.box.toPlainText().strip())
        if had_focus:
            self._view.setFocus()

    def _follow(self, _change: object) -> None:
        if self.node_id and self.node_id not in self._view.editor.document.nodes:
            self.give_up()

    def _place(self, _value: int = 0) -> None:
        item = self._view.canvas.remarks.items.get(self.node_id)
        if item is None:
            return
        scale, color = self._view.scale_now, paper(colour_of(item.node), Theme.current()).name()
        size = max(_SMALLEST, round(TEXT_SIZE * scale))
        look = f"background: {color}; font-size: {size}px; border: 1px solid {Theme.current().accent};"
        self.box.setStyleSheet(f"QPlainTextEdit {{ {look} }}")
        area = self._view.mapFromScene(item.name_box()).boundingRect()
        room = area.size().expandedTo(_LEAST).boundedTo(self._view.viewport().size())
        self.box.setGeometry(inside(QRect(area.topLeft(), room), self._view.viewport()))


def inside(box: QRect, around: QWidget) -> QRect:
    """The box moved so that all of it is seen."""
    room = around.rect()
    box.moveLeft(max(room.left(), min(box.left(), room.right() - box.width())))
    box.moveTop(max(room.top(), min(box.top(), room.bottom() - box.height())))
    return box
