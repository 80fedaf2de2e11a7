"""Remedies for tensors that do not fit: a layer that brings them to the shape that is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.spec import Category, Shape
from runtime.analysis import Analysis
from runtime.graph import Json, Wire
from runtime.problems import Problem
from runtime.remedies.remedy import Fix, Group, described, insertion, kind_of, named, shape_on, type_of, wires_at
from runtime.surgery import Drop, Insert, Layer

FLATTEN: Layer = ("flatten", ())
POOL: Layer = ("global_average_pooling", ())
_TO_FEATURES = ("flatten", "global_average_pooling", "global_max_pooling")


def dense(units: int) -> Layer:
    """A layer that gives so many features."""
    return "dense", (("units", units),)


def pointwise(filters: int, stride: int = 1) -> Layer:
    """A convolution that mixes channels only; a stride makes the image smaller."""
    steps: tuple[tuple[str, Json], ...] = (("stride", stride),) if stride > 1 else ()
    return "convolution", (("filters", filters), ("kernel", 1), *steps)


def upsample(factors: Shape) -> Layer:
    """A layer that makes the image bigger, without learning."""
    return "upsample", (("factor", factors[0] if len(set(factors)) == 1 else list(factors)),)


def wrong_rank(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """An image where features are taken is flattened or pooled; where an image is taken a flattening goes away."""
    kind = type_of(analysis, problem.node)
    port = next((port for port in kind.inputs if port.name == problem.field), None) if kind is not None else None
    if port is None:
        return
    for wire in wires_at(analysis, problem.node, problem.field):
        shape = shape_on(analysis, wire)
        if shape is None or len(shape) in port.rank:
            continue
        if port.rank == (1,):
            yield (insertion((wire,), FLATTEN),)
            yield (insertion((wire,), POOL),)
        elif len(shape) == 1 and analysis.graph.nodes[wire.source].type in _TO_FEATURES:
            yield (Fix(f"Remove {named(analysis, wire.source)}", (Drop(wire.source),)),)
        return


def unlike_branches(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Branches of a merge are brought to the channels and the size of one of them."""
    kind = kind_of(analysis, problem.node)
    if kind is None or kind.category is not Category.MERGE or problem.field:
        return
    branches = [
        (wire, shape)
        for port in kind.inputs
        for wire in wires_at(analysis, problem.node, port.name)
        if (shape := shape_on(analysis, wire)) is not None
    ]
    joins = type(kind).id == "concatenate"
    for goal in _goals([shape for _, shape in branches], joins=joins):
        fix = _brought_to(branches, goal, joins=joins)
        if fix is not None:
            yield (fix,)


def _goals(shapes: list[Shape], *, joins: bool) -> list[Shape]:
    """The shapes that all branches could be brought to: those with the most channels, the biggest image first."""
    most = max(shape[0] for shape in shapes)
    wanted = {(1, *shape[1:]) for shape in shapes} if joins else {shape for shape in shapes if shape[0] == most}
    return sorted(wanted, reverse=True)


def _brought_to(branches: list[tuple[Wire, Shape]], goal: Shape, *, joins: bool) -> Fix | None:
    edits, told = [], {}
    for wire, shape in branches:
        layers = adapter(shape, (shape[0], *goal[1:]) if joins else goal)
        if layers is None:
            return None
        if layers:
            edits.append(Insert(layers, (wire,)))
            told.update(dict.fromkeys(map(described, layers)))
    return Fix("Insert " + " and ".join(told), tuple(edits)) if edits else None


def adapter(shape: Shape, goal: Shape) -> tuple[Layer, ...] | None:
    """The layers that bring one shape to another, none where they are equal; None where no whole factor does."""
    if len(shape) != len(goal):
        return None
    if len(shape) == 1:
        return () if shape == goal else (dense(goal[0]),)
    mixed = (pointwise(goal[0]),) if shape[0] != goal[0] else ()
    up, down = factors(shape[1:], goal[1:]), factors(goal[1:], shape[1:])
    if shape[1:] == goal[1:]:
        return mixed
    if up is not None:
        return (upsample(up), *mixed)
    if mixed:
        stride = -(-shape[1] // goal[1])
        reached = tuple(-(-size // stride) for size in shape[1:])
        return (pointwise(goal[0], stride),) if reached == goal[1:] else None
    if down is None or len(set(down)) > 1:
        return None
    return (("max_pooling", (("kernel", down[0]), ("stride", down[0]))),)


def factors(small: Shape, big: Shape) -> Shape | None:
    """How many times bigger each axis is; None when not a whole number of times."""
    if len(small) != len(big) or any(two % one for one, two in zip(small, big, strict=True)):
        return None
    return tuple(two // one for one, two in zip(small, big, strict=True))
