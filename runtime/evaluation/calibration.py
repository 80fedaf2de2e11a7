"""Whether probabilities are as often right as they say: reliability, Brier score, temperature scaling. No torch.

Expected calibration error and reliability: Guo et al. 2017 (arXiv 1706.04599), with equally wide bins.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import Interval, share_interval

Array = NDArray[Any]

BINS = 10
_COLDEST, _HOTTEST = 0.05, 20.0  # temperatures that are tried


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases whose probability is within `low` and `high` (which belongs to the last bin alone)."""

    low: float
    high: float
    cases: int
    said: float  # the mean probability, nan without cases
    seen: float  # the share of the cases that have it, nan without cases
    interval: Interval | None = None  # of `seen`, by patient; None without cases


def reliability(probability: Array, truth: Array, groups: Array | None = None, bins: int = BINS) -> tuple[Bin, ...]:
    """What probabilities (N,) said and what was so, `truth` (N,), in equally wide bins from 0 to 1."""
    probability, truth = np.asarray(probability, np.float64), np.asarray(truth).astype(bool)
    names = np.arange(len(truth)) if groups is None else np.asarray(groups)
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    found = []
    for number in range(bins):
        own = place == number
        said, seen = (float(one[own].mean()) if own.any() else math.nan for one in (probability, truth))
        interval = share_interval(truth[own], names[own]) if own.any() else None
        found.append(Bin(number / bins, (number + 1) / bins, int(own.sum()), said, seen, interval))
    return tuple(found)


def calibration_error(probability: Array, truth: Array, bins: int = BINS) -> float:
    """The expected calibration error: how far bins are off, on average over the cases."""
    probability, truth = np.asarray(probability, np.float64), np.asarray(truth, np.float64)
    place = np.minimum((probability * bins).astype(np.int64), bins - 1)
    off = np.bincount(place, weights=probability - truth, minlength=bins)
    return float(np.abs(off).sum() / len(truth))


def brier_terms(probabilities: Array, truth: Array) -> Array:
    """What each case adds to the Brier score: (N, K) probabilities and class indexes (N,) -> (N,).

    Of two classes the squared error of one of them (0 to 1), of more the sum over all (0 to 2), as scikit-learn does.
    """
    wrong = np.asarray(probabilities, np.float64).copy()
    wrong[np.arange(len(truth)), truth] -= 1
    squares = (wrong**2).sum(axis=1)
    return np.asarray(squares / 2 if wrong.shape[1] == 2 else squares)


def histogram(probability: Array, truth: Array, bins: int = 20) -> tuple[Array, Array, Array]:
    """The likelihood histogram: edges (bins + 1,), and the cases in each bin that have it and that do not (bins,)."""
    edges = np.linspace(0, 1, bins + 1)
    truth = np.asarray(truth).astype(bool)
    having, lacking = (np.histogram(probability[own], edges)[0] for own in (truth, ~truth))
    return edges, having, lacking


def softmax(scores: Array, temperature: float = 1.0) -> Array:
    """(N, K) raw scores -> probabilities, after division by a temperature."""
    shifted = np.asarray(scores, np.float64) / temperature
    shifted = np.exp(shifted - shifted.max(axis=1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def sigmoid(scores: Array, temperature: float = 1.0) -> Array:
    """Raw scores -> the probability of each label, after division by a temperature."""
    from scipy.special import expit

    return np.asarray(expit(np.asarray(scores, np.float64) / temperature))


def fitted_temperature(scores: Array, truth: Array) -> float:
    """The temperature under which these cases are most likely: (N, K) raw scores with class indexes (N,), or with 0 and
    1 for each of several labels (N, K). Between 0.05 and 20, where cases all apart would have it 0."""
    from scipy.optimize import minimize_scalar

    scores = np.asarray(scores, np.float64)

    def surprise(log: float) -> float:
        scaled = scores / math.exp(log)
        if truth.ndim == 2:
            return float((np.logaddexp(0, scaled) - truth * scaled).mean())
        return float((np.logaddexp.reduce(scaled, axis=1) - scaled[np.arange(len(truth)), truth]).mean())

    ends = (math.log(_COLDEST), math.log(_HOTTEST))
    return math.exp(float(minimize_scalar(surprise, bounds=ends, method="bounded", options={"xatol": 1e-6}).x))
