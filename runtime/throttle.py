"""Doing something only a few times a second, however often it is asked for."""

from __future__ import annotations

import time


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
