"""Metrics of several yes-or-no labels at once: a case may have any number of them.

All take raw scores (N, K) and labels (N, K), 1 for yes and 0 for no; a score above 0 means yes. They offer what the
metrics in `runtime.modules.metrics` offer, under the same names, and count on the device without waiting for it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from runtime.modules import metrics
from runtime.modules.metrics import Metric, mean_of_known


class Table(Metric):
    """Counts for each label how often yes and no (rows) were taken for no and yes (columns)."""

    table: Tensor

    def __init__(self, classes: int, positive: int | None = None) -> None:
        super().__init__()
        self.positive = positive
        self.register_buffer("table", torch.zeros(classes, 2, 2, dtype=torch.int64), persistent=False)

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Count one batch."""
        taken, true = prediction > 0, target > 0.5
        sides = [[(true == row) & (taken == column) for column in (False, True)] for row in (False, True)]
        self.table.add_(torch.stack([torch.stack([cell.sum(dim=0) for cell in row], dim=-1) for row in sides], dim=-2))

    @torch.no_grad()
    def compute(self) -> float:
        """The label asked for; else the mean over the labels for which the metric is defined."""
        counts = self.table.double()
        values = self.by_label(counts[:, 1, 1], counts[:, 1, 0], counts[:, 0, 1], counts[:, 0, 0])
        return float(mean_of_known(values) if self.positive is None else values[self.positive])

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """The metric of each label, nan where it is not defined, from the cases with the label that were found and
        missed, and those without it that were taken for it and were not."""
        raise NotImplementedError


class Accuracy(Table):
    """The share of yes-or-no answers that are right."""

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """As Table says."""
        return (found + spared) / (found + missed + false + spared)


class Balanced(Table):
    """The mean of sensitivity and specificity of each label."""

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """As Table says."""
        return (found / (found + missed) + spared / (spared + false)) / 2


class Sensitivity(Table):
    """Of the cases with the label, the share that is found."""

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """As Table says."""
        return found / (found + missed)


class Specificity(Table):
    """Of the cases without the label, the share not taken for it."""

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """As Table says."""
        return spared / (spared + false)


class Precision(Table):
    """Of the cases taken for the label, the share that has it; 0 for a label that is there and never found."""

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """As Table says."""
        never = (found + false == 0) & (missed > 0)
        return torch.where(never, torch.zeros_like(found), found / (found + false))


class F1(Table):
    """The harmonic mean of precision and sensitivity of each label."""

    def by_label(self, found: Tensor, missed: Tensor, false: Tensor, spared: Tensor) -> Tensor:
        """As Table says."""
        return 2 * found / (2 * found + missed + false)


class AUC(metrics.AUC):
    """The mean area under the ROC curve over the labels that some cases have and others have not."""

    @torch.no_grad()
    def compute(self) -> float:
        """The mean; nan when there is no such label."""
        if not self.scores:
            return float("nan")
        scores, truth = torch.cat(self.scores).double(), torch.cat(self.truth) > 0.5
        areas = [self._area(scores[:, place], truth[:, place]) for place in range(self.classes)]
        return float(mean_of_known(torch.stack(areas)))
