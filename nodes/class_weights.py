"""How much each class counts in a loss."""

from __future__ import annotations

from typing import Literal

from nodes.roles import Loss
from nodes.spec import Target, Unfit, setting


def balanced(target: Target) -> tuple[float, ...]:
    """Weights with mean 1, the inverse of how often each class occurs. Raises Unfit when a class does not occur."""
    if len(target.counts) != len(target.classes) or not all(target.counts):
        without = [name for name, count in zip(target.classes, target.counts, strict=False) if not count]
        why = f"there is no sample of {', '.join(without)}" if without else "the data do not say how often each occurs"
        raise Unfit(f"Class weights “balanced” cannot be worked out: {why}; choose “none” or “given”.", "class_weights")
    inverse = [1 / count for count in target.counts]
    mean = sum(inverse) / len(inverse)
    return tuple(round(value / mean, 6) for value in inverse)


class WeightedLoss(Loss):
    """A loss that can let rare classes count more."""

    class_weights: Literal["none", "balanced", "given"] = setting(
        "none",
        "How much each class counts. Balanced lets rare classes count as much as common ones; given takes the numbers "
        "below.",
    )
    weights: tuple[float, ...] = setting(
        (), "For class weights “given”: one number for each class, in the order of the classes.", low=0.0
    )

    def weights_for(self, target: Target) -> tuple[float, ...]:
        """The weight of each class; () when all count alike. Raises Unfit when the settings do not fit the classes."""
        if self.class_weights == "none":
            return ()
        if self.class_weights == "balanced":
            return balanced(target)
        if len(self.weights) != len(target.classes):
            raise Unfit(
                f"There are {len(self.weights)} class weights, but {len(target.classes)} classes "
                f"({', '.join(target.classes)}); give one number for each.",
                "weights",
            )
        if not sum(self.weights):
            raise Unfit("All class weights are 0, so nothing would be learned; give at least one above 0.", "weights")
        return self.weights
