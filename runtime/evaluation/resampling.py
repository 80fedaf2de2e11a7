"""Intervals by resampling patients, for measures that are no plain share. No torch.

Patients are drawn with replacement, each with all of its cases (cluster bootstrap; Field and Welsh 2007, doi
10.1111/j.1467-9868.2007.00593.x), from a seed. A measure is a function of sums over cases, so that all resamples
are one product of matrices.

A mean has a bootstrap-t interval (Hall 1988, doi 10.1214/aos/1176350933): its distance from the truth is counted in
standard errors, each resample's by its own, so that the longer tail of skewed numbers makes the interval longer on the
side where the truth may lie far away. Where few patients have strongly skewed numbers, even that covers too seldom
(0.90 for the log-normal with σ 1), because the largest are seldom among them. Its error is of the order of the squared
skewness for each patient (same paper); by that, less than 2.5 % of the resamples are then left out at each end. How
much less was found by simulation (docs/performance.md).

Other measures have BCa (Efron 1987, doi 10.2307/2289144), its two quantiles spread as Student's t is wider than the
normal distribution, because plain bootstrap intervals of few patients are too narrow (Hesterberg 2015, doi
10.1080/00031305.2015.1089789).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import Interval, t_quantile, too_few

RESAMPLES = 2000
FEWEST_RESAMPLED = 15  # patients: with fewer, resampled intervals of some measures cover less than 93 %
_LEFT_OUT = 0.025  # at each end
_PER_SKEW = 20.0  # by how much less is left out for a skewness squared that is as large as the number of patients
_AT_ONCE = 4_000_000  # numbers of a block of resamples
ANY = (-math.inf, math.inf)
SHARE, AMOUNT = (0.0, 1.0), (0.0, math.inf)
_NOTHING = 1e-7  # of a standard error: what rounding leaves of none
_UNDEFINED = "It is not defined for most draws of patients, so nothing says how sure it is."
_ALIKE = "Nearly all patients have the same, so nothing tells how sure this is."

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A function of sums: of `columns` of the terms, (..., len(columns)) -> (...); nan where it is not defined."""

    columns: Sequence[int]
    of: Callable[[Array], Array]
    mean: bool = False  # whether it is the first of its columns divided by the second, which counts
    bounds: tuple[float, float] = ANY  # in which it lies


def mean_of(total: int, count: int | None = None, bounds: tuple[float, float] = ANY) -> Measure:
    """The mean of the terms in column `total`, which the column `count` (or the next one) counts."""
    columns = (total, total + 1 if count is None else count)
    return Measure(columns, lambda sums: sums[..., 0] / sums[..., 1], mean=True, bounds=bounds)


