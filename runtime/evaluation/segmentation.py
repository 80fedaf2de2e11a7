"""Measures of masks, each with its interval by patient: means over the cases in which it is defined. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases
from runtime.evaluation.resampling import Measure, Patients, mean_of

Array = NDArray[Any]


def masks_measured(cases: Cases, classes: Sequence[str], seed: int = 0) -> Measured:
    """All measures of cases with `overlaps`. Raises ValueError when the cases hold none.

    `volume_error` is found - true, `volume_error_absolute` how far both are apart; of Dice and IoU the means of all
    classes but the background too.
    """
    kept = cases.overlaps
    if not kept:
        raise ValueError("These are no cases of a segmentation.")
    error = kept["found_volume"] - kept["true_volume"]
    there = (kept["found_volume"] + kept["true_volume"]) > 0
    error = np.where(there, error, np.nan)
    values: dict[str, Array] = {"pixel_accuracy": kept["right"][:, 0]}
    by_class = {
        "dice": kept["dice"], "iou": kept["iou"], "hausdorff_95": kept["hausdorff"],
        "volume_error": error, "volume_error_absolute": np.abs(error),
    }  # fmt: skip
    for what, table in by_class.items():
        first = 0 if what in ("dice", "iou") else 1  # nobody asks for the volume of the background
        values |= {f"{what}:{name}": table[:, place] for place, name in enumerate(classes) if place >= first}
    terms = [_known(column[:, None]) for column in values.values()]
    terms += [_known(by_class[what][:, 1:]) for what in ("dice", "iou")]
    names = [*values, "mean_dice", "mean_iou"]
    return _measured(cases, names, np.concatenate(terms, axis=1), seed)


def _measured(cases: Cases, names: Sequence[str], terms: Array, seed: int) -> Measured:
    """Means of pairs of columns: sums, and how many were added up."""
    measures: dict[str, Measure] = {name: mean_of(2 * place) for place, name in enumerate(names)}
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
