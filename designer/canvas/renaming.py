"""Renaming a node where it stands: F2 opens a line on its bar, Enter keeps the name, Esc takes it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit

from designer.canvas.in_place import InPlace, ends, inside, is_redo
from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.node_paint import TILE

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

_LEAST = QSize(160, 26)


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

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and is_redo(event):
            event.accept()
            return True
        return bool(super().event(event))

    def focusNextPrevChild(self, _forward: bool) -> bool:
        self.done.emit(True)
        return True

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if ends(event):
            self.done.emit(True)


class Renamer(InPlace):
    """Opens the line over a node's name and hands on what was typed."""

    def __init__(self, view: CanvasView) -> None:
        self._step: tuple[str, str] | None = None
        self.line = NameLine(view)
        super().__init__(view, self.line, self.line.done)
        self.line.setAccessibleName(self.tr("Name of the node"))

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
        self.line.setText(self._view.editor.document.nodes[node_id].name)
        self.line.selectAll()
        self._show(node_id)

    def _keep(self, node_id: str) -> str:
        return self._view.editor.rename(node_id, self.line.text().strip(), self._step)

    def _mend(self) -> None:
        self.line.selectAll()

    def _place(self, _value: int = 0) -> None:
        item = self._view.canvas.item_of(self.node_id)
        if item is None:
            return
        box, tile = (item.scene_box(), TILE) if isinstance(item, NodeItem) else (item.name_box(), 0.0)
        bar, scale = self._view.mapFromScene(box).boundingRect(), self._view.scale_now
        size = QSize(round((WIDTH - tile) * scale), round(HEIGHT * scale)).expandedTo(_LEAST)
        size = size.boundedTo(self._view.viewport().size())
        corner = QPoint(bar.left() + round(tile * scale), bar.center().y() - size.height() // 2)
        self.line.setGeometry(inside(QRect(corner, size), self._view.viewport()))
