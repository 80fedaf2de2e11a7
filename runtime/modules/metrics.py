"""Metrics that add up on the device: `update` never waits for it, `compute` reads it out, `reset` starts again.

All take raw scores (N, K, *spatial) and class indexes int64 (N, *spatial); with one channel (K = 1), a score above 0
means class 1 of two. A metric for which nothing could be counted is not a number (nan).
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn


def decided(prediction: Tensor) -> Tensor:
    """(N, K, ...) raw scores -> (N, ...) class indexes."""
    return (prediction[:, 0] > 0).long() if prediction.shape[1] == 1 else prediction.argmax(dim=1)


def tallied(index: Tensor, bins: int) -> Tensor:
    """How often each of 0 to bins - 1 occurs; unlike torch.bincount, without waiting for the device."""
    flat = index.flatten()
    if flat.device.type == "cpu":  # where nothing has to be waited for, and counting is faster than adding
        return torch.bincount(flat, minlength=bins)
    return torch.zeros(bins, dtype=torch.int64, device=flat.device).scatter_add_(0, flat, torch.ones_like(flat))


def mean_of_known(values: Tensor) -> Tensor:
    """The mean of the values that are numbers; nan when none is."""
    return values.nanmean()


class Metric(nn.Module):
    """What every metric offers."""

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Count one batch."""
        raise NotImplementedError

    def compute(self) -> float:
        """The metric over all batches since the last `reset`."""
        raise NotImplementedError

    def reset(self) -> None:
        """Forget all batches."""
        for total in self.buffers():
            total.zero_()


class Confusion(Metric):
    """Counts which class (row) was taken for which (column); the metrics below read this table."""

    table: Tensor

    def __init__(self, classes: int, positive: int | None = None) -> None:
        super().__init__()
        self.classes = classes
        self.positive = positive
        self.register_buffer("table", torch.zeros(classes, classes, dtype=torch.int64), persistent=False)

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        pairs = target * self.classes + decided(prediction)
        self.table.add_(tallied(pairs, self.classes**2).view_as(self.table))

    @torch.no_grad()
    def compute(self) -> float:
        table = self.table.double()
        right, true, taken = table.diagonal(), table.sum(dim=1), table.sum(dim=0)
        values = self.by_class(right, true, taken, table.sum())
        return float(mean_of_known(values) if self.positive is None else values[self.positive])

    def by_class(self, right: Tensor, true: Tensor, taken: Tensor, total: Tensor) -> Tensor:
        """The metric of each class, nan where it is not defined, from the counts of each class: rightly found, truly
        there, taken for it; and of all cases."""
        raise NotImplementedError


class Accuracy(Confusion):
    """The share of cases (or pixels) that are right."""

    def by_class(self, right: Tensor, true: Tensor, taken: Tensor, total: Tensor) -> Tensor:
        return (right.sum() / total).expand_as(right)


class Sensitivity(Confusion):
    """right / true of each class. Its mean over the classes is the balanced accuracy."""

    def by_class(self, right: Tensor, true: Tensor, taken: Tensor, total: Tensor) -> Tensor:
        return right / true


class Specificity(Confusion):
    """Of the cases that do not belong to the class, the share not taken for it."""

    def by_class(self, right: Tensor, true: Tensor, taken: Tensor, total: Tensor) -> Tensor:
        others = total - true
        return (others - (taken - right)) / others


class Precision(Confusion):
    """right / taken of each class; 0 for a class that is there and never found."""

    def by_class(self, right: Tensor, true: Tensor, taken: Tensor, total: Tensor) -> Tensor:
        missed = (taken == 0) & (true > 0)
        return torch.where(missed, torch.zeros_like(right), right / taken)


class F1(Confusion):
    """2 · right / (true + taken) of each class."""

    def by_class(self, right: Tensor, true: Tensor, taken: Tensor, total: Tensor) -> Tensor:
        return 2 * right / (true + taken)


class WeightedKappa(Confusion):
    """Cohen's kappa with quadratic weights: 1 - errors seen / errors by chance, each times its distance squared."""

    @torch.no_grad()
    def compute(self) -> float:
        table = self.table.double()
        place = torch.arange(self.classes, dtype=table.dtype, device=table.device)
        distance = (place[:, None] - place[None, :]).square()
        chance = table.sum(dim=1)[:, None] * table.sum(dim=0)[None, :] / table.sum()
        return float(1 - (distance * table).sum() / (distance * chance).sum())


class TopK(Metric):
    """The share of cases whose true class is among the `k` highest scores."""

    hits: Tensor
    cases: Tensor

    def __init__(self, k: int) -> None:
        super().__init__()
        self.k = k
        self.register_buffer("hits", torch.zeros((), dtype=torch.int64), persistent=False)
        self.register_buffer("cases", torch.zeros((), dtype=torch.int64), persistent=False)

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        best = prediction.topk(self.k, dim=1).indices
        self.hits.add_((best == target.unsqueeze(1)).sum())
        self.cases.add_(target.numel())

    def compute(self) -> float:
        return float(self.hits.double() / self.cases)


