"""What a bar that is let go would do there: sit on a wire, or hang under another bar."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath

from designer.canvas.fitting import downstream, drawn_ports
from designer.canvas.measures import HEIGHT, STEP, WIDTH
from designer.canvas.node_item import NodeItem
from designer.canvas.ports import spot_x
from designer.canvas.routes import direct
from designer.canvas.scene import CanvasScene
from designer.canvas.wire_item import WireItem
from nodes.spec import NodeType, Port
from runtime.analysis import misfit
from runtime.graph import Wire

_ASIDE = 48.0
_BELOW = 40.0
_NEAR = 10.0
_GRIP = 5.0


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
    if not any(scene.node_items[node_id].wires for node_id in moved):
        wire = _wire_under(scene, kind, corner)
        if wire is not None:
            return OnWire(wire)
    return _bar_above(scene, kind, corner, moved)


def show_landing(
    scene: CanvasScene, kind: type[NodeType] | None, corner: QPointF, moved: Collection[str] = ()
) -> Landing:
    """Outline where the bar would land, and draw the wire that would be made."""
    where = landing(scene, kind, corner, moved)
    mark(scene, where)
    wired = _has_input(scene, moved)
    if kind is not None and isinstance(where, Under) and not wired:
        scene.promise(_promised(scene, kind, corner, where))
    return where


def mark(scene: CanvasScene, where: Landing) -> None:
    """Outline where the bar would land, and nothing else."""
    scene.promise(None)
    match where:
        case OnWire(wire):
            scene.mark(scene.wire_items.get(wire))
        case Under(node):
            scene.mark(scene.node_items.get(node))
        case None:
            scene.mark(None)


def _wire_under(scene: CanvasScene, kind: type[NodeType], corner: QPointF) -> Wire | None:
    centre = corner + QPointF(WIDTH / 2, HEIGHT / 2)
    around = QRectF(centre.x() - 24, centre.y() - HEIGHT / 2, 48, HEIGHT)
    crossing = (item for item in scene.wires(around) if _passes(kind, item) and _crosses(item, around))
    return next((item.wire for item in crossing), None)


def _crosses(item: WireItem, area: QRectF) -> bool:
    grip = item.shape()  # a band along the wire: the area is made smaller by half the width of that
    return grip.intersects(area.adjusted(_GRIP, _GRIP, -_GRIP, -_GRIP))


def _passes(kind: type[NodeType], item: WireItem) -> bool:
    start = item.source.spots.get((False, item.wire.output))
    end = item.target.spots.get((True, item.wire.input))
    if start is None or end is None:
        return False
    inputs, outputs = drawn_ports(kind)
    entry = any(not misfit(start.port, port) for port in inputs)
    return entry and any(not misfit(port, end.port) for port in outputs)


def _bar_above(scene: CanvasScene, kind: type[NodeType], corner: QPointF, moved: Collection[str]) -> Under | None:
    """The nearest bar above that the bar would hang under; one that has its input already is only put in line."""
    wired = _has_input(scene, moved)
    aside, below = (_ASIDE, STEP - HEIGHT + _NEAR) if wired else (WIDTH * 2 / 3, _BELOW)
    reach = QRectF(corner.x() - aside, corner.y() - below, WIDTH + 2 * aside, below + _NEAR)
    found: list[tuple[float, float, str]] = []
    for item in scene.bars(reach):
        if item.node.id not in moved and _joint(item, kind) is not None:
            gap, off = corner.y() - item.scene_box().bottom(), abs(corner.x() - item.x())
            if off <= aside and -_NEAR <= gap <= below:
                found.append((abs(gap), off, item.node.id))
    if found:
        barred = set().union(*(downstream(scene.wire_items, node_id) for node_id in moved))
        found = [one for one in found if one[2] not in barred]
    return Under(min(found)[2]) if found else None


def _has_input(scene: CanvasScene, moved: Collection[str]) -> bool:
    hanging = (item for node_id in moved for item in scene.node_items[node_id].wires)
    return any(item.wire.target in moved and item.wire.source not in moved for item in hanging)


def _joint(above: NodeItem, kind: type[NodeType]) -> tuple[Port, Port] | None:
    """The first output of a bar that fits an input of the type, and that input."""
    outputs, inputs = drawn_ports(above.kind)[1], drawn_ports(kind)[0]
    pairs = ((start, end) for start in outputs for end in inputs if not misfit(start, end))
    return next(pairs, None)


def _promised(scene: CanvasScene, kind: type[NodeType], corner: QPointF, where: Under) -> QPainterPath | None:
    """The wire that letting go would make, as the bars stand now."""
    above = scene.node_items[where.node]
    joint = _joint(above, kind)
    if joint is None or (False, joint[0].name) not in above.spots:
        return None
    x = spot_x(drawn_ports(kind)[0], joint[1].name)
    return direct(above.spot_point(False, joint[0].name), corner + QPointF(x, 0.0))
