"""Headers of many files: read here when they are few, else in supervised children, one for each core."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from runtime.data.catalogue import Skipped
from runtime.data.child import Child, ChildLost
from runtime.data.facts import Facts
from runtime.data.facts_rows import from_row
from runtime.data.judge import judge

FEW = 400  # files that are read sooner than children start
_BATCH = 64  # files that a child is asked for at once
_MOST = 16  # children
SECONDS = 20.0  # that a batch may take; a file that takes so long alone is listed
Judged = tuple[str, Facts | Skipped]


def read_headers(
    root: Path,
    paths: Sequence[str],
    cancelled: Callable[[], bool],
    workers: int | None = None,
    seconds: float = SECONDS,
) -> Iterator[Judged]:
    """Each file with what its header says or why it is not used, in any order; ends early when `cancelled`."""
    if len(paths) <= FEW and workers is None:
        for path in paths:
            if cancelled():
                return
            yield path, judge(root, path)
        return
    count = max(1, min(workers or os.cpu_count() or 1, _MOST, -(-len(paths) // _BATCH)))
    crew = _Crew(root, paths, count, seconds)
    try:
        left = len(paths)
        while left and not cancelled():
            for judged in crew.next():
                left -= 1
                yield judged
    finally:
        crew.stop()


class _Crew:
    """Children with a thread each, that share the files."""

    def __init__(self, root: Path, paths: Sequence[str], count: int, seconds: float) -> None:
        self._root = root
        self._seconds = seconds
        self._batches = deque(list(paths[start : start + _BATCH]) for start in range(0, len(paths), _BATCH))
        self._told: SimpleQueue[list[Judged] | Exception] = SimpleQueue()
        self._lock = threading.Lock()
        self._stopping = False
        self._children: set[Child] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def next(self) -> list[Judged]:
        """Some answers; [] when none came for a moment. Raises DataError when no child can be started."""
        try:
            told = self._told.get(timeout=0.1)
        except Empty:
            return []
        if isinstance(told, Exception):
            raise told
        return told

    def stop(self) -> None:
        """End all children and threads."""
        with self._lock:
            self._stopping = True
            for child in self._children:
                child.kill()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        child: Child | None = None
        try:
            while (batch := self._take()) is not None:
                child = child or self._start()
                try:
                    self._told.put(self._ask(child, batch))
                except ChildLost as lost:
                    self._end(child)
                    child = None
                    self._lost(batch, lost)
        except Exception as error:  # noqa: BLE001 - a thread's error is raised again by the reader
            self._told.put(error)
        finally:
            if child is not None:
                self._end(child)

    def _ask(self, child: Child, batch: list[str]) -> list[Judged]:
        rows = child.headers(str(self._root), batch, self._seconds)
        return [(path, from_row(row)) for path, row in zip(batch, rows, strict=True)]

    def _lost(self, batch: list[str], lost: ChildLost) -> None:
        """One file brought the child down: the others of its batch are asked for again, one by one."""
        if len(batch) == 1:
            self._told.put([(batch[0], Skipped(batch[0], f"cannot be judged: its header {lost}"))])
            return
        with self._lock:
            self._batches.extendleft([path] for path in reversed(batch))

    def _take(self) -> list[str] | None:
        with self._lock:
            return self._batches.popleft() if self._batches and not self._stopping else None

    def _start(self) -> Child:
        child = Child()
        with self._lock:
            self._children.add(child)
            if self._stopping:
                child.kill()
        return child

    def _end(self, child: Child) -> None:
        with self._lock:
            self._children.discard(child)
        child.close()
