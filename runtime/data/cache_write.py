"""Rows of an array written to a file, one after the other: as fast as a mapping, and a full disk is an error."""

from __future__ import annotations

import math
import os
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Rows:
    """An array (rows, *shape of one) in a new file whose room is taken at once; rows never put are zero."""

    def __init__(self, path: Path, dtype: str, shape: tuple[int, ...]) -> None:
        self._dtype, self._shape = np.dtype(dtype), shape
        self.row_bytes = self._dtype.itemsize * math.prod(shape[1:])
        self._file = path.open("wb", buffering=0)
        self._next = self._crc = 0
        total = self.row_bytes * shape[0]
        try:
            self._file.truncate(total)
            if hasattr(os, "posix_fallocate") and total:
                os.posix_fallocate(self._file.fileno(), 0, total)
        except OSError:
            self._file.close()
            raise

    def put(self, index: int, row: NDArray[Any]) -> None:
        """Write one row. Raises OSError."""
        content = np.ascontiguousarray(row, self._dtype).reshape(-1).view(np.uint8).data
        if index == self._next:
            self._crc, self._next = zlib.crc32(content, self._crc), index + 1
        else:
            self._next = -1  # not in order: the checksum is taken from the file
        self._file.seek(index * self.row_bytes)
        done = 0
        while done < len(content):
            done += self._file.write(content[done:])

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
