"""Large drawings to measure with: residual towers side by side, with skips and side branches, joined at the end."""

from __future__ import annotations

from itertools import cycle
from math import ceil, sqrt

from designer.canvas.measures import COLUMN, STEP
from nodes.spec import find
from runtime.graph import Graph, Json, Node, Wire

_TALL = 10.8  # bars in a tower for each tower: the whole is about as wide as a screen
_PITCH = 2 * COLUMN + 96.0
_FILTERS = 8
_RESIDUAL = ("convolution", "batch_normalization", "relu", "convolution", "batch_normalization", "add", "relu")
_BRANCHED = ("convolution", "batch_normalization", "leaky_relu", "average", "spatial_dropout")


class _Drawing:
    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.wires: list[Wire] = []

    def add(self, kind: str, column: float, row: float, *sources: str, **settings: Json) -> str:
        """Add a node at a place of the raster, wired to these nodes by their first ports."""
        node_id, known = f"n{len(self.nodes)}", find(kind)
        if known is None:
            raise KeyError(kind)
        name = f"{known.title} {len(self.nodes)}"
        self.nodes[node_id] = Node(node_id, kind, name, settings, (column, row * STEP))
        self.wires += [Wire(one, self.out(one), node_id, known.inputs[0].name) for one in sources]
        return node_id

    def out(self, node_id: str) -> str:
        """The first output of a node."""
        kind = find(self.nodes[node_id].type)
        return kind.outputs[0].name if kind is not None else ""


def large(count: int, *, size: int = 32) -> Graph:
    """About a screen's shape of so many nodes; all of it can be trained."""
    drawing = _Drawing()
    learned: dict[str, Json] = {
        "folder": "pictures", "label": "class", "classes": ["healthy", "ill"], "counts": [10, 10], "channels": _FILTERS,
        "size": [size, size], "found_size": [size, size], "images": 20, "fingerprint": "0" * 16,
    }  # fmt: skip
    origin = drawing.add("image_folder", 0.0, 0, **learned)
    tail = 8  # the source, and what judges
    towers = max(1, round(sqrt((count - tail) / _TALL)))
    height = ceil((count - tail) / towers)
    ends, left = [], count - tail
    for tower in range(towers):
        tall = min(height, left)
        left -= tall
        if tall > 0:
            ends.append(_tower(drawing, origin, tower * _PITCH, tall))
    _judge(drawing, origin, ends, height + 3)
    return Graph(drawing.nodes, tuple(drawing.wires))


def _tower(drawing: _Drawing, last: str, column: float, count: int) -> str:
    """A chain of residual blocks and of blocks with a branch beside; the last node's id."""
    begin, row, made, skip = last, 1, 0, last
    for place, kind in cycle([*enumerate(_RESIDUAL), *enumerate(_BRANCHED)]):
        if made == count:
            break
        row, skip = row + 1, last if place == 0 else skip
        sources = [last]
        if kind in ("add", "average") and skip is not begin:
            sources.append(skip)
        if kind == "average" and made + 1 < count:
            sources.append(drawing.add("convolution", column + COLUMN, row - 2, skip, filters=_FILTERS, kernel=1))
            made += 1
        settings: dict[str, Json] = {"filters": _FILTERS} if kind == "convolution" else {}
        last = drawing.add(kind, column, row, *sources, **settings)
        made += 1
    return last


def _judge(drawing: _Drawing, origin: str, ends: list[str], row: int) -> None:
    total = drawing.add("add", 0.0, row, *ends)
    pooled = drawing.add("global_average_pooling", 0.0, row + 1, total)
    scores = drawing.add("dense", 0.0, row + 2, pooled, units=2)
    for kind, place in (("cross_entropy", 0.0), ("accuracy", COLUMN)):
        judge = drawing.add(kind, place, row + 3, scores)
        drawing.wires.append(Wire(origin, "class", judge, "target"))
        if kind == "cross_entropy":
            drawing.add("adam", place, row + 4, judge)
    drawing.add("output", 2 * COLUMN, row + 3, scores)
