"""A view that brings bars into sight."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF

from designer.canvas.layered_view import LayeredView
from designer.canvas.measures import GRID

READABLE = 0.6
"""Below this scale the names on bars are too small to be read."""
FIRST = 0.85
"""The scale at which the beginning of a large graph is shown."""


class FramedView(LayeredView):
    """Shows the whole graph, the selection, or one bar."""

    def fit(self) -> None:
        """Show the whole graph, at most at 100 %."""
        self.frame_area(self.canvas.content())

    def first_look(self) -> None:
        """Show the whole graph; of one too large to be read so, the beginning with the notes beside it."""
        self.fit()
        if self.scale_now < READABLE and self.canvas.node_items:
            first = min(self.canvas.node_items.values(), key=lambda item: (item.y(), item.x())).scene_box()
            area = self.canvas.remarks.with_notes_beside(first)
            wide = self.viewport().width() / (area.width() + 6 * GRID)
            self.zoom(max(READABLE, min(FIRST, wide)) / self.scale_now)
            whole = area.width() * self.scale_now <= self.viewport().width()
            self.centerOn((area if whole else first).center())
            down = self.mapFromScene(area.topLeft()).y() - round(4 * GRID)
            self.pan_by(QPoint(0, -down))

    def approach(self, node_id: str) -> None:
        """Zoom in on a bar to 100 % where its name is too small to be read."""
        item = self.canvas.item_of(node_id)
        if item is not None and self.scale_now < READABLE:
            self.actual_size()
            self.centerOn(item.scene_box().center())

    def frame_selection(self) -> None:
        """Show what is selected; without a selection the whole graph."""
        items = (self.canvas.item_of(node_id) for node_id in self.canvas.selected_ids())
        boxes = [item.scene_box() for item in items if item is not None]
        area = QRectF()
        for box in boxes:
            area = area.united(box)
        self.frame_area(area if boxes else self.canvas.content())

    def reveal(self, node_id: str) -> None:
        """Move the view only as far as it takes to see all of a bar."""
        item = self.canvas.item_of(node_id)
        if item is not None:  # else it was refused
            self._bring(item.scene_box())

    def reveal_selection(self) -> None:
        """Move the view only as far as it takes to see what is selected; of much of it, where the keyboard is."""
        items = [self.canvas.item_of(node_id) for node_id in self.canvas.selected_ids()]
        area = QRectF()
        for item in items:
            area = area if item is None else area.united(item.scene_box())
        room = self.seen_area()
        if area.width() > room.width() or area.height() > room.height():
            self.reveal(self.canvas.focused)
        elif items:
            self._bring(area)

    def seen_area(self) -> QRectF:
        """What of the scene is seen."""
        return self.mapToScene(self.viewport().rect()).boundingRect()

    def _bring(self, area: QRectF) -> None:
        box = self.mapFromScene(area).boundingRect()
        room = self.viewport().rect().adjusted(8, 8, -8, -8)
        across = max(room.left() - box.left(), 0) or min(room.right() - box.right(), 0)
        down = max(room.top() - box.top(), 0) or min(room.bottom() - box.bottom(), 0)
        if across or down:
            self.pan_by(QPoint(across, down))
