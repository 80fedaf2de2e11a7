"""The cases of one part of a run's data, decoded, for looks at many of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from runtime.analysis import Analysis
from runtime.data.cache import CachedImages
from runtime.data.catalogue import DataSet, Part
from runtime.data.matched import Matched
from runtime.data.thumbnail import thumbnail
from runtime.errors import RunError
from runtime.material import decoded, read_cases
from runtime.runs import Run
from runtime.splits import load_split

Seen = Literal["train", "validation"]
"""The parts that may be looked at as a whole: the test part stays sealed until it is evaluated."""


@dataclass(frozen=True)
class Cases:
    """`indexes` are the chosen cases within the data set and its images."""

    dataset: DataSet
    cached: CachedImages
    indexes: tuple[int, ...]

    def keys(self, indexes: tuple[int, ...]) -> list[str]:
        """Their names, as predictions name them."""
        return [self.dataset.samples[index].key for index in indexes]

    def pictures(self, indexes: tuple[int, ...], side: int) -> NDArray[np.uint8]:
        """Small pictures (N, side, side) of cases on black; of volumes the middle slice."""
        made = np.zeros((len(indexes), side, side), np.uint8)
        for row, index in enumerate(indexes):
            small = small_picture(self.cached.images[index], side)
            made[row, : small.shape[0], : small.shape[1]] = small
        return made


def cases_of(run: Run, analysis: Analysis, source: str, part: Part) -> Cases:
    """The readable cases of a part of the run's own data. Raises RunError when there are none."""
    cases = read_cases(analysis)
    dataset = cases.of[source]
    *_, cached = decoded(analysis, source, dataset, lambda: False)
    if not isinstance(cached, CachedImages):
        raise RunError("The images were not decoded.", source)
    usable = set(cached.usable)
    found = load_split(run.folder).indexes(_divided(cases, source), part, source)
    indexes = tuple(index for index in found if index in usable)
    if not indexes:
        raise RunError(f"There is no case of the {part} part that could be read; choose another part.")
    return Cases(dataset, cached, indexes)


def _divided(cases: Matched, source: str) -> DataSet:
    """What the parts of the run were made of, as far as this source is concerned."""
    return cases.of[source] if source in cases.apart else cases.cases


def small_picture(image: NDArray[Any], side: int) -> NDArray[np.uint8]:
    """(H, W) of an image (C, *size), grey; of a volume the middle slice, of a signal its curves."""
    flat = image[:, image.shape[1] // 2] if image.ndim == 4 else image
    small = thumbnail(flat.astype(np.float32), side=side)
    return small if small.ndim == 2 else small.mean(axis=2).round().astype(np.uint8)
