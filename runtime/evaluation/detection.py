"""Measures of boxes, each with its interval by patient. No torch.

Intervals are BCa over resamples of patients, as in `runtime.evaluation.resampling`: boxes are matched once, because a
box is right or wrong within its own case, and the curves are drawn anew for each resample.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.delivery.answers import SURE_BOX
from runtime.evaluation.box_hits import (
    FALSE_ALARMS,
    OVERLAPS,
    Froc,
    Hits,
    average_precisions,
    chosen,
    hits_of,
    overlaps_of,
)
from runtime.evaluation.intervals import Interval, too_few
from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import FEWEST_RESAMPLED, Patients, bca

Array = NDArray[Any]

SURE = SURE_BOX
"""The probability from which on a box counts when single cases are judged and shown; curves know no such bound."""

_RESAMPLES = 1000
_GROUPS = 100  # of patients that the jackknife leaves out in turn, at most


def boxes_measured(cases: Cases, classes: Sequence[str], seed: int = 0) -> Measured:
    """All measures of cases with `boxes`. Raises ValueError when the cases hold none.

    `map_50` and `map_50_95` are the mean average precision at an overlap (IoU) of 0.5, and over 0.5 to 0.95, as COCO
    counts them; `ap_50:CLASS` and `ap_50_95:CLASS` of one class; `sensitivity_at_RATE` the sensitivity of all classes
    together with so many false positives in an image, at an overlap of 0.5, and `froc` the mean of these.
    """
    found = case_hits(cases, len(classes))
    froc = Froc(found)
    names = _names(classes)
    patients = Patients(cases.patient, seed, _RESAMPLES)
    values = _values(found, froc, np.ones(len(cases)))
    measured = Measured(patients.count)
    intervals = intervals_of_curves(names, lambda weights: _values(found, froc, weights), patients)
    measured.take(dict(zip(names, values.tolist(), strict=True)), intervals)
    return measured


def case_hits(cases: Cases, classes: int, overlaps: Sequence[float] = OVERLAPS) -> tuple[Hits, ...]:
    """The hits of each class in these cases. Raises ValueError when the cases hold no boxes."""
    if "true" not in cases.boxes:
        raise ValueError("These are no cases of a detection.")
    return hits_of(list(cases.boxes["true"]), list(cases.boxes["found"]), classes, overlaps)


def judged_boxes(true: Array, found: Array, least: float = SURE) -> tuple[Array, Array]:
    """Of one case, which true boxes (M,) were found and which found ones (K,) are right, at an overlap of 0.5, among
    those with a probability of at least `least`. Rows that are none are False."""
    met, right = np.zeros(len(true), bool), np.zeros(len(found), bool)
    for kind in np.unique(found[found[:, 5] >= 0, 5]):
        own = np.flatnonzero(true[:, 0] == kind)
        told = np.flatnonzero((found[:, 5] == kind) & (found[:, 4] >= least))
        told = told[np.argsort(-found[told, 4], kind="stable")]
        shared = overlaps_of(found[told, :4].astype(np.float64), true[own, 1:].astype(np.float64))
        taken = chosen(shared, 0.5)
        right[told] = taken >= 0
        met[own[taken[taken >= 0]]] = True
    return met, right


def box_counts(cases: Cases) -> list[tuple[int, int, int]]:
    """Of each case: true boxes, found ones with a probability of at least `SURE`, and how many of these are right."""
    counts = []
    for own, told in zip(cases.boxes["true"], cases.boxes["found"], strict=True):
        shown = (told[:, 5] >= 0) & (told[:, 4] >= SURE)
        right = judged_boxes(own, told)[1]
        counts.append((int((own[:, 0] >= 0).sum()), int(shown.sum()), int(right.sum())))
    return counts


def case_errors(true: Array, found: Array) -> tuple[Array, Array]:
    """Of all cases (N, M, 5) and (N, K, 6): the share of boxes that are missed or false among all (0: all is right),
    and the mean probability of the boxes found; nan where none is."""
    errors, sure = np.zeros(len(true)), np.full(len(true), np.nan)
    for place, (own, told) in enumerate(zip(true, found, strict=True)):
        right = judged_boxes(own, told)[1]
        there, shown = int((own[:, 0] >= 0).sum()), (told[:, 5] >= 0) & (told[:, 4] >= SURE)
        either = there + int(shown.sum()) - int(right.sum())
        errors[place] = 1 - right.sum() / either if either else 0.0
        if shown.any():
            sure[place] = told[shown, 4].mean()
    return errors, sure


def _names(classes: Sequence[str]) -> list[str]:
    means = [f"{name}:{of}" for of in classes for name in ("ap_50", "ap_50_95")]
    return ["map_50", "map_50_95", *means, "froc", *(f"sensitivity_at_{rate:g}" for rate in FALSE_ALARMS)]


def _values(found: Sequence[Hits], froc: Froc, weights: Array) -> Array:
    """All measures in the order of `_names`."""
    each = np.array([average_precisions(one, weights) for one in found])
    pairs = np.stack([each[:, 0], each.mean(axis=1)], axis=1)  # of each class: at 0.5, and over all overlaps
    known = pairs[np.isfinite(pairs[:, 0])]
    means = known.mean(axis=0) if len(known) else np.full(2, np.nan)
    rates = froc.sensitivities(weights)
    return np.concatenate([means, pairs.ravel(), [rates.mean()], rates])


def intervals_of_curves(
    names: Sequence[str], measure: Callable[[Array], Array], patients: Patients
) -> dict[str, Interval]:
    """The intervals of measures that are made anew for each resample: `measure` takes how often each case counts (N,)
    and gives the values in the order of `names`."""
    if patients.count < FEWEST_RESAMPLED:
        return {name: too_few(patients.count, FEWEST_RESAMPLED) for name in names}
    values = measure(np.ones(len(patients.codes)))
    drawn = np.stack([measure(row[patients.codes]) for block in patients.draws() for row in block])
    groups = min(patients.count, _GROUPS)
    without = [(patients.codes % groups != group).astype(np.float64) for group in range(groups)]
    left_out = np.stack([measure(weights) for weights in without])
    return {
        name: bca(float(values[at]), drawn[:, at], left_out[:, at], patients.count) for at, name in enumerate(names)
    }
