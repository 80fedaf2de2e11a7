"""Losses of box lists (N, 9 + classes, P) against true boxes (N, M, 5): class index (-1: none) and the four edges.

All match anchors to true boxes in one way: an anchor whose overlap (IoU) with a true box is at least `positive` learns
that box, one below `negative` learns that nothing is there, those between learn nothing. Each true box
is also learned by the `best` anchors that overlap it most, however little: one in Ren et al. 2015 (arXiv:1506.01497)
and Liu et al. 2016 (SSD, arXiv:1512.02325), several in Zhang et al. 2020 (ATSS, arXiv:1912.02424).
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from runtime.modules.boxes import ANCHOR, CLASSES, NOTHING, SCORE, box_overlaps, generalised_overlaps

_THIN = 1e-3  # pixels: sides below that have no logarithm worth speaking of


class Matches(NamedTuple):
    """For each anchor whether it learns a box, whether it learns that there is none, and which box (N, P, 5)."""

    learns: Tensor
    empty: Tensor
    box: Tensor


def matches(found: Tensor, truth: Tensor, positive: float, negative: float, best: int) -> Matches:
    """Match the anchors of a box list with the true boxes."""
    anchors = found[:, ANCHOR:SCORE].detach().transpose(1, 2)
    there = truth[..., 0] >= 0
    overlaps = box_overlaps(anchors, truth[..., 1:]).masked_fill(~there.unsqueeze(1), -1.0)
    most, which = overlaps.max(2)
    learns, empty = most >= positive, most < negative
    if best:
        top = overlaps.topk(min(best, overlaps.shape[1]), 1).values[:, -1:].clamp_min(1e-4)
        forced = overlaps >= top  # (N, P, M); ties all learn it
        chosen = forced.any(2)
        which = torch.where(chosen, torch.where(forced, overlaps, torch.full_like(overlaps, -2.0)).argmax(2), which)
        learns, empty = learns | chosen, empty & ~chosen
    known = found[:, SCORE] > NOTHING / 2  # rows that are none teach nothing
    box = truth.gather(1, which.unsqueeze(-1).expand(-1, -1, truth.shape[2]))
    return Matches(learns & known, empty & known & ~learns, box)


class BoxLoss(nn.Module):
    """What box losses share: how anchors are matched. `forward` takes a box list and true boxes, gives a scalar."""

    def __init__(self, positive: float, negative: float, best: int) -> None:
        super().__init__()
        self.positive, self.negative, self.best = positive, negative, best

    def matched(self, found: Tensor, truth: Tensor) -> Matches:
        """The matches of these settings."""
        return matches(found, truth, self.positive, self.negative, self.best)


def over_learners(values: Tensor, learns: Tensor) -> Tensor:
    """The mean of values (N, P) over the anchors that learn; 0 where none does."""
    return torch.where(learns, values, torch.zeros_like(values)).sum() / learns.sum().clamp_min(1)


class GeneralisedOverlap(BoxLoss):
    """1 - the generalised IoU of the predicted and the true box, the mean over the anchors that learn one."""

    def forward(self, found: Tensor, truth: Tensor) -> Tensor:
        match = self.matched(found, truth)
        sides = found[:, :ANCHOR].transpose(1, 2)
        return over_learners(1 - generalised_overlaps(sides, match.box[..., 1:]), match.learns)


class SmoothOffsets(BoxLoss):
    """Smooth L1 of the offsets from the anchor to the predicted and to the true box, summed over the four numbers, the
    mean over the anchors that learn one; squared below `beta` (Girshick 2015, Fast R-CNN, doi 10.1109/ICCV.2015.169).
    """

    def __init__(self, positive: float, negative: float, best: int, beta: float) -> None:
        super().__init__(positive, negative, best)
        self.beta = beta

    def forward(self, found: Tensor, truth: Tensor) -> Tensor:
        match = self.matched(found, truth)
        anchors = found[:, ANCHOR:SCORE].transpose(1, 2)
        told = offsets(found[:, :ANCHOR].transpose(1, 2), anchors)
        wanted = offsets(match.box[..., 1:], anchors)
        each = functional.smooth_l1_loss(told, wanted, reduction="none", beta=self.beta).sum(-1)
        return over_learners(each, match.learns)


def offsets(boxes: Tensor, anchors: Tensor) -> Tensor:
    """How boxes (..., 4) are told from anchors (..., 4): the reverse of runtime.modules.anchors.moved_anchors."""
    sides = (anchors[..., 2:] - anchors[..., :2]).clamp_min(_THIN)
    own = (boxes[..., 2:] - boxes[..., :2]).clamp_min(_THIN)
    centre = (boxes[..., 2:] + boxes[..., :2] - anchors[..., 2:] - anchors[..., :2]) / 2
    return torch.cat([centre / sides, (own / sides).log()], -1)


class Objectness(BoxLoss):
    """Cross-entropy of there being anything, summed and divided by how many anchors learn a box.

    With `gamma` above 0 as focal loss, in which what is easy counts little (Lin et al. 2017, arXiv:1708.02002), `alpha`
    the weight of there being something. Else with `negatives`, only so many of the hardest empty anchors count for each
    that learns a box (SSD). With `quality`, what is to be told is how well the predicted box overlaps the true one.
    """

    def __init__(
        self, positive: float, negative: float, best: int, gamma: float, alpha: float, negatives: float, quality: bool
    ) -> None:
        super().__init__(positive, negative, best)
        self.gamma, self.alpha = gamma, alpha
        self.negatives, self.quality = negatives, quality

    def forward(self, found: Tensor, truth: Tensor) -> Tensor:
        match = self.matched(found, truth)
        scores = found[:, SCORE]
        wanted = match.learns.to(scores.dtype)
        if self.quality:
            sides = found[:, :ANCHOR].detach().transpose(1, 2)
            wanted = wanted * generalised_overlaps(sides, match.box[..., 1:]).clamp(0, 1)
        each = functional.binary_cross_entropy_with_logits(scores, wanted, reduction="none")
        if self.gamma:
            wrong = (scores.sigmoid() - wanted).abs()
            if self.quality:  # held back, what is found badly at first would never be learned (as in VarifocalNet)
                wrong = torch.where(match.learns, torch.ones_like(wrong), wrong)
            share = torch.where(match.learns, torch.full_like(each, self.alpha), torch.full_like(each, 1 - self.alpha))
            each = each * wrong.pow(self.gamma) * share
        empty = match.empty if self.gamma or not self.negatives else self._hardest(each.detach(), match)
        counts = match.learns | empty
        return torch.where(counts, each, torch.zeros_like(each)).sum() / match.learns.sum().clamp_min(1)

    def _hardest(self, each: Tensor, match: Matches) -> Tensor:
        """The empty anchors of each image that are told worst, `negatives` for each that learns a box."""
        told = each.masked_fill(~match.empty, -1.0)
        place = told.argsort(1, descending=True).argsort(1)
        wanted = (match.learns.sum(1, keepdim=True).clamp_min(1) * self.negatives).ceil()
        return match.empty & (place < wanted)


class BoxClass(BoxLoss):
    """Cross-entropy of the class of the box that an anchor learns, the mean over these anchors."""

    def forward(self, found: Tensor, truth: Tensor) -> Tensor:
        match = self.matched(found, truth)
        kinds = match.box[..., 0].clamp_min(0).long()
        return over_learners(functional.cross_entropy(found[:, CLASSES:], kinds, reduction="none"), match.learns)
