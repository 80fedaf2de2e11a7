"""The values stored in masks, how many pixels each has, and the class it stands for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.data.catalogue import DataSet, Found

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_MASK_CLASSES = 32
_COUNTED_AT_ONCE = 2**16  # values up to this are counted in one table, larger ones by sorting
Progress = Callable[[int, int], None]  # files done, files in all


@dataclass(frozen=True, slots=True)
class MaskValues:
    """What masks hold: the pixels of each value, 0 first and always there; and the masks that cannot be read."""

    pixels: Mapping[int, int]
    unread: Mapping[str, str]  # path of the mask -> reason

    @property
    def values(self) -> tuple[int, ...]:
        """The stored values, sorted, 0 first."""
        return tuple(self.pixels)


def mask_values(folder: Path, masks: Sequence[Found], on_progress: Progress | None = None) -> MaskValues:
    """Reads all masks, in the supervised decoders: one that crashes or hangs its decoder fails alone.

    Stops once there are more than `MOST_MASK_CLASSES` values: these are no classes.
    """
    from runtime.data.pool import Failed, Request, decode

    pixels: Counter[int] = Counter({0: 0})
    unread: dict[str, str] = {}
    requests = [Request(folder / mask.path, mask.kind, mask=True) for mask in masks]
    with closing(decode(requests)) as answers:
        for done, (mask, answer) in enumerate(zip(masks, answers, strict=True), start=1):
            if isinstance(answer, Failed):
                unread[mask.path] = answer.reason.removeprefix(f"{answer.request.path.name} ").removesuffix(".")
            else:
                pixels.update(_pixels(answer.array))
            if on_progress is not None:
                on_progress(done, len(masks))
            if len(pixels) > MOST_MASK_CLASSES:
                break
    order = sorted(pixels, key=lambda value: (value != 0, value))
    return MaskValues({value: pixels[value] for value in order}, unread)


def _pixels(mask: NDArray[Any]) -> dict[int, int]:
    """How many pixels have each value."""
    import numpy as np

    if mask.size and mask.min() >= 0 and mask.max() < _COUNTED_AT_ONCE:
        table = np.bincount(mask.ravel())
        values = np.flatnonzero(table)
        return dict(zip(values.tolist(), table[values].tolist(), strict=True))
    found, counts = np.unique(mask, return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def mask_classes(values: Sequence[int]) -> tuple[str, ...]:
    """One name for each mask value: background and foreground for two, otherwise background and the value itself."""
    if len(values) == 2:
        return ("background", "foreground")
    return tuple("background" if value == 0 else str(value) for value in values)


def several_labels(dataset: DataSet, classes: Sequence[str]) -> NDArray[np.float32]:
    """Which of the labels each sample has: float32 (samples, classes) of 0 and 1. Labels that are not among `classes`
    are left out."""
    import numpy as np

    index = {name: place for place, name in enumerate(classes)}
    found = np.zeros((len(dataset.samples), len(classes)), np.float32)
    for row, sample in zip(found, dataset.samples, strict=True):
        for name in sample.labels or ():
            if name in index:
                row[index[name]] = 1
    return found
