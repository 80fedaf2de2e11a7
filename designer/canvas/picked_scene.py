"""A scene of bars and wires: which of them are selected, focused or outlined, and what lies where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsPathItem, QGraphicsScene

from designer.canvas.node_item import NodeItem
from designer.canvas.ports import Spot
from designer.canvas.wire_item import WireItem
from designer.theme import Theme
from runtime.graph import Wire

if TYPE_CHECKING:
    from designer.canvas.remark_item import RemarkItem
    from designer.canvas.remark_layer import RemarkLayer


class PickedScene(QGraphicsScene):
    """Items by id, and what a hand or the keyboard is at."""

    focus_moved = Signal(str)  # the node that the keyboard is at, "" for none
    remarks: RemarkLayer

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.node_items: dict[str, NodeItem] = {}
        self.wire_items: dict[Wire, WireItem] = {}
        self._marked: NodeItem | WireItem | None = None
        self._focused = ""
        self.promised = QGraphicsPathItem()
        self.promised.setZValue(2)
        self.promised.hide()

    @property
    def focused(self) -> str:
        """The node that the keyboard is at, "" for none."""
        return self._focused

    def focus(self, node_id: str) -> None:
        """Move the keyboard to a node."""
        if node_id == self._focused:
            return
        for which, focused in ((self._focused, False), (node_id, True)):
            item = self.item_of(which)
            if item is not None:
                item.show_mark(focused=focused)
        self._focused = node_id
        self.focus_moved.emit(node_id)

    def mark(self, item: NodeItem | WireItem | None) -> None:
        """Outline the one item where something is about to land; None for none."""
        if item is self._marked:
            return
        for which, marked in ((self._marked, False), (item, True)):
            if which is not None:
                which.show_mark(marked=marked)
        self._marked = item

    def promise(self, path: QPainterPath | None) -> None:
        """Show a wire that letting go would make; None for none."""
        self.promised.setVisible(path is not None)
        if path is not None:
            pen = QPen(QColor(Theme.current().accent), 2)
            pen.setStyle(Qt.PenStyle.DashLine)
            self.promised.setPen(pen)
            self.promised.setPath(path)

    def item_of(self, node_id: str) -> NodeItem | RemarkItem | None:
        """The bar of a node, or what shows a remark."""
        return self.node_items.get(node_id) or self.remarks.items.get(node_id)

    def selected_ids(self) -> tuple[str, ...]:
        """The selected nodes, oldest first, then the selected remarks."""
        both = (*self.node_items.items(), *self.remarks.items.items())
        return tuple(node_id for node_id, item in both if item.isSelected())

    def selected_wires(self) -> tuple[Wire, ...]:
        """The selected wires."""
        return tuple(wire for wire, item in self.wire_items.items() if item.isSelected())

    def select(self, node_ids: Iterable[str]) -> None:
        """Select these nodes and nothing else."""
        wanted = set(node_ids)
        self.blockSignals(True)
        for node_id, item in (*self.node_items.items(), *self.remarks.items.items()):
            item.setSelected(node_id in wanted)
        for wire_item in self.wire_items.values():
            wire_item.setSelected(False)
        self.blockSignals(False)
        self.selectionChanged.emit()

    def node_at(self, point: QPointF) -> NodeItem | None:
        """The bar at a place, its ports included."""
        return next((item for item in self.items(point) if isinstance(item, NodeItem)), None)

    def spot_at(self, point: QPointF) -> Spot | None:
        """The port at a place."""
        found = (item.spot_at(point) for item in self.items(point) if isinstance(item, NodeItem))
        return next((spot for spot in found if spot is not None), None)

    def wire_at(self, point: QPointF) -> WireItem | None:
        """The wire at a place."""
        return next((item for item in self.items(point) if isinstance(item, WireItem)), None)