class AUC(Metric):
    """The area under the ROC curve: the chance that a case of the class scores higher than one of another, ties half.

    Exact: all scores are kept. More than two classes: each against the rest, the mean over those classes of which there
    are cases and of which there are others (Hand & Till 2001 describe the alternatives).
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.classes = classes
        self.scores: list[Tensor] = []
        self.truth: list[Tensor] = []

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        self.scores.append(prediction.detach().float().clone())
        self.truth.append(target.detach().clone())

    @torch.no_grad()
    def compute(self) -> float:
        if not self.scores:
            return float("nan")
        scores, truth = torch.cat(self.scores).double(), torch.cat(self.truth)
        if scores.shape[1] == 1:
            return float(self._area(scores[:, 0], truth == 1))
        areas = [self._area(self._odds(scores, index), truth == index) for index in range(self.classes)]
        return float(mean_of_known(torch.stack(areas)))

    def reset(self) -> None:
        self.scores.clear()
        self.truth.clear()

    def _odds(self, scores: Tensor, index: int) -> Tensor:
        """The logarithm of p / (1 - p): it ranks as the probability does, and never saturates."""
        rest = torch.cat([scores[:, :index], scores[:, index + 1 :]], dim=1)
        return scores[:, index] - rest.logsumexp(dim=1)

    def _area(self, scores: Tensor, positive: Tensor) -> Tensor:
        """From the ranks of the positive cases (Mann and Whitney); equal scores share their mean rank."""
        _, place, counts = torch.unique(scores, return_inverse=True, return_counts=True)
        last = counts.cumsum(0).double()
        ranks = (last - (counts - 1) / 2)[place]
        yes = positive.sum().double()
        no = (~positive).sum()
        area: Tensor = (ranks[positive].sum() - yes * (yes + 1) / 2) / (yes * no)
        return area


class Overlap(Metric):
    """Dice, 2 · shared / (drawn + found), or IoU, shared / (drawn or found), of decided masks: the mean over all
    classes but the background.

    `over` "each image" measures every image by itself and takes the mean; "all pixels" adds up all images first.
    Where a class is neither drawn nor found, the image is left out of that class's mean, or counts 1 (`empty`).
    """

    sums: Tensor
    images: Tensor
    table: Tensor

    def __init__(
        self,
        classes: int,
        kind: Literal["dice", "iou"],
        over: Literal["each image", "all pixels"] = "each image",
        empty: Literal["left out", "counts 1"] = "left out",
    ) -> None:
        super().__init__()
        self.classes = classes
        self.kind = kind
        self.over = over
        self.empty = empty
        self.register_buffer("sums", torch.zeros(classes, dtype=torch.float64), persistent=False)
        self.register_buffer("images", torch.zeros(classes, dtype=torch.float64), persistent=False)
        self.register_buffer("table", torch.zeros(1, classes, classes, dtype=torch.int64), persistent=False)

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        count = target.shape[0]
        image = torch.arange(count, device=target.device).view([-1] + [1] * (target.dim() - 1))
        index = (image * self.classes + target) * self.classes + decided(prediction)
        tables = tallied(index, count * self.classes**2).view(count, self.classes, self.classes)
        self.table.add_(tables.sum(dim=0, keepdim=True))
        values = self._overlap(tables)
        self.sums.add_(values.nansum(dim=0))
        self.images.add_((~values.isnan()).sum(dim=0))

    @torch.no_grad()
    def compute(self) -> float:
        values = self._overlap(self.table)[0] if self.over == "all pixels" else self.sums / self.images
        return float(mean_of_known(values[1:]))

    def _overlap(self, tables: Tensor) -> Tensor:
        """(N, classes, classes) counts -> (N, classes), nan where a class is neither drawn nor found (and left out)."""
        counts = tables.double()
        shared = counts.diagonal(dim1=1, dim2=2)
        both = counts.sum(dim=1) + counts.sum(dim=2)
        values = 2 * shared / both if self.kind == "dice" else shared / (both - shared)
        return torch.where(both == 0, torch.ones_like(values), values) if self.empty == "counts 1" else values


class Deviation(Metric):
    """The mean absolute error, or the root of the mean squared error, of numbers or images, in the target's unit; with
    a `place`, of that number (N, K) alone."""

    total: Tensor
    values: Tensor

    def __init__(self, kind: Literal["absolute", "squared"], place: int | None = None) -> None:
        super().__init__()
        self.kind = kind
        self.place = place
        self.register_buffer("total", torch.zeros((), dtype=torch.float64), persistent=False)
        self.register_buffer("values", torch.zeros((), dtype=torch.int64), persistent=False)

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        error = prediction.double() - target.double()
        if self.place is not None:
            error = error[:, self.place]
        self.total.add_(error.abs().sum() if self.kind == "absolute" else error.square().sum())
        self.values.add_(error.numel())

    def compute(self) -> float:
        mean = self.total / self.values
        return float(mean if self.kind == "absolute" else mean.sqrt())
