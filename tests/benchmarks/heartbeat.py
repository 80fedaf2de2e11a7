"""How long the window's thread was away: a timer beats, and what lies between two beats is a gap."""

from __future__ import annotations

import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QEventLoop, QObject, Qt, QTimer

BEAT_MS = 5
LONG = 0.1
_STEP = 0.005  # seconds between two looks at the stack
_ROOT = str(Path(__file__).resolve().parents[2])


@dataclass
class Gaps:
    """Seconds between the beats, by the clock and of the processor for the window's thread alone."""

    clock: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        """The longest, the 99th percentile, and how many are long; in milliseconds."""
        return {"beats": len(self.clock), "clock": _figures(self.clock), "own processor time": _figures(self.own)}


class Heartbeat(QObject):
    """Beats while the event loop runs. `gaps` may be exchanged; with `stacks` it is noted what ran in long gaps."""

    def __init__(self, *, stacks: bool = False) -> None:
        super().__init__()
        self.gaps = Gaps()
        self.where: list[tuple[float, float, list[str]]] = []  # clock, own time, and what ran, of each long gap
        self._looks = Looks() if stacks else None
        self._timer = QTimer(self, interval=BEAT_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._last = (time.perf_counter(), time.thread_time())
        self._timer.start()

    def begin(self) -> Gaps:
        """Count into new gaps from now on."""
        self.gaps = Gaps()
        self._last = (time.perf_counter(), time.thread_time())
        return self.gaps

    def _beat(self) -> None:
        now = (time.perf_counter(), time.thread_time())
        clock, own = now[0] - self._last[0], now[1] - self._last[1]
        self.gaps.clock.append(clock)
        self.gaps.own.append(own)
        if self._looks is not None and (clock > LONG or own > LONG / 2):
            self.where.append((clock, own, self._looks.between(self._last[0], now[0])))
        self._last = (time.perf_counter(), time.thread_time())


class Looks(threading.Thread):
    """Looks at the stack of the thread that made it, again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._watched = threading.get_ident()
        self._seen: list[tuple[float, str]] = []
        self.start()

    def run(self) -> None:
        while True:
            frame = sys._current_frames().get(self._watched)
            self._seen.append((time.perf_counter(), _ours(frame)))
            del frame
            time.sleep(_STEP)

    def between(self, begin: float, end: float) -> list[str]:
        """What was seen most between two moments; what is older is forgotten."""
        seen = Counter(stack for moment, stack in self._seen if begin < moment < end)
        self._seen = self._seen[-2000:]
        return [f"{count} × {stack}" for stack, count in seen.most_common(6)]


def spin(seconds: float) -> None:
    """Let the event loop run."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def _ours(frame: FrameType | None) -> str:
    """The functions of the program on a stack, the innermost first."""
    names = []
    while frame is not None and len(names) < 7:
        code = frame.f_code
        if code.co_filename.startswith(_ROOT) and "benchmarks" not in code.co_filename:
            names.append(f"{Path(code.co_filename).name}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return " < ".join(names) or "Qt alone"


def _figures(seconds: list[float]) -> dict[str, float]:
    ordered = sorted(seconds) or [0.0]
    return {
        "longest": round(ordered[-1] * 1000, 1),
        "p99": round(ordered[round(0.99 * (len(ordered) - 1))] * 1000, 1),
        f"above {LONG * 1000:.0f} ms": sum(one > LONG for one in ordered),
    }
