"""Layers of transformers on images: the pixels of a map (N, C, *size) are the places that look at each other."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class SelfAttention(nn.Module):
    """Multi-head self-attention between all places of (N, C, *size), with a projection at the end; the shape stays."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)

    def forward(self, image: Tensor) -> Tensor:
        """Each place gives the mean of all places' values, weighed by how well its query fits their keys."""
        places = image.flatten(2).transpose(1, 2)  # N, places, C
        query, key, value = self.qkv(places).unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(query @ key.transpose(2, 3) * query.shape[3] ** -0.5, 3)
        seen = (weights @ value).transpose(1, 2).flatten(2)
        return self.proj(seen).transpose(1, 2).unflatten(2, image.shape[2:])


class PositionEmbedding(nn.Module):
    """Adds trained numbers of the shape (C, *size) to each image; they begin near 0."""

    def __init__(self, shape: Sequence[int]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(1, *shape))
        nn.init.trunc_normal_(self.weight, std=0.02)

    def forward(self, image: Tensor) -> Tensor:
        """The image (N, C, *size) with its places marked."""
        if image.shape[1:] != self.weight.shape[1:]:
            raise ValueError(f"places for {tuple(self.weight.shape[1:])} cannot mark {tuple(image.shape[1:])}")
        return image + self.weight
