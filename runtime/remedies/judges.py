"""Remedies for losses and metrics: scores, sizes and types that suit what they compare with."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.roles import Loss, Metric
from nodes.spec import Kind, Shape, Target, find
from runtime.analysis import Analysis
from runtime.graph import Wire
from runtime.problems import Problem
from runtime.remedies.remedy import (
    Fix,
    Group,
    insertion,
    judged_with,
    kind_of,
    named,
    shape_on,
    type_of,
    value_on,
    wires_at,
)
from runtime.remedies.shapes import FLATTEN, POOL, dense, factors, pointwise, upsample
from runtime.surgery import Draw, Drop, Insert, Redraw, Retype, Set

LOSSES = {
    "class": ("cross_entropy", "binary_cross_entropy"),
    "mask": ("dice_cross_entropy",),
    "labels": ("binary_cross_entropy",),
    "boxes": (),
    "number": ("squared_error",),
    "image": ("squared_error",),
}
"""The usual losses for each kind of target, the usual one first."""

METRICS = {
    "class": ("accuracy",),
    "mask": ("dice_score",),
    "labels": ("accuracy",),
    "boxes": (),
    "number": ("mean_absolute_error",),
    "image": ("mean_absolute_error",),
}


def wrong_prediction(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Another number of scores than classes, another size than the mask, an image where one answer is asked for."""
    judge = kind_of(analysis, problem.node)
    if not isinstance(judge, Loss | Metric) or problem.field not in ("prediction", "target"):
        return
    inputs = analysis.facts[problem.node].inputs
    prediction, target = inputs.get("prediction"), inputs.get("target")
    wires = wires_at(analysis, problem.node, "prediction")
    if not wires or not isinstance(target, Target) or not isinstance(prediction, tuple):
        return
    shape: Shape = tuple(size for size in prediction if isinstance(size, int))
    for answer in _answers(target):
        if len(shape) != len(answer):
            yield from _one_answer(judged_with(analysis, wires[0]), shape, answer)
        elif shape[1:] != answer[1:]:
            yield _resized(analysis, wires[0], shape, answer)
        else:
            yield _scores(analysis, wires[0], answer)
    yield _other_type(problem, analysis, target.label)


def wrong_label(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A loss or metric for another task: one that fits what came, or another target of the same source."""
    for wire in wires_at(analysis, problem.node, problem.field):
        value = value_on(analysis, wire)
        yield from _other_targets(problem, analysis, wire)
        yield _other_type(problem, analysis, value.label if isinstance(value, Target) else "image")


def not_offered(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A wire from a port without anything to give: draw it from what is offered, and let the loss follow."""
    for wire in wires_at(analysis, problem.node, problem.field):
        offered = analysis.facts[wire.source].outputs if wire.source in analysis.facts else {}
        if wire.output not in offered:
            yield from _other_targets(problem, analysis, wire)


def squeezed(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Softmax or sigmoid before a loss goes away; where others need it too, the judges are drawn from before it."""
    for wire in wires_at(analysis, problem.node, "prediction"):
        name, judges = named(analysis, wire.source), judged_with(analysis, wire)
        leaving = [other for other in analysis.graph.wires if other.source == wire.source]
        before = wires_at(analysis, wire.source, "image")
        if set(leaving) <= set(judges):
            yield (Fix(f"Remove {name}", (Drop(wire.source),)),)
        elif len(before) == 1:
            start = (before[0].source, before[0].output)
            edits = tuple(Redraw(judge, Wire(*start, judge.target, judge.input)) for judge in judges)
            yield (Fix(f"Draw the prediction from before {name}", edits),)


def _answers(target: Target) -> list[Shape]:
    """The shapes that a prediction of this target may have, the usual one first."""
    if target.label in ("number", "image", "labels"):
        return [target.shape]
    counts = [len(target.classes), 1] if len(target.classes) == 2 else [len(target.classes)]
    return [(count, *target.shape) for count in counts if count]


def _one_answer(wires: tuple[Wire, ...], shape: Shape, answer: Shape) -> Iterator[Group]:
    if len(answer) != 1:
        return
    last = () if shape[0] == answer[0] else (dense(answer[0]),)
    yield (insertion(wires, POOL, *last),)
    yield (insertion(wires, FLATTEN, dense(answer[0])),)


def _resized(analysis: Analysis, wire: Wire, shape: Shape, answer: Shape) -> Group:
    """Upsampling, with as many channels as are wanted, where the target is a whole number of times bigger."""
    times = factors(shape[1:], answer[1:])
    if times is None:
        return ()
    plain = insertion(judged_with(analysis, wire), upsample(times))
    if shape[0] == answer[0]:
        return (plain,)
    return tuple(Fix(f"{plain.label}; {fix.label}", (*plain.edits, *fix.edits))
                 for fix in _scores(analysis, wire, answer) if not isinstance(fix.edits[0], Insert))  # fmt: skip


def _scores(analysis: Analysis, wire: Wire, answer: Shape) -> Group:
    """As many channels as wanted: from the last layer that sets them, or from a layer more."""
    ways = []
    layer = _last_layer(analysis, wire.source)
    if layer is not None:
        node_id, setting = layer
        what = "outputs" if setting == "units" else "filters"
        told = f"{answer[0]} {what if answer[0] > 1 else what[:-1]}"
        ways.append(Fix(f"Give {named(analysis, node_id)} {told}", (Set(node_id, setting, answer[0]),)))
    more = dense(answer[0]) if len(answer) == 1 else pointwise(answer[0])
    ways.append(insertion(judged_with(analysis, wire), more))
    return tuple(ways)


def _last_layer(analysis: Analysis, node_id: str) -> tuple[str, str] | None:
    """The node upstream that sets how many channels arrive, and the name of its setting."""
    while (kind := kind_of(analysis, node_id)) is not None:
        for setting in ("units", "filters"):
            if hasattr(kind, setting):
                return node_id, setting
        before = analysis.graph.wires_into(node_id)
        came = shape_on(analysis, before[0]) if len(before) == 1 else None
        shape = analysis.facts[node_id].shape
        if came is None or shape is None or came[0] != shape[0]:
            return None
        node_id = before[0].source
    return None


def _other_type(problem: Problem, analysis: Analysis, label: str) -> Group:
    now = type_of(analysis, problem.node)
    usual = LOSSES if now is not None and issubclass(now, Loss) else METRICS
    return tuple(
        Fix(f"Change to {kind.title}", (Retype(problem.node, kind.id),))
        for type_id in usual[label]
        if (kind := find(type_id)) is not None and kind is not now
    )


def _other_targets(problem: Problem, analysis: Analysis, wire: Wire) -> Iterator[Group]:
    """Every other target on offer: as it is, or with the loss or metric that suits it."""
    for source, facts in analysis.facts.items():
        for output, flow in facts.outputs.items():
            if flow.kind is not Kind.TARGET or (source, output) == (wire.source, wire.output):
                continue
            draw = Draw(Wire(source, output, problem.node, problem.field))
            label = f"Draw the {problem.field} from “{output}”"
            kinds = _other_type(problem, analysis, output)
            changed = (Fix(f"{fix.label}, on “{output}”", (draw, *fix.edits)) for fix in kinds)
            yield (Fix(label, (draw,)), *changed)
