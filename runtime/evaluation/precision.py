"""The area under the precision-recall curve, with its interval by patient. No torch."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.areas import FEWEST_OF_A_KIND
from runtime.evaluation.intervals import FEWEST, Interval, t_quantile, too_few
from runtime.evaluation.resampling import Patients, bca

Array = NDArray[Any]

_MANY = 100  # patients from which the jackknife alone is taken: it needs no thousands of resamples
_GROUPS = 100  # of patients that the jackknife leaves out in turn, at most
_RESAMPLES = 1000


def average_precision(scores: Array, truth: Array) -> float:
    """The mean precision over the steps of recall, without interpolation, as scikit-learn gives it; nan without any."""
    return float(_Steps(scores, truth).areas(np.ones((1, len(truth))))[0])


def average_precision_interval(scores: Array, truth: Array, groups: Array) -> Interval:
    """The interval of one average precision (N,); see `mean_average_precision_interval`."""
    return mean_average_precision_interval(np.asarray(scores)[:, None], np.asarray(truth)[:, None], groups)


def mean_average_precision_interval(scores: Array, truth: Array, groups: Array) -> Interval:
    """The interval of the mean of the average precisions of some classes, scores and truth (N, K), by patient.

    Of several classes, or from 100 patients on, it is the patients' jackknife on the logit scale (resampling covers a
    mean of classes too seldom, 92 % of 40 patients); else patients are resampled. Where resamples do not vary it
    is Boyd, Eng and Page's for as many cases as patients have the rarest class (2013, doi
    10.1007/978-3-642-40994-3_29).
    """
    own = np.asarray(truth).astype(bool)
    patients = Patients(groups, resamples=_RESAMPLES)
    having = min(len(np.unique(patients.codes[has])) for has in own.T)
    if patients.count < FEWEST:
        return too_few(patients.count)
    if having < FEWEST_OF_A_KIND:
        return too_few(having, FEWEST_OF_A_KIND, "that have it")
    steps = [_Steps(one, has) for one, has in zip(np.asarray(scores).T, own.T, strict=True)]

    def areas(weights: Array) -> Array:
        """The mean over the classes (B,)."""
        return np.asarray(np.mean([one.areas(weights) for one in steps], axis=0))

    value = float(areas(np.ones((1, len(own))))[0])
    left_out = patients.codes[None] % min(patients.count, _GROUPS) != np.arange(min(patients.count, _GROUPS))[:, None]
    without = areas(left_out.astype(np.float64))
    if (patients.count >= _MANY or len(steps) > 1) and without.min() > 0 and without.max() < 1:
        return _jackknife(value, without, patients.count)
    drawn = np.concatenate([areas(block[:, patients.codes]) for block in patients.draws()])
    found = bca(value, drawn, without, patients.count)
    return _of_count(value, having, patients.count) if found.low is None else found


class _Steps:
    """Cases from the highest score down, and where one threshold ends and the next begins."""

    def __init__(self, scores: Array, truth: Array) -> None:
        self._order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
        self._truth = np.asarray(truth).astype(np.float64)[self._order]
        falling = np.asarray(scores)[self._order]
        self._last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)

    def areas(self, weights: Array) -> Array:
        """The average precision (B,) when each case counts as often as `weights` (B, N) says; nan without any."""
        weights = weights[:, self._order]
        called = weights.cumsum(axis=1)[:, self._last]
        found = (weights * self._truth).cumsum(axis=1)[:, self._last]
        with np.errstate(invalid="ignore", divide="ignore"):
            precision = np.nan_to_num(found / called)
            return np.asarray((np.diff(found, axis=1, prepend=0.0) * precision).sum(axis=1) / found[:, -1])


def _jackknife(value: float, without: Array, patients: int) -> Interval:
    logits = np.log(without / (1 - without))
    count = len(without)
    spread = math.sqrt((count - 1) / count * float(((logits - logits.mean()) ** 2).sum()))
    return _of_logit(value, t_quantile(count) * spread, patients, "jackknife")


def _of_count(value: float, having: int, patients: int) -> Interval:
    held = min(max(value, 0.5 / (having + 1)), 1 - 0.5 / (having + 1))  # at the ends the spread would be endless
    found = _of_logit(held, t_quantile(having) / math.sqrt(having * held * (1 - held)), patients, "Boyd")
    return replace(found, low=min(found.low or 0.0, value), high=max(found.high or 0.0, value))


def _of_logit(value: float, spread: float, patients: int, method: str) -> Interval:
    logit = math.log(value / (1 - value))
    low, high = (1 / (1 + math.exp(-end)) for end in (max(-700.0, logit - spread), logit + spread))
    return Interval(patients, low, high, method=method)
