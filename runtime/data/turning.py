"""Volumes of DICOM slices turned to the axes that NIfTI volumes are read in: one convention, whatever the scanner's.

Slices from feet to head, rows from front to back, columns from the patient's right to left.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import Pose

Turn = tuple[tuple[int, int], ...]  # for each axis after the turn: the axis before, and 1, or -1 where it is reversed
T = TypeVar("T", int, float)
_AXES = (2, 1, 0)  # slices run along z, rows along y, columns along x (DICOM: left, back, head)


def turn_of(pose: Pose) -> Turn:
    """The turn to the nearest standard axes."""
    ways = (pose.normal, pose.down, pose.across)
    best = max(
        permutations(range(3)), key=lambda axes: sum(abs(ways[axis][at]) for axis, at in zip(axes, _AXES, strict=True))
    )
    return tuple((axis, 1 if ways[axis][at] >= 0 else -1) for axis, at in zip(best, _AXES, strict=True))


def turned(sides: Sequence[T], turn: Turn) -> tuple[T, ...]:
    """Sizes or spacings (slices, rows, columns) in the order that they have after the turn."""
    return tuple(sides[axis] for axis, _ in turn) if turn else tuple(sides)


def before_turn(
    at: Sequence[float], sides: Sequence[int], image: Sequence[int], turn: Turn
) -> tuple[tuple[float, ...], tuple[int, ...], tuple[int, ...]]:
    """A place in a turned volume, the sides of a patch round it, and the size of the volume, as before the turn."""
    found = [*zip(at, sides, image, strict=True)]
    for (axis, direction), (place, side, whole) in zip(turn, list(found), strict=False):
        found[axis] = (place if direction > 0 else whole - 1 - place, side, whole)
    places, patch, size = zip(*found, strict=True)
    return places, patch, size


def turned_pixels(array: NDArray[Any], turn: Turn) -> NDArray[Any]:
    """An array (..., slices, rows, columns) after the turn."""
    if not turn:
        return array
    lead = array.ndim - 3
    moved = array.transpose(*range(lead), *(lead + axis for axis, _ in turn))
    steps = tuple(slice(None, None, direction) for _, direction in turn)
    return np.ascontiguousarray(moved[(slice(None),) * lead + steps])


def turned_pose(pose: Pose, turn: Turn, size: Sequence[int], spacing: Sequence[float]) -> Pose:
    """How the turned volume lies; `size` and `spacing` are those before the turn."""
    ways = [np.array(way) for way in (pose.normal, pose.down, pose.across)]
    corner = np.array(pose.corner)
    for axis, direction in turn:
        if direction < 0:
            corner = corner + ways[axis] * spacing[axis] * (size[axis] - 1)
    normal, down, across = (ways[axis] * direction for axis, direction in turn)
    return Pose(*((float(way[0]), float(way[1]), float(way[2])) for way in (corner, across, down, normal)))


def affine_of_pose(pose: Pose, spacing: Sequence[float]) -> NDArray[np.float64]:
    """(4, 4) from the indexes (column, row, slice) of a volume to millimetres in NIfTI's axes (right, front, head)."""
    affine = np.eye(4)
    for place, (way, step) in enumerate(zip((pose.across, pose.down, pose.normal), reversed(spacing), strict=True)):
        affine[:3, place] = np.array(way) * step
    affine[:3, 3] = pose.corner
    affine[:2] *= -1
    return affine
