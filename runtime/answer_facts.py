"""What a network answers on the validation part, against what is true: shares of classes, or mean and spread."""

from __future__ import annotations

import torch
from torch import Tensor

from nodes.spec import Target
from runtime.compile import Pass
from runtime.data.batches import Batch
from runtime.judges import Judge
from runtime.learner import Learner
from runtime.modules.metrics import decided, tallied

Shares = dict[str, list[float]]
_TOLD = ("class", "mask", "labels", "number")


class AnswerFacts:
    """Adds up on the device what each loss with labels judges; nothing is read before `shares`."""

    def __init__(self, learner: Learner) -> None:
        self._judges = {judge: classes for judge in learner.losses if (classes := _classes(learner, judge)) is not None}
        # A metric that counts which class was taken for which has it all already.
        self._tables = {judge: table for judge in self._judges if (table := _table(learner, judge)) is not None}
        self._sums: dict[Judge, Tensor] = {}

    def begin(self) -> None:
        """Forget the epoch before."""
        self._sums = {}

    def take(self, batch: Batch, passed: Pass) -> None:
        """Add a measured batch."""
        for judge, classes in self._judges.items():
            if judge not in self._tables:
                sums = _summed(*judge.compared(batch, passed), classes)
                before = self._sums.get(judge)
                self._sums[judge] = sums if before is None else before + sums

    def shares(self) -> tuple[Shares, Shares]:
        """By loss: what was predicted, and what is true."""
        predicted: Shares = {}
        true: Shares = {}
        for judge, classes in self._judges.items():
            if judge in self._tables:
                table = self._tables[judge].sum(dim=0) if self._tables[judge].dim() == 3 else self._tables[judge]
                found = torch.stack([table.sum(dim=0), table.sum(dim=1)]).double()
                count = found[0].sum()
            elif judge in self._sums:
                whole = self._sums[judge]
                found, count = whole[:, :-1], whole[0, -1]
            else:
                continue
            means = (found / count.clamp_min(1)).tolist()
            made = means if classes else [_spread(*one) for one in means]
            predicted[judge.node], true[judge.node] = ([_short(value) for value in one] for one in made)
        return predicted, true


def _classes(learner: Learner, judge: Judge) -> int | None:
    """How many classes the loss tells apart, 0 for numbers; None where the target is none of the data's labels."""
    target = learner.analysis.facts[judge.node].inputs.get("target")
    if not judge.is_label or not isinstance(target, Target) or target.label not in _TOLD:
        return None
    return 0 if target.label == "number" else len(target.classes)


def _table(learner: Learner, judge: Judge) -> Tensor | None:
    """The table of a metric of the same prediction and target: rows are true, columns predicted."""
    for metric in learner.metrics:
        table = getattr(metric.module, "table", None)
        if (metric.prediction, metric.target) == (judge.prediction, judge.target) and isinstance(table, Tensor):
            return table
    return None


@torch.no_grad()
def _summed(prediction: Tensor, target: Tensor, classes: int) -> Tensor:
    """(2, K + 1): for prediction and truth the cases (or pixels) of each class, and how many there are in all; for
    numbers their sum and the sum of their squares."""
    if not classes:
        both = torch.stack([prediction.double().flatten(), target.double().flatten()])
        return torch.stack([both.sum(1), both.square().sum(1), torch.full_like(both[:, 0], both.shape[1])], 1)
    if target.dim() == prediction.dim():  # several labels for each case
        both = torch.stack([(prediction > 0).double().sum(0), target.double().sum(0)])
        return torch.cat([both, torch.full_like(both[:, :1], target.shape[0])], 1)
    both = torch.stack([tallied(decided(prediction), classes), tallied(target, classes)]).double()
    return torch.cat([both, both.sum(1, keepdim=True)], 1)


def _spread(mean: float, square: float) -> list[float]:
    return [mean, max(square - mean**2, 0.0) ** 0.5]


def _short(value: float) -> float:
    return float(f"{value:.5g}")
