"""Remedies for wires: too many, too few, at ports that are not there, or in a loop."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.roles import Loss
from nodes.spec import Kind, Port, find
from runtime.analysis import Analysis
from runtime.graph import Wire
from runtime.problems import Problem
from runtime.remedies.remedy import Fix, Group, named, shape_on, type_of, wires_at
from runtime.surgery import NEW, Add, Cut, Draw, Drop, Redraw, downstream, port_named
from runtime.wiring import misfit


def many_wires(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Where one wire is taken, the newest stays, or what they carry is joined."""
    *older, newest = wires = wires_at(analysis, problem.node, problem.field)
    yield (Fix(f"Keep the wire from {named(analysis, newest.source)}", (Cut(tuple(older)),)),)
    kinds = ("add", "concatenate") if all(shape_on(analysis, wire) is not None for wire in wires) else ()
    yield tuple(_joining(type_id, wires) for type_id in kinds)


def unknown_type(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A node of a type that nothing is known of goes away; what it stood between is joined where that fits."""
    yield (Fix(f"Remove {named(analysis, problem.node)}", (Drop(problem.node),)),)


def _joining(type_id: str, wires: tuple[Wire, ...]) -> Fix:
    kind = find(type_id)
    if kind is None:
        raise KeyError(type_id)
    port, end = kind.inputs[0].name, wires[-1]
    into = (Wire(wire.source, wire.output, NEW, port) for wire in wires)
    out = Wire(NEW, kind.outputs[0].name, end.target, end.input)
    return Fix(f"Insert {kind.title}", (Add(type_id, end.source, (*into, out)),))


def unsound_wires(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Wires that end nowhere or at a port of another kind are removed; one is drawn again where just one port fits."""
    wires = tuple(
        wire
        for wire in analysis.graph.wires
        if problem.node in (wire.source, wire.target) and _fault(analysis, wire) == problem.code
        and (problem.code != "misfit" or wire.input == problem.field)
    )  # fmt: skip
    again = _again(analysis, wires[0]) if len(wires) == 1 and problem.code == "missing_port" else None
    if again is not None:
        yield (Fix(f"Draw the wire to “{again.input}”", (Redraw(wires[0], again),)),)
    if wires:
        yield (Fix("Remove the wire" if len(wires) == 1 else f"Remove {len(wires)} wires", (Cut(wires),)),)


def loop(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The newest wire whose removal opens the loop is removed."""
    wires, nodes = analysis.graph.wires, analysis.graph.nodes
    behind = downstream(wires, problem.node)
    round_about = [wire for wire in wires if wire.source in behind and problem.node in downstream(wires, wire.target)]
    yield tuple(
        Fix(f"Remove the wire from “{nodes[wire.source].name}” to “{nodes[wire.target].name}”", (Cut((wire,)),))
        for wire in reversed(round_about)
    )


def empty_port(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A port without a wire gets one from the only place that fits."""
    kind = type_of(analysis, problem.node)
    port = port_named(kind.inputs, problem.field) if kind is not None else None
    if port is None:
        return
    starts = _starts(analysis, problem.node, port)
    if len(starts) == 1:
        source, output = starts[0]
        wire = Wire(source, output, problem.node, problem.field)
        yield (Fix(f"Draw the wire from {named(analysis, source)}" + _by(analysis, wire), (Draw(wire),)),)


def idle_loss(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A loss that leads nowhere is drawn to the only optimizer."""
    ends = [
        Wire(problem.node, "loss", node_id, "loss")
        for node_id in analysis.graph.nodes
        if any(port.kind is Kind.LOSS for port in _inputs(analysis, node_id))
    ]
    if len(ends) == 1:
        yield (Fix(f"Draw the wire to {named(analysis, ends[0].target)}", (Draw(ends[0]),)),)


def _starts(analysis: Analysis, node_id: str, port: Port) -> list[tuple[str, str]]:
    """Where a wire to the port could begin: what nothing else uses yet, or the prediction that is judged already."""
    wires = analysis.graph.wires
    barred = downstream(wires, node_id)
    used = {(wire.source, wire.output) for wire in wires}
    fits = [
        (source, start.name)
        for source in analysis.graph.nodes
        if source not in barred
        for start in _offered(analysis, source)
        if start.kind is port.kind and not (port.labels and start.kind is Kind.TARGET and start.name not in port.labels)
    ]
    if port.kind is Kind.TARGET:
        return fits
    if port.name == "prediction":
        judged = {(wire.source, wire.output) for wire in wires if wire.input == "prediction"}
        fits = [start for start in fits if start in judged] or fits
        return fits if len(fits) == 1 else [start for start in fits if start not in used]
    return fits if len(fits) == 1 else [start for start in fits if start not in used]


def _offered(analysis: Analysis, node_id: str) -> tuple[Port, ...]:
    """The outputs of a node; once they are known, those that carry something."""
    kind = type_of(analysis, node_id)
    known = analysis.facts[node_id].outputs
    outputs = kind.outputs if kind is not None else ()
    return tuple(port for port in outputs if not known or port.name in known)


def _inputs(analysis: Analysis, node_id: str) -> tuple[Port, ...]:
    kind = type_of(analysis, node_id)
    return kind.inputs if kind is not None else ()


def _by(analysis: Analysis, wire: Wire) -> str:
    kind = type_of(analysis, wire.source)
    return f" ({wire.output})" if kind is not None and len(kind.outputs) > 1 and not issubclass(kind, Loss) else ""


def _fault(analysis: Analysis, wire: Wire) -> str:
    """The class of the wire's own fault, "" when it is sound."""
    nodes = analysis.graph.nodes
    if wire.source not in nodes or wire.target not in nodes:
        return "lost_wire"
    before, after = (analysis.graph.find(nodes[end].type) for end in (wire.source, wire.target))
    if before is None or after is None:
        return ""
    start, end = port_named(before.outputs, wire.output), port_named(after.inputs, wire.input)
    if start is None or end is None:
        return "missing_port"
    return "misfit" if misfit(start, end) else ""


def _again(analysis: Analysis, wire: Wire) -> Wire | None:
    """The wire between the same nodes at the only ports that fit; None where several do, or a wire is there."""
    before, after = type_of(analysis, wire.source), type_of(analysis, wire.target)
    if before is None or after is None:
        return None
    starts = [port for port in before.outputs if port.name == wire.output] or before.outputs
    ends = [port for port in after.inputs if port.name == wire.input] or after.inputs
    fits = [
        Wire(wire.source, start.name, wire.target, end.name)
        for start in starts
        for end in ends
        if not misfit(start, end) and (end.many or not wires_at(analysis, wire.target, end.name))
    ]
    return fits[0] if len(fits) == 1 else None
