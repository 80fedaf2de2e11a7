"""Unpooling by positions: the reverse of a max pooling."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

_POOLINGS = {
    1: functional.max_pool1d_with_indices,
    2: functional.max_pool2d_with_indices,
    3: functional.max_pool3d_with_indices,
}


class MaxUnpooling(nn.Module):
    """Lays the values of `image` (N, C, *small) where max pooling finds the strongest of `before` (N, C, *size)."""

    def __init__(self, kernel: Sequence[int]) -> None:
        super().__init__()
        self.kernel = tuple(kernel)

    def forward(self, image: Tensor, before: Tensor) -> Tensor:
        """The image (N, C, *size), 0 where nothing is laid. Raises ValueError for sizes that do not belong together."""
        _, positions = _POOLINGS[len(self.kernel)](before, self.kernel, self.kernel)
        if positions.shape[1:] != image.shape[1:]:
            raise ValueError(f"pooling gives {tuple(positions.shape[1:])}, and {tuple(image.shape[1:])} came")
        empty = torch.zeros_like(before).flatten(2)
        return empty.scatter(2, positions.flatten(2), image.flatten(2)).reshape(before.shape)
