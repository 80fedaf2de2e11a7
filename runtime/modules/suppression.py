"""Non-maximum suppression: of boxes that lie on each other, the most probable one is kept."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from runtime.modules.boxes import ANCHOR, NOTHING, SCORE, answered_scores, box_areas, box_overlaps

ROUNDS = 32


def kept_boxes(boxes: Tensor, kinds: Tensor, keep: Tensor, overlap: float) -> Tensor:
    """Which of boxes (N, K, 4), the most probable first, are kept of those that `keep` (N, K) lets in: none that
    overlaps (IoU) a kept one of the same kind (N, K) by more than `overlap`. (N, K) bool.

    All boxes are judged at once, by those kept in the round before; each round settles one more link of every chain of
    boxes of which each would suppress the next, and chains of more than `ROUNDS` links do not occur on images. So every
    exported form of it does the same, without a loop whose length depends on the image.
    """
    alike = kinds.unsqueeze(2) == kinds.unsqueeze(1)
    after = torch.ones(boxes.shape[1], boxes.shape[1], dtype=torch.bool, device=boxes.device).triu(1)
    beats = ((box_overlaps(boxes, boxes) > overlap) & alike & after).to(boxes.dtype).transpose(1, 2)
    allowed = keep.to(boxes.dtype).unsqueeze(2)
    kept = allowed
    for _ in range(ROUNDS):
        kept = allowed * (torch.matmul(beats, kept) < 0.5).to(boxes.dtype)
    return kept.squeeze(2) > 0.5


class Suppression(nn.Module):
    """A box list (N, 9 + classes, P) -> (N, 9 + classes, `most`), the most probable first; the rest says that it is
    none. The `considered` most probable boxes are looked at. No slope leads through it.

    Boxes are cut off at the edges of the image (`size`: rows, columns). With `by_class`, boxes of different classes do
    not suppress each other.
    """

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
