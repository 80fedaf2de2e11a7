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


def timed(act: Callable[[], object]) -> tuple[float, float]:
    """Milliseconds of one call: by the clock, and of the processor for this process, which others disturb less."""
    began, busy = time.perf_counter(), time.process_time()
    act()
    return (time.perf_counter() - began) * 1000, (time.process_time() - busy) * 1000


def figures(act: Callable[[], object], times: int) -> Figures:
    """Of so many calls after three to warm up."""
    for _ in range(3):
        act()
    found = [timed(act) for _ in range(times)]
    clock = sorted(clocked for clocked, _busy in found)
    high = clock[round(0.95 * (times - 1))]
    numbers = {"median": statistics.median(clock), "p95": high, "least": clock[0],
               "processor": statistics.median(busy for _clocked, busy in found)}  # fmt: skip
    return {name: round(number, 2) for name, number in numbers.items()}


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
