"""What a bar that is let go would do there: sit on a wire, or hang under another bar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.fitting import downstream
from designer.canvas.measures import HEIGHT, STEP, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.scene import CanvasScene
from designer.canvas.wire_item import WireItem
from nodes.spec import NodeType
from runtime.analysis import misfit
from runtime.graph import Wire

_ASIDE = 48.0
_NEAR = 10.0


@dataclass(frozen=True, slots=True)
class OnWire:
    """The bar would sit on this wire."""

    wire: Wire


@dataclass(frozen=True, slots=True)
class Under:
    """The bar would hang under this node."""

    node: str


Landing = OnWire | Under | None


def landing(scene: CanvasScene, kind: type[NodeType] | None, corner: QPointF, moved: Collection[str] = ()) -> Landing:
    """Where a bar of this type lands with its upper left corner here; `moved` are the nodes being dragged."""
    if kind is None:
        return None
    if not any(wire.source in moved or wire.target in moved for wire in scene.wire_items):
        wire = _wire_under(scene, kind, corner)
        if wire is not None:
            return OnWire(wire)
    return _bar_above(scene, kind, corner, moved)


def mark(scene: CanvasScene, where: Landing) -> None:
    """Outline where the bar would land, and nothing else."""
    for wire, wire_item in scene.wire_items.items():
        _set(wire_item, isinstance(where, OnWire) and where.wire == wire)
    for node_id, node_item in scene.node_items.items():
        marked = isinstance(where, Under) and where.node == node_id
        if node_item.marked != marked:
            node_item.show_mark(marked=marked)


def _set(item: WireItem, marked: bool) -> None:
    if item.marked != marked:
        item.show_mark(marked)


def _wire_under(scene: CanvasScene, kind: type[NodeType], corner: QPointF) -> Wire | None:
    centre = corner + QPointF(WIDTH / 2, HEIGHT / 2)
    around = QRectF(centre.x() - 24, centre.y() - HEIGHT / 2, 48, HEIGHT)
    for item in scene.items(around):
        if isinstance(item, WireItem) and _passes(kind, item) and _crosses(item, around):
            return item.wire
    return None


def _crosses(item: WireItem, area: QRectF) -> bool:
    path = item.path()
    steps = max(8, int(path.length() / (HEIGHT / 2)))
    return any(area.contains(path.pointAtPercent(step / steps)) for step in range(steps + 1))


def _passes(kind: type[NodeType], item: WireItem) -> bool:
    start = item.source.spots.get((False, item.wire.output))
    end = item.target.spots.get((True, item.wire.input))
    if start is None or end is None:
        return False
    entry = any(not misfit(start.port, port) for port in kind.inputs)
    return entry and any(not misfit(port, end.port) for port in kind.outputs)


def _bar_above(scene: CanvasScene, kind: type[NodeType], corner: QPointF, moved: Collection[str]) -> Under | None:
    gap = STEP - HEIGHT
    reach = QRectF(corner.x() - _ASIDE, corner.y() - gap - _NEAR, WIDTH + 2 * _ASIDE, gap + 2 * _NEAR)
    barred = set(moved).union(*(downstream(scene.wire_items, node_id) for node_id in moved))
    for item in scene.items(reach):
        if isinstance(item, NodeItem) and item.node.id not in barred and _hangs(kind, item, corner):
            return Under(item.node.id)
    return None


def _hangs(kind: type[NodeType], item: NodeItem, corner: QPointF) -> bool:
    gap = corner.y() - item.scene_box().bottom()
    if abs(corner.x() - item.x()) > _ASIDE or not -_NEAR <= gap <= STEP - HEIGHT + _NEAR:
        return False
    above = item.kind
    return above is not None and any(not misfit(start, end) for start in above.outputs for end in kind.inputs)
