"""Which predicted boxes are right, and what follows from it: average precision and FROC. No torch.

True boxes of a case are (M, 5): class index (-1: none), left, top, right, bottom. Found ones are (K, 6): left, top,
right, bottom, probability, class index (-1: none). As COCO counts (Lin et al. 2014, doi 10.1007/978-3-319-10602-1_48,
and pycocotools): within a case and a class the most probable box chooses first, among the true boxes that are left the
one that it overlaps most, if that is enough; at most 100 boxes of a class are looked at. Boxes without area are right
about nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

OVERLAPS: tuple[float, ...] = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))
"""The intersections over union (IoU) of COCO: 0.5 to 0.95."""

FALSE_ALARMS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False positives in an image at which the sensitivity is told (FROC; LUNA16, Setio et al. 2017,
doi 10.1016/j.media.2017.06.015)."""

MOST = 100
_RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, slots=True, eq=False)
class Hits:
    """What was found of one class in all cases, the most probable first.

    `scores` and `cases` (D,) are of each found box, `right` (overlaps, D) whether it is right, `which` (D,) its place
    among those of its case; `truths` (N,) how many true boxes each case has.
    """

    scores: Array
    cases: Array
    right: Array
    which: Array
    truths: Array


def overlaps_of(found: Array, true: Array) -> Array:
    """Intersection over union of boxes (K, 4) with boxes (M, 4) -> (K, M); 0 where nothing is shared."""
    low = np.maximum(found[:, None, :2], true[None, :, :2])
    high = np.minimum(found[:, None, 2:], true[None, :, 2:])
    shared = (high - low).clip(0).prod(axis=2)
    areas = [(sides[:, 2:] - sides[:, :2]).clip(0).prod(axis=1) for sides in (found, true)]
    union = areas[0][:, None] + areas[1][None] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0))


def hits_of(
    true: Sequence[Array], found: Sequence[Array], classes: int, overlaps: Sequence[float] = OVERLAPS
) -> tuple[Hits, ...]:
    """The hits of each class, from the true and the found boxes of each case."""
    return tuple(_hits_of_class(true, found, kind, overlaps) for kind in range(classes))


def _hits_of_class(true: Sequence[Array], found: Sequence[Array], kind: int, overlaps: Sequence[float]) -> Hits:
    scores, cases, right, which = [np.zeros(0)], [np.zeros(0, int)], [np.zeros((len(overlaps), 0), bool)], [
        np.zeros(0, int)
    ]  # fmt: skip
    truths = np.zeros(len(true), int)
    for case, (own, told) in enumerate(zip(true, found, strict=True)):
        own = np.asarray(own, np.float64)
        own = own[own[:, 0] == kind, 1:]
        truths[case] = len(own)
        places = np.flatnonzero(told[:, 5] == kind)
        places = places[np.argsort(-told[places, 4], kind="stable")][:MOST]
        shared = overlaps_of(np.asarray(told[places, :4], np.float64), own)
        scores.append(np.asarray(told[places, 4], np.float64))
        cases.append(np.full(len(places), case))
        right.append(np.stack([chosen(shared, least) >= 0 for least in overlaps]))
        which.append(places)
    whole = np.concatenate(scores)
    order = np.argsort(-whole, kind="stable")
    return Hits(
        whole[order], np.concatenate(cases)[order], np.concatenate(right, axis=1)[:, order],
        np.concatenate(which)[order], truths,
    )  # fmt: skip


def chosen(shared: Array, least: float) -> Array:
    """For each found box (K,), the most probable first, which true box it is, by how they overlap (K, M); -1: none."""
    taken = np.full(len(shared), -1)
    if not shared.size:
        return taken
    free = np.ones(shared.shape[1], bool)
    for place in np.flatnonzero(shared.max(axis=1) >= least):
        open_ = np.where(free, shared[place], -1.0)
        best = int(len(open_) - 1 - open_[::-1].argmax())  # of equal ones the last, as pycocotools takes it
        if open_[best] >= least:
            taken[place], free[best] = best, False
    return taken


