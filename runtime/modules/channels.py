"""Channels laid in another order, and normalised at each pixel by themselves."""

from __future__ import annotations

from torch import Tensor, nn


def shuffled(image: Tensor, groups: int) -> Tensor:
    """The channels of (N, C, ...) with those of the groups laid between each other: 0 1 2 3 of two become 0 2 1 3."""
    parts = image.reshape(image.shape[0], groups, -1, *image.shape[2:])
    return parts.transpose(1, 2).flatten(1, 2)


def parted(image: Tensor, parts: int, part: int) -> Tensor:
    """One of `parts` equal parts of the channels of (N, C, ...), counted from 1. Raises ValueError for unequal ones."""
    if image.shape[1] % parts or part > parts:
        raise ValueError(f"{image.shape[1]} channels have no part {part} of {parts} equal ones")
    return image.chunk(parts, 1)[part - 1]


class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of (N, C, ...), at each pixel by itself."""

    def forward(self, image: Tensor) -> Tensor:
        """The image with mean 0 and spread 1 over the channels of each pixel, scaled as learned."""
        return super().forward(image.movedim(1, -1)).movedim(-1, 1)
