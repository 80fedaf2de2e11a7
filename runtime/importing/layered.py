"""A place on the canvas for each node of a drawing that came without: layers from left to right, branches apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from runtime.graph import Graph

ACROSS, DOWN = 220.0, 120.0  # scene pixels between nodes
_ROUNDS = 3


def positions(graph: Graph) -> dict[str, tuple[float, float]]:
    """For each node its place: a column for each step on the longest way from the sources, rows so that wires stay
    short (the barycentre method of Sugiyama, Tagawa and Toda, 1981; doi:10.1109/TSMC.1981.4308636)."""
    before: dict[str, list[str]] = {node_id: [] for node_id in graph.nodes}
    after: dict[str, list[str]] = {node_id: [] for node_id in graph.nodes}
    for wire in graph.wires:
        before[wire.target].append(wire.source)
        after[wire.source].append(wire.target)
    columns = _columns(before, after)
    rows = dict.fromkeys(graph.nodes, 0.0)
    layers: dict[int, list[str]] = defaultdict(list)
    for node_id, column in columns.items():
        layers[column].append(node_id)
    for turn in range(_ROUNDS):
        forwards = turn % 2 == 0
        for column in sorted(layers, reverse=not forwards):
            _arrange(layers[column], before if forwards else after, rows)
    return {node_id: (columns[node_id] * ACROSS, rows[node_id] * DOWN) for node_id in graph.nodes}


def _columns(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, int]:
    """The longest way to each node from one that takes nothing; in a circle, the way until it closes."""
    waiting = {node_id: len(sources) for node_id, sources in before.items()}
    columns = dict.fromkeys(before, 0)
    ready = [node_id for node_id, count in waiting.items() if not count]
    while ready:
        node_id = ready.pop()
        for target in after[node_id]:
            columns[target] = max(columns[target], columns[node_id] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return columns


def _arrange(layer: list[str], beside: dict[str, list[str]], rows: dict[str, float]) -> None:
    """Put the nodes of a column near the middle of those that they are wired to, a row apart at least."""
    wanted = {node_id: _middle(rows[other] for other in beside[node_id]) for node_id in layer}
    layer.sort(key=lambda node_id: wanted[node_id])
    first = True
    last = 0.0
    for node_id in layer:
        rows[node_id] = wanted[node_id] if first else max(wanted[node_id], last + 1)
        last, first = rows[node_id], False
    shift = _middle(wanted.values()) - _middle(rows[node_id] for node_id in layer)
    for node_id in layer:
        rows[node_id] += shift


def _middle(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
