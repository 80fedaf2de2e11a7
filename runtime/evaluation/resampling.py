"""Intervals by resampling patients, for measures that are no plain share. No torch.

Patients are drawn with replacement, each with all of its cases (cluster bootstrap; Field and Welsh 2007, doi
10.1111/j.1467-9868.2007.00593.x), from a seed. The interval is BCa (Efron 1987, doi 10.2307/2289144), its two
quantiles spread as Student's t is wider than the normal distribution, because plain bootstrap intervals of few patients
are too narrow (Hesterberg 2015, doi 10.1080/00031305.2015.1089789). A measure is a function of sums over cases, so that
all resamples are one product of matrices.
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
_AT_ONCE = 4_000_000  # numbers of a block of resamples

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Measure:
    """A function of sums: of `columns` of the terms, (..., len(columns)) -> (...); nan where it is not defined."""

    columns: Sequence[int]
    of: Callable[[Array], Array]


def mean_of(first: int) -> Measure:
    """The mean of the terms in column `first`, which the next column counts."""
    return Measure((first, first + 1), lambda sums: sums[..., 0] / sums[..., 1])


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
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = np.concatenate([block @ own for block in self.draws()])
            for name, one in enough.items():
                parts = [one.of(sums[..., one.columns]) for sums in (whole, drawn, whole - own)]
                found[name] = bca(float(parts[0]), parts[1], parts[2], counted[name])
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


def bca(value: float, drawn: Array, without: Array, patients: int) -> Interval:
    """The interval of a value from its resamples, and from its values without each patient in turn (the jackknife).

    Resamples in which it is not defined are left out. Where all are equal there is none: nothing was seen to vary.
    """
    from scipy.special import ndtr, ndtri

    known = drawn[np.isfinite(drawn)]
    if not math.isfinite(value) or len(known) < len(drawn) / 2:
        return Interval(patients, note="It is not defined for most draws of patients, so nothing says how sure it is.")
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
