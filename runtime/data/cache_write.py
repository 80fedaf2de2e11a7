"""Rows of an array written to a file, one after the other: as fast as a mapping, and a full disk is an error."""

from __future__ import annotations

import math
import os
import zlib
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache_images import ABSENT, packed, stride, sums_of


class Rows:
    """An array (rows, *shape of one) in a new file whose room is taken at once; rows never put are zero."""

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        self._dtype, self._shape = np.dtype(dtype), shape
        self.row_bytes = self._dtype.itemsize * math.prod(shape[1:])
        self._next = self._crc = 0
        self._file = _with_room(path, self.row_bytes * shape[0])

    def put(self, index: int, row: NDArray[Any]) -> None:
        """Write one row. Raises OSError."""
        content = np.ascontiguousarray(row, self._dtype).reshape(-1).view(np.uint8).data
        if index == self._next:
            self._crc, self._next = zlib.crc32(content, self._crc), index + 1
        else:
            self._next = -1  # not in order: the checksum is taken from the file
        self._file.seek(index * self.row_bytes)
        _write(self._file, content)

    def clear(self, index: int) -> None:
        """Make a row zero."""
        self.put(index, np.zeros(self._shape[1:], self._dtype))

    @property
    def checksum(self) -> list[int] | None:
        """Bytes and CRC-32, where all rows were put in order; else None."""
        whole = self._next == self._shape[0]
        return [self.row_bytes * self._shape[0], self._crc] if whole else None

    def close(self) -> None:
        """Flush to the disk and close."""
        try:
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def drop(self) -> None:
        """Close without flushing: the file is about to be removed."""
        self._file.close()


class PackedRows:
    """Images (rows, channels, *size) of float32 in a new file, each in the smallest type that holds it (see `packed`).

    They lie in the order in which they were put; `starts`, `letters` and `sums` tell where, of what type, and what to
    check them by.
    """

    def __init__(self, path: Path, shape: tuple[int, ...]) -> None:
        self.row_bytes = 4 * math.prod(shape[1:])
        self._starts = [-1] * shape[0]
        self._letters = [ABSENT] * shape[0]
        self._sums = [0] * shape[0]
        self._size = self._crc = 0
        self._file = _with_room(path, stride(self.row_bytes) * shape[0])

    def put(self, index: int, row: NDArray[Any]) -> None:
        """Write one row, once. Raises OSError."""
        small = packed(np.ascontiguousarray(row, np.float32))
        self._starts[index], self._letters[index] = self._size, small.dtype.char
        (self._sums[index],) = sums_of(small[None])
        self._append(small.reshape(-1).view(np.uint8).data)

    def clear(self, index: int) -> None:
        """Make a row zero: it takes no room."""
        self._starts[index], self._letters[index] = -1, ABSENT

    @property
    def starts(self) -> list[int]:
        """The byte at which each row begins; -1 for a row that was never put."""
        return self._starts

    @property
    def sums(self) -> list[int]:
        """What `sums_of` gives of each row."""
        return self._sums

    @property
    def letters(self) -> str:
        """The type of each row, a letter each."""
        return "".join(self._letters)

    @property
    def checksum(self) -> list[int] | None:
        """Bytes and CRC-32."""
        return [self._size, self._crc]

    def close(self) -> None:
        """Give back the room that was not needed, flush to the disk, close."""
        if not self._size:
            self._append(memoryview(b"\0"))  # an empty file cannot be mapped
        try:
            self._file.truncate(self._size)
            os.fsync(self._file.fileno())
        finally:
            self._file.close()

    def drop(self) -> None:
        """Close without flushing: the file is about to be removed."""
        self._file.close()

    def _append(self, content: memoryview) -> None:
        for part in (content, memoryview(bytes(stride(len(content)) - len(content)))):
            _write(self._file, part)
            self._crc, self._size = zlib.crc32(part, self._crc), self._size + len(part)


def _with_room(path: Path, total: int) -> BinaryIO:
    """A new file with its room on the disk taken. Raises OSError where it is not there."""
    file = path.open("wb", buffering=0)
    try:
        file.truncate(total)
        if hasattr(os, "posix_fallocate") and total:
            os.posix_fallocate(file.fileno(), 0, total)
    except OSError:
        file.close()
        raise
    return file


def _write(file: BinaryIO, content: memoryview) -> None:
    done = 0
    while done < len(content):
        done += file.write(content[done:])
