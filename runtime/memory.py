"""How much memory a training step needs, told from the analysis alone: before anything is computed. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nodes.roles import Loss, Optimizer, Source
from nodes.spec import Kind
from runtime.analysis import Analysis

BYTES = 4
"""All numbers of a training are 32-bit floats."""

COMPARED = 3
"""What a loss keeps, in sizes of its prediction: the chances, the target spelled out by class, their product."""

FORECAST_ERROR = 1.6
"""The forecast is at most so many times what is measured (held by a test)."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes that one training step needs; `total` is for the whole batch."""

    activations_per_image: int
    parameters: int
    total: int


def forecast(analysis: Analysis, batch: int) -> Memory:
    """The memory of a training step on `batch` images, in bytes.

    The rule: batch × kept values × 4 bytes, and 4 bytes for each trained number and, where an optimizer trains it, for
    its gradient and all that the optimizer remembers of it; twice more with a running mean of the weights. Kept until
    the pass backwards are the images and what leaves each node that has trained numbers at or before it, frozen ones
    not counted; also what such nodes take directly from the preparation, and for each loss three times the size of its
    prediction.

    Left out are: values that PyTorch gives back at once or keeps beside these (the places of maxima, masks of
    dropout), the gradients of values on their way backwards, the sums of metrics, scratch space of the device's
    kernels, the copy of the best weights, and the program itself (some 0.3 GB with PyTorch, more on a GPU). Counted
    too much are values that nothing needs on the way backwards, such as those between Batch normalisation and ReLU,
    and mixed precision, which halves some. Held by a test to 0.6 to 1.6 of what is measured. A node whose shape is
    not known counts nothing.
    """
    activations = (sum(kept_values(analysis).values()) + _compared_values(analysis)) * BYTES
    parameters = _trained_values(analysis) * BYTES
    return Memory(activations, parameters, batch * activations + parameters)


def kept_values(analysis: Analysis) -> dict[str, int]:
    """For each node whose output is kept until the pass backwards: how many numbers it gives for one image."""
    learning: set[str] = set()
    kept: set[str] = set()
    entering = _tensors_into(analysis)
    for node_id in analysis.order:
        facts, before = analysis.facts[node_id], entering.get(node_id, [])
        if (facts.parameters and not facts.frozen) or learning.intersection(before):
            learning.add(node_id)
            kept.update((node_id, *before))
        elif isinstance(facts.type, Source):
            kept.add(node_id)
    return {node_id: analysis.facts[node_id].values for node_id in analysis.order if node_id in kept}


def _compared_values(analysis: Analysis) -> int:
    predictions = (analysis.facts[loss].inputs.get("prediction") for loss in analysis.of_type(Loss))
    shapes = [[size for size in shape if isinstance(size, int)] for shape in predictions if isinstance(shape, tuple)]
    return COMPARED * sum(map(math.prod, shapes))


def _tensors_into(analysis: Analysis) -> dict[str, list[str]]:
    """For each node: the nodes whose tensors enter it."""
    found: dict[str, list[str]] = {}
    for wire in analysis.graph.wires:
        facts = analysis.facts.get(wire.source)
        flow = facts.outputs.get(wire.output) if facts is not None else None
        if flow is not None and flow.kind is Kind.TENSOR:
            found.setdefault(wire.target, []).append(wire.source)
    return found


def _trained_values(analysis: Analysis) -> int:
    count = analysis.parameters
    for optimizer_id in analysis.of_type(Optimizer):
        optimizer = analysis.facts[optimizer_id].type
        if isinstance(optimizer, Optimizer):
            own = sum(analysis.facts[node_id].parameters for node_id in analysis.trained[optimizer_id])
            count += own * (1 + optimizer.remembers())
    if analysis.graph.training.ema:
        count += 2 * analysis.parameters  # the mean, and while it is measured the numbers that are being trained
    return count
