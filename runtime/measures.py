"""What is measured of predictions beyond the graph's own metrics: confusion, usual measures, intervals, rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from runtime.analysis import Meaning
from runtime.evaluation.intervals import Interval, share_interval
from runtime.modules.losses import chances
from runtime.modules.metrics import AUC, decided, tallied

Row = list[str | float]


@dataclass
class Findings:
    """What was found over all cases; `rows` belong to the columns of the table beside the evaluation."""

    metrics: dict[str, float] = field(default_factory=dict)
    confusion: list[list[int]] = field(default_factory=list)
    intervals: dict[str, Interval] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


class _Gathered:
    """What is scored and what is true, case by case."""

    def __init__(self, meaning: Meaning) -> None:
        self._classes = meaning.classes
        self._scores: list[Tensor] = []
        self._truth: list[Tensor] = []

    def add(self, scores: Tensor, target: Tensor) -> None:
        """Keep a batch of raw scores (N, K) and what is true of its cases."""
        self._scores.append(scores.float().cpu())
        self._truth.append(target.cpu())


class Classes(_Gathered):
    """One class for each case: the truth is (N,)."""

    def findings(self, groups: Sequence[str]) -> Findings:
        """All measures; `groups` names the patient of each case."""
        scores, truth = torch.cat(self._scores), torch.cat(self._truth)
        taken, count = decided(scores), len(self._classes)
        table = tallied(truth * count + taken, count**2).view(count, count)
        right = (truth == taken).tolist()
        accuracy = share_interval(right, groups)
        found = Findings({"accuracy": sum(right) / len(right)}, table.tolist(), {"accuracy": accuracy})
        per_class = [self._share(found, place, truth, taken, groups) for place in range(count)]
        found.metrics["balanced_accuracy"] = _mean(per_class)
        if count == 2:
            found.metrics |= {"sensitivity": per_class[1], "specificity": per_class[0]}
            found.intervals |= {
                "sensitivity": found.intervals[f"sensitivity:{self._classes[1]}"],
                "specificity": found.intervals[f"sensitivity:{self._classes[0]}"],
            }
        area = AUC(count)
        area.update(scores, truth)
        found.metrics["auc"] = area.compute()
        self._table(found, scores, truth, taken)
        return found

    def _share(
        self, found: Findings, place: int, truth: Tensor, taken: Tensor, groups: Sequence[str]
    ) -> float:
        """The share of the cases of a class that are found, with its interval."""
        own = (truth == place).nonzero().flatten().tolist()
        hits = [bool(taken[case] == place) for case in own]
        name = f"sensitivity:{self._classes[place]}"
        found.intervals[name] = share_interval(hits, [groups[case] for case in own])
        found.metrics[name] = sum(hits) / len(hits) if hits else math.nan
        return found.metrics[name]

    def _table(self, found: Findings, scores: Tensor, truth: Tensor, taken: Tensor) -> None:
        shares = chances(scores)
        if shares.shape[1] == 1:
            shares = torch.cat([1 - shares, shares], 1)
        found.columns = ["true", "predicted", *(f"p:{name}" for name in self._classes)]
        found.rows = [
            [self._classes[int(true)], self._classes[int(one)], *(round(float(value), 6) for value in row)]
            for true, one, row in zip(truth, taken, shares, strict=True)
        ]


class Several(_Gathered):
    """Several yes-or-no labels for each case: the truth is (N, K)."""

    def findings(self, groups: Sequence[str]) -> Findings:
        """Sensitivity, specificity and AUC of each label and their means; cases with every label right."""
        scores, truth = torch.cat(self._scores), torch.cat(self._truth) > 0.5
        taken = scores > 0
        whole = (taken == truth).all(dim=1).tolist()
        found = Findings({"accuracy": float((taken == truth).double().mean()), "all_labels_right": _mean(whole)})
        found.intervals["all_labels_right"] = share_interval(whole, groups)
        for place, name in enumerate(self._classes):
            for what, own in (("sensitivity", truth[:, place]), ("specificity", ~truth[:, place])):
                cases = own.nonzero().flatten().tolist()
                hits = [bool(taken[case, place] == truth[case, place]) for case in cases]
                found.metrics[f"{what}:{name}"] = sum(hits) / len(hits) if hits else math.nan
                found.intervals[f"{what}:{name}"] = share_interval(hits, [groups[case] for case in cases])
            area = AUC(2)
            area.update(scores[:, place : place + 1], truth[:, place].long())
            found.metrics[f"auc:{name}"] = area.compute()
        for what in ("sensitivity", "specificity", "auc"):
            found.metrics[what] = _mean([found.metrics[f"{what}:{name}"] for name in self._classes])
        self._table(found, scores.sigmoid(), truth)
        return found

    def _table(self, found: Findings, shares: Tensor, truth: Tensor) -> None:
        found.columns = ["true", *(f"p:{name}" for name in self._classes)]
        for share, true in zip(shares.tolist(), truth.tolist(), strict=True):
            names = [name for name, has in zip(self._classes, true, strict=True) if has]
            found.rows.append(["; ".join(names), *(round(value, 6) for value in share)])


class Pixels:
    """One class for each pixel."""

    def __init__(self, meaning: Meaning) -> None:
        self._classes = meaning.classes
        self._tables: list[Tensor] = []

    def add(self, scores: Tensor, target: Tensor) -> None:
        """Count a batch of raw scores (N, K, *size) and masks (N, *size)."""
        count = len(self._classes)
        for taken, true in zip(decided(scores), target, strict=True):
            self._tables.append(tallied(true * count + taken, count**2).view(count, count).cpu())

    def findings(self, groups: Sequence[str]) -> Findings:
        """Pixel accuracy, and for each class its Dice, the mean over the cases that show it."""
        tables = torch.stack(self._tables).double()
        shared = tables.diagonal(dim1=1, dim2=2)
        both = tables.sum(1) + tables.sum(2)
        dice = torch.where(both > 0, 2 * shared / both.clamp_min(1), torch.nan)
        whole = torch.stack(self._tables).sum(0)
        metrics = {"pixel_accuracy": float(whole.diagonal().sum() / whole.sum())}
        metrics |= {f"dice:{name}": float(dice[:, place].nanmean()) for place, name in enumerate(self._classes)}
        metrics["mean_dice"] = float(dice[:, 1:].nanmean())
        columns = [f"dice:{name}" for name in self._classes]
        rows: list[Row] = [["" if value != value else round(value, 6) for value in row] for row in dice.tolist()]
        return Findings(metrics, whole.tolist(), {}, columns, rows)


class Numbers:
    """One number for each case."""

    def __init__(self, _meaning: Meaning) -> None:
        self._values: list[Tensor] = []
        self._truth: list[Tensor] = []

    def add(self, scores: Tensor, target: Tensor) -> None:
        """Count a batch of predicted and true numbers (N, 1)."""
        self._values.append(scores.double().cpu().flatten())
        self._truth.append(target.double().cpu().flatten())

    def findings(self, groups: Sequence[str]) -> Findings:
        """Mean absolute error, root of the mean squared error, and the explained share of the variance."""
        values, truth = torch.cat(self._values), torch.cat(self._truth)
        error = values - truth
        spread = (truth - truth.mean()).square().sum()
        metrics = {
            "mean_absolute_error": float(error.abs().mean()),
            "root_mean_squared_error": float(error.square().mean().sqrt()),
            "r2": float(1 - error.square().sum() / spread) if spread > 0 else math.nan,
        }
        rows: list[Row] = [[float(true), float(value)] for true, value in zip(truth, values, strict=True)]
        return Findings(metrics, [], {}, ["true", "predicted"], rows)


def _mean(values: Sequence[float]) -> float:
    known = [value for value in values if math.isfinite(value)]
    return sum(known) / len(known) if known else math.nan
