"""What is said of an answer: right or wrong in words, numbers beside each other, how well masks agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QCoreApplication

from nodes.units import units_each
from runtime.evaluation.detection import judged_boxes
from runtime.seen_cases import Answer, Boxes, Numbers, Pixels, SeenCase, Shares

Verdict = Literal["right", "wrong", ""]
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Said:
    """A line in words, a second one, and whether the answer is right, where it can be right or wrong."""

    text: str
    more: str = ""
    verdict: Verdict = ""


def said_of(task: str, classes: Sequence[str], case: SeenCase, answer: Answer, unit: str = "") -> Said:
    """The words below a case."""
    truth = case.truth
    if isinstance(answer, tuple) and isinstance(truth, tuple):
        several = task == "several labels"
        taken = {place for place, share in answer if share > 0.5} if several else {_likeliest(answer)}
        right = taken == set(truth)
        names, true = (_listed(classes, places) for places in (sorted(taken), truth))
        said = _tr("✓ Right: %s") if right else _tr("✗ Wrong: %s")
        return Said(said % names, _tr("true: %s") % true if several else "", "right" if right else "wrong")
    if isinstance(answer, float) and isinstance(truth, float):
        return _of_numbers(answer, truth, unit)
    if isinstance(answer, Numbers) and isinstance(truth, Numbers):
        return _of_several(classes, answer, truth, unit)
    if task == "segmentation" and isinstance(answer, np.ndarray) and isinstance(truth, np.ndarray):
        return _of_masks(classes, answer, truth)
    if isinstance(answer, Boxes) and isinstance(truth, Boxes):
        return _of_boxes(answer, truth)
    return Said("")


def named_shares(classes: Sequence[str], case: SeenCase, answer: Shares, most: int) -> list[tuple[str, float, bool]]:
    """The classes with their probabilities, the highest first, and whether they are true; all that are true."""
    truth = case.truth if isinstance(case.truth, tuple) else ()
    room = most - sum(place in truth for place, _ in answer[most:])
    shown = [entry for rank, entry in enumerate(answer) if rank < room or entry[0] in truth]
    return [(_name(classes, place), share, place in truth) for place, share in shown]


def _likeliest(answer: Shares) -> int:
    return max(answer, key=lambda entry: entry[1])[0]


def _listed(classes: Sequence[str], places: Sequence[int]) -> str:
    return ", ".join(_name(classes, place) for place in places) or _tr("none")


def _of_numbers(answer: float, truth: float, unit: str) -> Said:
    gap, behind = answer - truth, f"\N{NO-BREAK SPACE}{unit}" if unit else ""
    way = _tr("%s too high") if gap > 0 else _tr("%s too low")
    off = way % f"{abs(gap):.3g}{behind}" if gap else _tr("exactly so")
    said = _tr("predicted %s, true %s") % (f"{answer:.4g}", f"{truth:.4g}{behind}")
    return Said(said, off)


def _of_several(classes: Sequence[str], answer: Numbers, truth: Numbers, unit: str) -> Said:
    units = units_each(unit, len(classes)) or ("",) * len(classes)
    told = []
    for name, one, other, behind in zip(classes, answer.values, truth.values, units, strict=True):
        told.append(_tr("%s %s, true %s") % (name, f"{one:.4g}", f"{other:.4g} {behind}".strip()))
    return Said("; ".join(told))


def _of_masks(classes: Sequence[str], answer: Pixels, truth: Pixels) -> Said:
    """Dice of each class that is there or was found, in the picture that is shown."""
    if answer.shape != truth.shape:
        return Said("")
    found = [int(place) for place in np.union1d(answer, truth) if place]
    if not found:
        return Said(_tr("✓ Nothing is there, nothing was found"), verdict="right")
    if not truth.any():
        return Said(_tr("✗ Found, but not there: %s") % _listed(classes, found), verdict="wrong")
    if not answer.any():
        return Said(_tr("✗ Nothing found of: %s") % _listed(classes, found), verdict="wrong")
    words = [f"{_name(classes, place)} {_dice(answer == place, truth == place):.2f}" for place in found]
    rest = _tr(", and %s more") % (len(words) - _MOST_NAMED) if len(words) > _MOST_NAMED else ""
    return Said(_tr("Dice: %s") % (", ".join(words[:_MOST_NAMED]) + rest))


def _of_boxes(answer: Boxes, truth: Boxes) -> Said:
    """How many boxes were found, and how many are false."""
    true = np.concatenate([truth.rows[:, 5:], truth.rows[:, :4]], axis=1)
    right = int(judged_boxes(true, answer.rows)[1].sum())
    return Said(_tr("%s of %s found, %s false") % (right, len(true), len(answer.rows) - right))


def _dice(one: np.ndarray, other: np.ndarray) -> float:
    return 2 * float((one & other).sum()) / float(one.sum() + other.sum())


def _name(classes: Sequence[str], place: int) -> str:
    return classes[place] if 0 <= place < len(classes) else str(place)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Cases", text)
