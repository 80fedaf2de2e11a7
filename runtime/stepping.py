"""Which batches of an epoch make up one step: gradients may be added up over several batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """What one batch is for: its step within the epoch, its share of that step's cases, whether it completes it."""

    step: int
    share: float
    complete: bool


class Stepping:
    """The turns of an epoch's batches, `accumulate` to a step; a last step takes those that are left.

    A batch counts as much as it has cases, so that a step of several batches is that of one large batch.
    """

    def __init__(self, counts: Sequence[int], accumulate: int) -> None:
        self.turns: list[Turn] = []
        for start in range(0, len(counts), accumulate):
            group = counts[start : start + accumulate]
            step = start // accumulate
            self.turns += [
                Turn(step, count / sum(group), place == len(group) - 1) for place, count in enumerate(group)
            ]
        self.steps = self.turns[-1].step + 1 if self.turns else 0
