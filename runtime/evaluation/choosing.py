"""Choosing an operating point by the validation cases of a run. No torch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runtime.errors import InputError
from runtime.evaluation.measuring import ranked
from runtime.evaluation.operating_point import OperatingPoint, load_operating_point, save_operating_point
from runtime.evaluation.record import Evaluation, load_cases

_TASKS = ("classification", "several labels")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wished for of one class or label (of two classes the positive one, where none is named)."""

    name: str
    wish: Literal["user", "youden", "sensitivity", "specificity"]
    value: float = 0.0  # the threshold of the user, or the least sensitivity or specificity


def choose(folder: Path, record: Evaluation, choice: Choice) -> OperatingPoint:
    """Find the threshold on the validation cases that `record` tells of, and keep it in the run folder.

    Thresholds of other labels stay. Raises InputError where no threshold fits.
    """
    if record.task not in _TASKS:
        raise InputError(["A threshold fits classes and labels; this run answers with neither."])
    place = record.positive_place
    name = choice.name or (record.classes[place] if place is not None else "")
    if not name:
        raise InputError([f"Name the class that is to be found: one of {', '.join(record.classes)}."])
    try:
        order = ranked(load_cases(folder, "validation"), record.classes, name)
        threshold = choice.value if choice.wish == "user" else order.best(choice.wish, choice.value)
    except ValueError as error:
        raise InputError([str(error)]) from error
    kept = load_operating_point(folder, record.epoch)
    others = dict(kept.thresholds) if kept is not None and record.task == "several labels" else {}
    by = "user" if choice.wish == "user" else "validation"
    rule = f"{kept.rule}; {name}: {_rule(choice)}" if kept is not None and others else _rule(choice)
    point = OperatingPoint({**others, name: threshold}, by, rule, record.epoch)
    save_operating_point(folder, point)
    return point


def _rule(choice: Choice) -> str:
    if choice.wish == "user":
        return "set by hand"
    if choice.wish == "youden":
        return "the greatest sensitivity + specificity on the validation part"
    return f"a {choice.wish} of at least {choice.value:g} on the validation part"
