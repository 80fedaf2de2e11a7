"""The measures of a task, of all cases of an evaluation or of some. No torch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runtime.evaluation.classification import classes_measured
from runtime.evaluation.detection import boxes_measured
from runtime.evaluation.images import images_measured
from runtime.evaluation.measured import Measured
from runtime.evaluation.operating_point import OperatingPoint
from runtime.evaluation.points import points_measured
from runtime.evaluation.record import AtThreshold, Cases
from runtime.evaluation.regression import numbers_measured
from runtime.evaluation.segmentation import masks_measured
from runtime.evaluation.several_labels import labels_measured
from runtime.evaluation.thresholds import Ranked


def measured(
    cases: Cases,
    task: str,
    classes: Sequence[str],
    temperature: float | None = None,
    seed: int = 0,
    asked: str = "",
) -> Measured:
    """All measures of the task with their intervals; none for a network that learns without labels.

    Of two classes, `asked` is the one that is to be found, where it is not the one that their names say.

    Raises ValueError when the cases are of another task.
    """
    if task == "classification":
        found = classes_measured(cases, classes, temperature, seed, asked)
        points_measured(found, cases, classes, seed)
        return found
    if task == "several labels":
        return labels_measured(cases, classes, temperature, seed)
    if task == "regression":
        return numbers_measured(cases, classes, seed)
    if task == "segmentation":
        return masks_measured(cases, classes, seed)
    if task == "detection":
        return boxes_measured(cases, classes, seed)
    if task == "image":
        return images_measured(cases, seed)
    return Measured(len(np.unique(cases.patient)))


def confusion_of(cases: Cases, classes: int) -> tuple[tuple[int, ...], ...]:
    """Of cases with one class each: rows are the truth, columns the prediction."""
    if cases.truth is None or cases.predicted is None:
        return ()
    pairs = np.bincount(cases.truth * classes + cases.predicted, minlength=classes**2)
    return tuple(tuple(int(count) for count in row) for row in pairs.reshape(classes, classes))


def ranked(cases: Cases, classes: Sequence[str], name: str) -> Ranked:
    """The cases in the order of the probability of one class or label.

    Raises ValueError when it is not among the classes, or when the cases have no probabilities.
    """
    if cases.probabilities is None or cases.truth is None:
        raise ValueError("A threshold fits classes and labels; these cases have neither.")
    if name not in classes:
        raise ValueError(f"There is no class “{name}”; the classes are {', '.join(classes)}.")
    place = list(classes).index(name)
    truth = cases.truth[:, place] > 0 if cases.truth.ndim == 2 else cases.truth == place
    return Ranked(cases.probabilities[:, place], truth, cases.patient)


def at_operating_point(cases: Cases, classes: Sequence[str], point: OperatingPoint) -> tuple[AtThreshold, ...]:
    """What each stored threshold does to these cases; classes that are not theirs are left out."""
    found = []
    for name, threshold in point.thresholds.items():
        if name not in classes:
            continue
        order = ranked(cases, classes, name)
        rates = order.counts(threshold).rates()
        intervals = {key: one for key, one in order.intervals(threshold).items() if key in rates}
        found.append(AtThreshold(name, threshold, rates, intervals))
    return tuple(found)
