"""Headers of many files: ordinary ones at once, the others here when they are few, else in supervised children.

Children help with the ordinary ones too where these are very many; they start while this process has begun.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from runtime.data.catalogue import Skipped
from runtime.data.child import Child, ChildLost
from runtime.data.facts_rows import from_row
from runtime.data.headers_at_once import AtOnce, Judged
from runtime.data.judge import judge

FEW = 400  # files out of the ordinary that are read sooner than children start
MANY = 10_000  # ordinary files from which on children help
_BATCH = 64  # files that a child is asked for at once
_MOST = 16  # children
SECONDS = 20.0  # that a batch may take; a file that takes so long alone is listed


def read_headers(
    root: Path,
    paths: Sequence[str],
    cancelled: Callable[[], bool],
    workers: int | None = None,
    seconds: float = SECONDS,
) -> Iterator[Judged]:
    """Each file with what its header says or why it is not used, in any order; ends early when `cancelled`.

    `workers`: children to use, however few the files are.
    """
    if not paths:
        return
    left: list[str] = []
    yield from _at_once(root, paths, cancelled, workers, seconds, left)
    if cancelled():
        return
    if len(left) <= FEW and workers is None:
        for path in left:
            if cancelled():
                return
            yield path, judge(root, path)
        return
    yield from _by_children(root, left, cancelled, workers or os.cpu_count() or 1, seconds)


def _at_once(
    root: Path,
    paths: Sequence[str],
    cancelled: Callable[[], bool],
    workers: int | None,
    seconds: float,
    left: list[str],
) -> Iterator[Judged]:
    """The ordinary files; the others are added to `left`."""
    work = _Work(paths)
    helpers = (workers or os.cpu_count() or 1) - 1 if len(paths) >= MANY else 0
    crew = _Crew(root, work, min(helpers, _MOST), seconds) if helpers else None
    here = AtOnce(root, work.first, seconds)
    told = 0
    try:
        while (told + len(here.left) < len(paths) if crew else not here.done) and not cancelled():
            answers = [*(crew.next(wait=here.done) if crew else []), *(here.next() if not here.done else [])]
            for judged in answers:
                if cancelled():
                    return
                told += 1
                yield judged
    finally:
        here.stop()
        if crew:
            crew.stop()
    left.extend(here.left)


def _by_children(
    root: Path, paths: Sequence[str], cancelled: Callable[[], bool], workers: int, seconds: float
) -> Iterator[Judged]:
    crew = _Crew(root, _Work(paths), max(1, min(workers, _MOST, -(-len(paths) // _BATCH))), seconds)
    try:
        left = len(paths)
        while left and not cancelled():
            for judged in crew.next():
                left -= 1
                yield judged
    finally:
        crew.stop()


class _Work:
    """The files in batches, shared by all who read them."""

    def __init__(self, paths: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._batches = deque(list(paths[start : start + _BATCH]) for start in range(0, len(paths), _BATCH))

    def first(self) -> list[str] | None:
        """The next batch from the beginning; None when all are taken."""
        with self._lock:
            return self._batches.popleft() if self._batches else None

    def last(self) -> list[str] | None:
        """The next batch from the end: of what this process would come to last, by children."""
        with self._lock:
            return self._batches.pop() if self._batches else None

    def again(self, paths: Sequence[str]) -> None:
        """Files to be asked for again, one by one."""
        with self._lock:
            self._batches.extend([path] for path in paths)


class _Crew:
    """Children with a thread each, that share the files."""

    def __init__(self, root: Path, work: _Work, count: int, seconds: float) -> None:
        self._root = root
        self._seconds = seconds
        self._files = work
        self._told: SimpleQueue[list[Judged] | Exception] = SimpleQueue()
        self._lock = threading.Lock()
        self._stopping = False
        self._children: set[Child] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def next(self, wait: bool = True) -> list[Judged]:
        """Some answers; [] when none came for a moment, or are there. Raises DataError when no child can be started."""
        try:
            told = self._told.get(timeout=0.1) if wait else self._told.get_nowait()
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
        self._files.again(batch)

    def _take(self) -> list[str] | None:
        return None if self._stopping else self._files.last()

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
