"""The scene follows the document: with every change an item appears, goes or looks different. It holds no state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsScene

from designer.canvas.measures import HEIGHT, STEP, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.ports import Spot
from designer.canvas.wire_item import WireItem
from designer.project import Project
from designer.theme import Theme
from runtime.analysis import Analysis
from runtime.changes import Change, NodeAdded, NodeChanged, NodeRemoved, WireAdded, WireRemoved
from runtime.graph import Wire
from runtime.problems import Problem

_ROOM = 2000.0


class CanvasScene(QGraphicsScene):
    """Items by id, kept equal to the project's document; it never writes to it."""

    focus_moved = Signal(str)  # the node that the keyboard is at, "" for none

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.node_items: dict[str, NodeItem] = {}
        self.wire_items: dict[Wire, WireItem] = {}
        self._focused = ""
        self.promised = QGraphicsPathItem()
        self.promised.setZValue(2)
        self.promised.hide()
        self.addItem(self.promised)
        self.setSceneRect(-_ROOM, -_ROOM, 2 * _ROOM, 2 * _ROOM)
        project.changed.connect(self.show_change)
        project.replaced.connect(self.refill)
        project.analysed.connect(self.show_analysis)
        self.refill()

    # Following

    def refill(self) -> None:
        """Show the project's document from scratch."""
        self.clearSelection()
        self.focus("")
        for wire in tuple(self.wire_items):
            self._remove_wire(wire)
        for node_id in tuple(self.node_items):
            self.removeItem(self.node_items.pop(node_id))
        document = self.project.document
        for node in document.nodes.values():
            self._place(NodeItem(node))
        for wire in document.wires:
            self._draw(wire)
        self.show_analysis(self.project.analysis)

    def show_change(self, change: Change) -> None:
        """Show one change of the document."""
        match change:
            case NodeAdded(node):
                self._place(NodeItem(node))
                self.reroute(self.node_items[node.id].scene_box())
            case NodeRemoved(node):
                self._remove_node(node.id)
            case NodeChanged(old, new):
                self.node_items[new.id].show_node(new)
                if old.position != new.position:
                    self.follow_move(new.id, QPointF(*old.position))
                else:
                    self._reroute_of(self.node_items[new.id])
            case WireAdded(wire):
                self._draw(wire)
            case WireRemoved(wire):
                self._remove_wire(wire)
            case _:
                return

    def show_analysis(self, analysis: Analysis) -> None:
        """Show shapes, key settings and problems."""
        problems: dict[str, list[Problem]] = defaultdict(list)
        for problem in analysis.problems:
            problems[problem.node].append(problem)
        for node_id, item in self.node_items.items():
            before = item.spots
            item.show_facts(analysis.facts.get(node_id), tuple(problems[node_id]))
            if item.spots != before:
                self._reroute_of(item)

    # Looking up

    @property
    def focused(self) -> str:
        """The node that the keyboard is at, "" for none."""
        return self._focused

    def focus(self, node_id: str) -> None:
        """Move the keyboard to a node."""
        if node_id == self._focused:
            return
        for which, focused in ((self._focused, False), (node_id, True)):
            if which in self.node_items:
                self.node_items[which].show_mark(focused=focused)
        self._focused = node_id
        self.focus_moved.emit(node_id)

    def promise(self, path: QPainterPath | None) -> None:
        """Show a wire that letting go would make; None for none."""
        self.promised.setVisible(path is not None)
        if path is not None:
            pen = QPen(QColor(Theme.current().accent), 2)
            pen.setStyle(Qt.PenStyle.DashLine)
            self.promised.setPen(pen)
            self.promised.setPath(path)

    def selected_ids(self) -> tuple[str, ...]:
        """The selected nodes, oldest first."""
        return tuple(node_id for node_id, item in self.node_items.items() if item.isSelected())

    def selected_wires(self) -> tuple[Wire, ...]:
        """The selected wires."""
        return tuple(wire for wire, item in self.wire_items.items() if item.isSelected())

    def select(self, node_ids: Iterable[str]) -> None:
        """Select these nodes and nothing else."""
        wanted = set(node_ids)
        self.blockSignals(True)
        for node_id, item in self.node_items.items():
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

    def boxes(self, area: QRectF) -> list[QRectF]:
        """The bars that touch an area."""
        found = [item.scene_box() for item in self._near(area) if isinstance(item, NodeItem) and item.obstructs]
        return [box for box in found if box.intersects(area)]

    def content(self) -> QRectF:
        """What the bars cover together."""
        covered = QRectF()
        for item in self.node_items.values():
            covered = covered.united(item.scene_box())
        return covered

    # Moving

    def follow_move(self, node_id: str, old: QPointF) -> None:
        """A bar was moved from `old`: its wires follow, and those that must now make way."""
        item = self.node_items[node_id]
        self._reroute_of(item)
        self.reroute(item.scene_box(), skip=item)
        self.reroute(QRectF(old.x(), old.y(), WIDTH, HEIGHT), skip=item)
        self._grow(item.scene_box())

    def reroute(self, area: QRectF, skip: NodeItem | None = None) -> None:
        """Find the way again of every wire near an area."""
        near = self._near(area.adjusted(-STEP, -STEP, STEP, STEP))
        self._route(item for item in near if isinstance(item, WireItem) and skip not in (item.source, item.target))

    def _near(self, area: QRectF) -> list[QGraphicsItem]:
        """The items whose outline touches an area: quicker than asking for their exact shape."""
        return self.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect)

    def _reroute_of(self, item: NodeItem) -> None:
        self._route(tuple(item.wires))

    def _route(self, wires: Iterable[WireItem]) -> None:
        for wire in wires:
            wire.reroute(self.boxes)

    def _place(self, item: NodeItem) -> None:
        self.node_items[item.node.id] = item
        self.addItem(item)
        self._grow(item.scene_box())

    def _draw(self, wire: Wire) -> None:
        source, target = self.node_items.get(wire.source), self.node_items.get(wire.target)
        if source is None or target is None:  # a file may hold a wire that leads nowhere; the analysis tells of it
            return
        item = WireItem(wire, source, target)
        self.wire_items[wire] = item
        self.addItem(item)
        for end in {source, target}:
            end.wires[item] = None
            end.refresh()
        self._route([item, *(other for other in (*source.wires, *target.wires) if other is not item)])

    def _remove_wire(self, wire: Wire) -> None:
        item = self.wire_items.pop(wire, None)
        if item is None:
            return
        for end in {item.source, item.target}:
            end.wires.pop(item, None)
            end.refresh()
        self.removeItem(item)
        self._route((*item.source.wires, *item.target.wires))

    def _remove_node(self, node_id: str) -> None:
        if self._focused == node_id:
            self.focus("")
        item = self.node_items.pop(node_id)
        box = item.scene_box()
        self.removeItem(item)
        self.reroute(box)

    def _grow(self, box: QRectF) -> None:
        """Keep free room around the bars, to scroll into."""
        if not self.sceneRect().contains(box.adjusted(-_ROOM / 2, -_ROOM / 2, _ROOM / 2, _ROOM / 2)):
            self.setSceneRect(self.sceneRect().united(box.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)))
