"""Remedies for a prediction and a target whose pixels do not belong together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from runtime.analysis import Analysis
from runtime.graph import Wire
from runtime.pieces import open_cut
from runtime.problems import Problem
from runtime.remedies.remedy import Fix, Group, kind_of, named, wires_at
from runtime.surgery import NEW, Add, Draw, Drop


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


def pieces(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Pieces are put together before they are judged; a Stitch is wired to what was cut, or goes where nothing was."""
    if problem.field == "prediction":
        for wire in wires_at(analysis, problem.node, "prediction"):
            yield from _stitched(analysis, wire)
        return
    for wire in wires_at(analysis, problem.node, "pieces"):
        cutter = open_cut(wire, analysis.facts)
        if cutter is None:
            yield (Fix(f"Remove {named(analysis, problem.node)}", (Drop(problem.node),)),)
        for before in wires_at(analysis, cutter or "", "image"):
            draw = Draw(replace(before, target=problem.node))
            yield (Fix(f"Draw the image from {named(analysis, before.source)}", (draw,)),)


def _stitched(analysis: Analysis, wire: Wire) -> Iterator[Group]:
    """A Stitch behind what the wire carries, for all who judge it or give it out."""
    cutter = open_cut(wire, analysis.facts)
    for before in wires_at(analysis, cutter or "", "image"):
        into = (Wire(wire.source, wire.output, NEW, "pieces"), replace(before, target=NEW))
        out = [Wire(NEW, "out", other.target, other.input) for other in analysis.graph.wires
               if (other.source, other.output, other.input) == (wire.source, wire.output, "prediction")]  # fmt: skip
        yield (Fix("Insert Stitch", (Add("stitch", wire.source, (*into, *out)),)),)


def _geometry(analysis: Analysis, node_id: str) -> dict[str, tuple[str, ...]]:
    """For each source of the prediction: the nodes that moved its pixels; those that went two ways are left out."""
    found: dict[str, tuple[str, ...]] = {}
    for wire in wires_at(analysis, node_id, "prediction"):
        facts = analysis.facts.get(wire.source)
        flow = facts.outputs.get(wire.output) if facts is not None else None
        if flow is not None:
            found.update({source: path for source, path in flow.geometry.items() if path is not None})
    return found
