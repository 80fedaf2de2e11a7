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
        count, each = places.shape[1], places.shape[2] // self.heads
        parts: Tensor = self.qkv(places).reshape(-1, count, 3, self.heads, each).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)  # N, heads, places, C of a head
        weights = torch.softmax(query @ key.transpose(2, 3) * each**-0.5, 3)
        seen: Tensor = self.proj((weights @ value).transpose(1, 2).flatten(2))
        return seen.transpose(1, 2).reshape(image.shape)


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
