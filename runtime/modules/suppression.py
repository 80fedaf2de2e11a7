"""Non-maximum suppression: of boxes that lie on each other, the most probable one is kept."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from runtime.modules.boxes import ANCHOR, NOTHING, SCORE, answered_scores, box_areas, box_overlaps


def kept_boxes(boxes: Tensor, kinds: Tensor, keep: Tensor, overlap: float) -> Tensor:
    """Which of boxes (N, K, 4), the most probable first, are kept of those that `keep` (N, K) lets in: none that
    overlaps (IoU) a kept one of the same kind (N, K) by more than `overlap`. (N, K) bool.

    Written out box by box, so that every exported form of it does the same.
    """
    alike = kinds.unsqueeze(2) == kinds.unsqueeze(1)
    beats = (box_overlaps(boxes, boxes) > overlap) & alike
    after = torch.ones(boxes.shape[1], boxes.shape[1], dtype=torch.bool, device=boxes.device).triu(1)
    beats = beats & after
    for place in range(boxes.shape[1]):
        keep = keep & ~(beats[:, place] & keep[:, place : place + 1])
    return keep


class Suppression(nn.Module):
    """A box list (N, 9 + classes, P) -> (N, 9 + classes, `most`), the most probable first; the rest says that it is
    none. The `considered` most probable boxes are looked at. No slope leads through it.

    Boxes are cut off at the edges of the image (`size`: rows, columns). With `by_class`, boxes of different classes do
    not suppress each other.
    """

    needs: ClassVar[tuple[str, ...]] = (
        "kept_boxes", "answered_scores", "box_areas", "ANCHOR", "NOTHING", "SCORE",
    )  # fmt: skip
    edges: Tensor

    def __init__(
        self, size: tuple[int, ...], overlap: float, least: float, considered: int, most: int, by_class: bool
    ) -> None:
        super().__init__()
        self.overlap, self.least = overlap, least
        self.considered, self.most = considered, most
        self.by_class = by_class
        edges = torch.tensor([size[1], size[0]] * 2, dtype=torch.float32)
        self.register_buffer("edges", edges[None, :, None], persistent=False)

    def forward(self, boxes: Tensor, image: Tensor) -> Tensor:
        """The boxes that are kept; of `image` the size alone counts, which is known already."""
        found = boxes.detach()
        found = torch.cat([torch.minimum(found[:, :ANCHOR].clamp_min(0), self.edges), found[:, ANCHOR:]], 1)
        ranked = answered_scores(found)[0].topk(min(self.considered, found.shape[2]), 1).indices
        found = found.gather(2, ranked.unsqueeze(1).expand(-1, found.shape[1], -1))
        score, kind = answered_scores(found)
        sides = found[:, :ANCHOR].transpose(1, 2)
        keep = (score >= self.least) & (box_areas(sides) > 0)
        keep = kept_boxes(sides, kind if self.by_class else torch.zeros_like(kind), keep, self.overlap)
        none = torch.zeros_like(found)
        none[:, SCORE] = NOTHING
        found = torch.where(keep.unsqueeze(1), found, none)
        order = torch.where(keep, score, torch.full_like(score, -1.0)).topk(min(self.most, score.shape[1]), 1).indices
        return found.gather(2, order.unsqueeze(1).expand(-1, found.shape[1], -1))
