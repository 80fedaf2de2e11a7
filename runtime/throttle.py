"""Doing something only a few times a second, or in a small share of the time, however often it is asked for."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Throttle:
    """`due` answers True at most once in `seconds`."""

    def __init__(self, seconds: float = 0.25) -> None:
        self._seconds = seconds
        self._last = 0.0

    def due(self) -> bool:
        """Whether enough time has gone by; if so, the time begins anew."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


class Seldom:
    """Something beside the work: `due` when the last time lies `ratio` times its own duration back, and `seconds`."""

    def __init__(self, ratio: float, seconds: float = 0.0) -> None:
        self._ratio = ratio
        self._seconds = seconds
        self._last = -math.inf
        self._took = 0.0

    @property
    def due(self) -> bool:
        """Whether it is time to do it again."""
        return time.monotonic() - self._last >= max(self._seconds, self._ratio * self._took)

    @contextmanager
    def doing(self) -> Iterator[None]:
        """It is done, and takes the time that the block takes."""
        began = time.monotonic()
        yield
        self._last = time.monotonic()
        self._took = self._last - began
