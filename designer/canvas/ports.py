"""Where the ports of a bar sit, and how a port looks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from designer.canvas.measures import HEIGHT, WIDTH
from nodes.spec import Kind, NodeType, Port
from runtime.analysis import Facts
from runtime.graph import Node, Wire

RADIUS = 4.0
REACH = 10.0
"""How near to a port a click counts as on it."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A port of a node at its place on the bar."""

    node: str
    port: Port
    is_input: bool
    x: float
    y: float

    @property
    def key(self) -> tuple[bool, str]:
        """What tells the ports of one node apart."""
        return self.is_input, self.port.name

    def point(self) -> QPointF:
        """The place, from the bar's top left corner."""
        return QPointF(self.x, self.y)

    def form(self, radius: float = RADIUS) -> QPainterPath:
        """Circle, square or diamond, as the kind of wire asks."""
        path = QPainterPath()
        box = QRectF(self.x - radius, self.y - radius, 2 * radius, 2 * radius)
        match self.port.kind.form:
            case "square":
                path.addRect(box.adjusted(0.6, 0.6, -0.6, -0.6))
            case "diamond":
                reach = radius * 1.25
                corners = ((0, -reach), (reach, 0), (0, reach), (-reach, 0), (0, -reach))
                path.addPolygon(QPolygonF([QPointF(self.x + dx, self.y + dy) for dx, dy in corners]))
            case _:
                path.addEllipse(box)
        return path


def spots(
    node: Node, kind: type[NodeType] | None, facts: Facts | None, wires: Iterable[Wire]
) -> dict[tuple[bool, str], Spot]:
    """The visible ports of a node. Of several target outputs only those are shown that carry something or are used."""
    mine = [wire for wire in wires if node.id in (wire.source, wire.target)]
    heads = list(dict.fromkeys(wire.input for wire in mine if wire.target == node.id))
    tails = list(dict.fromkeys(wire.output for wire in mine if wire.source == node.id))
    inputs = tuple(map(Port, heads)) if kind is None else _drawn(kind.inputs)
    outputs = tuple(map(Port, tails)) if kind is None else _offered(_drawn(kind.outputs), facts, tails)
    placed = [Spot(node.id, port, True, x, 0.0) for port, x in _along_the_top(inputs)]
    below = [port for port in outputs if port.kind is not Kind.TARGET]
    beside = [port for port in outputs if port.kind is Kind.TARGET]
    placed += [Spot(node.id, port, False, x, HEIGHT) for port, x in _spread(below)]
    placed += [Spot(node.id, port, False, 0.0, y) for port, y in _down_the_side(beside)]
    return {spot.key: spot for spot in placed}


def _drawn(ports: tuple[Port, ...]) -> tuple[Port, ...]:
    """The ports without the outer end of a block's port: that is drawn where the block is used."""
    return tuple(port for port in ports if not port.outside)


def _offered(ports: tuple[Port, ...], facts: Facts | None, used: list[str]) -> tuple[Port, ...]:
    targets = [port for port in ports if port.kind is Kind.TARGET]
    carried: Mapping[str, object] = facts.outputs if facts is not None else {}
    known = {port.name for port in targets if port.name in carried or port.name in used}
    if not known or len(targets) < 2:
        return ports
    return tuple(port for port in ports if port.kind is not Kind.TARGET or port.name in known)


def spot_x(inputs: tuple[Port, ...], name: str) -> float:
    """How far from the left edge of a bar with these inputs one of them sits."""
    return next(x for port, x in _along_the_top(inputs) if port.name == name)


def _along_the_top(ports: tuple[Port, ...]) -> list[tuple[Port, float]]:
    main = [port for port in ports if port.kind is not Kind.TARGET]
    targets = [port for port in ports if port.kind is Kind.TARGET]
    if len(main) != 1:
        return _spread(ports)
    left = [(port, WIDTH * 0.5 * (place + 1) / (len(targets) + 1)) for place, port in enumerate(targets)]
    return [*left, (main[0], WIDTH / 2)]


def _spread(ports: Iterable[Port]) -> list[tuple[Port, float]]:
    listed = list(ports)
    return [(port, WIDTH * (place + 1) / (len(listed) + 1)) for place, port in enumerate(listed)]


def _down_the_side(ports: list[Port]) -> list[tuple[Port, float]]:
    return [(port, HEIGHT * (place + 1) / (len(ports) + 1)) for place, port in enumerate(ports)]
