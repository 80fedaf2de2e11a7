"""Where a case that is a patch round a point lies: its frame on a picture of the image, and the slice of a volume."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRectF

from designer.data.outlines import Outline
from runtime.data.catalogue import Box, Sample
from runtime.data.taken import Point
from runtime.data.turning import before_turn

_MARKED = 4  # a mark is a quarter as long as the patch: whole patches would hide each other


def point_mark(sample: Sample, point: Point) -> Box:
    """The middle of a patch on its slice, a quarter as long as its sides."""
    at, patch, _ = _seen(sample, point)
    (row, column), (high, wide) = at[-2:], (side / (2 * _MARKED) for side in patch[-2:])
    return Box(sample.label or "", column + 0.5 - wide, row + 0.5 - high, column + 0.5 + wide, row + 0.5 + high)


def slice_of(sample: Sample) -> int | None:
    """The slice of a volume in one file in which a point lies; None for images and for volumes of several files."""
    at = sample.point.at if sample.point is not None else ()
    return round(at[0]) if len(at) == 3 and not sample.slices else None


def marked_slices(sample: Sample) -> Iterator[int]:
    """The slices of a volume in one file on which the mark of a point is seen."""
    middle = slice_of(sample)
    if middle is not None and sample.point is not None:
        far = sample.size[0] // (2 * _MARKED)
        yield from range(max(0, middle - far), min(sample.point.image[0], middle + far + 1))


def patch_box(sample: Sample, rows: int, columns: int) -> QRectF:
    """The whole patch, as `runtime.data.points.patches.cut` takes it, in a picture of the image with so many rows and
    columns, in pixels; empty for other cases."""
    if sample.point is None:
        return QRectF()
    sides = zip(*(each[-2:] for each in _seen(sample, sample.point)), (rows, columns), strict=True)
    (top, high), (left, wide) = (
        ((math.floor(at + 0.5) - side // 2) * new / whole, side * new / whole) for at, side, whole, new in sides
    )
    return QRectF(left, top, wide, high)


def _seen(sample: Sample, point: Point) -> tuple[tuple[float, ...], tuple[int, ...], tuple[int, ...]]:
    """Place, sides of the patch and size of the image, along the axes in which the slices are shown."""
    return before_turn(point.at, sample.size, point.image, sample.turn)


def frame_of(box: QRectF, colour: str) -> Outline:
    """A box as an outline."""
    corners = (box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft(), box.topLeft())
    return Outline(colour, tuple(QLineF(QPointF(one), QPointF(other)) for one, other in pairwise(corners)))
