"""Areas under the ROC curve, with intervals by patient. No torch."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import FEWEST, Interval, t_quantile, too_few

Array = NDArray[Any]

FEWEST_OF_A_KIND = 5  # patients with it, and without it, below which no interval of an area is given


def auc(scores: Array, truth: Array) -> float:
    """The chance that a case (N,) that has it scores higher than one that has not, ties half; nan of one kind."""
    truth = np.asarray(truth).astype(bool)
    if not truth.any() or truth.all():
        return math.nan
    return float(_placements(scores[truth], scores[~truth]).mean())


def auc_interval(scores: Array, truth: Array, groups: Array) -> Interval:
    """The interval of one area by DeLong for clustered cases (Obuchowski 1997, doi 10.2307/2533958) on the logit scale;
    see `mean_auc_interval`."""
    return mean_auc_interval(np.asarray(scores)[:, None], np.asarray(truth)[:, None], groups)


def mean_auc_interval(scores: Array, truth: Array, groups: Array) -> Interval:
    """The interval of the mean of the areas of some classes, scores and truth (N, K), by patient.

    Each patient's part in the areas gives the variance. Where it is 0 (all cases apart), Newcombe's interval of the
    patients of the rarest kind is taken instead (2006, doi 10.1002/sim.2324, method 5).
    """
    codes = np.unique(groups, return_inverse=True)[1]
    truth = np.asarray(truth).astype(bool)
    kinds = [(len(np.unique(codes[own])), len(np.unique(codes[~own]))) for own in truth.T]
    fewest = min(kinds, key=min)
    patients = int(codes.max()) + 1 if len(codes) else 0
    if patients < FEWEST:
        return too_few(patients)
    if min(fewest) < FEWEST_OF_A_KIND:
        return too_few(min(fewest), FEWEST_OF_A_KIND, "of one of the two kinds")
    parts = [_parts(one, own, codes, patients) for one, own in zip(scores.T, truth.T, strict=True)]
    area = float(np.mean([value for value, _ in parts]))
    each = np.mean([part for _, part in parts], axis=0)
    variance = patients / (patients - 1) * float((each**2).sum())
    quantile = t_quantile(min(fewest))  # the rarer kind tells least
    if variance <= 0 or not 0 < area < 1:
        low, high = _newcombe(area, *fewest, quantile)
        return Interval(patients, low, high, method="Newcombe")
    logit, spread = math.log(area / (1 - area)), quantile * math.sqrt(variance) / (area * (1 - area))
    low, high = (1 / (1 + math.exp(-end)) if end > -700 else 0.0 for end in (logit - spread, logit + spread))
    return Interval(patients, low, high, method="DeLong")


def _parts(scores: Array, truth: Array, codes: Array, patients: int) -> tuple[float, Array]:
    """The area, and what each patient (patients,) adds to its difference from the true one."""
    positive, negative = _placements(scores[truth], scores[~truth]), 1 - _placements(scores[~truth], scores[truth])
    area = float(positive.mean())
    parts = np.bincount(codes[truth], weights=positive - area, minlength=patients) / len(positive)
    return area, parts + np.bincount(codes[~truth], weights=negative - area, minlength=patients) / len(negative)


def _placements(own: Array, others: Array) -> Array:
    """For each value the share of the others that is smaller, ties half."""
    ranked = np.sort(others)
    below, upto = np.searchsorted(ranked, own, side="left"), np.searchsorted(ranked, own, side="right")
    return (below + upto) / (2 * len(ranked))


def _newcombe(area: float, positives: int, negatives: int, quantile: float) -> tuple[float, float]:
    """The areas that are as far from what was seen as their own spread allows."""
    mean = (positives + negatives) / 2

    def far(other: float) -> float:
        grows = (2 * mean - 1 - (3 * mean - 3) / ((2 - other) * (1 + other))) / (positives * negatives)
        return abs(area - other) - quantile * math.sqrt(other * (1 - other) * grows)

    return _crossing(far, 0.0, area), _crossing(far, 1.0, area)


def _crossing(far: Any, outside: float, inside: float) -> float:
    """Where `far` changes its sign between a place outside the interval and one inside."""
    if outside == inside:
        return outside
    for _ in range(60):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if far(middle) > 0 else (outside, middle)
    return (outside + inside) / 2
