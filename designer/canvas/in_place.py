"""Typing on the canvas itself: what the line of a name and the text of a comment have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt, SignalInstance
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
_REDO = QKeySequence("Ctrl+Y")


class InPlace(QObject):
    """Opens a field over what stands on the canvas and hands on what was typed.

    It is kept by a click elsewhere, by zooming and by whatever needs the drawing as it is meant, such as saving.
    """

    def __init__(self, view: CanvasView, field: QWidget, done: SignalInstance) -> None:
        """`done` is the field's own signal for the end: whether what was typed is kept."""
        super().__init__(view)
        self._view = view
        self._field = field
        self.node_id = ""
        field.hide()
        done.connect(self._finish)
        view.viewport().installEventFilter(self)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self._place)
        project = view.editor.project
        project.changed.connect(self._follow)
        project.replaced.connect(self._drop)
        project.settling.connect(self.settle)
        view.canvas.leaving.connect(self.leave)

    def accept(self) -> None:
        """Close the field and keep what was typed."""
        self._finish(keep=True)

    def give_up(self) -> None:
        """Close the field; all stays as it was."""
        self._finish(keep=False)

    def settle(self) -> None:
        """The drawing is saved or checked: what was typed belongs into it."""
        self.accept()

    def leave(self) -> None:
        """Another sheet is looked at: what was typed is kept where that can be."""
        self.accept()
        self.give_up()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Zooming would leave the field behind."""
        if self.node_id and event.type() is QEvent.Type.Wheel:
            self.accept()
        return False

    # What each field says for itself

    def _keep(self, node_id: str) -> str:
        """Bring what was typed into the document; gives the reason when that cannot be, else ""."""
        raise NotImplementedError

    def _take_back(self, node_id: str) -> None:
        """Esc: make undone what was done already."""

    def _mend(self) -> None:
        """What was typed was refused: it can be mended at once."""

    def _place(self, _value: int = 0) -> None:
        """Put the field where its node stands in the view."""
        raise NotImplementedError

    # Inside

    def _show(self, node_id: str) -> None:
        self.node_id = node_id
        self._place()
        self._field.show()
        self._field.raise_()
        self._field.setFocus(Qt.FocusReason.PopupFocusReason)

    def _finish(self, keep: bool) -> None:
        node_id, self.node_id = self.node_id, ""
        if not node_id:
            return
        had_focus, there = self._field.hasFocus(), node_id in self._view.editor.document.nodes
        refused = self._keep(node_id) if keep and there else ""
        if there and not keep:
            self._take_back(node_id)
        if refused and had_focus:
            self.node_id = node_id
            self._mend()
        else:
            self._field.hide()
            if had_focus:
                self._view.setFocus()
        if refused:
            self._view.editor.said.emit(refused)

    def _drop(self) -> None:
        """Another document took the place of the last."""
        self.node_id = ""
        if self._field.isVisible():
            self._field.hide()

    def _follow(self, _change: object) -> None:
        if not self.node_id:
            return
        if self.node_id not in self._view.editor.document.nodes:
            self.give_up()
        else:
            self._place()


def ends(event: QFocusEvent) -> bool:
    """Whether the keyboard went elsewhere for good, not only to a menu or another window."""
    return event.reason() not in _STAYS


def is_redo(event: QEvent) -> bool:
    """Whether a key would reach the window's redo, which has no business in a text that is being typed."""
    return isinstance(event, QKeyEvent) and QKeySequence(event.keyCombination()) == _REDO


def inside(box: QRect, around: QWidget) -> QRect:
    """The box moved so that all of it is seen."""
    room = around.rect()
    box.moveLeft(max(room.left(), min(box.left(), room.right() - box.width())))
    box.moveTop(max(room.top(), min(box.top(), room.bottom() - box.height())))
    return box
