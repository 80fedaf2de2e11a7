"""The scene follows the document: with every change an item appears, goes or looks different. It holds no state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsPathItem, QGraphicsScene, QGraphicsSceneHelpEvent

from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.overview_layer import LayeredItem, OverviewLayer
from designer.canvas.ports import Spot
from designer.canvas.raster import Raster
from designer.canvas.wire_item import WireItem
from designer.project import Project
from designer.theme import Theme
from nodes.spec import REGISTRY, Category
from runtime.analysis import Analysis
from runtime.changes import (
    BlockAdded,
    BlockChanged,
    BlockRemoved,
    Change,
    NodeAdded,
    NodeChanged,
    NodeRemoved,
    WireAdded,
    WireRemoved,
)
from runtime.graph import Node, Wire, block_of
from runtime.problems import Problem

_ROOM = 2000.0


class CanvasScene(QGraphicsScene):
    """Items by id, kept equal to the project's document; it never writes to it."""

    focus_moved = Signal(str)  # the node that the keyboard is at, "" for none
    leaving = Signal()  # another sheet is about to be shown
    arrived = Signal()  # it is shown

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.node_items: dict[str, NodeItem] = {}
        self.wire_items: dict[Wire, WireItem] = {}
        self.overview = OverviewLayer(self)
        self.loose: dict[QGraphicsItem, None] = {}  # items in no layer: they draw themselves at any scale
        self._bars: Raster[NodeItem] = Raster()
        self._asked: Raster[WireItem] = Raster()  # where a bar would matter to a wire
        self._content = (-1, QRectF())  # of which version of the layer
        self._marked: NodeItem | WireItem | None = None
        self._focused = ""
        self.promised = QGraphicsPathItem()
        self.promised.setZValue(2)
        self.promised.hide()
        self.addItem(self.promised)
        self.setSceneRect(-_ROOM, -_ROOM, 2 * _ROOM, 2 * _ROOM)
        project.changed.connect(self.show_change)
        project.replaced.connect(self.refill)
        project.place_changed.connect(self.go)
        project.seen_changed.connect(self.show_analysis)
        self.refill()

    # Following

    def go(self) -> None:
        """Show another sheet."""
        self.leaving.emit()
        self.refill()
        self.arrived.emit()

    def refill(self) -> None:
        """Show the sheet of the project's document that is looked at, from scratch."""
        self.clearSelection()
        self.focus("")
        self.mark(None)
        for shown in (*self.wire_items.values(), *self.node_items.values()):
            self.removeItem(shown)
        self.wire_items.clear()
        self.node_items.clear()
        self._bars, self._asked = Raster(), Raster()
        document = self.project.document
        self.setSceneRect(-_ROOM, -_ROOM, 2 * _ROOM, 2 * _ROOM)
        for node in document.on(self.project.place.sheet).values():
            self._add(node)
        self._grow(self.content())
        self._route([item for wire in document.wires if (item := self._hang(wire)) is not None])
        seen, place = self.project.seen, self.project.place
        if seen.drawn is document.graph() and (seen.sheet, seen.path) == (place.sheet, place.path):
            self.show_analysis(seen)  # else another one comes soon

    def show_change(self, change: Change) -> None:
        """Show one change of the document."""
        match change:
            case NodeAdded(node) if self._shows(node):
                self._appear(node)
            case NodeRemoved(node) if self._shows(node):
                self._remove_node(node.id)
            case NodeChanged(old, new) if self._shows(old) is not self._shows(new):
                self._appear(new) if self._shows(new) else self._remove_node(old.id)
            case NodeChanged(old, new) if self._shows(new):
                self.node_items[new.id].show_node(new)
                if old.position != new.position:
                    self.follow_move(new.id, QPointF(*old.position))
                else:
                    self._reroute_of(self.node_items[new.id])
            case WireAdded(wire):
                self._draw(wire)
            case WireRemoved(wire):
                self._remove_wire(wire)
            case NodeAdded(node) | NodeRemoved(node) | NodeChanged(_, node):
                self._refresh_uses(node.sheet)
            case BlockChanged(_, block) | BlockAdded(block) | BlockRemoved(block):
                self._refresh_uses(block.id)

    def show_analysis(self, analysis: Analysis) -> None:
        """Show shapes, key settings and problems."""
        problems: dict[str, list[Problem]] = defaultdict(list)
        for problem in analysis.problems:
            problems[problem.node].append(problem)
        for node_id, item in self.node_items.items():
            if item.show_facts(analysis.facts.get(node_id), tuple(problems.get(node_id, ()))):
                self._reroute_of(item)

    def recolor(self) -> None:
        """The colours or the fonts changed."""
        self.overview.forget()
        for item in (*self.node_items.values(), *self.wire_items.values()):
            item.update()

    # Qt's own

    def addItem(self, item: QGraphicsItem) -> None:
        """Show an item: in the layer of the overview if it knows how it looks from far away."""
        super().addItem(item)
        if isinstance(item, LayeredItem):
            self.overview.add(item)
        else:
            self.loose[item] = None

    def removeItem(self, item: QGraphicsItem) -> None:
        """Show an item no more."""
        super().removeItem(item)
        if isinstance(item, LayeredItem):
            self.overview.remove(item)
        else:
            self.loose.pop(item, None)

    def helpEvent(self, event: QGraphicsSceneHelpEvent) -> None:
        """The tip of what lies under the pointer is made when it is wanted."""
        for item in self.items(event.scenePos()):
            item.setToolTip(item.toolTip())
        super().helpEvent(event)

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
        """The bars that touch an area and stand in the way of wires."""
        return [box for item, box in self._bars.near(area).items() if item.obstructs]

    def bars(self, area: QRectF) -> list[NodeItem]:
        """The bars that touch an area."""
        return list(self._bars.near(area))

    def wires(self, area: QRectF) -> list[WireItem]:
        """The wires whose outline touches an area: quicker than asking for their exact shape."""
        found = self.items(area, Qt.ItemSelectionMode.IntersectsItemBoundingRect)
        return [item for item in found if isinstance(item, WireItem)]

    def content(self) -> QRectF:
        """What the bars cover together."""
        if self._content[0] != self.overview.version:
            places = [(item.x(), item.y()) for item in self.node_items.values()] or [(0.0, 0.0)]
            left, top = (min(axis) for axis in zip(*places, strict=True))
            right, bottom = (max(axis) for axis in zip(*places, strict=True))
            covered = QRectF(left, top, right + WIDTH - left, bottom + HEIGHT - top) if self.node_items else QRectF()
            self._content = (self.overview.version, covered)
        return QRectF(self._content[1])

    # Moving

    def follow_move(self, node_id: str, old: QPointF) -> None:
        """A bar was moved from `old`: its wires follow, and those that must now make way."""
        item = self.node_items[node_id]
        self._bars.put(item, [item.scene_box()])
        self.overview.touch(item)
        self._reroute_of(item)
        self.reroute(item.scene_box(), skip=item)
        self.reroute(QRectF(old.x(), old.y(), WIDTH, HEIGHT), skip=item)
        self._grow(item.scene_box())

    def reroute(self, area: QRectF, skip: NodeItem | None = None) -> None:
        """Find the way again of every wire that a bar at this place may send another way."""
        self._route([item for item in self._asked.near(area) if skip not in (item.source, item.target)])

    def _reroute_of(self, item: NodeItem) -> None:
        self._route(tuple(item.wires))

    def _route(self, wires: Iterable[WireItem]) -> None:
        for wire in wires:
            self._asked.put(wire, wire.reroute(self.boxes))

    def _place(self, item: NodeItem) -> None:
        self.node_items[item.node.id] = item
        self.addItem(item)
        self._bars.put(item, [item.scene_box()])

    def _shows(self, node: Node) -> bool:
        """Whether the node has a bar here; remarks are drawn by others."""
        kind = REGISTRY.get(node.type)
        return node.sheet == self.project.place.sheet and (kind is None or kind.category is not Category.REMARK)

    def _add(self, node: Node) -> None:
        if self._shows(node):
            self._place(NodeItem(node, self.project.document.find))

    def _appear(self, node: Node) -> None:
        self._add(node)
        self._grow(self.node_items[node.id].scene_box())
        self.reroute(self.node_items[node.id].scene_box())

    def _refresh_uses(self, block_id: str) -> None:
        """A block changed: its uses here may have other ports."""
        for item in self.node_items.values():
            if block_of(item.node.type) == block_id:
                item.refresh()
                self._reroute_of(item)

    def _hang(self, wire: Wire) -> WireItem | None:
        """Hang a wire on its two bars; it has no way yet."""
        source, target = self.node_items.get(wire.source), self.node_items.get(wire.target)
        if source is None or target is None:  # a file may hold a wire that leads nowhere; the analysis tells of it
            return None
        item = WireItem(wire, source, target)
        self.wire_items[wire] = item
        self.addItem(item)
        for end in {source, target}:
            end.wires[item] = None
            end.refresh()
        return item

    def _draw(self, wire: Wire) -> None:
        item = self._hang(wire)
        if item is not None:
            self._route(dict.fromkeys([item, *item.source.wires, *item.target.wires]))

    def _remove_wire(self, wire: Wire) -> None:
        item = self.wire_items.pop(wire, None)
        if item is None:
            return
        if self._marked is item:
            self._marked = None
        for end in {item.source, item.target}:
            end.wires.pop(item, None)
            end.refresh()
        self.removeItem(item)
        self._asked.remove(item)
        self._route(dict.fromkeys([*item.source.wires, *item.target.wires]))

    def _remove_node(self, node_id: str) -> None:
        if self._focused == node_id:
            self.focus("")
        item = self.node_items.pop(node_id)
        if self._marked is item:
            self._marked = None
        self._bars.remove(item)
        box = item.scene_box()
        self.removeItem(item)
        self.reroute(box)

    def _grow(self, box: QRectF) -> None:
        """Keep free room around the bars, to scroll into."""
        if not self.sceneRect().contains(box.adjusted(-_ROOM / 2, -_ROOM / 2, _ROOM / 2, _ROOM / 2)):
            self.setSceneRect(self.sceneRect().united(box.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)))
