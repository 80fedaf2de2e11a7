"""The child that decodes files: `python -P -m runtime.data.decoder`. A damaged file may bring it down, and only it.

Requests come as JSON lines on stdin: {"path", "kind", "mask", "seconds"}, or {"root", "headers": [path]}, which is
answered by {"headers": [row]} (see facts_rows). Each answer on stdout is a length (8 bytes,
big-endian), a JSON header of that length, {"shape", "dtype", "bytes"} or {"error"}, and the raw pixels. A request may
name a file descriptor of shared memory ("slot") and its bytes ("room"): pixels that fit are written there, and the
header says "in_slot". The first answer says {"ready": true}.

Libraries are imported when a file needs them: most files are read without any but NumPy, and a child starts sooner.
"""

from __future__ import annotations

import json
import mmap
import os
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from runtime.data.dicom_plain import Room, read_plain

MEMORY_BYTES = 4 * 2**30
_GRACE_SECONDS = 10.0


def decode_file(path: Path, kind: str, mask: bool, room: Room | None = None) -> NDArray[Any]:
    """Images: float32 (frames, channels, *size); masks: int32 (*size), or (frames, *size). Raises FileFault.

    `room(bytes)` may give memory for the pixels; whether it was used shows in the array.
    """
    if kind == "dicom" and not mask:
        plain = read_plain(path, room)
        if plain is not None:
            return plain
    from runtime.data.long_way import decode_by_libraries  # pydicom, Pillow and the decoders take half a second

    return decode_by_libraries(path, kind, mask)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request until the requests end."""
    _send(answers, {"ready": True})
    slots = _Slots()
    for line in requests:
        request = json.loads(line)
        if "headers" in request:
            _send(answers, {"headers": _headers(Path(request["root"]), request["headers"])})
            continue
        path = Path(request["path"])
        memory = slots.of(request)
        _end_alone_after(request.get("seconds", 0.0))
        try:
            array = np.ascontiguousarray(decode_file(path, request["kind"], request["mask"], partial(_part, memory)))
        except Exception as error:  # noqa: BLE001 - the worker boundary: whatever a decoder raises is one file's failure
            _send(answers, {"error": f"{path.name} {_in_words(error)}."})
            continue
        finally:
            _end_alone_after(0.0)
        _answer(answers, array, memory)


def _headers(root: Path, names: list[str]) -> list[Any]:
    from runtime.data.facts_rows import to_row
    from runtime.data.judge import judge, judge_at_once

    return [to_row(judge_at_once(str(root), name) or judge(root, name)) for name in names]


def _in_words(error: Exception) -> str:
    from runtime.data.faults import in_words

    return in_words(error)


class _Slots:
    """The shared memory that requests name, mapped once."""

    def __init__(self) -> None:
        self._maps: dict[int, mmap.mmap] = {}

    def of(self, request: dict[str, Any]) -> memoryview | None:
        """The memory of a request; None where it names none."""
        file, room = request.get("slot"), request.get("room", 0)
        if file is None or not room:
            return None
        known = self._maps.get(file)
        if known is None or len(known) != room:
            self._maps[file] = known = mmap.mmap(file, room)
        return memoryview(known)


def _part(memory: memoryview | None, count: int) -> memoryview | None:
    return memory[:count] if memory is not None and count <= len(memory) else None


def _answer(answers: BinaryIO, array: NDArray[Any], memory: memoryview | None) -> None:
    header = {"shape": array.shape, "dtype": array.dtype.str, "bytes": array.nbytes}
    place = _part(memory, array.nbytes)
    if place is None or not array.size:
        _send(answers, header, array)
        return
    there = np.frombuffer(place, array.dtype).reshape(array.shape)
    if not np.shares_memory(there, array):
        there[...] = array
    _send(answers, {**header, "in_slot": True})


def _send(answers: BinaryIO, header: dict[str, Any], array: NDArray[Any] | None = None) -> None:
    text = json.dumps(header).encode()
    answers.write(len(text).to_bytes(8, "big") + text)
    if array is not None and array.size:
        answers.write(array.data.cast("B"))
    answers.flush()


def _end_alone_after(seconds: float) -> None:
    """Have the system end this process if a decoder hangs and nobody is left to kill it (not on Windows); 0 = never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds + _GRACE_SECONDS if seconds else 0.0)


def _limit_memory() -> None:
    """Cap this process's memory, where the system can (not on Windows)."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = MEMORY_BYTES if hard == resource.RLIM_INFINITY else min(MEMORY_BYTES, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS may refuse; the time limit and the size check remain
        return


def main() -> None:
    """Serve on a private copy of stdout: decoders written in C print on the public one."""
    _limit_memory()
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
