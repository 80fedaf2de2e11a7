"""What a model is once it is given away: nodes that made images poorer on purpose are gone. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from nodes.spec import NodeType, Shape, Unfit, Value
from runtime.analysis import Analysis, Facts, Flow
from runtime.errors import GraphError
from runtime.problems import Problem

Inputs = Mapping[str, Value | tuple[Value, ...]]


def as_delivered(analysis: Analysis) -> Analysis:
    """The same analysis with the shapes that the nodes have where those that simulate poorer images hand on what they
    got: behind a reduced resolution everything is larger.

    Nodes that do not take such images keep their facts, if outputs do without them (losses, metrics). Raises GraphError
    for others, and for those that would need other trained numbers.
    """
    if not any(simulates(facts.type) for facts in analysis.facts.values()):
        return analysis
    needed = _needed(analysis)
    facts = dict(analysis.facts)
    for node_id in analysis.order:
        try:
            facts[node_id] = _delivered(analysis, facts, node_id)
        except Unfit as refusal:
            if node_id in needed:
                raise GraphError(
                    [Problem(node_id, "", "error", _refused(analysis, node_id, str(refusal)))]
                ) from refusal
    return replace(analysis, facts=facts)


def simulates(kind: NodeType | None) -> bool:
    """Whether a node stands for a poorer acquisition, and is no part of the model that is given away."""
    return kind is not None and kind.simulates


def _delivered(analysis: Analysis, facts: Mapping[str, Facts], node_id: str) -> Facts:
    """The facts of a node whose inputs may have changed. Raises Unfit."""
    own = facts[node_id]
    kind = own.type
    if kind is None or not own.inputs:
        return own
    inputs = {port: _arriving(analysis, facts, node_id, port, value) for port, value in own.inputs.items()}
    if simulates(kind):
        (value,) = inputs.values()
        return replace(own, inputs=inputs, outputs=_valued(own, value))
    if inputs == own.inputs:
        return own
    result = kind.infer(**inputs)
    if own.outputs and kind.call(**inputs) != kind.call(**own.inputs):
        raise Unfit("it is made for images of one size")
    return replace(own, inputs=inputs, outputs=_valued(own, result))


def _valued(own: Facts, result: object) -> dict[str, Flow]:
    values = {next(iter(own.outputs)): result} if isinstance(result, tuple) and own.outputs else result
    given: Mapping[str, Value] = values if isinstance(values, dict) else {}
    return {port: replace(flow, value=given.get(port, flow.value)) for port, flow in own.outputs.items()}


def _arriving(
    analysis: Analysis, facts: Mapping[str, Facts], node_id: str, port: str, old: Value | tuple[Value, ...]
) -> Value | tuple[Value, ...]:
    """What arrives at a port; targets stay as they are."""
    wires = [wire for wire in analysis.graph.wires_into(node_id) if wire.input == port]
    values = [facts[wire.source].outputs[wire.output].value for wire in wires]
    shapes: tuple[Shape, ...] = tuple(value for value in values if isinstance(value, tuple))
    if not isinstance(old, tuple) or len(shapes) != len(wires):
        return old
    return shapes if old and isinstance(old[0], tuple) else shapes[0]


def _needed(analysis: Analysis) -> set[str]:
    """The nodes before the outputs."""
    found: set[str] = set()
    waiting = list(analysis.meanings)
    while waiting:
        for wire in analysis.graph.wires_into(waiting.pop()):
            if wire.source not in found:
                found.add(wire.source)
                waiting.append(wire.source)
    return found


def _refused(analysis: Analysis, node_id: str, why: str) -> str:
    names = ", ".join(f"“{analysis.title(one)}”" for one, facts in analysis.facts.items() if simulates(facts.type))
    return (
        f"The model that is given away leaves out {names}, and “{analysis.title(node_id)}” does not take the images "
        f"that then come: {why.rstrip('.')}. Use layers that take images of every size, such as convolutions."
    )
