"""The scene follows the document: with every change an item appears, goes or looks different. It holds no state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtWidgets import QGraphicsItem, QGraphicsSceneHelpEvent

from designer.canvas.measures import HEIGHT, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.overview_layer import LayeredItem, OverviewLayer
from designer.canvas.picked_scene import PickedScene
from designer.canvas.raster import Raster
from designer.canvas.remark_facts import is_remark
from designer.canvas.remark_layer import RemarkLayer
from designer.canvas.wire_item import WireItem
from designer.project import Project
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


class CanvasScene(PickedScene):
    """Items by id, kept equal to the project's document; it never writes to it."""

    leaving = Signal()  # another sheet is about to be shown
    arrived = Signal()  # it is shown

    def __init__(self, project: Project, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self.overview = OverviewLayer(self)
        self.remarks = RemarkLayer(self)
        self.loose: dict[QGraphicsItem, None] = {}  # items in no layer: they draw themselves at any scale
        self._bars: Raster[NodeItem] = Raster()
        self._asked: Raster[WireItem] = Raster()  # where a bar would matter to a wire
        self._content = (-1, QRectF())  # of which version of the layer
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
        here = document.on(self.project.place.sheet).values()
        for node in here:
            self._add(node)
        self.remarks.refill(here)
        self.grow(self.content())
        self._route([item for wire in document.wires if (item := self._hang(wire)) is not None])
        seen, place = self.project.seen, self.project.place
        if seen.drawn is document.graph() and (seen.sheet, seen.path) == (place.sheet, place.path):
            self.show_analysis(seen)  # else another one comes soon

    def show_change(self, change: Change) -> None:
        """Show one change of the document."""
        if self.remarks.follow(change):
            return
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
        self.remarks.recolor()
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
        """What the bars and remarks cover together."""
        if self._content[0] != self.overview.version:
            places = [(item.x(), item.y()) for item in self.node_items.values()] or [(0.0, 0.0)]
            left, top = (min(axis) for axis in zip(*places, strict=True))
            right, bottom = (max(axis) for axis in zip(*places, strict=True))
            covered = QRectF(left, top, right + WIDTH - left, bottom + HEIGHT - top) if self.node_items else QRectF()
            self._content = (self.overview.version, covered.united(self.remarks.content()))
        return QRectF(self._content[1])

    # Moving

    def follow_move(self, node_id: str, old: QPointF) -> None:
        """A bar was moved from `old`: its wires follow, and those that must now make way."""
        if node_id in self.remarks.items:
            self.remarks.follow_move(self.remarks.items[node_id])
            return
        item = self.node_items[node_id]
        self._bars.put(item, [item.scene_box()])
        self.overview.touch(item)
        self._reroute_of(item)
        self.reroute(item.scene_box(), skip=item)
        self.reroute(QRectF(old.x(), old.y(), WIDTH, HEIGHT), skip=item)
        self.grow(item.scene_box())

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
        """Whether the node has a bar here; remarks have items of their own."""
        return node.sheet == self.project.place.sheet and not is_remark(node)

    def _add(self, node: Node) -> None:
        if self._shows(node):
            self._place(NodeItem(node, self.project.document.find))

    def _appear(self, node: Node) -> None:
        self._add(node)
        self.grow(self.node_items[node.id].scene_box())
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

    def grow(self, box: QRectF) -> None:
        """Keep free room around the bars, to scroll into."""
        if not self.sceneRect().contains(box.adjusted(-_ROOM / 2, -_ROOM / 2, _ROOM / 2, _ROOM / 2)):
            self.setSceneRect(self.sceneRect().united(box.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM)))
