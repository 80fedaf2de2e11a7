"""How well two masks of one case agree, class by class: Dice, IoU, Hausdorff distance, volumes. No torch."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_SHARE = 0.95  # of the surface, for the Hausdorff distance


def overlaps(true: Array, found: Array, classes: int, spacing: Sequence[float] | None = None) -> dict[str, Array]:
    """`dice`, `iou`, `hausdorff`, `true_volume` and `found_volume` (classes,) of two masks of class indexes (*size).

    `spacing` are the sides of a pixel along each axis, mm. Volumes are then in ml, areas of 2-D masks in mm²; without
    it distances are in pixels, and volumes are counted. nan where a measure is not defined: overlap of a class that is
    in neither mask, distance to one that is not in both.
    """
    table = np.bincount((true.astype(np.int64) * classes + found).ravel(), minlength=classes**2)
    counts = table.reshape(classes, classes)
    shared, trues, founds = np.diag(counts), counts.sum(axis=1), counts.sum(axis=0)
    both = (trues + founds).astype(np.float64)
    with np.errstate(invalid="ignore"):
        dice, iou = 2 * shared / np.where(both > 0, both, np.nan), shared / np.where(both > 0, both - shared, np.nan)
    unit = _pixel(spacing)
    distances = [
        hausdorff(true == place, found == place, spacing) if trues[place] and founds[place] else math.nan
        for place in range(classes)
    ]
    return {
        "dice": dice, "iou": iou, "hausdorff": np.array(distances), "true_volume": trues * unit,
        "found_volume": founds * unit,
    }  # fmt: skip


def hausdorff(true: Array, found: Array, spacing: Sequence[float] | None = None, share: float = _SHARE) -> float:
    """The distance within which 95 % of each of two masks' (*size) surfaces lie from the other; in the unit of
    `spacing`, else in pixels.

    The greater of both directions, as MONAI does; surfaces are the pixels of the mask that its erosion takes away, and
    the border of the image is outside. nan where one of the masks is empty.
    """
    from scipy.ndimage import distance_transform_edt

    true, found = _cropped(true.astype(bool), found.astype(bool))
    first, second = _surface(true), _surface(found)
    if not first.any() or not second.any():
        return math.nan
    ways = []
    for own, other in ((first, second), (second, first)):
        far = distance_transform_edt(~other, sampling=None if spacing is None else tuple(spacing))
        ways.append(float(np.quantile(far[own], share)))
    return max(ways)


def _cropped(true: Array, found: Array) -> tuple[Array, Array]:
    """Both masks, cut to where one of them is, with a pixel around: what lies outside makes no difference."""
    either = true | found
    for axis in range(either.ndim):
        used = np.flatnonzero(either.any(axis=tuple(other for other in range(either.ndim) if other != axis)))
        if not len(used):
            return true, found
        part = [slice(None)] * either.ndim
        part[axis] = slice(used[0], used[-1] + 1)
        either, true, found = either[tuple(part)], true[tuple(part)], found[tuple(part)]
    return np.pad(true, 1), np.pad(found, 1)


def _surface(mask: Array) -> Array:
    from scipy.ndimage import binary_erosion

    return np.asarray(mask & ~binary_erosion(mask))


def _pixel(spacing: Sequence[float] | None) -> float:
    """What one pixel is: of a volume in ml, of an image in mm²; 1 where its sides are not known."""
    if spacing is None:
        return 1.0
    return math.prod(spacing) / (1000.0 if len(spacing) == 3 else 1.0)


def volume_unit(axes: int, known: bool) -> str:
    """The unit of volumes, by how many axes the masks have and whether the spacing is known."""
    return {2: "mm²", 3: "ml"}.get(axes, "pixels") if known else "pixels"