class Patients:
    """The patients (groups) of the cases (N,), and resamples of them drawn from a seed; all measures share these."""

    def __init__(self, groups: Sequence[str] | Array, seed: int = 0, resamples: int = RESAMPLES) -> None:
        self.codes: Array = np.unique(np.asarray(groups), return_inverse=True)[1]
        self.count = int(self.codes.max()) + 1 if len(self.codes) else 0
        self._seed = seed
        self._resamples = resamples

    def sums(self, terms: Array) -> Array:
        """The sums of each patient (patients, M) of terms of each case (N, M)."""
        columns = [np.bincount(self.codes, weights=column, minlength=self.count) for column in terms.T]
        return np.stack(columns, axis=1)

    def intervals(self, terms: Array, measures: Mapping[str, Measure]) -> dict[str, Interval]:
        """The interval of each measure of the sums of `terms` (N, M); what does not count in a case is 0 there."""
        own = self.sums(terms)
        whole = own.sum(axis=0)
        counted = {name: int(own[:, one.columns].any(axis=1).sum()) for name, one in measures.items()}
        enough = {name: one for name, one in measures.items() if counted[name] >= FEWEST_RESAMPLED}
        found = {name: too_few(counted[name], FEWEST_RESAMPLED) for name in measures}
        if not enough:
            return found
        around = {name: _around_mean(own[:, one.columns]) for name, one in enough.items() if one.mean}
        with np.errstate(invalid="ignore", divide="ignore"):
            terms = np.concatenate([own, *around.values()], axis=1)
            drawn = np.concatenate([block @ terms for block in self.draws()])
            places = dict(zip(around, range(own.shape[1], terms.shape[1], 5), strict=True))
            for name, one in enough.items():
                parts = [one.of(sums[..., one.columns]) for sums in (whole, drawn, whole - own)]
                if one.mean:
                    at = slice(places[name], places[name] + 5)
                    sure = of_mean(float(parts[0]), terms[:, at], drawn[:, at], counted[name])
                else:
                    sure = bca(float(parts[0]), parts[1], parts[2], counted[name])
                found[name] = sure.within(*one.bounds)
        return found

    def draws(self) -> Iterator[Array]:
        """How often each patient was drawn: blocks (B, patients) of float64, `resamples` rows in all."""
        random = np.random.default_rng(self._seed)
        most = max(1, min(self._resamples, _AT_ONCE // max(1, self.count)))
        for start in range(0, self._resamples, most):
            rows = min(most, self._resamples - start)
            drawn = random.integers(0, self.count, (rows, self.count)) + self.count * np.arange(rows)[:, None]
            counts = np.bincount(drawn.ravel(), minlength=rows * self.count)
            yield counts.reshape(rows, self.count).astype(np.float64)


def never_varies(patients: int) -> Interval:
    """No interval, because nothing was seen to vary."""
    return Interval(patients, note="It is the same for all patients, so nothing says how sure it is.")


def _around_mean(own: Array) -> Array:
    """Sums and counts of patients (patients, 2) -> (patients, 5): the sums of what their terms differ by from the mean,
    the counts, the squares of those sums, sums times counts, and the squares of the counts."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = own[:, 0].sum() / own[:, 1].sum()
    apart, count = own[:, 0] - mean * own[:, 1], own[:, 1]
    return np.stack([apart, count, apart**2, apart * count, count**2], axis=1)


def of_mean(mean: float, own: Array, drawn: Array, patients: int) -> Interval:
    """The bootstrap-t interval of a mean, from what `_around_mean` gives of the patients (patients, 5) and the sums of
    it over each resample (resamples, 5).

    The standard error is that of a ratio of sums (Cochran 1977, Sampling Techniques, 6.4). A resample in which nothing
    varies has none, and lies beyond all others; where such ones are many, there is no interval.
    """
    known = drawn[drawn[:, 1] > 0]
    if not math.isfinite(mean) or len(known) < len(drawn) / 2:
        return Interval(patients, note=_UNDEFINED)
    error = float(_away(own.sum(axis=0), patients)[1])
    if error <= 1e-12 * max(1.0, abs(mean)):
        return never_varies(patients)
    away, errors = _away(known, patients)
    with np.errstate(invalid="ignore", divide="ignore"):
        steps = np.where(errors > _NOTHING * error, away / errors, np.copysign(np.inf, away))
    usual = np.quantile(steps, (_LEFT_OUT, 1 - _LEFT_OUT), method="inverted_cdf")
    if not np.isfinite(usual).all():
        return Interval(patients, note=_ALIKE)
    out = _LEFT_OUT / (1 + _PER_SKEW * _skewness(own[:, 0], patients) ** 2 / patients)
    finite = steps[np.isfinite(steps)]
    low, high = np.quantile(steps, (out, 1 - out), method="inverted_cdf").clip(finite.min(), finite.max())
    return Interval(patients, mean - float(high) * error, mean - float(low) * error, method="bootstrap-t")


def _skewness(apart: Array, patients: int) -> float:
    """Of what the sums of patients differ by from the mean (Fisher's; 0 of symmetric numbers)."""
    return float((apart**3).sum()) / math.pow(float((apart**2).sum()), 1.5) * math.sqrt(patients)


def _away(sums: Array, patients: int) -> tuple[Array, Array]:
    """How far a mean is from that of all patients, and its standard error, from sums of `_around_mean` (..., 5)."""
    apart, count, squares, products, counts = np.moveaxis(sums, -1, 0)
    away = apart / count
    left = np.maximum(0.0, squares - 2 * away * products + away**2 * counts)
    return np.asarray(away), np.asarray(np.sqrt(left * patients / (patients - 1)) / count)


def bca(value: float, drawn: Array, without: Array, patients: int) -> Interval:
    """The interval of a value from its resamples, and from its values without each patient in turn (the jackknife).

    Resamples in which it is not defined are left out. Where all are equal there is none: nothing was seen to vary.
    """
    from scipy.special import ndtr, ndtri

    known = drawn[np.isfinite(drawn)]
    if not math.isfinite(value) or len(known) < len(drawn) / 2:
        return Interval(patients, note=_UNDEFINED)
    if np.ptp(known) <= 1e-12 * max(1.0, abs(value)):
        return never_varies(patients)
    below = float(np.mean(known < value) + np.mean(known == value) / 2)
    bias = float(ndtri(np.clip(below, 1 / len(known), 1 - 1 / len(known))))
    defined = without[np.isfinite(without)]
    away = defined.mean() - defined
    spread = float((away**2).sum()) ** 1.5
    skew = float((away**3).sum()) / (6 * spread) if spread > 0 else 0.0
    wide = t_quantile(patients) * math.sqrt(patients / (patients - 1))
    ends = [bias + (bias + end) / max(0.1, 1 - skew * (bias + end)) for end in (-wide, wide)]
    low, high = np.quantile(known, ndtr(ends))
    return Interval(patients, float(low), float(high), method="BCa")