def average_precisions(hits: Hits, weights: Array | None = None) -> Array:
    """The area under the precision-recall curve (overlaps,) when each case counts as often as `weights` (N,) says.

    The precision at a sensitivity is the best at that or a greater one, and the mean is taken over 101 sensitivities
    from 0 to 1. nan where there is no true box.
    """
    count = np.ones(len(hits.truths)) if weights is None else np.asarray(weights, np.float64)
    true = float((hits.truths * count).sum())
    if not true:
        return np.full(len(hits.right), math.nan)
    recall, precision = _curves(hits, count, true)
    if not len(hits.scores):
        return np.zeros(len(hits.right))
    best = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    best = np.concatenate([best, np.zeros((len(best), 1))], axis=1)
    places = [np.searchsorted(row, _RECALLS, side="left") for row in recall]
    return np.array([row[place].mean() for row, place in zip(best, places, strict=True)])


def _curves(hits: Hits, count: Array, true: float) -> tuple[Array, Array]:
    """Recall and precision (overlaps, D) down to each found box."""
    weight = count[hits.cases]
    found = (hits.right * weight).cumsum(axis=1)
    told = weight.cumsum()
    return found / true, np.divide(found, told, out=np.zeros_like(found), where=told > 0)


def precision_recall(hits: Hits, place: int = 0) -> tuple[Array, Array]:
    """Sensitivity and precision (D,) down to each found box, at one of the overlaps; empty without true boxes."""
    true = float(hits.truths.sum())
    if not true:
        return np.zeros(0), np.zeros(0)
    recall, precision = _curves(hits, np.ones(len(hits.truths)), true)
    return recall[place], precision[place]


def mean_precisions(hits: Sequence[Hits], weights: Array | None = None) -> Array:
    """The mean over the classes that have true boxes (overlaps,); nan where none has."""
    each = np.array([average_precisions(one, weights) for one in hits])
    known = each[np.isfinite(each[:, 0])] if len(each) else each
    return np.asarray(known.mean(axis=0)) if len(known) else np.full(each.shape[1:], math.nan)


class Froc:
    """Free-response ROC of all classes together: sensitivity over false positives in an image, as the threshold of the
    probability falls (Bunch et al. 1977, doi 10.1117/12.955926). A box is right at the overlap in `place`."""

    def __init__(self, hits: Sequence[Hits], place: int = 0) -> None:
        scores = np.concatenate([one.scores for one in hits])
        order = np.argsort(-scores, kind="stable")
        self.scores: Array = scores[order]
        self._cases = np.concatenate([one.cases for one in hits])[order]
        self._right = np.concatenate([one.right[place] for one in hits])[order]
        self._truths = np.sum([one.truths for one in hits], axis=0)
        self._last = np.append(np.flatnonzero(np.diff(self.scores)), len(self.scores) - 1) if len(scores) else order

    def curve(self, weights: Array | None = None) -> tuple[Array, Array]:
        """False positives in an image and sensitivity, one for each threshold that makes a difference, from the
        highest; nan without true boxes."""
        count = np.ones(len(self._truths)) if weights is None else np.asarray(weights, np.float64)
        weight = count[self._cases]
        found, false = (weight * self._right).cumsum()[self._last], (weight * ~self._right).cumsum()[self._last]
        with np.errstate(invalid="ignore", divide="ignore"):
            return false / count.sum(), found / np.float64((self._truths * count).sum())

    def sensitivities(self, weights: Array | None = None, rates: Sequence[float] = FALSE_ALARMS) -> Array:
        """The greatest sensitivity with no more than so many false positives in an image, for each rate; not
        interpolated. nan without true boxes."""
        count = np.ones(len(self._truths)) if weights is None else np.asarray(weights, np.float64)
        if not (self._truths * count).sum():
            return np.full(len(rates), math.nan)
        false, found = self.curve(weights)
        places = np.searchsorted(false, np.asarray(rates) + 1e-12, side="right")
        return np.append(0.0, found)[places]
