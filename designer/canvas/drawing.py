"""Drawing a wire: by dragging from a port, or by keys from the node that the keyboard is at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QToolTip

from designer.canvas.fitting import joined, refusals
from designer.canvas.gestures import Gesture, Pointer
from designer.canvas.ports import Spot
from designer.canvas.routes import direct
from designer.theme import Theme

if TYPE_CHECKING:
    from designer.canvas.view import CanvasView


class DrawWire(Gesture):
    """Draws a wire from a port, in either direction: fitting ports grow, the others fade and say why on hover."""

    def __init__(self, view: CanvasView, at: Pointer, loose: Spot) -> None:
        super().__init__(view, at)
        self._loose = loose
        self._line = QGraphicsPathItem()

    def begin(self) -> None:
        self._reasons = refusals(self.view.editor.document, self._loose)
        for node_id, item in self.scene.node_items.items():
            item.show_fits({key: not reason for key, reason in self._reasons[node_id].items()})
        pen = QPen(QColor(Theme.current().accent), 2)
        pen.setStyle(Qt.PenStyle.DashLine)
        self._line.setPen(pen)
        self._line.setZValue(2)
        self.scene.addItem(self._line)
        self._anchor = self.scene.node_items[self._loose.node].spot_point(self._loose.is_input, self._loose.port.name)

    def move(self, at: Pointer) -> None:
        spot = self._ending(at.scene)
        point = at.scene if spot is None else self.scene.node_items[spot.node].spot_point(*spot.key)
        ends = (point, self._anchor) if self._loose.is_input else (self._anchor, point)
        self._line.setPath(direct(*ends))
        reason = self._reason(at.scene)
        if reason:
            QToolTip.showText(self.view.viewport().mapToGlobal(at.view), reason, self.view.viewport())
        else:
            QToolTip.hideText()

    def end(self, at: Pointer) -> None:
        spot, reason = self._ending(at.scene), self._reason(at.scene)
        moved, empty = self.is_far(at), self.scene.node_at(at.scene) is None
        self.cancel()
        if spot is not None:
            self.view.editor.connect_ports(joined(self._loose, spot.node, spot.port.name))
        elif reason and moved:
            self.view.editor.said.emit(reason)
        elif moved and empty:
            self.view.open_search(at.scene, self._loose)

    def cancel(self) -> None:
        QToolTip.hideText()
        if self._line.scene() is not None:
            self.scene.removeItem(self._line)
        for item in self.scene.node_items.values():
            item.show_fits(None)

    def _ending(self, point: QPointF) -> Spot | None:
        """The port where the wire would end: the one under the pointer, or the first that fits on the bar there."""
        spot = self.scene.spot_at(point)
        if spot is not None and not self._reasons[spot.node].get(spot.key, "-"):
            return spot
        item = self.scene.node_at(point)
        if item is None or spot is not None:
            return None
        fits = [spot for spot in item.spots.values() if not self._reasons[item.node.id].get(spot.key, "-")]
        return min(fits, key=lambda spot: spot.port.kind is not self._loose.port.kind, default=None)

    def _reason(self, point: QPointF) -> str:
        item = self.scene.node_at(point)
        if item is None or item.node.id == self._loose.node or self._ending(point) is not None:
            return ""
        reasons = self._reasons[item.node.id]
        spot = self.scene.spot_at(point)
        if spot is not None and spot.key in reasons:
            return reasons[spot.key]
        facing = [why for (is_input, _), why in reasons.items() if is_input is not self._loose.is_input and why]
        text = self.view.tr("“{0}” has no port for this wire.")
        return facing[0] if facing else text.format(item.node.name)


class KeyConnect(Gesture):
    """Connects the node that the keyboard is at to another: arrows choose it, Enter connects, Esc gives up."""

    def __init__(self, view: CanvasView, source: str) -> None:
        super().__init__(view, Pointer(QPointF(), view.rect().center()))
        self._source = source

    def begin(self) -> None:
        self.scene.node_items[self._source].show_mark(marked=True)
        name = self.scene.node_items[self._source].node.name
        text = self.view.tr("Connecting “{0}”: choose the other node with the arrow keys or Ctrl+F, then press Enter.")
        self.view.editor.said.emit(text.format(name))

    def end(self, at: Pointer) -> None:
        self.cancel()
        target = self.scene.focused
        if target and self.view.editor.connect_nodes(self._source, target):
            self.view.editor.said.emit("")

    def cancel(self) -> None:
        if self._source in self.scene.node_items:
            self.scene.node_items[self._source].show_mark(marked=False)
