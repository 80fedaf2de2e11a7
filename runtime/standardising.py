"""Mean and spread of the columns of tables and of numbers to learn, from the training part before the first epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from runtime.data.batches import Part
from runtime.errors import RunError
from runtime.learner import Learner
from runtime.material import Material
from runtime.modules.prepare import InUnits, StandardiseColumns
from runtime.part_counts import mean_and_spread

Total = Callable[[Iterable[Tensor]], None]
"""Puts into tensors their sums over all processes that share a training."""


def learn_scales(
    learner: Learner, part: Part, size: int, total: Total, material: Material, cases: Sequence[int]
) -> None:
    """What `learn_columns` learns of this part, and `learn_units` of the same cases of all processes."""
    learn_columns(learner, part, size, total)
    learn_units(learner, material, cases)


@torch.no_grad()
def learn_columns(learner: Learner, part: Part, size: int, total: Total) -> None:
    """Give every Standardise columns of the network the mean and spread of what reaches it from the training part.

    Numbers that are missing do not count; a column of one single value gets the spread 1. Random states stay as they
    are. A network without such a node is not run.
    """
    modules = [module for module in learner.network.modules() if isinstance(module, StandardiseColumns)]
    for module in modules:  # one behind another: what a later one gets depends on the one before
        device = learner.device
        sums = torch.zeros(3, module.mean.numel(), dtype=torch.float64, device=device)
        handle = module.register_forward_pre_hook(partial(_add, sums))
        try:
            with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
                learner.network.eval()
                for batch in part.batches(size):
                    learner.forward(batch)
        finally:
            handle.remove()
        total([sums])
        count, whole, squares = sums
        mean = whole / count.clamp(min=1)
        spread = (squares / count.clamp(min=1) - mean.square()).clamp(min=0).sqrt()
        module.mean.copy_(mean)
        module.spread.copy_(torch.where(spread > 1e-6 * (1 + mean.abs()), spread, torch.ones_like(spread)))


@torch.no_grad()
def learn_units(learner: Learner, material: Material, cases: Sequence[int]) -> None:
    """Give every Numbers in units of the network the mean and spread of what its answers are compared with, over these
    cases of the training part.

    Raises RunError for a node whose answers no loss compares with numbers of the data.
    """
    of = {one.source: one.labels.numbers for one in material.all()}
    judged = {judge.prediction[0]: of.get(judge.target[0]) for judge in learner.losses if judge.is_label}
    for node_id in learner.analysis.graph.nodes:
        module = learner.network.module_of(node_id)
        if not isinstance(module, InUnits):
            continue
        numbers = judged.get(node_id)
        if numbers is None:
            raise RunError(
                f"The answers of “{learner.analysis.title(node_id)}” are compared with no number of the data, so it "
                "cannot learn their mean and spread; lead it straight to a loss whose target is a number, or remove "
                "it.",
                node_id,
            )
        mean, spread = mean_and_spread(numbers[list(cases)])
        module.mean.copy_(mean)
        module.spread.copy_(spread)


def _add(sums: Tensor, _module: nn.Module, given: tuple[Tensor, ...]) -> None:
    """Count, sum and sum of squares of each column."""
    values = given[0].double()
    known = ~torch.isnan(values)
    values = torch.where(known, values, torch.zeros_like(values))
    sums += torch.stack([known.double().sum(dim=0), values.sum(dim=0), values.square().sum(dim=0)])
