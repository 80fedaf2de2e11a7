"""The child that decodes files: `python -P -m runtime.data.decoder`. A damaged file may bring it down, and only it.

Requests come as JSON lines on stdin: {"path", "kind", "mask", "seconds"}, or {"root", "headers": [path]}, which is
answered by {"headers": [row]} (see facts_rows). Each answer on stdout is a length (8 bytes,
big-endian), a JSON header of that length, {"shape", "dtype", "bytes"} or {"error"}, and the raw pixels. The first
answer says {"ready": true}.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from runtime.data import dicom, images, volumes
from runtime.data.facts_rows import to_row
from runtime.data.faults import in_words
from runtime.data.judge import judge
from runtime.data.masks import read_mask

MEMORY_BYTES = 4 * 2**30
_GRACE_SECONDS = 10.0


def decode_file(path: Path, kind: str, mask: bool) -> NDArray[Any]:
    """Images: float32 (frames, channels, *size); masks: int32 (*size), or (frames, *size). Raises FileFault."""
    match kind, mask:
        case ("dicom" | "image" | "volume") as known, True:
            return read_mask(path, known)
        case "dicom", _:
            return dicom.read_frames(path)
        case "image", _:
            return images.read_pages(path)
        case "volume", _:
            return volumes.read_volume(path)[None]
    raise ValueError(f"no such kind of file: {kind}")


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request until the requests end."""
    _send(answers, {"ready": True})
    for line in requests:
        request = json.loads(line)
        if "headers" in request:
            root = Path(request["root"])
            _send(answers, {"headers": [to_row(judge(root, name)) for name in request["headers"]]})
            continue
        path = Path(request["path"])
        _end_alone_after(request.get("seconds", 0.0))
        try:
            array = np.ascontiguousarray(decode_file(path, request["kind"], request["mask"]))
        except Exception as error:  # noqa: BLE001 - the worker boundary: whatever a decoder raises is one file's failure
            _send(answers, {"error": f"{path.name} {in_words(error)}."})
            continue
        finally:
            _end_alone_after(0.0)
        _send(answers, {"shape": array.shape, "dtype": array.dtype.str, "bytes": array.nbytes}, array)


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
    dicom.put_gdcm_last()
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
