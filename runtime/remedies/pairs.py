"""Remedies for a prediction and a target whose pixels do not belong together."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.analysis import Analysis
from runtime.graph import Wire
from runtime.problems import Problem
from runtime.remedies.remedy import Fix, Group, kind_of, named, wires_at
from runtime.surgery import Draw


def other_source(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The target comes from the source that the prediction is made from, where that offers the like."""
    for wire in wires_at(analysis, problem.node, "target"):
        for source in _geometry(analysis, problem.node):
            facts = analysis.facts.get(source)
            if facts is not None and wire.output in facts.outputs:
                draw = Draw(Wire(source, wire.output, problem.node, "target"))
                yield (Fix(f"Draw the target from {named(analysis, source)} ({wire.output})", (draw,)),)


def other_path(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """An image as the target is taken from behind the node that moved the pixels of the prediction last."""
    for path in _geometry(analysis, problem.node).values():
        kind = kind_of(analysis, path[-1]) if path else None
        if kind is not None and kind.outputs:
            draw = Draw(Wire(path[-1], kind.outputs[0].name, problem.node, "target"))
            yield (Fix(f"Draw the target from {named(analysis, path[-1])}", (draw,)),)


def two_ways(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The prediction is taken from where another loss or metric of the same mask has it."""
    masks = {(wire.source, wire.output) for wire in wires_at(analysis, problem.node, "target")}
    now = {(wire.source, wire.output) for wire in wires_at(analysis, problem.node, "prediction")}
    for other in analysis.graph.nodes:
        if not masks & {(wire.source, wire.output) for wire in wires_at(analysis, other, "target")}:
            continue
        for wire in wires_at(analysis, other, "prediction"):
            if (wire.source, wire.output) not in now:
                draw = Draw(Wire(wire.source, wire.output, problem.node, "prediction"))
                yield (Fix(f"Draw the prediction from {named(analysis, wire.source)}", (draw,)),)


def _geometry(analysis: Analysis, node_id: str) -> dict[str, tuple[str, ...]]:
    """For each source of the prediction: the nodes that moved its pixels; those that went two ways are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for wire in wires_at(analysis, node_id, "prediction"):
        facts = analysis.facts.get(wire.source)
        flow = facts.outputs.get(wire.output) if facts is not None else None
        if flow is not None:
            found.update({source: path for source, path in flow.geometry.items() if path is not None})
    return found
