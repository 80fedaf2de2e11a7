"""Which of two classes is the one that is to be found. No torch."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.data.points.names import nothing_among


def positive_of(task: str, classes: Sequence[str]) -> int | None:
    """The place of the class that sensitivity is about: of two the second, but the first where the second says that
    nothing is there (such as “healthy” or “no finding”). None where there are not two classes to tell apart."""
    if task != "classification" or len(classes) != 2:
        return None
    return 0 if nothing_among(classes) == 1 else 1
