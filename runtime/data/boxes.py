"""Boxes around what is in an image: judged against the image, and brought along when it is fitted to a size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from runtime.data.catalogue import Box, DataSet, Sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NO_BOX = -1.0  # the class index that fills up


def within(box: Box, rows: int, columns: int) -> tuple[Box | None, str]:
    """The box as far as it lies in the image, and what is wrong with it ("" when nothing is).

    None when nothing of it is left: it has no area, or lies outside.
    """
    if not (box.right > box.left and box.bottom > box.top):
        return None, "has no area"
    inside = replace(
        box,
        left=max(box.left, 0.0),
        top=max(box.top, 0.0),
        right=min(box.right, float(columns)),
        bottom=min(box.bottom, float(rows)),
    )
    if not (inside.right > inside.left and inside.bottom > inside.top):
        return None, "lies outside the image"
    return inside, "" if inside == box else "reaches beyond the image"


def boxes_array(
    dataset: DataSet, classes: Sequence[str], size: tuple[int, ...] | None, rule: str
) -> NDArray[np.float32]:
    """The boxes of all samples, float32 (N, most boxes, 5): class index, left, top, right, bottom.

    The edges are in pixels of the image after it was fitted to `size` (rows, columns) by `rule` (see
    runtime.modules.fit; None leaves it as found), cut off at its borders. The rest is filled with class -1. Boxes of
    classes that are not among `classes` are left out, as are those that the fit cut away.
    """
    import numpy as np

    index = {name: place for place, name in enumerate(classes)}
    result = np.zeros((len(dataset.samples), dataset.most_boxes, 5), np.float32)
    result[:, :, 0] = NO_BOX
    for row, sample in zip(result, dataset.samples, strict=True):
        fitted = (_fitted(box, sample, size, rule) for box in sample.boxes or () if box.label in index)
        for place, box in enumerate(box for box in fitted if box is not None):
            row[place] = (index[box.label], box.left, box.top, box.right, box.bottom)
    return result


def _fitted(box: Box, sample: Sample, size: tuple[int, ...] | None, rule: str) -> Box | None:
    """The box on the fitted image; None when nothing of it is left."""
    if size is None:
        return box
    found = sample.size[-2:]
    sides = sample.resampled[-2:] or found
    scales = [new / old for new, old in zip(size, sides, strict=True)]
    if rule != "stretch":
        scales = [min(scales) if rule == "pad" else max(scales)] * 2
    # The middle of the image stays in the middle.
    top, bottom = (_moved(edge, found[0], sides[0], size[0], scales[0]) for edge in (box.top, box.bottom))
    left, right = (_moved(edge, found[1], sides[1], size[1], scales[1]) for edge in (box.left, box.right))
    return within(Box(box.label, left, top, right, bottom), size[0], size[1])[0]


def _moved(edge: float, found: int, side: int, new: int, scale: float) -> float:
    return (edge * side / found - side / 2) * scale + new / 2
