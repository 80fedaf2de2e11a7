"""Timing frames: a frame is one event until its pixels are painted."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from itertools import count

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

FRAMES = 40
Figures = dict[str, float]


class Paints(QObject):
    """Counts how often a widget was painted: a frame that painted nothing would be no frame."""

    def __init__(self, watched: QObject) -> None:
        super().__init__(watched)
        self.seen = 0
        watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen += event.type() is QEvent.Type.Paint
        return False


def timed(act: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def figures(act: Callable[[], object], times: int) -> Figures:
    """Of so many calls after three to warm up."""
    for _ in range(3):
        act()
    found = sorted(timed(act) for _ in range(times))
    high = found[min(len(found) - 1, round(0.95 * (len(found) - 1)))]
    return {"median": round(statistics.median(found), 2), "p95": round(high, 2), "least": round(found[0], 2)}


def frames(widget: QWidget, act: Callable[[int], object]) -> Figures:
    """Frames of a widget that `act` causes; it is told the number of the frame."""
    numbers, paints = count(), Paints(widget)

    def frame() -> None:
        act(next(numbers))
        QApplication.processEvents()

    settle()
    paints.seen = 0
    found = figures(frame, FRAMES)
    if paints.seen < FRAMES:
        raise RuntimeError(f"only {paints.seen} of {FRAMES} frames were painted")
    return found


def settle() -> None:
    """Let everything that waits happen."""
    for _ in range(5):
        QApplication.processEvents()
