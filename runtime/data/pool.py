"""Decoding many files in supervised children: a file that crashes or hangs its decoder fails alone."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import FileKind
from runtime.data.child import DEPTH, Child, ChildLost
from runtime.data.memory_budget import decoding_bytes

SECONDS = 20.0
_MOST = 16  # children, unless the caller asks for more
_AHEAD = 4  # files a child that are worked on or wait for the reader, at most


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
        self._held = 0  # bytes of the answers that wait
        self._most_held = decoding_bytes()
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
            answer = self._answers.pop(index)
            self._held -= _bytes(answer)
            return answer

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
        """One thread, with one child after the other; a child has up to DEPTH requests at once."""
        child: Child | None = None
        asked: deque[int] = deque()
        try:
            while (index := self._take(wait=not asked)) is not None or asked:
                child = child or self._start(asked)
                if index is not None:
                    asked.append(index)
                    child.send(self._words(index))
                    if len(asked) < DEPTH:
                        continue
                answer = self._receive(child, asked)
                if not isinstance(answer, Decoded | Failed):
                    self._end(child)
                    child = None
                    if answer is None:
                        return
                    name = self._requests[asked[0]].path.name
                    answer = Failed(self._requests[asked[0]], f"{name} {answer}.")
                self._give(asked.popleft(), answer)
        except Exception as error:  # noqa: BLE001 - a thread's error is raised again by the reader
            with self._changed:
                self._error = error
                self._changed.notify_all()
        finally:
            if child is not None:
                self._end(child)

    def _give(self, index: int, answer: Decoded | Failed) -> None:
        with self._changed:
            self._answers[index] = answer
            self._held += _bytes(answer)
            self._changed.notify_all()

    def _take(self, wait: bool) -> int | None:
        """The next request to work on, not too far ahead of the reader; None when there is none, or none yet."""
        with self._changed:
            while not self._stopping and self._far_ahead():
                if not wait:
                    return None
                self._changed.wait()
            if self._stopping or self._next >= len(self._requests):
                return None
            self._next += 1
            return self._next - 1

    def _far_ahead(self) -> bool:
        ahead = self._next - self._taken
        return ahead >= self._ahead or (ahead > 0 and self._held > self._most_held)

    def _start(self, asked: Iterable[int]) -> Child:
        """A new child, which gets the requests again that a lost one had."""
        child = Child()
        with self._changed:
            self._children.add(child)
            if self._stopping:
                child.kill()
        for index in asked:
            child.send(self._words(index))
        return child

    def _end(self, child: Child) -> None:
        with self._changed:
            self._children.discard(child)
        child.close()

    def _words(self, index: int) -> dict[str, Any]:
        request = self._requests[index]
        return {"path": str(request.path), "kind": request.kind, "mask": request.mask, "seconds": self._seconds}

    def _receive(self, child: Child, asked: Sequence[int]) -> Decoded | Failed | ChildLost | None:
        """The answer to the first request that is asked; None when it is lost because everything stops."""
        request = self._requests[asked[0]]
        try:
            answer = child.receive(self._seconds)
        except ChildLost as lost:
            return None if self._stopping else lost
        return Decoded(request, answer) if isinstance(answer, np.ndarray) else Failed(request, str(answer))


def _bytes(answer: Decoded | Failed) -> int:
    return answer.array.nbytes if isinstance(answer, Decoded) else 0
