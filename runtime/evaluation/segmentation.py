"""Measures of masks, each with its interval by patient: means over the cases in which it is defined. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.means_of_cases import means_measured
from runtime.evaluation.measured import Measured
from runtime.evaluation.record import Cases

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
    tables = {name: column[:, None] for name, column in values.items()}
    return means_measured(cases, tables | {f"mean_{what}": by_class[what][:, 1:] for what in ("dice", "iou")}, seed)
