"""Boxes on images: how much they overlap, and lists of predicted boxes as ordinary tensors.

A **box list** is (N, 9 + classes, boxes), channels first as everywhere: 0 to 3 are the predicted left, top, right and
bottom in pixels of the image; 4 to 7 those of the anchor from which the box was predicted; 8 is the raw score of there
being anything; one raw score for each class follows. A row that is none has the score `NOTHING`.
"""

from __future__ import annotations

import torch
from torch import Tensor

NOTHING = -100.0
ANCHOR = 4  # where the anchor begins, then the score of there being anything, then the scores of the classes
SCORE = 8
CLASSES = 9

_FINE = 1e-6


def box_areas(boxes: Tensor) -> Tensor:
    """The areas (...) of boxes (..., 4) of left, top, right, bottom; 0 where the sides lie the wrong way round."""
    return (boxes[..., 2] - boxes[..., 0]).clamp_min(0) * (boxes[..., 3] - boxes[..., 1]).clamp_min(0)


def shared_areas(one: Tensor, other: Tensor) -> Tensor:
    """The areas (...) in which boxes (..., 4) lie in both; shapes are broadcast."""
    low, high = torch.maximum(one[..., :2], other[..., :2]), torch.minimum(one[..., 2:], other[..., 2:])
    sides = (high - low).clamp_min(0)
    return sides[..., 0] * sides[..., 1]


def box_overlaps(one: Tensor, other: Tensor) -> Tensor:
    """Intersection over union (IoU), 0 to 1: boxes (..., P, 4) with boxes (..., M, 4) -> (..., P, M)."""
    one, other = one.unsqueeze(-2), other.unsqueeze(-3)
    shared = shared_areas(one, other)
    return shared / (box_areas(one) + box_areas(other) - shared).clamp_min(_FINE)


def generalised_overlaps(one: Tensor, other: Tensor) -> Tensor:
    """Generalised IoU, -1 to 1, of boxes (..., 4) with one other each -> (...).

    From the IoU is taken the share of the smallest box around both that neither fills, so that boxes that lie apart
    have a slope too (Rezatofighi et al. 2019, doi 10.1109/CVPR.2019.00075).
    """
    shared = shared_areas(one, other)
    union = (box_areas(one) + box_areas(other) - shared).clamp_min(_FINE)
    low, high = torch.minimum(one[..., :2], other[..., :2]), torch.maximum(one[..., 2:], other[..., 2:])
    around = (high - low).prod(-1).clamp_min(_FINE)
    return shared / union - (around - union) / around


def answered_scores(found: Tensor) -> tuple[Tensor, Tensor]:
    """Of a box list (N, 9 + classes, K): how probable the most probable class of each box is, and its index; (N, K).

    The probability is that of there being anything, times the share of the class among all (softmax).
    """
    there = found[:, SCORE].sigmoid()
    if found.shape[1] <= CLASSES + 1:
        return there, torch.zeros_like(there).long()
    share, kind = found[:, CLASSES:].softmax(1).max(1)
    return there * share, kind


def answered_boxes(found: Tensor) -> Tensor:
    """A box list (N, 9 + classes, K) as the answer of a model (N, K, 6): left, top, right, bottom in pixels of its
    image, the probability, the class index. Rows that are none are 0, with the class -1."""
    score, kind = answered_scores(found)
    there = (found[:, SCORE] > NOTHING / 2).to(score.dtype)
    sides = found[:, :ANCHOR].transpose(1, 2) * there.unsqueeze(-1)
    kinds = (kind.to(score.dtype) + 1) * there - 1
    return torch.cat([sides, (score * there).unsqueeze(-1), kinds.unsqueeze(-1)], -1)
