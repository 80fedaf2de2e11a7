"""Confidence intervals of shares, by patient: several images of one patient are no independent witnesses. No torch.

The rule of all intervals: below `FEWEST` patients there is none, and its note says so; resampling needs more
(`resampling.FEWEST_RESAMPLED`), and an area under a curve some of both kinds (`areas.FEWEST_OF_A_KIND`).

Shares get Wilson's interval; the count that goes into it is the number of images divided by the design effect, which is
estimated from how the images of one patient agree. The fewer patients have a case that is wrong (or right, if that is
rarer), the more this is taken to be as if the images of a patient were copies of each other (Kish's effective size).
Quantiles are of Student's t with patients - 1 degrees of freedom, so that few patients give wider intervals.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

FEWEST = 10  # patients below which no interval is given
_Z = 1.959964  # 95 %
_DOUBT = 3  # as many patients whose images agree like copies are added to those that tell how images agree

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Interval:
    """From `low` to `high` with 95 % confidence; `patients` were counted, `note` says so when they were too few."""

    patients: int
    low: float | None = None
    high: float | None = None
    note: str = ""
    method: str = ""  # how it was found: "Wilson", "DeLong", "bootstrap-t" ...

    def within(self, least: float, most: float) -> Interval:
        """The interval as far as it lies between what the number can be at least and at most."""
        if self.low is None or self.high is None:
            return self
        return replace(self, low=max(least, self.low), high=min(most, self.high))

    def mapped(self, change: Callable[[float], float]) -> Interval:
        """The interval of a number that rises with this one."""
        if self.low is None or self.high is None:
            return self
        return replace(self, low=change(self.low), high=change(self.high))


def too_few(patients: int, fewest: int = FEWEST, of: str = "") -> Interval:
    """No interval, and why."""
    noun = "patient" if patients == 1 else "patients"
    named = f" {of}" if of else ""
    note = f"{patients} {noun}{named}: too few to say how sure this is ({fewest} or more are needed)."
    return Interval(patients, note=note)


def t_quantile(patients: int) -> float:
    """The 97.5 % quantile of Student's t for so many patients."""
    from scipy.special import stdtrit

    return float(stdtrit(max(1, patients - 1), 0.975))


def wilson(share: float, count: float, quantile: float = _Z) -> tuple[float, float]:
    """The score interval of a share seen in `count` independent cases (Wilson 1927, doi 10.2307/2276774)."""
    spread = quantile * math.sqrt(share * (1 - share) / count + quantile**2 / (4 * count**2))
    middle = share + quantile**2 / (2 * count)
    whole = 1 + quantile**2 / count
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


def _of_rare(share: float, count: float) -> float:
    """The low end of a share of 1 to 3 cases, where Wilson's is too high: a Poisson limit (Brown, Cai and DasGupta
    2001, doi 10.1214/ss/1009213286)."""
    from scipy.special import chdtri

    seen = share * count
    return float(chdtri(2 * seen, 0.95)) / (2 * count) if 0 < seen <= 3 else 1.0


def share_interval(right: Sequence[bool] | Array, groups: Sequence[str] | Array, fewest: int = FEWEST) -> Interval:
    """The interval of the share of right cases (N,); `groups` (N,) names the patient of each.

    Wilson's with the design effect of Rao and Scott 1992 (doi 10.2307/2532311).
    """
    hits = np.asarray(right, np.float64)
    sizes, sums = by_group(hits, np.asarray(groups))
    patients = len(sizes)
    if patients < fewest:
        return too_few(patients, fewest)
    share = float(hits.mean())
    count = effective_size(sizes, sums)
    low, high = wilson(share, count, t_quantile(patients))
    low, high = min(low, _of_rare(share, count)), max(high, 1 - _of_rare(1 - share, count))
    return Interval(patients, low, high, method="Wilson")


def effective_size(sizes: Array, sums: Array) -> float:
    """How many independent cases weigh as much as these, from each patient's cases and how many of them are right."""
    count, patients = float(sizes.sum()), len(sizes)
    share = float(sums.sum()) / count
    most = float((sizes**2).sum()) / count  # the design effect of copies (Kish 1965)
    telling = min(int((sums > 0).sum()), int((sums < sizes).sum()))  # patients with what is rarer
    if not telling or patients < 2:
        return count / most
    variance = patients / (patients - 1) * float(((sums - share * sizes) ** 2).sum()) / count**2
    seen = max(1.0, variance * count / (share * (1 - share)))
    return count * (telling + _DOUBT) / (telling * seen + _DOUBT * most)


def by_group(values: Array, groups: Array) -> tuple[Array, Array]:
    """Of each group how many values it has, and their sum."""
    _, codes = np.unique(groups, return_inverse=True)
    return np.bincount(codes).astype(np.float64), np.bincount(codes, weights=values)
