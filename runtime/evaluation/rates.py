"""Counts of a decision between a class and all others, and the rates made of them. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """Cases by truth and decision. A rate of nothing is not a number (nan)."""

    true_positives: float
    false_positives: float
    true_negatives: float
    false_negatives: float

    @property
    def sensitivity(self) -> float:
        """Of the cases that have it, the share that was found (recall)."""
        return ratio(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def specificity(self) -> float:
        """Of the cases that do not have it, the share that was let pass."""
        return ratio(self.true_negatives, self.true_negatives + self.false_positives)

    @property
    def ppv(self) -> float:
        """Of the cases called positive, the share that has it (precision), as often as it is among these cases."""
        return ratio(self.true_positives, self.true_positives + self.false_positives)

    @property
    def npv(self) -> float:
        """Of the cases called negative, the share that does not have it, as often as it is among these cases."""
        return ratio(self.true_negatives, self.true_negatives + self.false_negatives)

    @property
    def f1(self) -> float:
        """The harmonic mean of sensitivity and positive predictive value."""
        return ratio(2 * self.true_positives, 2 * self.true_positives + self.false_positives + self.false_negatives)

    @property
    def accuracy(self) -> float:
        """The share of right decisions."""
        right = self.true_positives + self.true_negatives
        return ratio(right, right + self.false_positives + self.false_negatives)

    @property
    def balanced_accuracy(self) -> float:
        """The mean of sensitivity and specificity."""
        return (self.sensitivity + self.specificity) / 2

    def rates(self) -> dict[str, float]:
        """All of them by name, without those that are not defined."""
        found = {name: float(getattr(self, name)) for name in RATES}
        return {name: value for name, value in found.items() if math.isfinite(value)}


RATES = ("sensitivity", "specificity", "ppv", "npv", "f1", "accuracy", "balanced_accuracy")


def ratio(part: float, whole: float) -> float:
    """Part of whole; nan of nothing."""
    return part / whole if whole else math.nan
