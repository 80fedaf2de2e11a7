"""Patches round points, cut out of whole images: of those in the cache, and of one that was just decoded. No torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache_images import Images
from runtime.data.catalogue import DataSet, Sample
from runtime.data.faults import FileFault

Floats = NDArray[np.float32]


def cut(image: NDArray[Any], sample: Sample) -> NDArray[Any]:
    """The patch of a case out of its image (channels, *size or more), as (channels, *sample.size).

    It begins half its side (rounded down) before the pixel nearest to the point, and is a view of no memory of the
    image. What would lie beyond the border repeats the image's outermost pixels.
    """
    if sample.point is None:
        raise ValueError(f"{sample.key} is no point")
    axes = [
        np.clip(int(np.floor(at + 0.5)) - side // 2 + np.arange(side), 0, whole - 1)
        for at, side, whole in zip(sample.point.at, sample.size, sample.point.image, strict=True)
    ]
    patch: NDArray[Any] = image[np.ix_(np.arange(image.shape[0]), *axes)]
    return patch


def images_of_points(dataset: DataSet) -> DataSet:
    """The images that the points lie on, each once, in the order of the first of their points."""
    images: dict[str, Sample] = {}
    for sample in dataset.samples:
        if sample.point is not None:
            images.setdefault(sample.image_key, replace(sample, size=sample.point.image, point=None, label=None))
    return replace(dataset, samples=tuple(images.values()), label="", classes=())


def image_rows(dataset: DataSet) -> list[int]:
    """The place of each point's image among those of `images_of_points`."""
    rows: dict[str, int] = {}
    return [rows.setdefault(sample.image_key, len(rows)) for sample in dataset.samples]


def largest_image(dataset: DataSet) -> tuple[int, ...]:
    """The longest sides of all images."""
    sizes = [sample.point.image for sample in dataset.samples if sample.point is not None]
    return tuple(max(sides) for sides in zip(*sizes, strict=True))


def to_size(size: tuple[int, ...]) -> Callable[[Floats], Floats]:
    """Brings an image (channels, *its size) to (channels, *size) by zeros behind its last pixels: a row of the cache
    has one size, and a patch never reads them."""

    def padded(image: Floats) -> Floats:
        if any(has > side for side, has in zip(size, image.shape[1:], strict=True)):
            raise FileFault("has more pixels than its header says")
        ends = [(0, 0), *((0, side - has) for side, has in zip(size, image.shape[1:], strict=True))]
        return np.pad(image, ends) if image.shape[1:] != size else image

    return padded


class Patches(Images):
    """The patches of points as an array (N, channels, *size), cut out of the cache's whole images as they are read.

    `rows` says which of the images each case lies on; `fit` brings a patch of another size to `size`.
    """

    def __init__(
        self,
        whole: Images,
        samples: Sequence[Sample],
        rows: Sequence[int],
        size: tuple[int, ...],
        fit: Callable[[Floats], Floats],
    ) -> None:
        self._whole = whole
        self._samples = samples
        self._rows = rows
        self._fit = fit
        self.stored = whole.stored
        self.shape = (len(samples), whole.shape[1], *size)
        self._count = int(np.prod(self.shape[1:]))

    def fill(self, out: Floats, rows: NDArray[np.integer[Any]] | Sequence[int]) -> int:
        """Copy patches into `out` (rows, channels, *size); gives the bytes that were read for it."""
        read = 0
        for place, case in enumerate(rows):
            patch = self.row(int(case))
            if patch is None:
                out[place] = 0
                continue
            read += patch.nbytes
            same = patch.shape == out[place].shape
            np.copyto(out[place], patch if same else self._fit(patch.astype(np.float32)), casting="unsafe")
        return read

    def row(self, row: int) -> NDArray[Any] | None:
        """A patch as its image is stored, before it is brought to the size; None where the image was never put."""
        image = self._whole.row(self._rows[row])
        return None if image is None else cut(image, self._samples[row])
