"""RoI align: what feature maps hold within each box, brought to one size by reading between pixels."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


class RegionAlign(nn.Module):
    """Features (N, C, rows, columns) and a box list (N, 9 or more, K) -> (N, C·side·side, K), as a signal of K boxes.

    Each box is divided into side × side parts, in each of which the mean of samples × samples places is taken, read
    between pixels (He et al. 2017, Mask R-CNN, doi 10.1109/ICCV.2017.322). Beyond the edge the pixel there counts.
    `size` is that of the image (rows, columns) in whose pixels the boxes are told.
    """

    scale: Tensor

    def __init__(self, size: tuple[int, ...], side: int, samples: int) -> None:
        super().__init__()
        self.side, self.samples = side, samples
        self.register_buffer("scale", torch.tensor([2 / size[1], 2 / size[0]])[None, :, None, None], persistent=False)

    def forward(self, features: Tensor, boxes: Tensor, image: Tensor) -> Tensor:
        """The values of each part, those of one channel behind each other; of `image` the size alone counts."""
        points = self.side * self.samples
        shares = (torch.arange(points, device=boxes.device, dtype=torch.float32) + 0.5) / points
        low, high = boxes[:, 0:2].detach().float(), boxes[:, 2:4].detach().float()
        places = (low.unsqueeze(-1) + (high - low).unsqueeze(-1) * shares) * self.scale - 1  # (N, 2, K, points)
        count = boxes.shape[2]
        across = places[:, 0].unsqueeze(2).expand(-1, -1, points, -1)
        down = places[:, 1].unsqueeze(3).expand(-1, -1, -1, points)
        grid = torch.stack([across, down], -1).flatten(1, 2)  # (N, K·points, points, 2)
        read = functional.grid_sample(features.float(), grid, "bilinear", "border", align_corners=False)
        means = functional.avg_pool2d(read, self.samples)  # (N, C, K·side, side)
        parts = means.reshape(means.shape[0], means.shape[1], count, self.side, self.side)
        return parts.permute(0, 1, 3, 4, 2).flatten(1, 3)
