"""Predictive values where the disease is as frequent as somebody says, with their intervals. No torch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from runtime.evaluation.intervals import Interval
from runtime.evaluation.rates import ratio

_METHOD = "MOVER"


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> tuple[float, float]:
    """The positive and the negative predictive value where a share `prevalence` (0 to 1) of the patients has it.

    By Bayes' rule, as Altman and Bland 1994 (doi 10.1136/bmj.309.6947.102). nan where nobody would be called so.
    Raises ValueError for a prevalence that is no share.
    """
    if not 0 <= prevalence <= 1:
        raise ValueError(f"The prevalence is {prevalence}; a share from 0 to 1 fits.")
    found, missed = sensitivity * prevalence, (1 - sensitivity) * prevalence
    passed, alarmed = specificity * (1 - prevalence), (1 - specificity) * (1 - prevalence)
    return ratio(found, found + alarmed), ratio(passed, passed + missed)


def predictive_intervals(
    sensitivity: float, specificity: float, known: Mapping[str, Interval], prevalence: float
) -> dict[str, Interval]:
    """The 95 % intervals of "ppv" and "npv" at a prevalence, from those of "sensitivity" and "specificity" in `known`.

    A predictive value rises with a ratio of two shares, whose interval is put together from theirs (MOVER-R: Donner and
    Zou 2012, doi 10.1177/0962280210383082); the prevalence is taken as given. Where a share has none, its note is
    passed on. Raises ValueError for a prevalence that is no share.
    """
    if not 0 <= prevalence <= 1:
        raise ValueError(f"The prevalence is {prevalence}; a share from 0 to 1 fits.")
    shares = [known[name] for name in ("sensitivity", "specificity") if name in known]
    without = next((one for one in shares if one.low is None or one.high is None), None)
    if len(shares) < 2:
        return {}
    if without is not None:
        return {"ppv": without, "npv": without}
    patients = max(one.patients for one in shares)
    found, passed = ((one.low or 0.0, value, one.high or 0.0) for one, value in
                     zip(shares, (sensitivity, specificity), strict=True))  # fmt: skip
    ends = {"ppv": _of_ratio(*_ratio(found, _rest(passed)), prevalence),
            "npv": _of_ratio(*_ratio(passed, _rest(found)), 1 - prevalence)}  # fmt: skip
    return {name: Interval(patients, low, high, method=_METHOD) for name, (low, high) in ends.items()}


_Share = tuple[float, float, float]  # low, value and high


def _rest(share: _Share) -> _Share:
    low, value, high = share
    return 1 - high, 1 - value, 1 - low


def _ratio(above: _Share, below: _Share) -> tuple[float, float]:
    """The ends of the ratio of two independent shares; endless where the second may be 0."""
    (low, value, high), (least, other, most) = above, below
    both = value * other
    down = low * (2 * value - low)
    root = math.sqrt(max(0.0, both**2 - down * most * (2 * other - most)))
    first = down / (both + root) if both + root > 0 else 0.0
    up = least * (2 * other - least)
    root = math.sqrt(max(0.0, both**2 - up * high * (2 * value - high)))
    return first, (both + root) / up if up > 0 else math.inf


def _of_ratio(low: float, high: float, share: float) -> tuple[float, float]:
    """The predictive values at likelihood ratios, where a share of the patients is of the kind that is foretold."""
    odds = share / (1 - share) if share < 1 else math.inf
    first, last = (end * odds if odds > 0 else 0.0 for end in (low, high))
    return tuple(1.0 if end == math.inf else end / (1 + end) for end in (first, last))  # type: ignore[return-value]
