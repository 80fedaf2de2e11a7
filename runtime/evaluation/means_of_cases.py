"""Means of numbers that each case has, each with its interval by patient. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import AMOUNT, ANY, SHARE, Measure, Patients, mean_of

Array = NDArray[Any]
_BOUNDS = {
    "dice": SHARE, "iou": SHARE, "mean_dice": SHARE, "mean_iou": SHARE, "pixel_accuracy": SHARE, "ssim": (-1.0, 1.0),
    "hausdorff_95": AMOUNT, "volume_error_absolute": AMOUNT,
}  # fmt: skip


def means_measured(cases: Cases, tables: Mapping[str, Array], seed: int) -> Measured:
    """The means of numbers (N, K) of each case, over those that are defined, with their intervals by patient."""
    terms = np.concatenate([_known(table) for table in tables.values()], axis=1)
    names = [*tables]
    measures: dict[str, Measure] = {
        name: mean_of(2 * place, bounds=_BOUNDS.get(name.partition(":")[0], ANY)) for place, name in enumerate(names)
    }
    whole = terms.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = {name: float(whole[2 * place] / whole[2 * place + 1]) for place, name in enumerate(names)}
    patients = Patients(cases.patient, seed)
    measured = Measured(patients.count)
    measured.take(means, patients.intervals(terms, measures))
    return measured


def _known(values: Array) -> Array:
    """(N, K) values -> (N, 2): the sum of those that are defined, and how many there are."""
    known = np.isfinite(values)
    return np.stack([np.where(known, values, 0.0).sum(axis=1), known.sum(axis=1)], axis=1)
