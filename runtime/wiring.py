"""Which wires of a graph are sound, and in which order its nodes follow from each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import networkx as nx

from nodes.spec import NodeType, Port
from runtime.graph import Graph, Wire


class Tell(Protocol):
    """How a problem is reported."""

    def __call__(self, node_id: str, field: str, message: str, /, *, code: str) -> None: ...


Into = Mapping[str, list[Wire]]
"""For each node, the sound wires that end in it, oldest first."""


def misfit(start: Port, end: Port) -> str:
    """Why a wire from one port to the other does not fit, in words; "" when it fits."""
    if start.kind.fits(end.kind):
        return ""
    return f"“{end.title}” takes a wire of the kind {end.kind.title}; this one carries {start.kind.title}."


def sound_wires(graph: Graph, types: Mapping[str, NodeType | None], tell: Tell) -> Into:
    """The wires whose ends exist and fit each other; the others are told at the node that stays."""
    into: dict[str, list[Wire]] = {node_id: [] for node_id in graph.nodes}
    for wire in graph.wires:
        if wire.source not in types or wire.target not in types:
            kept = wire.target if wire.target in types else wire.source
            tell(kept, "", "A wire leads to a node that does not exist; remove the wire.", code="lost_wire")
        elif _fits(wire, types, tell):
            into[wire.target].append(wire)
    return into


def _fits(wire: Wire, types: Mapping[str, NodeType | None], tell: Tell) -> bool:
    source, target = types[wire.source], types[wire.target]
    start = _port(source.outputs, wire.output) if source is not None else None
    end = _port(target.inputs, wire.input) if target is not None else None
    if source is None or target is None:
        return True  # an unknown type has no ports to check; what hangs on it cannot be inferred anyway
    if start is None or end is None:
        name = wire.output if start is None else wire.input
        message = f"A wire uses the port “{name}”, which does not exist; draw it again."
        tell(wire.target, "", message, code="missing_port")
        return False
    reason = misfit(start, end)
    if reason:
        tell(wire.target, end.name, reason, code="misfit")
    return not reason


def _port(ports: tuple[Port, ...], name: str) -> Port | None:
    return next((port for port in ports if port.name == name), None)


def sources_first(graph: Graph, into: Into, tell: Tell) -> tuple[str, ...]:
    """The nodes in an order in which each comes after what it is made from.

    Nodes on a loop are told by name and left out, with all that depends on them.
    """
    drawn: nx.DiGraph[str] = nx.DiGraph()
    drawn.add_nodes_from(graph.nodes)
    drawn.add_edges_from((wire.source, wire.target) for wires in into.values() for wire in wires)
    if nx.is_directed_acyclic_graph(drawn):
        return tuple(nx.topological_sort(drawn))
    behind: set[str] = set()
    for loop in nx.strongly_connected_components(drawn):
        if len(loop) == 1 and not any(drawn.has_edge(node, node) for node in loop):
            continue
        names = " → ".join(node.name for node_id, node in graph.nodes.items() if node_id in loop)
        for node_id in loop:
            message = f"These nodes form a loop: {names}. Remove one of the wires between them."
            tell(node_id, "", message, code="loop")
            behind |= {node_id, *nx.descendants(drawn, node_id)}
    return tuple(nx.topological_sort(drawn.subgraph(set(drawn) - behind)))
