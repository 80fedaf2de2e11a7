"""What is seen in the pixels of cases: which show the same, and in which text is likely. Kept small, images are not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.burned_text import text_likely
from runtime.data.catalogue import DataSet

_SIDE = 32  # rows and columns of the small image that is compared
_ALIKE = 0.999  # correlation of two small images that count as the same
_LOOKED_AT = 200  # cases in which text is looked for, evenly spaced
_CROWD = 64  # cases with the same quarter of a hash that are compared with each other

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Twins:
    """Two cases of different patients whose pixels are the same, by their indexes; the first is the smaller one."""

    first: int
    second: int


@dataclass(frozen=True, slots=True)
class Looks:
    """What was seen, by the indexes of cases in their data set."""

    twins: tuple[Twins, ...] = ()
    text: tuple[int, ...] = ()  # cases in which text is likely
    searched: int = 0  # cases in which text was looked for


class Looker:
    """Looks at one case after the other; keeps a small grey copy of each, which is all that is compared."""

    def __init__(self, dataset: DataSet, count: int) -> None:
        """`count` is how many cases will come: text is looked for in some of them."""
        self._dataset = dataset
        self._step = max(1, count // _LOOKED_AT)
        self._small: dict[int, Floats] = {}
        self._text: list[int] = []
        self._seen = self._searched = 0

    def look(self, index: int, image: NDArray[Any]) -> None:
        """Look at the case at `index`: an array (channels, *size) of two or three axes of space."""
        small = _small(image)
        if small is not None:
            self._small[index] = small
        if self._seen % self._step == 0 and image.ndim == 3:
            self._searched += 1
            if text_likely(np.asarray(image[0], np.float32)):
                self._text.append(index)
        self._seen += 1

    @property
    def compared(self) -> int:
        """How many cases could be compared: those that are large enough, and not the same everywhere."""
        return len(self._small)

    def looks(self) -> Looks:
        """What was seen in all of them."""
        return Looks(tuple(_twins(self._dataset, self._small)), tuple(self._text), self._searched)


def looks_at(dataset: DataSet, images: Any, usable: Sequence[int]) -> Looks:
    """What is seen in images (N, channels, *size), in the order of the data set's samples; only the usable ones."""
    looker = Looker(dataset, len(usable))
    for index in usable:
        looker.look(index, images[index])
    return looker.looks()


def _twins(dataset: DataSet, small: Mapping[int, Floats]) -> Iterator[Twins]:
    """All pairs of cases that are twins. A quarter of a 64-bit difference hash has to agree for two to be compared."""
    buckets: dict[tuple[int, int], list[int]] = {}
    for index, sign in sorted(small.items()):
        for quarter in enumerate(_quarters(sign)):
            buckets.setdefault(quarter, []).append(index)
    seen: set[tuple[int, int]] = set()
    for members in buckets.values():
        for first, second in _pairs(members):
            if (first, second) in seen or dataset.samples[first].group == dataset.samples[second].group:
                continue
            seen.add((first, second))
            if float((small[first] * small[second]).mean()) >= _ALIKE:
                yield Twins(first, second)


def _pairs(members: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Each with those after it, at most `_CROWD` of them: a crowd with one hash is compared in a chain."""
    return ((one, other) for place, one in enumerate(members) for other in members[place + 1 : place + 1 + _CROWD])


def _small(image: NDArray[Any]) -> Floats | None:
    """A case as 32 × 32 means with mean 0 and spread 1; None when it is the same everywhere, or too small. Of a signal,
    the means of its first lead, row by row."""
    if image.ndim == 2:
        samples = image.shape[1] // _SIDE
        image = np.asarray(image[:1, : samples * _SIDE], np.float32).reshape(1, _SIDE, samples)
    grey = np.asarray(image[0] if image.ndim == 3 else image[0, image.shape[1] // 2], np.float32)
    if min(grey.shape) < _SIDE:
        return None  # too small to tell a copy from another image
    rows, columns = (np.linspace(0, side, _SIDE + 1).astype(int) for side in grey.shape)
    sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1], axis=0), columns[:-1], axis=1)
    means: Floats = sums / np.outer(np.diff(rows), np.diff(columns))  # sums of pieces of unequal size look all alike
    means = means - means.mean()
    spread = float(means.std())
    return None if not spread >= 1e-6 else (means / spread).astype(np.float32)


def _quarters(small: Floats) -> tuple[int, ...]:
    """A difference hash of 64 bits in four parts: two that differ in three bits still share one of them."""
    blocks = small.reshape(8, 4, 32)[:, :, : 32 - 32 % 8].mean(1)
    steps = np.linspace(0, 32, 10).astype(int)[:-1]
    coarse = np.add.reduceat(blocks, steps, axis=1)
    bits = (coarse[:, 1:] > coarse[:, :-1]).ravel()
    packed = np.packbits(bits).view(np.uint16)
    return tuple(int(part) for part in packed)
