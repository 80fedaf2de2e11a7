"""How well a few simple facts foretell the label: a linear model, cross-validated by patient. No torch."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import FEWEST, wilson

FOLDS = 5
_LEAST_PATIENTS = 3  # of a class
_REGULAR = 0.1  # the smaller, the simpler the model: pixels are many more than patients


@dataclass(frozen=True, slots=True)
class Told:
    """The mean over classes of the share of cases told right (balanced accuracy), with its 95 % interval.

    `why` says why there is none; `chance` is what guessing gives.
    """

    share: float | None
    low: float | None
    high: float | None
    chance: float
    patients: int
    why: str = ""

    @property
    def sure(self) -> bool:
        """Whether even the lower end of the interval is clearly above guessing."""
        return self.low is not None and self.low >= self.chance + 0.1 * (1 - self.chance)


def told(facts: NDArray[Any], labels: Sequence[str], groups: Sequence[str], seed: int = 0) -> Told:
    """How well `facts` (cases, numbers) tell the labels of cases of patients (`groups`) that the model has not seen.

    The interval puts together the Wilson intervals of the classes, counted in patients (MOVER, Zou and Donner 2008,
    doi 10.1002/sim.3095).
    """
    classes, patients = sorted(set(labels)), len(set(groups))
    chance = 1 / max(1, len(classes))
    per_class = Counter(label for label, _ in set(zip(labels, groups, strict=True)))
    if len(classes) < 2:
        return Told(None, None, None, chance, patients, "all cases have the same label")
    fewest = min(per_class.values())
    if patients < FEWEST or fewest < _LEAST_PATIENTS:
        needed = f"{FEWEST} and {_LEAST_PATIENTS} are needed"
        why = f"{patients} patients, {fewest} in the rarest class, are too few ({needed})"
        return Told(None, None, None, chance, patients, why)
    answers = _answers(facts, np.asarray(labels), np.asarray(groups), min(FOLDS, fewest), seed)
    right = np.asarray(labels) == answers
    shares = {name: float(right[np.asarray(labels) == name].mean()) for name in classes}
    ends = {name: wilson(shares[name], per_class[name]) for name in classes}
    share = sum(shares.values()) / len(classes)
    low = share - math.sqrt(sum((shares[name] - ends[name][0]) ** 2 for name in classes)) / len(classes)
    high = share + math.sqrt(sum((ends[name][1] - shares[name]) ** 2 for name in classes)) / len(classes)
    return Told(share, max(0.0, low), min(1.0, high), chance, patients)


def _answers(facts: NDArray[Any], labels: NDArray[Any], groups: NDArray[Any], folds: int, seed: int) -> NDArray[Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedGroupKFold
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    answers = labels.copy()
    for train, test in StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(facts, labels, groups):
        seen = set(labels[train])
        if len(seen) < 2:
            answers[test] = next(iter(seen))
            continue
        model = make_pipeline(
            StandardScaler(), LogisticRegression(C=_REGULAR, class_weight="balanced", max_iter=5000)
        )  # fmt: skip
        answers[test] = model.fit(facts[train], labels[train]).predict(facts[test])
    return answers


def as_numbers(values: Sequence[str], groups: Sequence[str], rare: int = 3) -> NDArray[np.float64]:
    """A property of each case (words) as numbers (cases, columns): one column for each value that several patients
    have, and one for each number in it where all values hold numbers."""
    pairs = set(zip(values, groups, strict=True))
    often = Counter(value for value, _ in pairs)
    kept = sorted(value for value, count in often.items() if count >= rare)
    columns = [[float(value == own) for value in values] for own in kept]
    numbers = [_numbers_in(value) for value in values]
    width = min(map(len, numbers), default=0)
    columns += [[own[place] for own in numbers] for place in range(width)]
    return np.array(columns, np.float64).reshape(len(columns), len(values)).T


def _numbers_in(text: str) -> list[float]:
    found = []
    for word in text.replace("×", " ").replace(",", ".").split():
        try:
            number = float(word)
        except ValueError:
            continue
        if math.isfinite(number):
            found.append(number)
    return found
