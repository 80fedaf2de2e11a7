"""What is said of a case below its picture and beside it."""

from __future__ import annotations

import math
from typing import Literal

from PySide6.QtCore import QCoreApplication

from designer.evaluation.measured import WITH_CLASSES, Measured, with_unit
from designer.training.share_bars import percent
from runtime.evaluation.detection import SURE, judged_boxes

Verdict = Literal["right", "wrong", ""]


def verdict_of(measured: Measured, case: int) -> Verdict:
    """Whether a case is right; "" where that means nothing."""
    if measured.record.task not in WITH_CLASSES:
        return ""
    return "right" if measured.cases.correct[case] else "wrong"


def title_of_case(measured: Measured, case: int) -> str:
    """What was answered, and what is true where that differs."""
    truth, said = measured.said(case), measured.said(case, answered=True)
    task = measured.record.task
    if task in WITH_CLASSES:
        return f"{'✓' if measured.cases.correct[case] else '✗'} {said}"
    if task == "regression":
        return _tr("%s, true: %s") % (said, truth)
    if task == "detection":
        return boxes_of_case(measured, case)
    return said_of_masks(mean_dice(measured, case)) if task == "segmentation" else ""


def more_of_case(measured: Measured, case: int) -> str:
    """How sure the answer was, or how far off it is."""
    confidence = float(measured.cases.confidence[case])
    if measured.record.task == "regression" and measured.record.classes:
        return _tr("off by %.3g spreads") % float(measured.cases.error[case])
    if measured.record.task == "regression":
        return _tr("off by %s") % with_unit(float(measured.cases.error[case]), measured.record.unit)
    told = [] if math.isnan(confidence) else [_tr("%s sure") % percent(confidence)]
    if verdict_of(measured, case) == "wrong":
        told.append(_tr("true: %s") % measured.said(case))
    return " · ".join(told)


def boxes_of_case(measured: Measured, case: int) -> str:
    """How many boxes were found, missed, and found where there is nothing; as in “12 of 14 found, 1 false”."""
    true, found = measured.cases.boxes["true"][case], measured.cases.boxes["found"][case]
    right = int(judged_boxes(true, found)[1].sum())
    there, shown = int((true[:, 0] >= 0).sum()), int(((found[:, 5] >= 0) & (found[:, 4] >= SURE)).sum())
    return _tr("%s of %s found, %s false") % (right, there, shown - right)


def boxes_by_class(measured: Measured, case: int) -> list[tuple[str, int, int, int]]:
    """Of each class: its name, how many boxes were found of how many there are, and how many more were found."""
    true, found = measured.cases.boxes["true"][case], measured.cases.boxes["found"][case]
    right = judged_boxes(true, found)[1]
    counts = []
    for place, name in enumerate(measured.record.classes):
        shown = (found[:, 5] == place) & (found[:, 4] >= SURE)
        met = int((shown & right).sum())
        counts.append((name, met, int((true[:, 0] == place).sum()), int(shown.sum()) - met))
    return counts


def mean_dice(measured: Measured, case: int) -> float:
    """The mean Dice of the classes but the background; nan where none is there nor found."""
    found = measured.overlaps.get("dice")
    values = [] if found is None else [float(one) for one in found[case, 1:] if not math.isnan(one)]
    return sum(values) / len(values) if values else math.nan


def said_of_masks(dice: float) -> str:
    """The Dice of a case; it is not known where nothing is and nothing was found, which is right."""
    return _tr("Rightly nothing found") if math.isnan(dice) else _tr("Dice %s") % f"{dice:.3f}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("EvaluatedCase", text)
