"""Warnings that need the pixels: copies of an image, re-encoded or not, in two parts or under two labels; burned-in
text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.burned_text import text_likely
from runtime.data.cache_images import Images
from runtime.data.catalogue import PARTS, DataSet, Part, Parts
from runtime.data.warning_record import DataWarning

_SIDE = 32  # rows and columns of the small image that is compared
_ALIKE = 0.999  # correlation of two small images that count as the same
_LOOKED_AT = 200  # cases in which text is looked for, evenly spaced
_CROWD = 64  # cases with the same quarter of a hash that are compared with each other
_TEXTS = 3  # fewer than so many images with text may be chance

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Twins:
    """Two cases of different patients whose pixels are the same, by their indexes; the first is the smaller one."""

    first: int
    second: int


def pixel_warnings(
    dataset: DataSet, images: NDArray[Any] | Images, parts: Parts, usable: Sequence[int]
) -> tuple[DataWarning, ...]:
    """Findings in decoded images (N, channels, *size), in the order of the data set's samples.

    Two cases are twins when their small grey copies (32 × 32 means) correlate to 0.999 or more, and they are not of the
    same patient: neighbouring slices of one patient are alike, and stay in one part anyway.
    """
    twins = tuple(find_twins(dataset, images, usable))
    return (*_in_two_parts(dataset, twins, parts), *_disagreeing(dataset, twins), *_with_text(dataset, images, usable))


def find_twins(dataset: DataSet, images: NDArray[Any] | Images, usable: Sequence[int]) -> Iterator[Twins]:
    """All pairs of cases that are twins. A quarter of a 64-bit difference hash has to agree for two to be compared."""
    small = {index: sign for index in usable if (sign := _small(images[index])) is not None}
    buckets: dict[tuple[int, int], list[int]] = {}
    for index, sign in small.items():
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


def _pairs(members: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Each with those after it, at most `_CROWD` of them: a crowd with one hash is compared in a chain."""
    for place, first in enumerate(members):
        for second in members[place + 1 : place + 1 + _CROWD]:
            yield first, second


def _small(image: NDArray[Any]) -> Floats | None:
    """A case as 32 × 32 numbers with mean 0 and spread 1; None when it is the same everywhere."""
    grey = np.asarray(image[0] if image.ndim == 3 else image[0, image.shape[1] // 2], np.float32)
    rows = np.linspace(0, grey.shape[0], _SIDE + 1).astype(int)[:-1]
    columns = np.linspace(0, grey.shape[1], _SIDE + 1).astype(int)[:-1]
    if min(grey.shape) < _SIDE:
        return None  # too small to tell a copy from another image
    means: Floats = np.add.reduceat(np.add.reduceat(grey, rows, axis=0), columns, axis=1)
    means = means - means.mean()
    spread = float(means.std())
    return None if spread < 1e-6 else (means / spread).astype(np.float32)


def _quarters(small: Floats) -> tuple[int, ...]:
    """A difference hash of 64 bits in four parts: two that differ in three bits still share one of them."""
    blocks = small.reshape(8, 4, 32)[:, :, : 32 - 32 % 8].mean(1)
    steps = np.linspace(0, 32, 10).astype(int)[:-1]
    coarse = np.add.reduceat(blocks, steps, axis=1)
    bits = (coarse[:, 1:] > coarse[:, :-1]).ravel()
    packed = np.packbits(bits).view(np.uint16)
    return tuple(int(part) for part in packed)


def _in_two_parts(dataset: DataSet, twins: Iterable[Twins], parts: Parts) -> Iterator[DataWarning]:
    sides: dict[int, Part] = {index: part for part in PARTS for index in parts.of(part)}
    apart = [twin for twin in twins if sides.get(twin.first) != sides.get(twin.second)]
    if apart:
        pairs = "1 pair of images" if len(apart) == 1 else f"{len(apart)} pairs of images"
        yield DataWarning(
            "copies_in_two_parts",
            f"{pairs} in different parts of the data show the same pixels, or nearly so.",
            "The measures look better than they are: leave out one of each pair, or name the patients so that they "
            "stay together.",
            _keys(dataset, apart),
        )


def _disagreeing(dataset: DataSet, twins: Iterable[Twins]) -> Iterator[DataWarning]:
    def label(index: int) -> object:
        sample = dataset.samples[index]
        return sample.label if sample.label is not None else sample.number

    torn = [twin for twin in twins if label(twin.first) != label(twin.second)]
    if torn:
        pairs = "1 pair of images shows" if len(torn) == 1 else f"{len(torn)} pairs of images show"
        yield DataWarning(
            "copies_disagree",
            f"{pairs} the same pixels under different labels.",
            "One of the labels is wrong: mend it by hand, or leave the image out.",
            _keys(dataset, torn),
        )


def _keys(dataset: DataSet, twins: Iterable[Twins]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(dataset.samples[index].key for twin in twins for index in (twin.first, twin.second)))


def _with_text(dataset: DataSet, images: NDArray[Any] | Images, usable: Sequence[int]) -> Iterator[DataWarning]:
    step = max(1, len(usable) // _LOOKED_AT)
    looked = usable[::step]
    found = [index for index in looked if images[index].ndim == 3 and text_likely(np.asarray(images[index][0]))]
    if len(found) >= min(_TEXTS, len(looked)) and found:
        yield DataWarning(
            "burned_in_text",
            f"Text is likely burned into the pixels of {len(found)} of {len(looked)} images looked at.",
            "Look at them: such text may name the patient, and a network may read it. Cut or black it out, and never "
            "take images without this warning for clean.",
            tuple(dataset.samples[index].key for index in found),
        )


def by_code(findings: Iterable[DataWarning]) -> Mapping[str, tuple[DataWarning, ...]]:
    """Findings under their codes."""
    found: dict[str, tuple[DataWarning, ...]] = {}
    for finding in findings:
        found[finding.code] = (*found.get(finding.code, ()), finding)
    return found
