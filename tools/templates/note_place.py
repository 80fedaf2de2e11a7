"""Where the note of a template stands: beside the first rows of the network, where no wire runs below it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from PySide6.QtCore import QPointF, QRectF

from designer.canvas.measures import GRID, HEIGHT, WIDTH
from designer.canvas.ports import Spot, spots
from designer.canvas.remark_layout import bars_of
from designer.canvas.routes import Ends, route
from nodes.spec import Kind
from runtime.document import Document
from runtime.graph import MAIN

BESIDE = 64.0  # how far the note stands from the network
_NEAR, _CLEAR = 12.0, 24.0  # a wire nearer than the first would touch the note; so far it then stands
_TOP = 200.0  # down to here are the rows that the note stands beside
_SAMPLE = 4.0  # pixels along a wire between two places that are looked at
_Spots = Mapping[tuple[bool, str], Spot]


def beside_top(document: Document, width: float, height: float) -> tuple[float, float]:
    """Left of the first rows and of every wire there; so high that it ends above the bars that it stands over."""
    bars = {one: QRectF(*node.position, WIDTH, HEIGHT) for one, node in bars_of(document.on(MAIN)).items()}
    ways = [list(way) for way in _ways(document, bars)]
    right = min(bar.left() for bar in bars.values() if bar.top() < _TOP) - BESIDE
    while True:
        note = _above(QRectF(right - width, 0.0, width, height), bars)
        near = note.adjusted(0, -_NEAR, _NEAR, _NEAR)
        crossed = [way for way in ways if any(near.contains(point) for point in way)]
        if not crossed:
            return note.left(), note.top()
        beside = (point.x() for way in crossed for point in way if near.top() <= point.y() <= near.bottom())
        right = math.floor((min(beside) - _CLEAR) / GRID) * GRID


def _above(note: QRectF, bars: Mapping[str, QRectF]) -> QRectF:
    """The note, raised so far that it ends above the bars that stand below its place."""
    under = [bar.top() for bar in bars.values() if bar.left() < note.right() + BESIDE and bar.right() > note.left()]
    return note.translated(0, min(0.0, min(under, default=math.inf) - BESIDE - note.height()))


def _ways(document: Document, bars: Mapping[str, QRectF]) -> Iterator[Iterator[QPointF]]:
    """Points along each wire of the main sheet, as the canvas draws it."""
    on = bars_of(document.on(MAIN))
    ports = {one.id: spots(one, document.find(one.type), None, document.wires) for one in on.values()}

    def boxes(area: QRectF) -> list[QRectF]:
        return [bar for bar in bars.values() if bar.intersects(area)]

    for wire in document.wires:
        if wire.source not in on:
            continue
        source, target = bars[wire.source], bars[wire.target]
        start, end = ports[wire.source][False, wire.output], ports[wire.target][True, wire.input]
        tensors = [one for one in ports[wire.target].values() if one.is_input and one.port.kind is not Kind.TARGET]
        to_target = end.port.kind is Kind.TARGET
        path = route(
            Ends(
                source.topLeft() + start.point(), target.topLeft() + end.point(), source, target, to_target,
                len(tensors) == 1 and not to_target,
            ),
            boxes,
        )  # fmt: skip
        steps = max(2, math.ceil(path.length() / _SAMPLE))
        yield (path.pointAtPercent(step / steps) for step in range(steps + 1))
