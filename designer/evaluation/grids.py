"""Where the grid of a network lies in the picture of a case, after all that brought the picture to its size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF

from runtime.plan import FittedSize

Span = tuple[float, float]  # where the grid begins along an axis, and how far it goes, in pixels of the picture


def spans(fits: Sequence[FittedSize], size: Sequence[int]) -> list[Span]:
    """Of each axis of an image (*size), as many as the network has, where the grid lies that these fits end at."""
    found = [(0.0, float(side)) for side in size]
    at = list(size)
    for fit in fits:
        ratios = [new / old for new, old in zip(fit.size, at, strict=True)]
        if fit.rule == "keep":
            ratios = [1.0] * len(ratios)
        elif fit.rule != "stretch":
            ratios = [min(ratios) if fit.rule == "pad" else max(ratios)] * len(ratios)
        for axis, (ratio, old, new) in enumerate(zip(ratios, at, fit.size, strict=True)):
            start, length = found[axis]
            wide = new / ratio  # of the image before
            found[axis] = start + (old - wide) / 2 * length / old, wide * length / old
        at = list(fit.size)
    return found


def axes_of(fits: Sequence[FittedSize], size: tuple[int, int], slices: int) -> tuple[int, ...]:
    """The sides of what the network sees where a picture of `size` rows and columns is shown, one of so many slices."""
    return (slices, *size) if fits and len(fits[0].size) == 3 else size


def grid_box(fits: Sequence[FittedSize], size: tuple[int, int], slices: int = 1) -> QRectF:
    """Where the grid lies in a picture of `size` rows and columns, one of so many slices, in pixels of the picture."""
    (top, tall), (left, wide) = spans(fits, axes_of(fits, size, slices))[-2:]
    return QRectF(left, top, wide, tall)


def time_box(fits: Sequence[FittedSize], samples: int, size: tuple[int, int]) -> QRectF:
    """Where what the network sees of a signal lies in the picture of its curves, in pixels of the picture."""
    ((start, long),) = spans(fits, (samples,))
    rows, columns = size
    return QRectF(start * columns / samples, 0, long * columns / samples, rows)


def slice_at(
    fits: Sequence[FittedSize], size: tuple[int, int], mask: NDArray[Any], at: int, slices: int
) -> NDArray[Any] | None:
    """The slice of a mask on the grid that belongs to the slice `at` of the picture; None beside the grid."""
    if mask.ndim == 2:
        return mask
    start, length = spans(fits, axes_of(fits, size, slices))[0]
    place = int(np.floor((at + 0.5 - start) / length * len(mask)))
    return np.asarray(mask[place]) if 0 <= place < len(mask) else None
