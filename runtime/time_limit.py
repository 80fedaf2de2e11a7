"""How long a training may take by the clock."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class TimeLimit:
    """Counts from when it is made, `minutes` long; 0 is without end.

    It is reached after an epoch when another one would probably end too late, judged by the longest of the last two.
    """

    def __init__(self, minutes: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._minutes = minutes
        self._end = clock() + minutes * 60 if minutes else math.inf
        self._epochs: list[float] = []  # when the last three of them ended

    def note_epoch(self) -> None:
        """An epoch has just ended."""
        self._epochs = [*self._epochs[-2:], self._clock()]

    def reached(self) -> bool:
        """Whether another epoch would probably end too late."""
        spans = [after - before for before, after in zip(self._epochs, self._epochs[1:], strict=False)]
        return self._clock() + max(spans, default=0.0) > self._end

    def left(self) -> float:
        """Seconds that are left, not below 0."""
        return max(0.0, self._end - self._clock())

    @property
    def reason(self) -> str:
        """Why the training ends, in words."""
        return f"Another epoch would have ended after the time limit of {self._minutes:g} min."
