"""A place on the canvas for each node of a drawing that came without: layers from top to bottom, branches apart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from runtime.framed import BAR
from runtime.graph import Graph

ACROSS, DOWN = BAR[0] + 32.0, 40.0  # scene pixels from one bar to the next
ROOM = 24.0  # above a row of branches, where wires fan out
_ROUNDS = 3


def positions(graph: Graph) -> dict[str, tuple[float, float]]:
    """For each node its place: a row for each step on the longest way from the sources, in it an order by which wires
    stay short (the barycentre method of Sugiyama, Tagawa and Toda, 1981; doi:10.1109/TSMC.1981.4308636)."""
    before: dict[str, list[str]] = {node_id: [] for node_id in graph.nodes}
    after: dict[str, list[str]] = {node_id: [] for node_id in graph.nodes}
    for wire in graph.wires:
        before[wire.target].append(wire.source)
        after[wire.source].append(wire.target)
    steps = _steps(before, after)
    across = dict.fromkeys(graph.nodes, 0.0)
    rows: dict[int, list[str]] = defaultdict(list)
    for node_id, step in steps.items():
        rows[step].append(node_id)
    for turn in range(_ROUNDS):
        forwards = turn % 2 == 0
        for step in sorted(rows, reverse=not forwards):
            _arrange(rows[step], before if forwards else after, across)
    down = _down([len(rows[step]) for step in sorted(rows)])
    return {node_id: (across[node_id] * ACROSS, down[steps[node_id]]) for node_id in graph.nodes}


def _down(counts: list[int]) -> list[float]:
    """How far down each row of so many nodes stands."""
    places: list[float] = []
    for row, count in enumerate(counts):
        fans = row > 0 and 1 < count != counts[row - 1]
        places.append(places[-1] + DOWN + (ROOM if fans else 0.0) if places else 0.0)
    return places


def _steps(before: dict[str, list[str]], after: dict[str, list[str]]) -> dict[str, int]:
    """The longest way to each node from one that takes nothing; in a circle, the way until it closes."""
    waiting = {node_id: len(sources) for node_id, sources in before.items()}
    steps = dict.fromkeys(before, 0)
    ready = [node_id for node_id, count in waiting.items() if not count]
    while ready:
        node_id = ready.pop()
        for target in after[node_id]:
            steps[target] = max(steps[target], steps[node_id] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return steps


def _arrange(layer: list[str], beside: dict[str, list[str]], across: dict[str, float]) -> None:
    """Put the nodes of a row near the middle of those that they are wired to, a column apart at least."""
    wanted = {node_id: _middle(across[other] for other in beside[node_id]) for node_id in layer}
    layer.sort(key=lambda node_id: wanted[node_id])
    first = True
    last = 0.0
    for node_id in layer:
        across[node_id] = wanted[node_id] if first else max(wanted[node_id], last + 1)
        last, first = across[node_id], False
    shift = _middle(wanted.values()) - _middle(across[node_id] for node_id in layer)
    for node_id in layer:
        across[node_id] += shift


def _middle(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0
