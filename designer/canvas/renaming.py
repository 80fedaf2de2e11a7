"""Renaming a node where it stands: F2 opens a line on its bar, Enter keeps the name, Esc takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.node_paint import TILE

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_LEAST = QSize(160, 26)
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)


class NameLine(QLineEdit):
    """A line that keeps every key to itself, so that none of them edits the drawing."""

    done = Signal(bool)  # whether the name is to be kept

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.done.emit(True)
            case Qt.Key.Key_Escape:
                self.done.emit(False)
            case _:
                super().keyPressEvent(event)
        event.accept()

    def focusNextPrevChild(self, _forward: bool) -> bool:
        self.done.emit(True)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.done.emit(True)


class Renamer(QObject):
    """Opens the line over a node's name and hands on what was typed."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self._view = view
        self.node_id = ""
        self._step: tuple[str, str] | None = None
        self.line = NameLine(view)
        self.line.setAccessibleName(self.tr("Name of the node"))
        self.line.hide()
        self.line.done.connect(self._finish)
        view.viewport().installEventFilter(self)
        for bar in (view.horizontalScrollBar(), view.verticalScrollBar()):
            bar.valueChanged.connect(self._place)
        view.editor.project.changed.connect(self._follow)
        view.editor.project.replaced.connect(self.give_up)
        view.canvas.leaving.connect(self.give_up)

    def begin(self) -> None:
        """Rename the node that the keyboard is at, or the only one selected."""
        chosen = self._view.canvas.selected_ids()
        node_id = self._view.canvas.focused or (chosen[0] if len(chosen) == 1 else "")
        if node_id and self._view.gesture is None:
            if not self._view.remarks.edit(node_id):
                self.open_at(node_id)
        elif not node_id:
            self._view.editor.said.emit(self.tr("Choose the node to rename first: click on it, or go to it by Tab."))

    def open_at(self, node_id: str, step: tuple[str, str] | None = None) -> None:
        """Show the line over the node's name, all of it selected.

        `step` is the label and the `merge` of the step that made the node: its first name belongs to that.
        """
        self._step = step
        self._view.reveal(node_id)
        self.node_id = node_id
        self.line.setText(self._view.editor.document.nodes[node_id].name)
        self._place()
        self.line.show()
        self.line.raise_()
        self.line.selectAll()
        self.line.setFocus(Qt.FocusReason.PopupFocusReason)

    def give_up(self) -> None:
        """Close the line; the name stays as it was."""
        self._finish(keep=False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Zooming would leave the line behind: it is closed, and the name kept."""
        if self.node_id and event.type() is QEvent.Type.Wheel:
            self._finish(keep=True)
        return False

    def _finish(self, keep: bool) -> None:
        node_id, self.node_id = self.node_id, ""
        if not node_id:
            return
        had_focus = self.line.hasFocus()
        keep = keep and node_id in self._view.editor.document.nodes
        refused = self._view.editor.rename(node_id, self.line.text().strip(), self._step) if keep else ""
        if refused and had_focus:  # Enter: the name can be mended at once
            self.node_id = node_id
            self.line.selectAll()
        else:
            self.line.hide()
            if had_focus:
                self._view.setFocus()
        if refused:
            self._view.editor.said.emit(refused)

    def _follow(self, _change: object) -> None:
        if self.node_id and self.node_id not in self._view.editor.document.nodes:
            self.give_up()

    def _place(self, _value: int = 0) -> None:
        item = self._view.canvas.item_of(self.node_id)
        if item is None:
            return
        box, tile = (item.scene_box(), TILE) if isinstance(item, NodeItem) else (item.name_box(), 0.0)
        bar, scale = self._view.mapFromScene(box).boundingRect(), self._view.scale_now
        size = QSize(round((WIDTH - tile) * scale), round(HEIGHT * scale)).expandedTo(_LEAST)
        size = size.boundedTo(self._view.viewport().size())
        corner = QPoint(bar.left() + round(tile * scale), bar.center().y() - size.height() // 2)
        self.line.setGeometry(_inside(QRect(corner, size), self._view.viewport()))


def _inside(box: QRect, around: QWidget) -> QRect:
    """The box moved so that all of it is seen."""
    room = around.rect()
    box.moveLeft(max(room.left(), min(box.left(), room.right() - box.width())))
    box.moveTop(max(room.top(), min(box.top(), room.bottom() - box.height())))
    return box
