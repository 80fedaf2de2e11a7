"""What tells, without reading a file whole, that its content is not what it was.

Size and time of last change do not: a program may set that time, and many copy it. On Unix the system keeps a time of
its own that no program can set and that every change of content moves (`st_ctime`). Windows does not tell it; there,
pieces of the content spread over the file stand for it.
"""

from __future__ import annotations

import os
import zlib
from pathlib import Path

Stamp = tuple[int, int, int]  # bytes, time of last change (ns), the system's own time or a sum over pieces
_PIECES = 16
_PIECE = 4096  # bytes
TELLS_CHANGES = os.name != "nt"


def stamp_of(path: str | Path, own_time: bool = TELLS_CHANGES) -> Stamp:
    """The stamp of a file; `own_time`: by the system's own time of change, else by pieces. Raises OSError."""
    state = os.stat(path)
    last = state.st_ctime_ns if own_time else _sum_of_pieces(path, state.st_size)
    return state.st_size, state.st_mtime_ns, last


def _sum_of_pieces(path: str | Path, size: int) -> int:
    """CRC-32 over the first, the last and the pieces between, evenly spread; over all of a small file."""
    total = 0
    with open(path, "rb") as file:
        if size <= _PIECES * _PIECE:
            return zlib.crc32(file.read())
        for number in range(_PIECES):
            file.seek((size - _PIECE) * number // (_PIECES - 1))
            total = zlib.crc32(file.read(_PIECE), total)
    return total
