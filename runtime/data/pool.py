"""Decoding many files in supervised children: a file that crashes or hangs its decoder fails alone."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from runtime.data.catalogue import FileKind
from runtime.data.child import Child, ChildLost

SECONDS = 20.0
_MOST = 16  # children, unless the caller asks for more
_AHEAD = 2  # decoded files a child that wait for the reader, at most


@dataclass(frozen=True, slots=True)
class Request:
    """One file to decode; `path` is absolute."""

    path: Path
    kind: FileKind
    mask: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
    """The pixels of one file: images float32 (frames, channels, *size); masks int32 (*size), or (frames, *size)."""

    request: Request
    array: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be decoded; `reason` is one sentence that names it."""

    request: Request
    reason: str


def decode(
    requests: Sequence[Request],
    workers: int | None = None,
    seconds: float = SECONDS,
    cancelled: Callable[[], bool] | None = None,
) -> Generator[Decoded | Failed, None, None]:
    """Decode the files, answers in the order of `requests`; each file may take `seconds`.

    Stops early, without an error, when `cancelled` answers True. Raises DataError when no decoder can be started.
    """
    if not requests:
        return
    # A child takes half a second to start: a few files are not worth many of them.
    usual = min(os.cpu_count() or 1, _MOST, 1 + len(requests) // 8)
    count = max(1, min(workers or usual, len(requests)))
    work = _Work(requests, count, seconds)
    try:
        for index in range(len(requests)):
            answer = work.answer(index, cancelled)
            if answer is None:
                return
            yield answer
    finally:
        work.stop()


class _Work:
    """The requests, handed out to one thread per child, and their answers."""

    def __init__(self, requests: Sequence[Request], count: int, seconds: float) -> None:
        self._requests = requests
        self._seconds = seconds
        self._changed = threading.Condition()
        self._answers: dict[int, Decoded | Failed] = {}
        self._next = 0
        self._taken = 0
        self._ahead = count * _AHEAD
        self._stopping = False
        self._error: Exception | None = None
        self._children: set[Child] = set()
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def answer(self, index: int, cancelled: Callable[[], bool] | None) -> Decoded | Failed | None:
        """Wait for one answer; None when the caller cancels."""
        with self._changed:
            while index not in self._answers:
                if self._error is not None:
                    raise self._error
                if cancelled is not None and cancelled():
                    return None
                self._changed.wait(0.1)
            self._taken = index + 1
            self._changed.notify_all()
            return self._answers.pop(index)

    def stop(self) -> None:
        """End all children and threads."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            for child in self._children:
                child.kill()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        child: Child | None = None
        try:
            while (index := self._take()) is not None:
                child = child or self._start()
                answer = self._ask(child, self._requests[index])
                if answer is None:
                    self._end(child)
                    child = None
                    continue
                if isinstance(answer, ChildLost):
                    self._end(child)
                    child = None
                    answer = Failed(self._requests[index], f"{self._requests[index].path.name} {answer}.")
                with self._changed:
                    self._answers[index] = answer
                    self._changed.notify_all()
        except Exception as error:  # noqa: BLE001 - a thread's error is raised again by the reader
            with self._changed:
                self._error = error
                self._changed.notify_all()
        finally:
            if child is not None:
                self._end(child)

    def _take(self) -> int | None:
        """The next request to work on, not too far ahead of the reader; None when there is none."""
        with self._changed:
            while not self._stopping and self._next - self._taken >= self._ahead:
                self._changed.wait()
            if self._stopping or self._next >= len(self._requests):
                return None
            self._next += 1
            return self._next - 1

    def _start(self) -> Child:
        child = Child()
        with self._changed:
            self._children.add(child)
            if self._stopping:
                child.kill()
        return child

    def _end(self, child: Child) -> None:
        with self._changed:
            self._children.discard(child)
        child.close()

    def _ask(self, child: Child, request: Request) -> Decoded | Failed | ChildLost | None:
        """The answer to one request; None when it is lost because everything stops."""
        words = {"path": str(request.path), "kind": request.kind, "mask": request.mask, "seconds": self._seconds}
        try:
            array = child.ask(words, self._seconds)
        except ChildLost as lost:
            return None if self._stopping else lost
        return Failed(request, array) if isinstance(array, str) else Decoded(request, array)
