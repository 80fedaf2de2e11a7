"""What the report tells of boxes: the curves behind their measures, and what was found in single cases."""

from __future__ import annotations

from typing import Any

import numpy as np

from runtime.evaluation.box_hits import FALSE_ALARMS, Froc, precision_recall
from runtime.evaluation.detection import SURE, box_counts, case_hits
from runtime.evaluation.record import Array, Cases, Evaluation

_MOST_POINTS = 150  # of a curve: more are not seen


def box_curves(record: Evaluation, cases: Cases) -> dict[str, Any] | None:
    """Precision over sensitivity of each class, and sensitivity over false positives in an image (FROC), at an overlap
    of 0.5; None for another task."""
    if record.task != "detection":
        return None
    hits = case_hits(cases, len(record.classes), (0.5,))
    curves = [
        {"class": name, "points": _points(*precision_recall(one))}
        for name, one in zip(record.classes, hits, strict=True)
    ]
    false, found = Froc(hits).curve()
    near = np.isfinite(found) & (false <= FALSE_ALARMS[-1])
    return {"precision_recall": curves, "froc": _points(false[near], found[near])}


def boxes_told(cases: Cases, place: int) -> tuple[str, str]:
    """Of one case: how many boxes it has, and how many were found, with how many of them right."""
    true, found, right = box_counts(cases.chosen(np.array([place])))[0]
    return f"{true} boxes", f"{found} from a probability of {SURE:g} on, {right} right"


def _points(x: Array, y: Array) -> list[list[float]]:
    """The curve as [x, y], thinned out evenly where it has very many points; its ends stay."""
    kept = np.unique(np.linspace(0, max(len(x) - 1, 0), min(len(x), _MOST_POINTS)).round().astype(int))
    return [[round(float(x[place]), 5), round(float(y[place]), 5)] for place in kept] if len(x) else []
