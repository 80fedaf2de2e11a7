"""Measures of numbers, each with its interval by patient, in the unit of the numbers. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import Interval, t_quantile, too_few
from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import AMOUNT, FEWEST_RESAMPLED, Measure, Patients, mean_of, never_varies

Array = NDArray[Any]
_AGREEMENT = 1.959964  # standard deviations within which 95 % of normal differences lie
_COUNT, _ERROR, _FAR, _SQUARE, _TRUE, _TRUE2, _FOUND, _FOUND2, _BOTH = range(9)  # the columns of `_terms`
_ONE_PATIENT = "A single patient makes nearly all of it, so nothing tells how sure this is."
_NOTHING = 1e-6  # of the largest


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """A Bland-Altman plot: for each case the mean of both numbers and their difference (predicted - true)."""

    means: Array
    differences: Array
    bias: float
    low: float  # limits of agreement: bias -/+ 1.96 standard deviations
    high: float


def numbers_measured(cases: Cases, names: Sequence[str] = (), seed: int = 0) -> Measured:
    """All measures of cases with `truth` and `predicted` (N,), or (N, K) for several numbers with these `names`, of
    which each measure then says which it is of (`bias:NAME`). Raises ValueError when the cases hold no numbers.

    `bias`, `limit_low` and `limit_high` are those of Bland and Altman 1986 (doi 10.1016/S0140-6736(86)90837-8);
    `correlation` is Pearson's.
    """
    if cases.truth is None or cases.predicted is None:
        raise ValueError("These are no cases of a regression.")
    truth, found = cases.truth.astype(np.float64), cases.predicted.astype(np.float64)
    patients = Patients(cases.patient, seed)
    if truth.ndim == 1:
        return _measured(truth, found, patients)
    each = [_measured(truth[:, place], found[:, place], patients) for place in range(len(names))]
    return Measured(
        patients.count,
        {f"{key}:{name}": value for name, one in zip(names, each, strict=True) for key, value in one.metrics.items()},
        {f"{key}:{name}": value for name, one in zip(names, each, strict=True) for key, value in one.intervals.items()},
    )


def _measured(truth: Array, found: Array, patients: Patients) -> Measured:
    """The measures of one number (N,)."""
    shift = float(truth.mean())  # sums of squares of numbers far from 0 lose digits; no measure depends on it
    terms = _terms(truth - shift, found - shift)
    whole = terms.sum(axis=0)
    measured = Measured(patients.count)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {name: float(one.of(whole[list(one.columns)])) for name, one in MEASURES.items()}
    if np.ptp(truth) == 0:
        values |= {"r2": np.nan, "correlation": np.nan}
    measured.take(values, patients.intervals(terms, MEASURES))
    own = patients.sums(terms[:, [_COUNT, _ERROR, _SQUARE]])
    measured.add("root_mean_squared_error", *_root(own))
    measured.take(*_limits(own))
    return measured


def agreement(truth: Array, predicted: Array) -> Agreement:
    """What a Bland-Altman plot shows of numbers (N,); the standard deviation is that of a sample (nan of one case)."""
    differences = np.asarray(predicted, np.float64) - truth
    bias = float(differences.mean())
    spread = float(differences.std(ddof=1)) if len(differences) > 1 else np.nan
    means = (np.asarray(predicted, np.float64) + truth) / 2
    return Agreement(means, differences, bias, bias - _AGREEMENT * spread, bias + _AGREEMENT * spread)


def _root(own: Array) -> tuple[float, Interval]:
    """The root mean squared error from each patient's count, sum and squares of errors (patients, 3), with its interval
    from the jackknife over patients on the logarithmic scale: resampled ones are too narrow."""
    count, whole = len(own), own.sum(axis=0)
    value = float(_root_of(whole))
    if count < FEWEST_RESAMPLED or value == 0:
        return value, _none(count)
    times = _times(_root_of(whole - own))
    if math.isnan(times):
        return value, Interval(count, note=_ONE_PATIENT)
    return value, Interval(count, value / times, value * times, method="jackknife")


def _limits(own: Array) -> tuple[dict[str, float], dict[str, Interval]]:
    """The limits of agreement from each patient's count, sum and squares of errors (patients, 3), with intervals put
    together from those of the bias and of the standard deviation (Zou 2013, doi 10.1177/0962280211402548), each from
    the jackknife over patients."""
    count, whole = len(own), own.sum(axis=0)
    wide = _AGREEMENT * float(_deviation(whole))
    low, high = float(_bias(whole)) - wide, float(_bias(whole)) + wide
    values = {"limit_low": low, "limit_high": high}
    if count < FEWEST_RESAMPLED or not wide > 0:
        return values, dict.fromkeys(values, _none(count))
    biases, deviations = (one(whole - own) for one in (_bias, _deviation))
    far, times = _spread(biases), _times(deviations)
    if math.isnan(times):
        return values, dict.fromkeys(values, Interval(count, note=_ONE_PATIENT))
    inward, outward = math.hypot(far, wide - wide / times), math.hypot(far, wide * times - wide)
    return values, {
        "limit_low": Interval(count, low - outward, low + inward, method="jackknife"),
        "limit_high": Interval(count, high - inward, high + outward, method="jackknife"),
    }


def _none(patients: int) -> Interval:
    return too_few(patients, FEWEST_RESAMPLED) if patients < FEWEST_RESAMPLED else never_varies(patients)


def _spread(without: Array) -> float:
    """How far the end of an interval is from its middle, from the values without each patient in turn."""
    count = len(without)
    error = math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum()))
    return t_quantile(count) * error


def _times(without: Array) -> float:
    """By which factor the ends of an interval are from its middle, from the values without each patient in turn; nan
    where hardly anything is left of them without a single one."""
    if not without.min() > _NOTHING * without.max():
        return math.nan
    return math.exp(_spread(np.log(without)))


def _root_of(sums: Array) -> Array:
    return np.asarray(np.sqrt(sums[..., 2] / sums[..., 0]))


def _bias(sums: Array) -> Array:
    return np.asarray(sums[..., 1] / sums[..., 0])


def _terms(truth: Array, found: Array) -> Array:
    error = found - truth
    return np.stack(
        [np.ones_like(error), error, np.abs(error), error**2, truth, truth**2, found, found**2, truth * found], axis=1
    )


def _deviation(sums: Array) -> Array:
    """The standard deviation of a sample from its count, sum and sum of squares (..., 3)."""
    count = sums[..., 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.sqrt(np.maximum(0.0, sums[..., 2] - sums[..., 1] ** 2 / count) / (count - 1)))


def _r2(sums: Array) -> Array:
    """The explained share of the variance, from count, squared errors, sum and squares of the truth (..., 4)."""
    return np.asarray(1 - sums[..., 1] / (sums[..., 3] - sums[..., 2] ** 2 / sums[..., 0]))


def _correlation(sums: Array) -> Array:
    """Pearson's, from count, sums and squares of both, and products (..., 6)."""
    count, true, true2, found, found2, both = np.moveaxis(sums, -1, 0)
    spread = np.sqrt((true2 - true**2 / count) * (found2 - found**2 / count))
    return np.asarray((both - true * found / count) / spread)


MEASURES = {
    "mean_absolute_error": mean_of(_FAR, _COUNT, AMOUNT),
    "r2": Measure((_COUNT, _SQUARE, _TRUE, _TRUE2), _r2),
    "correlation": Measure((_COUNT, _TRUE, _TRUE2, _FOUND, _FOUND2, _BOTH), _correlation),
    "bias": mean_of(_ERROR, _COUNT),
}
