"""Measures of one class for each case, each with its interval by patient. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.areas import auc, auc_interval, mean_auc_interval
from runtime.evaluation.calibration import brier_terms, calibration_error, softmax
from runtime.evaluation.intervals import Interval
from runtime.evaluation.means import mean_share_interval
from runtime.evaluation.measured import Measured, mean_of_known
from runtime.evaluation.positive import positive_of
from runtime.evaluation.precision import (
    average_precision,
    average_precision_interval,
    mean_average_precision_interval,
)
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import AMOUNT, Measure, Patients, mean_of
from runtime.evaluation.thresholds import Ranked

Array = NDArray[Any]

_TOPS = (2, 3, 5)  # top-k, where there are more than k classes
NO_INTERVAL = "The calibration error grows by resampling itself, so resampling does not say how sure it is."


def classes_measured(
    cases: Cases, classes: Sequence[str], temperature: float | None = None, seed: int = 0, asked: str = ""
) -> Measured:
    """All measures of cases with `scores`, `probabilities` (N, K), `truth` and `predicted` (N,).

    Of two classes the rates are those of finding the one `asked` for, or else `positive_of` them. Names ending in
    `_calibrated` are after division of the scores by the temperature. Raises ValueError when the cases hold no such
    arrays.
    """
    scores, probabilities, truth, taken = cases.scores, cases.probabilities, cases.truth, cases.predicted
    if scores is None or probabilities is None or truth is None or taken is None:
        raise ValueError("These are no cases of a classification.")
    groups, ranks = cases.patient, log_odds(scores)
    found = Measured(len(np.unique(groups)))
    own = truth[:, None] == np.arange(len(classes))
    found.share("accuracy", taken == truth, groups)
    _balanced(found, own, taken, groups)
    positive = positive_of("classification", classes, asked)
    if positive is not None:
        one_class(found, "", ranks[:, positive], truth == positive, taken == positive, groups)
    for place, name in enumerate(classes):
        if len(classes) == 2:
            found.share(f"sensitivity:{name}", taken[own[:, place]] == place, groups[own[:, place]])
        else:
            one_class(found, f":{name}", ranks[:, place], own[:, place], taken == place, groups)
    if len(classes) > 2:
        _means(found, classes, ranks, own, taken, groups, seed)
        _tops(found, scores, truth, groups)
    _calibration(found, "", probabilities, truth, groups, seed)
    if temperature is not None:
        _calibration(found, "_calibrated", softmax(scores, temperature), truth, groups, seed)
    return found


def _balanced(found: Measured, own: Array, taken: Array, groups: Array) -> None:
    there = own[:, own.any(axis=0)]
    right = there & (taken[:, None] == np.flatnonzero(own.any(axis=0)))
    value = float(np.mean([right[chosen, k].mean() for k, chosen in enumerate(there.T)]))
    found.add("balanced_accuracy", value, mean_share_interval(right, there, groups))


def one_class(found: Measured, of: str, ranks: Array, truth: Array, called: Array, groups: Array) -> None:
    """The rates of one class against all others as decided, and the areas under its curves; `ranks` (N,) is anything
    that rises with its probability."""
    decided = Ranked(called.astype(np.float64), truth, groups)
    rates, intervals = decided.counts(0.5).rates(), decided.intervals(0.5)
    for name in ("sensitivity", "specificity", "ppv", "npv", "f1"):
        found.add(f"{name}{of}", rates.get(name, np.nan), intervals.get(name))
    if truth.any() and not truth.all():
        found.add(f"auc{of}", auc(ranks, truth), auc_interval(ranks, truth, groups))
        interval = average_precision_interval(ranks, truth, groups)
        found.add(f"average_precision{of}", average_precision(ranks, truth), interval)
    else:
        found.take({f"auc{of}": np.nan, f"average_precision{of}": np.nan}, {})


def _means(
    found: Measured, classes: Sequence[str], ranks: Array, own: Array, taken: Array, groups: Array, seed: int
) -> None:
    """Means over the classes that are defined."""
    called = taken[:, None] == np.arange(len(classes))
    mean_areas(found, classes, ranks, own, groups)
    mean_share(found, "ppv", classes, own, called, groups)
    mean_f1(found, classes, own, called, groups, seed)


def mean_areas(found: Measured, classes: Sequence[str], ranks: Array, own: Array, groups: Array) -> None:
    """The mean areas under both curves, of the classes of which there are cases and others; all (N, K)."""
    both = own.any(axis=0) & ~own.all(axis=0)
    for name, interval in (("auc", mean_auc_interval), ("average_precision", mean_average_precision_interval)):
        sure = interval(ranks[:, both], own[:, both], groups) if both.any() else None
        found.add(name, _mean(found, name, classes), sure)


def mean_share(
    found: Measured, name: str, classes: Sequence[str], right: Array, chosen: Array, groups: Array
) -> None:
    """The mean over the classes of the shares of the cases `chosen` (N, K) that are `right` (N, K)."""
    sure = mean_share_interval(right & chosen, chosen, groups) if chosen.any() else None
    found.add(name, _mean(found, name, classes), sure)


def mean_f1(found: Measured, classes: Sequence[str], own: Array, called: Array, groups: Array, seed: int) -> None:
    """The mean F1 of the classes that are there or called; both (N, K)."""
    terms = np.concatenate([own & called, own.astype(int) + called], axis=1).astype(np.float64)
    f1 = Measure(range(terms.shape[1]), _mean_f1)
    found.add("f1", _mean(found, "f1", classes), Patients(groups, seed).intervals(terms, {"f1": f1})["f1"])


def _mean(found: Measured, name: str, classes: Sequence[str]) -> float:
    return mean_of_known({one: found.metrics[f"{name}:{one}"] for one in classes})


def _mean_f1(sums: Array) -> Array:
    """The mean F1 of the classes that are there: of sums of both, and of either (..., 2 K)."""
    both, either = np.split(sums, 2, axis=-1)
    return np.asarray(np.nanmean(np.where(either > 0, 2 * both / np.where(either > 0, either, 1), np.nan), axis=-1))


def _tops(found: Measured, scores: Array, truth: Array, groups: Array) -> None:
    """Whether the true class is among the k highest scores."""
    above = (scores > scores[np.arange(len(truth)), truth][:, None]).sum(axis=1)
    for k in _TOPS:
        if k < scores.shape[1]:
            found.share(f"top_{k}", above < k, groups)


def _calibration(found: Measured, of: str, probabilities: Array, truth: Array, groups: Array, seed: int) -> None:
    """Brier score, log loss and expected calibration error; of more than two classes of the one taken (top label)."""
    likely = probabilities[np.arange(len(truth)), truth]
    terms = np.stack([brier_terms(probabilities, truth), surprise(likely), np.ones(len(truth))], axis=1)
    measures = {f"brier{of}": mean_of(0, 2, AMOUNT), f"log_loss{of}": mean_of(1, 2, AMOUNT)}
    intervals = Patients(groups, seed).intervals(terms, measures)
    means = terms.mean(axis=0)
    found.take({f"brier{of}": means[0], f"log_loss{of}": means[1]}, intervals)
    if probabilities.shape[1] == 2:
        off = calibration_error(probabilities[:, 1], truth == 1)
    else:
        off = calibration_error(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth)
    found.add(f"calibration_error{of}", off, Interval(found.patients, note=NO_INTERVAL))


def log_odds(scores: Array) -> Array:
    """(N, K) raw scores -> the logarithm of p / (1 - p): it ranks as the probability does, and never saturates."""
    scores = np.asarray(scores, np.float64)
    none = np.full((len(scores), 1), -np.inf)
    before = np.logaddexp.accumulate(np.hstack([none, scores[:, :-1]]), axis=1)
    after = np.logaddexp.accumulate(np.hstack([none, scores[:, :0:-1]]), axis=1)[:, ::-1]
    return np.asarray(scores - np.logaddexp(before, after))


def surprise(likely: Array) -> Array:
    """-log of probabilities; the smallest a float64 can tell from 0 stands for 0, as in scikit-learn's log loss."""
    return np.asarray(-np.log(np.maximum(likely, np.finfo(np.float64).eps)))

