"""What the coach has to say of a run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "not_finite", "rate_too_high", "rate_too_low", "overfitting", "underfitting", "plateau", "majority", "empty_masks",
    "validation_better",
]  # fmt: skip

TITLES: dict[Code, str] = {
    "not_finite": "No finite number any more",
    "rate_too_high": "Learning rate too high",
    "rate_too_low": "Learning rate too low",
    "overfitting": "Overfitting",
    "underfitting": "Underfitting",
    "plateau": "Plateau",
    "majority": "Only one class is predicted",
    "empty_masks": "Empty masks",
    "validation_better": "Validation better than training",
}
"""What each is called, in the field's own words where there are some."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing seen: what it is called, one sentence why with its numbers, and the loss that it was seen at."""

    code: Code
    message: str
    node: str = ""

    @property
    def title(self) -> str:
        """What it is called."""
        return TITLES[self.code]
