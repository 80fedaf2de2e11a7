"""Measures of rebuilt images, each with its interval by patient: means over the cases that have it. No torch."""

from __future__ import annotations

from runtime.evaluation.means_of_cases import means_measured
from runtime.evaluation.measured import Measured
from runtime.evaluation.record import BASELINE, Cases

_GAINED = ("psnr", "ssim")


def images_measured(cases: Cases, seed: int = 0) -> Measured:
    """All measures of cases with `likeness`. Raises ValueError when the cases hold none.

    Beside the means of what is kept of each case: `psnr_gain` and `ssim_gain`, how much better the answers are than
    what came in, case by case, so that the interval is that of the difference.
    """
    kept = dict(cases.likeness)
    if not kept:
        raise ValueError("These are no cases of rebuilt images.")
    for name in _GAINED:
        if f"{BASELINE}{name}" in kept:
            kept[f"{name}_gain"] = kept[name] - kept[f"{BASELINE}{name}"]
    return means_measured(cases, {name: values[:, None] for name, values in kept.items()}, seed)
