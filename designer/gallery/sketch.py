"""A drawing reduced to what a small picture shows: bars in rows, and wires that run straight or along a side.

Lengths are counted in rows (downwards) and in bars (sideways); the painter decides how many pixels each has. A drawing
of many rows is cut into pieces, which stand side by side like the columns of a newspaper.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from designer.canvas.measures import COLUMN, HEIGHT, STEP
from nodes.spec import Category, Kind, NodeType, find
from runtime.graph import MAIN, Graph, Node, Wire

Way = Literal["straight", "left", "right", "over"]

BAR_WIDTH = 0.88
BAR_HEIGHT = 0.64
_SAME_ROW = HEIGHT / 2
_WIDEST_GAP = 1.4
_ROWS = 60.0  # the rows of one piece at most, as long as there are few pieces
_MOST_PIECES = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A node: its piece, and its top left corner within the piece."""

    piece: int
    x: float
    y: float
    category: Category | None


@dataclass(frozen=True, slots=True)
class Line:
    """A wire between two bars. At a side it has a lane, counted outwards; "over" ends in another piece."""

    source: Bar
    target: Bar
    way: Way
    kind: Kind
    beside: float = 0.0
    lane: int = 0


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the drawing that is one column of the picture, with the lanes at its sides."""

    width: float
    height: float
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is painted."""

    pieces: tuple[Piece, ...]
    bars: tuple[Bar, ...]
    lines: tuple[Line, ...]


def sketch(graph: Graph) -> Sketch:
    """The picture of a graph, without its sizes in pixels."""
    nodes = parts_of(graph)
    down = _places([node.position[1] for node in nodes], STEP)
    across = _places([node.position[0] for node in nodes], COLUMN)
    height = max((down[node.position[1]] for node in nodes), default=0.0) + 1.0
    pieces = max(1, min(_MOST_PIECES, math.ceil(height / _ROWS)))
    types = {node.type: graph.find(node.type) for node in nodes}
    bars = _bars(nodes, across, down, height / pieces, types)
    wires = [wire for wire in graph.wires if wire.source in bars and wire.target in bars]
    lines = _with_lanes(_lines(wires, graph.nodes, bars))
    return Sketch(_measured(list(bars.values()), lines), tuple(bars.values()), tuple(lines))


def parts_of(graph: Graph) -> list[Node]:
    """The nodes of the network: without remarks, which have no ports."""
    nodes = graph.on(MAIN).values()  # what is inside blocks is not drawn
    return [node for node in nodes if (kind := find(node.type)) is None or kind.inputs or kind.outputs]


def _places(positions: Iterable[float], step: float) -> dict[float, float]:
    """Each position in steps from the first; hardly different ones are one, and no gap is wider than needed."""
    placed: dict[float, float] = {}
    last = at = 0.0
    for index, position in enumerate(sorted(set(positions))):
        if index and position - last >= _SAME_ROW:
            at += min((position - last) / step, _WIDEST_GAP)
            last = position
        elif not index:
            last = position
        placed[position] = at
    return placed


