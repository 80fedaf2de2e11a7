"""What stands between a child and its supervisor: a clock that ends a late child, and memory that both can see."""

from __future__ import annotations

import mmap
import os
import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_TICK_S = 0.1
_STEP = 2**20
_LARGEST = 2**26  # bytes of one slot; larger images go through the pipe


class Watch:
    """One thread for one child: `late` is called, and `is_late` set, when an answer is due and does not come."""

    def __init__(self, late: Callable[[], object]) -> None:
        self._late = late
        self._lock = threading.Lock()
        self._due: float | None = None
        self._ended = threading.Event()
        self.is_late = False
        self._thread = threading.Thread(target=self._run, name="decoder watch", daemon=True)
        self._thread.start()

    def begin(self, seconds: float) -> None:
        """An answer is due in so many seconds."""
        with self._lock:
            self._due = time.monotonic() + seconds

    def end(self) -> None:
        """The answer came, or the child is gone."""
        with self._lock:
            self._due = None

    def close(self) -> None:
        """End the thread."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_TICK_S):
            with self._lock:
                if self._due is None or time.monotonic() < self._due:
                    continue
                self._due, self.is_late = None, True
            self._late()


class Slot:
    """Memory into which a child writes the pixels of one answer. Only where the system has files in memory (Linux)."""

    def __init__(self) -> None:
        self.file = os.memfd_create("netloom pixels")
        self.room = 0
        self._map: mmap.mmap | None = None

    def enlarge(self, needed: int) -> None:
        """Make room for answers of this size, if it is not too large for a slot."""
        if needed <= self.room or needed > _LARGEST:
            return
        room = -(-needed // _STEP) * _STEP
        os.ftruncate(self.file, room)
        self._unmap()
        self._map, self.room = mmap.mmap(self.file, room), room

    def fill(self, target: NDArray[np.uint8]) -> None:
        """Copy the answer out of the slot."""
        if self._map is None or target.nbytes > self.room:
            raise EOFError
        target[:] = np.frombuffer(self._map, np.uint8, target.nbytes)

    def close(self) -> None:
        """Give the memory back."""
        self._unmap()
        os.close(self.file)

    def _unmap(self) -> None:
        if self._map is not None:
            self._map.close()
            self._map = None


def make_slots(count: int) -> tuple[Slot, ...]:
    """Slots, where the system has them."""
    return tuple(Slot() for _ in range(count)) if hasattr(os, "memfd_create") else ()
