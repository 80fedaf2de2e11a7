"""What is to be known of the cases beside their measures, in sentences. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runtime.data.wording import counted
from runtime.evaluation.record import Cases


def of_patients(unknown: int, cases: int) -> list[str]:
    """That the patients of the cases are not known, which makes intervals narrower than they should be."""
    if not unknown:
        return []
    of = "these cases" if unknown == cases else f"{counted(unknown, 'case')} of {cases}"
    return [
        f"The patients of {of} are not known, so each case counts as its own patient: the intervals are per case and "
        "may be too narrow."
    ]


def of_distances(cases: Cases, classes: Sequence[str]) -> list[str]:
    """In how many cases a class is on one side alone, so that a mean distance tells too little."""
    if not cases.overlaps:
        return []
    true, found = cases.overlaps["true_volume"] > 0, cases.overlaps["found_volume"] > 0
    alone = np.count_nonzero(true != found, axis=0)
    return [
        f"In {counted(int(count), 'case')} {name} is drawn or found, not both: the Hausdorff distance leaves "
        f"{'it' if count == 1 else 'them'} out, and looks better than it is."
        for name, count in list(zip(classes, alone, strict=True))[1:] if count
    ]  # fmt: skip