def _bars(
    nodes: Sequence[Node],
    across: Mapping[float, float],
    down: Mapping[float, float],
    tall: float,
    types: Mapping[str, type[NodeType] | None],
) -> dict[str, Bar]:
    pieces = {node.id: int((down[node.position[1]] + 1e-6) // tall) for node in nodes}
    firsts: dict[int, tuple[float, float]] = {}
    for node in nodes:
        x, y = across[node.position[0]], down[node.position[1]]
        before = firsts.get(pieces[node.id], (x, y))
        firsts[pieces[node.id]] = min(before[0], x), min(before[1], y)
    made = {}
    for node in nodes:
        left, top = firsts[pieces[node.id]]
        kind = types[node.type]
        category = kind.category if kind is not None else None
        x, y = across[node.position[0]] - left, down[node.position[1]] - top
        made[node.id] = Bar(pieces[node.id], x, y, category)
    return made


def _kind(wire: Wire, nodes: Mapping[str, Node]) -> Kind:
    """What the wire is used as, as on the canvas: the kind of the port that it ends in."""
    kind = find(nodes[wire.target].type)
    ports = kind.inputs if kind is not None else ()
    return next((port.kind for port in ports if port.name == wire.input), Kind.TENSOR)


def _lines(
    wires: Iterable[Wire], nodes: Mapping[str, Node], bars: Mapping[str, Bar]
) -> list[tuple[tuple[str, str], Line]]:
    """The wires with what they begin at: those from one port share a lane."""
    rows = _Rows(bars.values())
    made = []
    for wire in wires:
        source, target = bars[wire.source], bars[wire.target]
        kind = _kind(wire, nodes)
        line = Line(source, target, "over", kind)
        if source.piece == target.piece:
            line = rows.line(source, target, kind)
        made.append(((wire.source, wire.output), line))
    return made


class _Rows:
    """The bars of each piece, row by row, to ask what stands between two of them."""

    def __init__(self, bars: Iterable[Bar]) -> None:
        self._rows: dict[int, dict[float, list[float]]] = {}
        for bar in bars:
            self._rows.setdefault(bar.piece, {}).setdefault(bar.y, []).append(bar.x)
        self._heights = {piece: sorted(rows) for piece, rows in self._rows.items()}

    def line(self, source: Bar, target: Bar, kind: Kind) -> Line:
        """Straight where nothing stands between, else along a side: targets on the left, as on the canvas."""
        between = self._between(source, target)
        first, last = sorted((source.x, target.x))
        near = BAR_WIDTH / 2
        blocked = any(first - near < x < last + near for row in between for x in row)
        if source.y < target.y and not blocked:
            return Line(source, target, "straight", kind)
        if kind is Kind.TARGET:
            return Line(source, target, "left", kind, min([source.x, *(min(row) for row in between)]))
        return Line(source, target, "right", kind, max([source.x, *(max(row) for row in between)]) + BAR_WIDTH)

    def _between(self, source: Bar, target: Bar) -> list[list[float]]:
        heights, rows = self._heights[source.piece], self._rows[source.piece]
        first, last = sorted((source.y, target.y))
        begin = bisect_right(heights, first)
        return [rows[y] for y in heights[begin:] if y < last]


def _with_lanes(lines: Sequence[tuple[tuple[str, str], Line]]) -> list[Line]:
    """Give the wires at a side lanes in which they do not touch; the shortest run nearest to the bars."""
    spans: dict[tuple[int, Way, tuple[str, str]], tuple[float, float]] = {}
    for begins, line in lines:
        key = line.source.piece, line.way, begins
        low, high = spans.get(key, (line.source.y, line.source.y))
        spans[key] = min(low, line.target.y), max(high, line.target.y)
    taken: dict[tuple[int, Way], list[list[tuple[float, float]]]] = {}
    lanes = {}
    for key, span in sorted(spans.items(), key=lambda entry: entry[1][1] - entry[1][0]):
        if key[1] in ("left", "right"):
            lanes[key] = _free_lane(taken.setdefault(key[:2], []), span)
    made = []
    for begins, line in lines:
        lane = lanes.get((line.source.piece, line.way, begins), 0)
        made.append(Line(line.source, line.target, line.way, line.kind, line.beside, lane))
    return made


def _free_lane(taken: list[list[tuple[float, float]]], span: tuple[float, float]) -> int:
    for lane, others in enumerate(taken):
        if all(high <= span[0] or low >= span[1] for low, high in others):
            others.append(span)
            return lane
    taken.append([span])
    return len(taken) - 1


def _measured(bars: Sequence[Bar], lines: Sequence[Line]) -> tuple[Piece, ...]:
    count = max((bar.piece for bar in bars), default=-1) + 1
    widths, heights = [0.0] * count, [0.0] * count
    left, right = [0] * count, [0] * count
    for bar in bars:
        widths[bar.piece] = max(widths[bar.piece], bar.x + BAR_WIDTH)
        heights[bar.piece] = max(heights[bar.piece], bar.y + BAR_HEIGHT)
    for line in lines:
        if line.way in ("left", "right"):
            side = left if line.way == "left" else right
            side[line.source.piece] = max(side[line.source.piece], line.lane + 1)
    return tuple(Piece(*measures) for measures in zip(widths, heights, left, right, strict=True))
