"""What a hand does on the canvas, one object a gesture: it begins, moves, and ends or is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QApplication, QGraphicsPathItem

from designer.canvas.landing import Landing, mark, show_landing
from designer.canvas.measures import snapped
from designer.canvas.node_item import NodeItem
from designer.canvas.remark_item import RemarkItem
from designer.canvas.wire_item import WireItem
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where the pointer is: in the scene and in the view."""

    scene: QPointF
    view: QPoint
    toggles: bool = False


class Gesture:
    """The base: a gesture that does nothing."""

    def __init__(self, view: CanvasView, at: Pointer) -> None:
        self.view = view
        self.scene = view.canvas
        self.start = at

    def begin(self) -> None:
        """The button went down."""

    def move(self, at: Pointer) -> None:
        """The pointer moved."""

    def end(self, at: Pointer) -> None:
        """The button went up: do it."""

    def cancel(self) -> None:
        """Leave everything as it was before."""

    def is_far(self, at: Pointer) -> bool:
        """Whether the pointer has moved far enough to mean a drag."""
        return (at.view - self.start.view).manhattanLength() >= QApplication.startDragDistance()


class Pan(Gesture):
    """Moves the view."""

    def begin(self) -> None:
        self._last = self.start.view
        self.view.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def move(self, at: Pointer) -> None:
        self.view.pan_by(at.view - self._last)
        self._last = at.view

    def end(self, at: Pointer) -> None:
        self.cancel()

    def cancel(self) -> None:
        self.view.viewport().unsetCursor()


class Lasso(Gesture):
    """Selects what a rectangle touches; a click on nothing selects nothing."""

    def begin(self) -> None:
        self._before = self.scene.selected_ids()
        self._kept = self._before if self.start.toggles else ()
        self._frame = QGraphicsPathItem()
        accent = QColor(Theme.current().accent)
        pen = QPen(accent, 1)
        pen.setCosmetic(True)
        self._frame.setPen(pen)
        accent.setAlpha(36)
        self._frame.setBrush(accent)
        self._frame.setZValue(10)
        self.scene.addItem(self._frame)

    def move(self, at: Pointer) -> None:
        area = QRectF(self.start.scene, at.scene).normalized()
        outline = QPainterPath()
        outline.addRect(area)
        self._frame.setPath(outline)
        near = (item for item in self.scene.items(area) if isinstance(item, NodeItem))
        touched = {item.node.id for item in near if item.scene_box().intersects(area)}
        self.scene.select(touched | self.scene.remarks.touched(area) | set(self._kept))

    def end(self, at: Pointer) -> None:
        self.scene.removeItem(self._frame)
        if not self.is_far(at):
            self.scene.select(self._kept)

    def cancel(self) -> None:
        self.scene.removeItem(self._frame)
        self.scene.select(self._before)


class MoveNodes(Gesture):
    """Moves the selected bars and remarks, and what lies in selected frames; the document learns of it at the end."""

    def __init__(self, view: CanvasView, at: Pointer, grabbed: NodeItem | RemarkItem) -> None:
        super().__init__(view, at)
        self._grabbed = grabbed
        self._moving = False
        self._landing: Landing = None

    def begin(self) -> None:
        item = self._grabbed
        if not item.isSelected():
            self.scene.select([item.node.id])
        self.scene.focus(item.node.id)
        carried = self.scene.remarks.carried(self.scene.selected_ids())
        self._items = [found for node_id in carried if (found := self.scene.item_of(node_id)) is not None]
        bars = [one for one in self._items if isinstance(one, NodeItem)]
        self._lead = min(bars, key=lambda one: (one.node.position[1], one.node.position[0]), default=item)

    def move(self, at: Pointer) -> None:
        if not self._moving and not self.is_far(at):
            return
        self._moving = True
        self._set_obstructing(False)
        for item in self._items:
            old = item.pos()
            item.setPos(self._place(item, at))
            if item.pos() != old:
                self.scene.follow_move(item.node.id, old)
        if isinstance(self._grabbed, NodeItem) and isinstance(self._lead, NodeItem):
            moved = [item.node.id for item in self._items if isinstance(item, NodeItem)]
            self._landing = show_landing(self.scene, self._lead.kind, self._lead.pos(), moved)

    def end(self, at: Pointer) -> None:
        mark(self.scene, None)
        self._set_obstructing(True)
        if not self._moving:
            self.scene.select([self._grabbed.node.id])
            return
        places = {item.node.id: (item.x(), item.y()) for item in self._items}
        self.view.editor.move(places, self._landing, self._lead.node.id)
        for item in self._items:
            self.scene.reroute(item.scene_box())

    def cancel(self) -> None:
        mark(self.scene, None)
        self._set_obstructing(True)
        for item in self._items:
            old = item.pos()
            item.setPos(*item.node.position)
            if self.scene.item_of(item.node.id) is item:
                self.scene.follow_move(item.node.id, old)

    def _set_obstructing(self, obstructing: bool) -> None:
        for item in self._items:
            if isinstance(item, NodeItem):
                item.obstructs = obstructing

    def _place(self, item: NodeItem | RemarkItem, at: Pointer) -> QPointF:
        """Where the bar goes: the one that was grabbed keeps to the grid, the others keep their distance to it."""
        x, y = self._grabbed.node.position
        moved = at.scene - self.start.scene
        shift = QPointF(*snapped(x + moved.x(), y + moved.y())) - QPointF(x, y)
        return QPointF(*item.node.position) + shift


def press_on_wire(item: WireItem, view: CanvasView, *, toggles: bool) -> None:
    """A click on a wire selects it; with Ctrl it is added or taken away."""
    if toggles:
        item.setSelected(not item.isSelected())
        return
    view.canvas.select(())
    item.setSelected(True)
