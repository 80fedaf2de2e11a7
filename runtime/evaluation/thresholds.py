"""What a threshold does: rates, their intervals and which cases flip, fast enough to follow a slider. No torch.

A case is called positive when its probability is at least the threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runtime.evaluation.intervals import Interval, share_interval
from runtime.evaluation.means import mean_share_interval
from runtime.evaluation.rates import Counts

Array = NDArray[Any]
Wish = Literal["youden", "sensitivity", "specificity"]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A curve over all thresholds that make a difference, from the highest (nobody positive) to the lowest."""

    x: Array
    y: Array
    thresholds: Array


class Ranked:
    """Cases in the order of their probability (N,) of one class; `truth` (N,) says which have it.

    Sorting is done once: `counts` then takes O(log N).
    """

    def __init__(self, probability: Array, truth: Array, patients: Sequence[str] | Array | None = None) -> None:
        self.probability = np.asarray(probability, np.float64)
        self.truth = np.asarray(truth).astype(bool)
        names = np.arange(len(self.truth)) if patients is None else np.asarray(patients)
        self.patients: Array = np.unique(names, return_inverse=True)[1]
        self._order = np.argsort(self.probability, kind="stable")
        self._rising = self.probability[self._order]
        self._below = np.concatenate([[0], np.cumsum(self.truth[self._order])])  # true ones among the n lowest

    @property
    def positives(self) -> int:
        """How many cases have it."""
        return int(self._below[-1])

    def counts(self, threshold: float) -> Counts:
        """Cases by truth and decision at a threshold."""
        place = int(np.searchsorted(self._rising, threshold, side="left"))
        missed = int(self._below[place])
        found = self.positives - missed
        return Counts(found, len(self.truth) - place - found, place - missed, missed)

    def called(self, threshold: float) -> NDArray[np.bool_]:
        """(N,) which cases are called positive."""
        return np.asarray(self.probability >= threshold)

    def flips(self, before: float, after: float) -> NDArray[np.int64]:
        """The indexes of the cases that are called otherwise at the second threshold, the most probable first."""
        low, high = np.searchsorted(self._rising, sorted((before, after)), side="left")
        return np.asarray(self._order[low:high][::-1], np.int64)

    def intervals(self, threshold: float) -> dict[str, Interval]:
        """95 % intervals, by patient, of the rates of `Counts` at a threshold; those without cases are missing.

        Predictive values are of patients as often ill as these. F1 rises with tp / (tp + fp + fn), which is a share.
        """
        called = self.called(threshold)
        right = called == self.truth
        either = called | self.truth
        among = {
            "sensitivity": self.truth, "specificity": ~self.truth, "ppv": called, "npv": ~called,
            "f1": either, "accuracy": np.ones_like(right),
        }  # fmt: skip
        found = {name: share_interval(right[own], self.patients[own]) for name, own in among.items() if own.any()}
        if "f1" in found:
            found["f1"] = found["f1"].mapped(lambda share: 2 * share / (1 + share))
        if 0 < self.positives < len(self.truth):
            kinds = np.stack([self.truth, ~self.truth], axis=1)
            found["balanced_accuracy"] = mean_share_interval(kinds & right[:, None], kinds, self.patients)
        return found

    @cached_property
    def _steps(self) -> tuple[Array, Array, Array]:
        """Each threshold that makes a difference, falling; how many true and how many false ones are called there."""
        falling, truth = self._rising[::-1], self.truth[self._order][::-1]
        last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)
        found = np.cumsum(truth)[last]
        return falling[last], found, last + 1 - found

    def roc(self) -> Curve:
        """x: 1 - specificity, y: sensitivity; from (0, 0) at an endless threshold to (1, 1). nan without both kinds."""
        thresholds, found, alarmed = self._steps
        with np.errstate(invalid="ignore", divide="ignore"):
            sensitivity = found / np.float64(self.positives)
            false = alarmed / np.float64(len(self.truth) - self.positives)
        return Curve(np.append(0, false), np.append(0, sensitivity), np.append(np.inf, thresholds))

    def precision_recall(self) -> Curve:
        """x: sensitivity (recall), y: positive predictive value (precision), from the highest threshold down."""
        thresholds, found, alarmed = self._steps
        with np.errstate(invalid="ignore", divide="ignore"):
            return Curve(found / np.float64(self.positives), found / (found + alarmed), thresholds)

    def best(self, wish: Wish = "youden", at_least: float = 0.0) -> float:
        """The threshold that a wish asks for, halfway to the next probability so that it lies on no case.

        "youden": the greatest sensitivity + specificity (Youden 1950); "sensitivity" or "specificity": at least so
        much of it, and then as much as possible of the other. Raises ValueError without cases of both kinds.
        """
        if self.positives in (0, len(self.truth)):
            raise ValueError("A threshold can be chosen only on cases that have it and cases that do not.")
        curve = self.roc()
        sensitivity, specificity = curve.y, 1 - curve.x
        if wish == "youden":
            place = int(np.argmax(sensitivity + specificity))
        elif wish == "sensitivity":
            place = int(np.argmax(sensitivity >= at_least - 1e-12))
        else:
            place = int(np.flatnonzero(specificity >= at_least - 1e-12)[-1])
        return self._between(curve.thresholds, place)

    @staticmethod
    def _between(thresholds: Array, place: int) -> float:
        here = min(1.0, float(thresholds[place]))
        below = float(thresholds[place + 1]) if place + 1 < len(thresholds) else 0.0
        middle = (here + below) / 2
        return middle if below < middle <= here else here
