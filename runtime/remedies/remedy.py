"""A remedy as a frozen description, and what the remedies ask of an analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nodes.roles import Loss, Metric, Output
from nodes.spec import NodeType, Shape, Value, find
from runtime.analysis import Analysis
from runtime.graph import Wire
from runtime.problems import Problem
from runtime.surgery import Edit, Insert, Layer


@dataclass(frozen=True, slots=True)
class Fix:
    """One way to mend a problem: what will be done, for a button, and the edits that do it."""

    label: str
    edits: tuple[Edit, ...]


Group = tuple[Fix, ...]
"""Ways that stand in for each other, the best first: one of them is offered."""

Remedy = Callable[[Problem, Analysis], Iterator[Group]]


def kind_of(analysis: Analysis, node_id: str) -> NodeType | None:
    """The node with its settings as read; None for an unknown type or id."""
    facts = analysis.facts.get(node_id)
    return facts.type if facts is not None else None


def type_of(analysis: Analysis, node_id: str) -> type[NodeType] | None:
    """The node's type, known also where the node lies on a loop."""
    node = analysis.graph.nodes.get(node_id)
    return analysis.graph.find(node.type) if node is not None else None


def named(analysis: Analysis, node_id: str) -> str:
    """The node's name in quotes."""
    return f"“{analysis.graph.nodes[node_id].name}”"


def wires_at(analysis: Analysis, node_id: str, port: str) -> tuple[Wire, ...]:
    """The wires that end at a port, oldest first."""
    return tuple(wire for wire in analysis.graph.wires_into(node_id) if wire.input == port)


def value_on(analysis: Analysis, wire: Wire) -> Value | None:
    """What the wire carries; None where that is not known."""
    facts = analysis.facts.get(wire.source)
    flow = facts.outputs.get(wire.output) if facts is not None else None
    return flow.value if flow is not None else None


def shape_on(analysis: Analysis, wire: Wire) -> Shape | None:
    """The shape of the tensor that the wire carries; None where there is none or it is not known."""
    value = value_on(analysis, wire)
    return value if isinstance(value, tuple) else None


def judged_with(analysis: Analysis, wire: Wire) -> tuple[Wire, ...]:
    """The wires that bring the same prediction to losses, metrics and outputs."""
    return tuple(
        other
        for other in analysis.graph.wires
        if (other.source, other.output) == (wire.source, wire.output)
        and other.input == "prediction"
        and issubclass(type_of(analysis, other.target) or NodeType, (Loss, Metric, Output))
    )


def insertion(wires: tuple[Wire, ...], *layers: Layer) -> Fix:
    """Put layers onto wires that leave one port."""
    return Fix("Insert " + " and ".join(described(layer) for layer in layers), (Insert(layers, wires),))


def described(layer: Layer) -> str:
    """A layer with the settings that matter, in words."""
    type_id, settings = layer
    kind = find(type_id)
    title, told = kind.title if kind is not None else type_id, dict(settings)
    if told.get("kernel") == 1 and "filters" in told:
        title += " 1×1"
    if "filters" in told or "units" in told:
        title += f" with {told['filters']} filters" if "filters" in told else f" with {told['units']} outputs"
    if "factor" in told:
        title += f" ×{shown(told['factor'])}"
    return title


def shown(value: object) -> str:
    """A setting's value in words."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return "×".join(str(part) for part in value) or "nothing"
    return f"{value:g}" if isinstance(value, float) else str(value) or "nothing"
