"""Resizing a comment or frame at its edges and corners."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt

from designer.canvas import remark_edits
from designer.canvas.gestures import Gesture, Pointer
from designer.canvas.measures import GRID
from designer.canvas.remark_facts import box_of, least
from designer.canvas.remark_item import RemarkItem

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView

CURSORS = {
    "n": Qt.CursorShape.SizeVerCursor, "s": Qt.CursorShape.SizeVerCursor,
    "w": Qt.CursorShape.SizeHorCursor, "e": Qt.CursorShape.SizeHorCursor,
    "nw": Qt.CursorShape.SizeFDiagCursor, "se": Qt.CursorShape.SizeFDiagCursor,
    "ne": Qt.CursorShape.SizeBDiagCursor, "sw": Qt.CursorShape.SizeBDiagCursor,
}  # fmt: skip


class Resize(Gesture):
    """Moves the grabbed edges; the document learns of it when they are let go."""

    def __init__(self, view: CanvasView, at: Pointer, item: RemarkItem, edge: str) -> None:
        super().__init__(view, at)
        self._item = item
        self._edge = edge
        self._box = item.scene_box()

    def begin(self) -> None:
        self.scene.select([self._item.node.id])
        self.scene.focus(self._item.node.id)

    def move(self, at: Pointer) -> None:
        self._box = self._pulled(at.scene - self.start.scene)
        self._item.show_box(self._box)
        self.scene.remarks.follow_move(self._item)

    def end(self, at: Pointer) -> None:
        if self._box != box_of(self._item.node):
            remark_edits.resize(self.view.editor.document, self._item.node.id, self._box)

    def cancel(self) -> None:
        if self._item.node.id in self.scene.remarks.items:
            self._item.show_node(self._item.node)
            self.scene.remarks.follow_move(self._item)

    def _pulled(self, by: QPointF) -> QRectF:
        """The box with the grabbed edges moved along the grid, never smaller than it may be."""
        box = box_of(self._item.node)
        width, height = least(self._item.node.type)
        if "w" in self._edge:
            box.setLeft(min(_on_grid(box.left() + by.x()), box.right() - width))
        if "e" in self._edge:
            box.setRight(max(_on_grid(box.right() + by.x()), box.left() + width))
        if "n" in self._edge:
            box.setTop(min(_on_grid(box.top() + by.y()), box.bottom() - height))
        if "s" in self._edge:
            box.setBottom(max(_on_grid(box.bottom() + by.y()), box.top() + height))
        return box


def _on_grid(value: float) -> float:
    return round(value / GRID) * GRID
