"""One decoding child as its supervisor sees it: started, asked, timed, killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import DataError

_ROOT = Path(__file__).resolve().parents[2]  # where the packages lie; never the data folder
_START_SECONDS = 120.0
_DYING_SECONDS = 10.0


def _search_path() -> str:
    """The program's root and what the user's PYTHONPATH names by absolute path: never a working directory."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return os.pathsep.join([str(_ROOT), *(place for place in given if os.path.isabs(place))])


class ChildLost(Exception):
    """The child ended without an answer; the text says how: "crashed the decoder (signal 6)"."""


class Child:
    """A running decoder. Not for use by two threads at once, except `kill`."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONPATH": _search_path(), "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "runtime.data.decoder"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,
            env=environment,
        )
        self._requests = cast(IO[bytes], self._process.stdin)
        self._answers = cast(IO[bytes], self._process.stdout)
        try:
            self._receive(_START_SECONDS)
        except ChildLost as lost:
            raise DataError(f"The program that decodes images could not be started (it {lost}).") from lost

    def ask(self, request: dict[str, Any], seconds: float) -> NDArray[Any] | str:
        """The decoded array, or the reason in words. Raises ChildLost when the child crashes or takes too long."""
        answer = self._told(request, seconds)
        return answer if isinstance(answer, np.ndarray) else str(answer)

    def _told(self, request: dict[str, Any], seconds: float) -> NDArray[Any] | str | list[Any]:
        try:
            self._requests.write(json.dumps(request).encode() + b"\n")
            self._requests.flush()
        except OSError as error:
            raise self._lost(late=False, seconds=seconds) from error
        return self._receive(seconds)

    def headers(self, root: str, paths: list[str], seconds: float) -> list[Any]:
        """The rows of facts_rows for the headers of files below `root`. Raises ChildLost as `ask`."""
        answer = self._told({"root": root, "headers": paths}, seconds)
        return answer if isinstance(answer, list) else []

    def kill(self) -> None:
        """End the child at once; may be called at any time and from any thread."""
        self._process.kill()

    def close(self) -> None:
        """End the child and give back its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._requests, self._answers):
            try:
                pipe.close()
            except OSError:  # bytes of a request that the dead child can no longer take
                continue

    def _receive(self, seconds: float) -> NDArray[Any] | str | list[Any]:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._process.kill()

        watch = threading.Timer(seconds, stop)
        watch.daemon = True
        watch.start()
        try:
            answer = self._read()
        except (EOFError, OSError) as error:
            raise self._lost(late.is_set(), seconds) from error
        finally:
            watch.cancel()
            watch.join()
        if late.is_set():  # the answer came in the moment of the kill; the child is gone
            raise self._lost(True, seconds)
        return answer

    def _read(self) -> NDArray[Any] | str | list[Any]:
        length = int.from_bytes(self._exactly(8), "big")
        header = json.loads(self._exactly(length))
        if "headers" in header:
            return list(header["headers"])
        if "shape" not in header:
            return str(header.get("error", ""))
        array = np.empty(header["shape"], np.dtype(header["dtype"]))
        if array.size:
            self._fill(array.data.cast("B"))
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

    def _lost(self, late: bool, seconds: float) -> ChildLost:
        try:
            code = self._process.wait(
                _DYING_SECONDS
            )  # its pipe closes a little before it has ended with its own signal
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        if late:
            return ChildLost(f"took longer than {seconds:g} s")
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        return ChildLost(f"crashed the decoder ({how})")
