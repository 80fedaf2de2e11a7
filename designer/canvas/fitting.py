"""Which wires fit: why one does not, the best ports between two nodes, the types that a loose wire may end in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import networkx as nx
from PySide6.QtCore import QCoreApplication

from designer.canvas.ports import Spot
from nodes.roles import DataSource
from nodes.spec import Category, Kind, NodeType, Port, Target, Unfit
from runtime.analysis import Analysis, misfit
from runtime.document import Document
from runtime.graph import Node, Wire

Ports = tuple[Port, ...]
Find = Callable[[str], type[NodeType] | None]
"""Gives the type with an id: of a document's own blocks too."""

_C = Category
_FIRST = 2
_AFTER: Mapping[Category, tuple[Category, ...]] = {
    _C.SOURCE: (_C.PREPARATION, _C.CONVOLUTION, _C.DENSE),
    _C.PREPARATION: (_C.CONVOLUTION, _C.PREPARATION, _C.DENSE),
    _C.CONVOLUTION: (_C.NORMALIZATION, _C.ACTIVATION, _C.POOLING, _C.CONVOLUTION, _C.MERGE),
    _C.POOLING: (_C.CONVOLUTION, _C.DENSE, _C.POOLING, _C.NORMALIZATION),
    _C.DENSE: (_C.ACTIVATION, _C.LOSS, _C.OUTPUT, _C.DENSE, _C.NORMALIZATION, _C.METRIC),
    _C.NORMALIZATION: (_C.ACTIVATION, _C.CONVOLUTION, _C.POOLING, _C.DENSE),
    _C.ACTIVATION: (_C.CONVOLUTION, _C.POOLING, _C.MERGE, _C.DENSE),
    _C.MERGE: (_C.ACTIVATION, _C.CONVOLUTION, _C.POOLING),
    _C.BOXES: (_C.BOXES, _C.LOSS, _C.OUTPUT, _C.METRIC, _C.CONVOLUTION),
    _C.LOSS: (_C.OPTIMIZER,),
}
"""What usually follows a node of a category, most usual first."""


def drawn_ports(kind: type[NodeType] | None) -> tuple[Ports, Ports]:
    """The input and output ports that a bar of this type has; none for an unknown one.

    The outer end of a block's port is not among them: it is drawn where the block is used.
    """
    if kind is None:
        return (), ()
    return tuple(port for port in kind.inputs if not port.outside), tuple(
        port for port in kind.outputs if not port.outside
    )


def ports_of(document: Document, node_id: str) -> tuple[Ports, Ports]:
    """The input and output ports that a node shows; none when there is no such node."""
    node = document.nodes.get(node_id)
    return drawn_ports(document.find(node.type)) if node is not None else ((), ())


def port_named(ports: Iterable[Port], name: str) -> Port | None:
    """The port of this name."""
    return next((port for port in ports if port.name == name), None)


def upstream(wires: Iterable[Wire], node_id: str) -> frozenset[str]:
    """The nodes that the node depends on, itself included."""
    drawn: nx.DiGraph[str] = nx.DiGraph((wire.source, wire.target) for wire in wires)
    return frozenset({node_id} | (nx.ancestors(drawn, node_id) if node_id in drawn else set()))


def downstream(wires: Iterable[Wire], node_id: str) -> frozenset[str]:
    """The nodes that depend on the node, itself included."""
    drawn: nx.DiGraph[str] = nx.DiGraph((wire.source, wire.target) for wire in wires)
    return frozenset({node_id} | (nx.descendants(drawn, node_id) if node_id in drawn else set()))


def refusal(document: Document, wire: Wire) -> str:
    """Why the wire cannot be drawn, in words; "" when it can."""
    wires = document.wires
    start = port_named(ports_of(document, wire.source)[1], wire.output)
    end = port_named(ports_of(document, wire.target)[0], wire.input)
    if start is None or end is None:
        return QCoreApplication.translate("Canvas", "A wire goes from an output of one node to an input of another.")
    if document.nodes[wire.source].sheet != document.nodes[wire.target].sheet:
        return QCoreApplication.translate(
            "Canvas", "A wire cannot lead from one sheet to another; use a block's ports."
        )
    looped = upstream(wires, wire.source) if wire.source != wire.target else frozenset({wire.target})
    return _why(start, end, document.nodes[wire.target], closes=wire.target in looped, drawn=wire in wires)


def refusals(document: Document, loose: Spot) -> dict[str, dict[tuple[bool, str], str]]:
    """For every port of every node of the sheet: why the wire from `loose` cannot end there; "" where it can."""
    wires, nodes = set(document.wires), document.on(document.nodes[loose.node].sheet)
    barred = downstream(wires, loose.node) if loose.is_input else upstream(wires, loose.node)
    found: dict[str, dict[tuple[bool, str], str]] = {}
    for node_id in nodes:
        inputs, outputs = ports_of(document, node_id)
        same = QCoreApplication.translate("Canvas", "Both ends are inputs.") if loose.is_input else (
            QCoreApplication.translate("Canvas", "Both ends are outputs.")
        )  # fmt: skip
        reasons = {(loose.is_input, port.name): same for port in (inputs if loose.is_input else outputs)}
        for port in outputs if loose.is_input else inputs:
            wire = joined(loose, node_id, port.name)
            start, end = (port, loose.port) if loose.is_input else (loose.port, port)
            target = nodes[wire.target]
            reasons[(not loose.is_input, port.name)] = _why(
                start, end, target, closes=node_id in barred, drawn=wire in wires
            )
        found[node_id] = reasons
    return found


