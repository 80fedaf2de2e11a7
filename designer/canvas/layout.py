"""Lays a graph out from top to bottom: rows by dependency, order in a row by where the inputs are."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import networkx as nx

from designer.canvas.fitting import port_named
from designer.canvas.measures import COLUMN, STEP, snapped
from nodes.spec import Category, Kind, NodeType, find
from runtime.graph import Node, Wire

Places = dict[str, tuple[float, float]]
Find = Callable[[str], type[NodeType] | None]

ROOM = 24.0
_LEFT_TO_RIGHT = {Category.METRIC: 0, Category.OUTPUT: 2}


def lay_out(
    nodes: Mapping[str, Node], wires: Collection[Wire], types: Find = find, framed: Collection[Collection[str]] = ()
) -> Places:
    """New places for the nodes, whose upper left corner stays; wires to other nodes are not looked at.

    Nodes without any port, the arguments of a drawing or block, stand above each other to the right of its first rows.
    Each of the `framed` groups stands below all that leads into it, so that a frame around it takes in no other node
    on the way. The same again for nodes that already stand where it put them.
    """
    if not nodes:
        return {}
    portless = [node_id for node_id, node in nodes.items() if _has_no_ports(types(node.type))]
    drawn = _acyclic({node_id: node for node_id, node in nodes.items() if node_id not in portless}, wires, types)
    order = {node_id: place for place, node_id in enumerate(nodes)}
    parts = sorted(nx.weakly_connected_components(drawn), key=lambda part: min(order[node_id] for node_id in part))
    placed: Places = {}
    edge = 0.0
    for part in parts:
        block = _component(nodes, nx.DiGraph(drawn.subgraph(sorted(part, key=order.__getitem__))), types, framed)
        left = min(x for x, _ in block.values())
        placed |= {node_id: (x - left + edge, y) for node_id, (x, y) in block.items()}
        edge = max(x for x, _ in placed.values()) + COLUMN
    before = {node_id: nodes[node_id].position for node_id in placed or portless}
    return _at_corner(placed | _beside_first_rows(placed, portless), before)


def _has_no_ports(kind: type[NodeType] | None) -> bool:
    return kind is not None and not kind.inputs and not kind.outputs


def _beside_first_rows(placed: Places, portless: Sequence[str]) -> Places:
    """The last of them in the second row and the others above it: below, wires may leave to the side."""
    edge = max((x for x, y in placed.values() if y < 2 * STEP), default=-COLUMN)
    above = max(0, len(portless) - 2)
    return {node_id: (edge + COLUMN, (row - above) * STEP) for row, node_id in enumerate(portless)}


def _at_corner(placed: Places, before: Places) -> Places:
    """Moved so that the upper left corner of the nodes that were at these places is where it was."""
    left, top = (min(placed[node_id][axis] for node_id in before) for axis in (0, 1))
    x, y = snapped(*(min(place[axis] for place in before.values()) for axis in (0, 1)))
    return {node_id: snapped(px - left + x, py - top + y) for node_id, (px, py) in placed.items()}


def _acyclic(nodes: Mapping[str, Node], wires: Collection[Wire], types: Find) -> nx.DiGraph[str]:
    drawn: nx.DiGraph[str] = nx.DiGraph()
    drawn.add_nodes_from(nodes)
    for wire in wires:
        if wire.source in nodes and wire.target in nodes and wire.source != wire.target:
            kind = types(nodes[wire.target].type)
            end = port_named(kind.inputs if kind is not None else (), wire.input)
            main = end is None or end.kind is not Kind.TARGET
            before = drawn.get_edge_data(wire.source, wire.target, {"main": False})
            drawn.add_edge(wire.source, wire.target, main=main or before["main"])
    while not nx.is_directed_acyclic_graph(drawn):
        drawn.remove_edge(*nx.find_cycle(drawn)[-1][:2])
    return drawn


def _component(
    nodes: Mapping[str, Node], drawn: nx.DiGraph[str], types: Find, framed: Collection[Collection[str]]
) -> Places:
    rows = _rows(drawn, framed)
    heights = _heights(drawn, rows)
    placed: Places = {}
    for row, members in _members(drawn, rows).items():
        wanted = _together({node_id: _wanted(drawn, node_id, placed) for node_id in members}, framed)
        members.sort(
            key=lambda node_id: (wanted[node_id], _side(types(nodes[node_id].type)), nodes[node_id].position[0])
        )
        for node_id, x in zip(members, _apart([wanted[node_id] for node_id in members]), strict=True):
            placed[node_id] = (x, heights[row])
    return placed


def _members(drawn: nx.DiGraph[str], rows: Mapping[str, int]) -> dict[int, list[str]]:
    """The nodes of each row, from top to bottom."""
    members: dict[int, list[str]] = {row: [] for row in sorted(set(rows.values()))}
    for node_id in drawn:
        members[rows[node_id]].append(node_id)
    return members


def _heights(drawn: nx.DiGraph[str], rows: Mapping[str, int]) -> dict[int, float]:
    """How far down each row stands: with more room above where wires fan out or come from afar."""
    heights: dict[int, float] = {}
    y, count = -STEP, 0
    for row, members in _members(drawn, rows).items():
        judged = any(not main for node_id in members for *_, main in drawn.in_edges(node_id, data="main"))
        y += STEP + (ROOM if heights and (judged or (len(members) != count and len(members) > 1)) else 0.0)
        heights[row], count = y, len(members)
    return heights


def _rows(drawn: nx.DiGraph[str], framed: Collection[Collection[str]]) -> dict[str, int]:
    ordered = _with_frames(drawn, framed)
    rows = {node_id: row for row, members in enumerate(nx.topological_generations(ordered)) for node_id in members}
    first = next(iter(nx.topological_sort(drawn)))
    for node_id in drawn:  # a source that is used late stands just above its use
        if drawn.in_degree(node_id) == 0 and node_id != first and drawn.out_degree(node_id):
            rows[node_id] = min(rows[child] for child in drawn.successors(node_id)) - 1
    return rows


def _together(wanted: dict[str, float], framed: Collection[Collection[str]]) -> dict[str, float]:
    """The wanted places of a row, one and the same for all that lies in a frame: no other node gets between them."""
    for group in framed:
        own = [wanted[node_id] for node_id in wanted if node_id in group]
        wanted |= {node_id: sum(own) / len(own) for node_id in wanted if node_id in group}
    return wanted


def _with_frames(drawn: nx.DiGraph[str], framed: Collection[Collection[str]]) -> nx.DiGraph[str]:
    """The graph with an edge from all that leads into a group to all of the group, where that makes no loop."""
    ordered = drawn.copy()
    for group in framed:
        members = [node_id for node_id in drawn if node_id in group]
        before = {parent for node_id in members for parent in drawn.predecessors(node_id)}.difference(members)
        tried = ordered.copy()
        tried.add_edges_from((parent, node_id) for parent in before for node_id in members)
        ordered = tried if nx.is_directed_acyclic_graph(tried) else ordered
    return ordered


def _wanted(drawn: nx.DiGraph[str], node_id: str, placed: Places) -> float:
    """The middle of the inputs; what a prediction is compared with does not pull."""
    edges = list(drawn.in_edges(node_id, data="main"))
    pulling = [parent for parent, _, main in edges if main] or [parent for parent, _, _ in edges]
    xs = [placed[parent][0] for parent in pulling if parent in placed]
    return sum(xs) / len(xs) if xs else 0.0


def _side(kind: type[NodeType] | None) -> int:
    return 1 if kind is None else _LEFT_TO_RIGHT.get(kind.category, 1)


def _apart(wanted: list[float]) -> list[float]:
    """The nearest places to the wanted ones (in rising order) that are one column apart: pool adjacent violators."""
    pools: list[tuple[float, int]] = []  # mean of (wanted − place in row), how many share it
    for place, x in enumerate(wanted):
        pools.append((x - place * COLUMN, 1))
        while len(pools) > 1 and pools[-2][0] >= pools[-1][0]:
            (mean, count), (before, more) = pools.pop(), pools.pop()
            pools.append(((mean * count + before * more) / (count + more), count + more))
    means = [mean for mean, count in pools for _ in range(count)]
    return [mean + place * COLUMN for place, mean in enumerate(means)]
