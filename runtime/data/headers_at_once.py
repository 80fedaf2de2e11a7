"""Ordinary headers judged in this process by a thread of its own, so that a file that hangs costs only itself.

The work for one file is bounded: a few kilobytes are read and walked over. What may still hang is the reading itself,
on a network or a file system made by a program; the thread is then left behind, and another goes on with the next file.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from runtime.data.catalogue import Skipped
from runtime.data.facts import Facts
from runtime.data.judge import judge_at_once

Judged = tuple[str, Facts | Skipped]
Take = Callable[[], "list[str] | None"]
_MOMENT_S = 0.1


class AtOnce:
    """Takes batches of files and judges those that are ordinary; `left` are the others, for the long way."""

    def __init__(self, root: Path, take: Take, seconds: float) -> None:
        self.left: list[str] = []
        self.done = False
        self._root, self._take, self._seconds = str(root), take, seconds
        self._told: SimpleQueue[list[Judged | str] | Exception | None] = SimpleQueue()
        self._thread = _Thread(self._root, take, deque(), self._told)
        self._seen = (0, time.monotonic())

    def next(self, wait: bool = True) -> list[Judged]:
        """Some answers; [] when none came for a moment (or none are there). `done` is set when all were given."""
        try:
            told = self._told.get(timeout=_MOMENT_S) if wait else self._told.get_nowait()
        except Empty:
            return self._late()
        if isinstance(told, Exception):
            raise told
        if told is None:
            self.done = True
            return []
        self.left.extend(answer for answer in told if isinstance(answer, str))
        return [answer for answer in told if not isinstance(answer, str)]

    def stop(self) -> None:
        """Take no further files."""
        self._thread.stopping = True

    def _late(self) -> list[Judged]:
        """The file that the thread has been at for too long; another thread goes on behind it."""
        thread = self._thread
        count, since = self._seen
        if self.done or thread.count != count:
            self._seen = (thread.count, time.monotonic())
        elif time.monotonic() - since > self._seconds and (late := thread.leave()) is not None:
            path, answers, rest = late
            self._thread = _Thread(self._root, self._take, rest, self._told)
            self._seen = (0, time.monotonic())
            self.left.extend(answer for answer in answers if isinstance(answer, str))
            why = f"cannot be judged: its header took longer than {self._seconds:g} s"
            return [*(answer for answer in answers if not isinstance(answer, str)), (path, Skipped(path, why))]
        return []


class _Thread:
    """One thread; `rest` are files that the one before it had taken."""

    def __init__(
        self, root: str, take: Take, rest: deque[str], told: SimpleQueue[list[Judged | str] | Exception | None]
    ) -> None:
        self.count = 0
        self.stopping = False
        self._root, self._take, self._told = root, take, told
        self._lock = threading.Lock()
        self._left_behind = False
        self._batch = rest
        self._answers: list[Judged | str] = []
        threading.Thread(target=self._work, name="headers", daemon=True).start()

    def leave(self) -> tuple[str, list[Judged | str], deque[str]] | None:
        """Leave the thread behind: the file it is at, its answers so far and the rest; None when it has just moved."""
        with self._lock:
            if not self._batch:
                return None
            self._left_behind = True
            path, *rest = self._batch
            return path, self._answers, deque(rest)

    def _work(self) -> None:
        try:
            while self._rest():
                batch = self._take() if not self.stopping else None
                if batch is None:
                    self._told.put(None)
                    return
                self._batch = deque(batch)
        except Exception as error:  # noqa: BLE001 - a thread's error is raised again by the reader
            self._told.put(error)

    def _rest(self) -> bool:
        """Judge the batch; False when the thread was left behind."""
        while self._batch and not self.stopping:
            path = self._batch[0]
            judged = judge_at_once(self._root, path)
            with self._lock:
                if self._left_behind:
                    return False
                self._batch.popleft()
                self._answers.append(path if judged is None else (path, judged))
                self.count += 1
        with self._lock:
            if self._left_behind:
                return False
            if self._answers:
                self._told.put(self._answers)
                self._answers = []
        return True
