"""Remedies for what a training still lacks: a loss, an optimizer, an output."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.roles import Loss, Optimizer, Output, Source
from nodes.spec import Kind, NodeType, find
from nodes.trained import Trained
from runtime.analysis import Analysis
from runtime.graph import Wire
from runtime.optimized import left_out as layers_left_out
from runtime.optimized import names_of_parts
from runtime.problems import Problem
from runtime.remedies.judges import LOSSES
from runtime.remedies.remedy import Fix, Group, insertion, judged_with, named, shape_on, type_of, wires_at
from runtime.remedies.shapes import dense, pointwise
from runtime.surgery import NEW, Add, Set, TrainWith, Watch

Start = tuple[str, str]
"""A node id and the name of one of its outputs."""


def no_output(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """An Output for the tensor that a loss judges; without a loss, for what nothing uses yet."""
    starts = _into(analysis, Loss) or _loose(analysis)
    for source, output in starts:
        label = "Add Output" if len(starts) == 1 else f"Add Output to {named(analysis, source)}"
        yield (Fix(label, (Add("output", source, (Wire(source, output, NEW, "prediction"),)),)),)


def no_optimizer(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Adam, the usual first choice, for every loss."""
    losses = _ids(analysis, Loss)
    if losses:
        wires = tuple(Wire(loss, "loss", NEW, "loss") for loss in losses)
        yield (Fix("Add Adam", (Add("adam", losses[-1], wires),)),)


def no_loss(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The usual loss for the only target on offer, at the output's tensor; for images without labels, their own."""
    starts = _into(analysis, Output) or _loose(analysis)
    offers = [
        (node_id, name)
        for node_id, facts in analysis.facts.items()
        for name, flow in facts.outputs.items()
        if flow.kind is Kind.TARGET
    ]
    images = [(node_id, "image") for node_id in _ids(analysis, Source) if "image" in analysis.facts[node_id].outputs]
    targets = offers or images
    if len(starts) != 1 or len(targets) != 1:
        return
    yield tuple(_loss(analysis, type_id, starts[0], targets[0]) for type_id in LOSSES[targets[0][1]])


def untrained(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """A layer with trained numbers on the way to the loss, which keeps the shape."""
    for ended in wires_at(analysis, problem.node, "loss"):
        for wire in wires_at(analysis, ended.source, "prediction"):
            shape = shape_on(analysis, wire)
            if shape is not None:
                layer = dense(shape[0]) if len(shape) == 1 else pointwise(shape[0])
                yield (insertion(judged_with(analysis, wire), layer),)


def frozen(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """One of the frozen nodes learns again: those next to the loss are the first that one wants to train."""
    for node_id in reversed(analysis.frozen.get(problem.node, ())):
        if issubclass(type_of(analysis, node_id) or NodeType, Trained):
            yield (Fix(f"Let {named(analysis, node_id)} learn", (Set(node_id, "rate_factor", 1.0),)),)


def frozen_long(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The node learns from the start, or not at all and is said to."""
    title = named(analysis, problem.node)
    yield (Fix(f"Let {title} learn from the start", (Set(problem.node, "frozen_epochs", 0),)),)
    yield (Fix(f"Freeze {title} for good", (Set(problem.node, "rate_factor", 0.0),)),)


def frozen_at_first(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """One of the nodes learns from the start: those next to the loss are the first that one wants to train."""
    for node_id in reversed(analysis.trained.get(problem.node, ())):
        if issubclass(type_of(analysis, node_id) or NodeType, Trained):
            title = named(analysis, node_id)
            yield (Fix(f"Let {title} learn from the start", (Set(node_id, "frozen_epochs", 0),)),)


def sampling(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """All cases once, which needs no classes."""
    yield (Fix("Go through all cases once", (TrainWith("sampling", "all"),)),)


def helped_twice(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Either without the weights of the loss, or without balanced sampling."""
    yield (Fix("Set “Class weights” to none", (Set(problem.node, "class_weights", "none"),)),)
    yield from sampling(problem, analysis)


def watch(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The validation loss is always measured."""
    yield (Fix("Tell the best epoch by the validation loss", (Watch(""),)),)


def part(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The frames and blocks that could be meant, and to train all that lies before the losses."""
    for name in names_of_parts(analysis.drawn):
        yield (Fix(f"Train the part “{name}”", (Set(problem.node, "part", name),)),)
    yield (Fix("Train all layers before its losses", (Set(problem.node, "part", ""),)),)


def left_out(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """The only optimizer trains them as well; or they stay as they are."""
    if len(analysis.trained) == 1:
        yield (Fix("Train all layers before its losses", (Set(problem.node, "part", ""),)),)
    layers = layers_left_out(analysis).get(problem.node, [])
    if layers and all(issubclass(type_of(analysis, one) or NodeType, Trained) for one in layers):
        one = f"Leave {named(analysis, layers[0])} as it is"
        label = one if len(layers) == 1 else f"Leave these {len(layers)} layers as they are"
        yield (Fix(label, tuple(Set(layer, "rate_factor", 0.0) for layer in layers)),)


def interval(problem: Problem, analysis: Analysis) -> Iterator[Group]:
    """Every step is never too rare."""
    yield (Fix("Change its layers at every step", (Set(problem.node, "interval", 1),)),)


def _loss(analysis: Analysis, type_id: str, start: Start, target: Start) -> Fix:
    ends = [Wire(NEW, "loss", optimizer, "loss") for optimizer in _ids(analysis, Optimizer)]
    wires = (Wire(*start, NEW, "prediction"), Wire(*target, NEW, "target"), *(ends if len(ends) == 1 else ()))
    kind = find(type_id)
    return Fix(f"Add {kind.title if kind is not None else type_id}", (Add(type_id, start[0], wires),))


def _into(analysis: Analysis, base: type[NodeType]) -> list[Start]:
    """What goes into the port “prediction” of nodes of this type."""
    judges = set(_ids(analysis, base))
    found = ((wire.source, wire.output) for wire in analysis.graph.wires
             if wire.target in judges and wire.input == "prediction")  # fmt: skip
    return list(dict.fromkeys(found))


def _loose(analysis: Analysis) -> list[Start]:
    """The tensors that nothing uses yet."""
    used = {(wire.source, wire.output) for wire in analysis.graph.wires}
    return [
        (node_id, name)
        for node_id, facts in analysis.facts.items()
        for name, flow in facts.outputs.items()
        if flow.kind is Kind.TENSOR and (node_id, name) not in used and not isinstance(facts.type, Loss | Source)
    ]


def _ids(analysis: Analysis, base: type[NodeType]) -> list[str]:
    return [node_id for node_id in analysis.graph.nodes if issubclass(type_of(analysis, node_id) or NodeType, base)]
