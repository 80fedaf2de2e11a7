"""Pages of mapped arrays: given back to the system before they exceed the budget that the user sets."""

from __future__ import annotations

import mmap
from typing import Any

from numpy.typing import NDArray

from runtime.data.memory_budget import mapped_bytes


class Pages:
    """Counts what is read from, or written to, mapped arrays, and gives all of it back when it becomes too much.

    The system would keep the pages of mapped files as long as nobody else needs memory. Nothing is lost: what was
    written is on its way to the file, and what is read again comes from there.
    """

    def __init__(self, *arrays: NDArray[Any] | None, most: int | None = None) -> None:
        self._maps = [found for array in arrays if (found := map_of(array)) is not None]
        self._most = (mapped_bytes() if most is None else most) // 2
        self._count = 0

    def used(self, count: int) -> None:
        """Note that so many bytes were read or written."""
        self._count += count
        if self._count >= self._most:
            self.give_back()

    def give_back(self) -> None:
        """Give the pages back now. Only Unix can be asked for it."""
        self._count = 0
        advice = getattr(mmap, "MADV_DONTNEED", None)
        if advice is None:
            return
        for one in self._maps:
            one.madvise(advice)


def map_of(array: NDArray[Any] | None) -> mmap.mmap | None:
    """The mapping that an array is a view of."""
    base: object = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    return base
