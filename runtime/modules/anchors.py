"""From the raw numbers of a detection head to boxes: each is told relative to an anchor, a box that was there before.

Offsets as in Ren et al. 2015, Faster R-CNN (arXiv:1506.01497): the centre moves by a share of the anchor's sides, the
sides change by a factor exp(t). Within the cell as in Wang et al. 2021, Scaled-YOLOv4 (arXiv:2011.08036): the centre
stays within half a cell around its own (2σ(t) - 0.5 cells), the sides change by a factor (2σ(t))², from 0 to 4.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from runtime.modules.boxes import NOTHING, SCORE

MOST_GROWTH = math.log(1000 / 16)  # of the logarithm of a side: what is beyond would be no box, and overflow


def boxes_around(centre: Tensor, sides: Tensor) -> Tensor:
    """Left, top, right, bottom (N, 4, P) from the centres and the sides (N, 2, P), columns first."""
    return torch.cat([centre - sides / 2, centre + sides / 2], 1)


def moved_anchors(told: Tensor, anchors: Tensor) -> Tensor:
    """Boxes (N, 4, P) from offsets (N, 4, P) and anchors (N, 4, P)."""
    sides = anchors[:, 2:] - anchors[:, :2]
    centre = (anchors[:, 2:] + anchors[:, :2]) / 2 + told[:, :2] * sides
    return boxes_around(centre, sides * told[:, 2:].clamp_max(MOST_GROWTH).exp())


class AnchorBoxes(nn.Module):
    """(N, anchors·(5 + classes), rows, columns) -> a box list (N, 9 + classes, anchors·rows·columns).

    The channels of each anchor are its four numbers, the score of there being anything, and one for each class. `size`
    is that of the image (rows, columns), over which the cells are spread evenly; `widths` and `heights` are of the
    anchors, in its pixels. The boxes of the first anchor come first, row by row.
    """

    places: Tensor
    steps: Tensor

    def __init__(
        self, widths: Sequence[float], heights: Sequence[float], grid: Sequence[int], size: Sequence[int], cell: bool
    ) -> None:
        super().__init__()
        self.count = len(widths)
        self.cell = cell
        step = [size[1] / grid[1], size[0] / grid[0]]
        rows, columns = ((torch.arange(number) + 0.5) * along for number, along in zip(grid, step[::-1], strict=True))
        centres = torch.stack([columns.repeat(grid[0]), rows.repeat_interleave(grid[1])]).repeat(1, self.count)
        sides = torch.tensor([[*widths], [*heights]]).repeat_interleave(grid[0] * grid[1], 1)
        self.register_buffer("places", boxes_around(centres[None], sides[None]), persistent=False)
        self.register_buffer("steps", torch.tensor(step)[None, :, None], persistent=False)

    def forward(self, scores: Tensor, image: Tensor) -> Tensor:
        """The box list; of `image` (N, C, *size) the size alone counts, which is known already."""
        told = scores.float().reshape(scores.shape[0], self.count, scores.shape[1] // self.count, -1)
        told = told.movedim(2, 1).flatten(2)
        anchors = self.places.expand(told.shape[0], -1, -1)
        return torch.cat([self._boxes(told[:, :4], anchors), anchors, told[:, 4:]], 1)

    def _boxes(self, told: Tensor, anchors: Tensor) -> Tensor:
        if not self.cell:
            return moved_anchors(told, anchors)
        within = 2 * told.sigmoid()
        centre = (anchors[:, 2:] + anchors[:, :2]) / 2 + (within[:, :2] - 1) * self.steps
        return boxes_around(centre, (anchors[:, 2:] - anchors[:, :2]) * within[:, 2:].square())


class RefineBoxes(nn.Module):
    """Numbers (N, 5 + classes, K) and a box list (N, 9 or more, K) -> the box list (N, 9 + classes, K) of a second
    look.

    The boxes of the first list are the anchors, told of by offsets; no slope leads back to them.
    """

    def forward(self, scores: Tensor, boxes: Tensor) -> Tensor:
        told, anchors = scores.float(), boxes[:, :4].detach()
        nothing = boxes[:, SCORE : SCORE + 1] <= NOTHING / 2  # a row that was none stays none
        there = torch.where(nothing, torch.full_like(told[:, 4:5], NOTHING), told[:, 4:5])
        return torch.cat([moved_anchors(told[:, :4], anchors), anchors, there, told[:, 5:]], 1)
