"""Boxes moved along with the images they lie on."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from runtime.modules.motion import Motion

_SEEN = 0.1  # of a box's moved area: one of which less is left in the image names nothing that can be seen
_SIDE = (0.0, 0.5, 1.0)  # places along each side of a box that are followed


def moved_boxes(boxes: Tensor, motion: Motion, size: Sequence[int]) -> Tensor:
    """Boxes (N, M, 5) of images of `size` (rows, columns) after a motion: class, left, top, right, bottom in pixels.

    Corners and the middles of the sides are followed; the box around them is cut off at the image's borders. A box of
    which less than a tenth is left gets class -1, which says that there is none; those with class -1 stay as they are.
    """
    if len(size) != 2:
        raise ValueError(f"boxes lie on images with rows and columns; an image with {len(size)} axes came")
    rows, columns = size
    kind, left, top, right, bottom = boxes.unbind(-1)
    with torch.autocast(boxes.device.type, enabled=False):
        xs = [left + (right - left) * share for share in _SIDE for _ in _SIDE]
        ys = [top + (bottom - top) * share for _ in _SIDE for share in _SIDE]
        corners = torch.stack([torch.stack(xs, -1) * (2 / columns) - 1, torch.stack(ys, -1) * (2 / rows) - 1], -1)
        found = motion.points(corners.flatten(1, 2)).reshape(corners.shape)  # (N, M, 9, 2)
        x, y = (found[..., 0] + 1) * (columns / 2), (found[..., 1] + 1) * (rows / 2)
        whole = [x.amin(-1), y.amin(-1), x.amax(-1), y.amax(-1)]
        cut = [side.clamp(0, most) for side, most in zip(whole, (columns, rows, columns, rows), strict=True)]
        there = (kind >= 0) & (_area(cut) > _SEEN * _area(whole))
        moved = torch.stack([kind, *cut], -1)
        gone = torch.zeros_like(boxes)
        gone[..., 0] = -1
        return torch.where(there.unsqueeze(-1), moved, torch.where((kind >= 0).unsqueeze(-1), gone, boxes))


def _area(sides: Sequence[Tensor]) -> Tensor:
    left, top, right, bottom = sides
    return (right - left) * (bottom - top)