def joined(loose: Spot, node_id: str, port: str) -> Wire:
    """The wire from a loose end to a port of another node, whichever way it was drawn."""
    if loose.is_input:
        return Wire(node_id, port, loose.node, loose.port.name)
    return Wire(loose.node, loose.port.name, node_id, port)


def best_wire(document: Document, source: str, target: str) -> Wire | None:
    """The wire that a person means who connects two nodes; None when none fits."""
    outputs, inputs = ports_of(document, source)[1], ports_of(document, target)[0]
    taken = {wire.input for wire in document.wires if wire.target == target}
    kind, end_kind = (document.find(document.nodes[end].type) for end in (source, target))
    labels = kind is not None and issubclass(kind, DataSource)
    judged = end_kind is not None and end_kind.category in (Category.LOSS, Category.METRIC)
    ranked: list[tuple[tuple[bool, ...], Wire]] = []
    for start in outputs:
        for end in inputs:
            wire = Wire(source, start.name, target, end.name)
            if refusal(document, wire):
                continue
            strange = bool(end.labels) and start.kind is Kind.TARGET and start.name not in end.labels
            unlike = labels and judged and end.kind is not Kind.TARGET
            ranked.append(((end.name in taken and not end.many, strange, start.kind is not end.kind, unlike), wire))
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def suits_the_data(analysis: Analysis, kind: type[NodeType]) -> bool:
    """Whether what a loss or metric compares with can be had from the data; all suit where that is not known."""
    sources = (facts.type for facts in analysis.facts.values() if isinstance(facts.type, DataSource))
    labels = {label for label in (getattr(source, "label", "") for source in sources) if label}
    asked = {label for port in kind.inputs for label in port.labels}
    return not labels or not asked or bool(labels & asked)


def fitting_types(analysis: Analysis, loose: Spot, types: Iterable[type[NodeType]]) -> list[type[NodeType]]:
    """Those of the types that a wire from `loose` may end in, best first."""
    node = analysis.graph.nodes.get(loose.node)
    kind = analysis.graph.find(node.type) if node is not None else None
    usual = _AFTER.get(kind.category, ()) if kind is not None and not loose.is_input else ()
    fits = [candidate for candidate in types if landing_port(candidate, loose)]
    seen: Counter[Category] = Counter()
    rare: dict[type[NodeType], bool] = {}
    for candidate in fits:  # the first of each category stand before the rest, so that the list is varied
        rare[candidate] = seen[candidate.category] >= _FIRST
        seen[candidate.category] += 1

    def rank(candidate: type[NodeType]) -> tuple[bool, bool, bool, int]:
        exact = landing_port(candidate, loose).kind is loose.port.kind  # type: ignore[union-attr]
        place = usual.index(candidate.category) if candidate.category in usual else len(usual)
        return not exact, not _accepts(candidate, analysis, loose), rare[candidate], place

    return sorted(fits, key=rank)


def landing_port(kind: type[NodeType], loose: Spot) -> Port | None:
    """The port of a type where a wire from `loose` would end: of the same kind if there is one."""
    inputs, outputs = drawn_ports(kind)
    ports = outputs if loose.is_input else inputs
    fits = [port for port in ports if not (misfit(port, loose.port) if loose.is_input else misfit(loose.port, port))]
    return min(fits, key=lambda port: port.kind is not loose.port.kind, default=None)


def _accepts(kind: type[NodeType], analysis: Analysis, loose: Spot) -> bool:
    """Whether the type with its default settings takes what the wire carries, as far as that is known."""
    facts = analysis.facts.get(loose.node)
    flow = facts.outputs.get(loose.port.name) if facts is not None and not loose.is_input else None
    if flow is None or len(kind.inputs) != 1 or isinstance(flow.value, Target):
        return True
    if getattr(kind, "infer", None) is None:
        return True  # a block: what it takes is known once it is used
    port = kind.inputs[0]
    if port.rank and len(flow.value) not in port.rank:
        return False
    if port.kind is Kind.TARGET:
        return not port.labels or "image" in port.labels
    try:
        kind().infer(**{port.name: (flow.value,) if port.many else flow.value})
    except Unfit:
        return False
    return True


def _why(start: Port, end: Port, target: Node, *, closes: bool, drawn: bool) -> str:
    reason = misfit(start, end)
    if reason:
        return reason
    if closes:
        text = QCoreApplication.translate(
            "Canvas", "This wire would close a loop; “{0}” already feeds the node it comes from."
        )
        return text.format(target.name)
    return QCoreApplication.translate("Canvas", "This wire is there already.") if drawn else ""
