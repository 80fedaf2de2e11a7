"""One decoding child as its supervisor sees it: started, asked, timed, killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import DataError
from runtime.data.child_watch import Slot, Watch, make_slots

_ROOT = Path(__file__).resolve().parents[2]  # where the packages lie; never the data folder
_START_SECONDS = 120.0
_DYING_SECONDS = 10.0
DEPTH = 2  # requests that a child may have at once: it goes on while its answer is taken


def _search_path() -> str:
    """The program's root and what the user's PYTHONPATH names by absolute path: never a working directory."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([str(_ROOT), *(place for place in given if os.path.isabs(place))])


class ChildLost(Exception):
    """The child ended without an answer; the text says how: "crashed the decoder (signal 6)"."""


class Child:
    """A running decoder. Not for use by two threads at once, except `kill`.

    Requests may be sent ahead of the answers, up to `DEPTH` of them; answers come in the order of the requests.
    """

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": _search_path(), "OMP_NUM_THREADS": "1"}
        self._slots = make_slots(DEPTH)
        self._sent: deque[Slot | None] = deque()
        self._number = 0
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "runtime.data.decoder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=environment,
            pass_fds=[slot.file for slot in self._slots],
        )
        self._requests = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        self._watch = Watch(self._process.kill)
        self._sent.append(None)
        try:
            self.receive(_START_SECONDS)
        except ChildLost as lost:
            raise DataError(f"The program that decodes images could not be started (it {lost}).") from lost

    def ask(self, request: dict[str, Any], seconds: float) -> NDArray[Any] | str:
        """The decoded array, or the reason in words. Raises ChildLost when the child crashes or takes too long."""
        self.send(request)
        answer = self.receive(seconds)
        return answer if isinstance(answer, np.ndarray) else str(answer)

    def headers(self, root: str, paths: list[str], seconds: float) -> list[Any]:
        """The rows of facts_rows for the headers of files below `root`. Raises ChildLost as `ask`."""
        self.send({"root": root, "headers": paths})
        answer = self.receive(seconds)
        return answer if isinstance(answer, list) else []

    def send(self, request: dict[str, Any]) -> None:
        """Send a request, whose answer `receive` will give."""
        slot = self._slots[self._number % len(self._slots)] if self._slots else None
        self._number += 1
        if slot is not None:
            request = {**request, "slot": slot.file, "room": slot.room}
        self._sent.append(slot)
        with suppress(OSError):  # a child that is gone is told by `receive`
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()

    def receive(self, seconds: float) -> NDArray[Any] | str | list[Any]:
        """The next answer. Raises ChildLost when the child crashes or takes longer than so many seconds from now."""
        self._watch.begin(seconds)
        try:
            answer = self._read(self._sent.popleft())
        except (EOFError, OSError) as error:
            raise self._lost(seconds) from error
        finally:
            self._watch.end()
        if self._watch.is_late:  # the answer came in the moment of the kill; the child is gone
            raise self._lost(seconds)
        return answer

    def kill(self) -> None:
        """End the child at once; may be called at any time and from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the child and give back its pipes."""
        self._watch.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            with suppress(OSError):  # bytes of a request that the dead child can no longer take
                pipe.close()
        for slot in self._slots:
            slot.close()

    def _read(self, slot: Slot | None) -> NDArray[Any] | str | list[Any]:
        length = int.from_bytes(self._exactly(8), "big")
        header = json.loads(self._exactly(length))
        if "headers" in header:
            return list(header["headers"])
        if "shape" not in header:
            return str(header.get("error", ""))
        array = np.empty(header["shape"], np.dtype(header["dtype"]))
        if array.size and header.get("in_slot") and slot is not None:
            slot.fill(array.reshape(-1).view(np.uint8))
        elif array.size:
            self._fill(array.data.cast("B"))
        if slot is not None:
            slot.enlarge(array.nbytes)
        return array

    def _exactly(self, count: int) -> bytes:
        data = self._answers.read(count)
        if len(data) != count:
            raise EOFError
        return data

    def _fill(self, target: memoryview) -> None:
        place = 0
        while place < len(target):
            count = self._answers.readinto(target[place:])  # type: ignore[attr-defined]
            if not count:
                raise EOFError
            place += count

    def _lost(self, seconds: float) -> ChildLost:
        try:
            # Its pipe closes a little before it has ended with its own signal.
            code = self._process.wait(_DYING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if self._watch.is_late:
            return ChildLost(f"took longer than {seconds:g} s")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return ChildLost(f"crashed the decoder ({how})")
