"""Images of the cache: whole numbers are kept in one or two bytes a pixel, and become float32 as they are read.

Stored values of scanners are whole numbers, and most stay so in real units (Hounsfield units, grey values). A row is
kept as uint8, int16 or uint16 where that gives every bit of its float32 values back, else as float32: reading a row
moves half or a quarter of the bytes, and the same memory holds two or four times the images.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIGNED = 64  # bytes: every row begins at a multiple
ABSENT = "-"  # the letter of a row that was never put; others are NumPy's: B, h, H, f
_KINDS: tuple[tuple[type[np.integer[Any]], int, int], ...] = (
    (np.uint8, 0, 2**8 - 1),
    (np.int16, -(2**15), 2**15 - 1),
    (np.uint16, 0, 2**16 - 1),
)
_PIECE = 2**14  # values that are compared at once
_PAGE = 4096  # bytes that are summed up together
_SMALL = 2**15  # bytes of a row up to which rows are gathered in one call: the calls would cost more than the copy
Floats = NDArray[np.float32]


def packed(row: Floats) -> NDArray[Any]:
    """The row in the smallest type that gives every bit of it back."""
    if not row.size:
        return row
    low, high = float(row.min()), float(row.max())
    kind = next((kind for kind, least, most in _KINDS if least <= low and high <= most), None)
    return row if kind is None else _as_whole(row, kind)


def _as_whole(row: Floats, kind: type[np.integer[Any]]) -> NDArray[Any]:
    """The row in a type of whole numbers; the row itself where that loses a bit. Piece by piece, to save memory."""
    small, values = np.empty(row.shape, kind), row.reshape(-1)
    whole = small.reshape(-1)
    for start in range(0, values.size, _PIECE):
        piece = values[start : start + _PIECE]
        whole[start : start + _PIECE] = again = piece.astype(kind)
        if not np.array_equal(again.astype(np.float32).view(np.uint32), piece.view(np.uint32)):
            return row
    return small


def sums_of(rows: NDArray[Any]) -> list[int]:
    """What tells each of stored rows (N, ...) from a damaged one: CRC-32 of the sums of the 64-bit words of its pages
    (4096 bytes) in their order, and of the bytes after the last whole page; a quarter of the time of a CRC-32 of all
    bytes. Every change within one word is seen, and of others all but one in 2^32, unless words of one page changed
    places.
    """
    count = len(rows)
    content = rows.reshape(count, -1).view(np.uint8)
    whole = content.shape[1] // _PAGE * _PAGE
    pages = content[:, :whole].view(np.uint64).reshape(count, whole // _PAGE, _PAGE // 8).sum(axis=2)
    rest = content[:, whole:]
    return [zlib.crc32(after.data, zlib.crc32(sums.data)) for sums, after in zip(pages, rest, strict=True)]


class Images:
    """An array (N, channels, *size) of float32 that lies packed in a file; indexing it gives float32 arrays.

    `stored` are the file's bytes, `starts` where each row begins in them, `letters` the type of each row; `sums` is
    what `sums_of` gave of each row, where rows are checked as they are read (`checked`).
    """

    dtype = np.dtype(np.float32)

    def __init__(
        self,
        stored: NDArray[np.uint8],
        shape: tuple[int, ...],
        starts: Sequence[int],
        letters: str,
        sums: Sequence[int] | None = None,
    ) -> None:
        self.stored = stored
        self.shape = shape
        self._starts = np.asarray(starts, np.int64)
        self._letters = letters
        self._sums = sums
        self._count = math.prod(shape[1:])
        self._block, self._places = self._alike()

    @property
    def ndim(self) -> int:
        """Axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes of the values as float32; those on disk are `stored.nbytes`."""
        return len(self) * self._count * 4

    def __len__(self) -> int:
        return self.shape[0]

    def __iter__(self) -> Iterator[Floats]:
        return (self[index] for index in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False:
            raise ValueError("images of the cache are unpacked into a copy")
        unpacked: Floats = self[:]
        return unpacked.astype(dtype or np.float32, copy=False)

    def __getitem__(self, key: Any) -> Any:
        """As of an array; a copy."""
        first, rest = (key[0], key[1:]) if isinstance(key, tuple) else (key, ())
        rows = np.arange(len(self))[first]
        out = np.empty((rows.size, *self.shape[1:]), np.float32)
        self.fill(out, rows.ravel())
        out = out.reshape(*rows.shape, *self.shape[1:])
        return out[(*(slice(None),) * rows.ndim, *rest)] if rest else out

    def fill(self, out: Floats, rows: NDArray[np.integer[Any]] | Sequence[int]) -> int:
        """Copy rows into `out` (rows, channels, *size); gives the bytes that were read for it."""
        if self._block is not None and self._block[0].nbytes <= _SMALL:
            places = self._places[np.asarray(rows, np.int64)]
            if places.size and places.min() >= 0:
                np.copyto(out, self._block[places], casting="unsafe")
                return places.size * int(self._block[0].nbytes)
        read = 0
        for place, row in enumerate(rows):
            found = self.row(int(row))
            if found is None:
                out[place] = 0
            else:
                np.copyto(out[place], found, casting="unsafe")
                read += found.nbytes
        return read

    def row(self, row: int) -> NDArray[Any] | None:
        """A row as it is stored; None for one that was never put."""
        letter = self._letters[row]
        if letter == ABSENT:
            return None
        return np.ndarray(self.shape[1:], np.dtype(letter), self.stored.data, int(self._starts[row]))

    def checked(self, rows: Sequence[int]) -> Iterator[tuple[NDArray[Any], list[bool]]]:
        """Rows that were put, as they are stored, and whether each is as it was written (True where the whole file was
        checked before): those that follow each other together, (n, channels, *size)."""
        start = 0
        for block in self._together(rows):
            asked = rows[start : start + len(block)]
            start += len(block)
            if self._sums is None:
                yield block, [True] * len(block)
            else:
                wanted = [self._sums[row] for row in asked]
                yield block, [found == sum_ for found, sum_ in zip(sums_of(block), wanted, strict=True)]

    def _together(self, rows: Sequence[int]) -> Iterator[NDArray[Any]]:
        if self._block is None:
            for row in rows:
                stored = self.row(row)
                if stored is None:
                    raise LookupError(f"row {row} was never put")
                yield stored[None]
            return
        places = self._places[np.asarray(rows, np.int64)]
        ends = [*(np.flatnonzero(np.diff(places) != 1) + 1).tolist(), len(places)]
        for start, end in zip([0, *ends], ends, strict=False):
            yield self._block[places[start] : places[start] + end - start]

    def _alike(self) -> tuple[NDArray[Any] | None, NDArray[np.int64]]:
        """All stored rows as one array, and the place of each row in it; None where rows are of several types."""
        letters = set(self._letters) - {ABSENT}
        if len(letters) != 1:
            return None, self._starts
        kind = np.dtype(letters.pop())
        step = stride(self._count * kind.itemsize)
        places = np.where(self._starts >= 0, self._starts // step, -1)
        held = int(places.max()) + 1
        inner = np.empty(self.shape[1:], kind).strides
        return np.ndarray((held, *self.shape[1:]), kind, self.stored.data, 0, (step, *inner)), places


def held(rows: Floats) -> Images:
    """Rows (N, ...) that are in memory already, such as those of a table."""
    step = stride(rows[0].nbytes)
    stored = np.zeros((len(rows), step), np.uint8)
    stored[:, : rows[0].nbytes] = np.ascontiguousarray(rows).reshape(len(rows), -1).view(np.uint8)
    return Images(stored.reshape(-1), rows.shape, [step * row for row in range(len(rows))], "f" * len(rows))


def stride(count: int) -> int:
    """The bytes from one row to the next, for rows of so many bytes."""
    return -(-count // ALIGNED) * ALIGNED
