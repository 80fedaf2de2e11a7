"""Measures of several labels that each may be there or not, each with its interval by patient. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runtime.evaluation.calibration import calibration_error, sigmoid
from runtime.evaluation.classification import NO_INTERVAL, mean_areas, mean_f1, mean_share, one_class, surprise
from runtime.evaluation.intervals import Interval, share_interval
from runtime.evaluation.measured import Array, Measured
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import AMOUNT, SHARE, Patients, mean_of


def labels_measured(cases: Cases, names: Sequence[str], temperature: float | None = None, seed: int = 0) -> Measured:
    """All measures of cases with `scores`, `probabilities`, `truth` and `predicted` (N, K).

    Names ending in `_calibrated` are after division of the scores by the temperature. Raises ValueError when the cases
    hold no such arrays.
    """
    scores, probabilities = cases.scores, cases.probabilities
    if scores is None or probabilities is None or cases.truth is None or cases.predicted is None:
        raise ValueError("These are no cases of several labels.")
    truth, taken = cases.truth.astype(bool), cases.predicted.astype(bool)
    groups = cases.patient
    found = Measured(len(np.unique(groups)))
    right = taken == truth
    found.add("accuracy", float(right.mean()), share_interval(right.ravel(), np.repeat(groups, right.shape[1])))
    found.share("all_labels_right", right.all(axis=1), groups)
    for place, name in enumerate(names):
        one_class(found, f":{name}", scores[:, place], truth[:, place], taken[:, place], groups)
    for what, chosen in (("sensitivity", truth), ("specificity", ~truth), ("ppv", taken), ("npv", ~taken)):
        mean_share(found, what, names, right, chosen, groups)
    mean_f1(found, names, truth, taken, groups, seed)
    mean_areas(found, names, scores, truth, groups)
    _calibration(found, "", probabilities, truth, groups, seed)
    if temperature is not None:
        _calibration(found, "_calibrated", sigmoid(scores, temperature), truth, groups, seed)
    return found


def _calibration(found: Measured, of: str, probabilities: Array, truth: Array, groups: Array, seed: int) -> None:
    """Means over cases and labels."""
    squares = ((probabilities - truth) ** 2).mean(axis=1)
    logs = surprise(np.where(truth, probabilities, 1 - probabilities)).mean(axis=1)
    terms = np.stack([squares, logs, np.ones(len(truth))], axis=1)
    measures = {f"brier{of}": mean_of(0, 2, SHARE), f"log_loss{of}": mean_of(1, 2, AMOUNT)}
    values = {f"brier{of}": squares.mean(), f"log_loss{of}": logs.mean()}
    found.take(values, Patients(groups, seed).intervals(terms, measures))
    off = calibration_error(probabilities.ravel(), truth.ravel())
    found.add(f"calibration_error{of}", off, Interval(found.patients, note=NO_INTERVAL))
