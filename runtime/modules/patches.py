"""Pieces of images: cut at random for training, as an overlapping grid otherwise, and put together again.

The grid of the windows is a product of one for each axis: windows that overlap by half, the last one at the far end.
Weights are the product of one Gaussian for each axis as well, so that stitching is one matrix product an axis, and an
exported model holds nothing but gathers and products (sliding window as in Isensee et al. 2021,
doi:10.1038/s41592-020-01008-z).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

_SPREAD = 0.25  # standard deviation of the Gaussian, in sides of a window


def starts(whole: int, side: int) -> list[int]:
    """Where windows begin on an axis of `whole` pixels. Raises ValueError for a window larger than that."""
    if side > whole:
        raise ValueError(f"a window of {side} pixels does not fit into {whole}")
    step = max(1, side // 2)
    return [*range(0, whole - side, step), whole - side]


class Patches(nn.Module):
    """Training: (N, C, *whole) -> (N, C, *size), one piece of each image. Otherwise -> (N * windows, C, *size).

    `together` cuts masks (N, *whole) as their images while training, and leaves them whole otherwise. A share
    `foreground` of the pieces has a pixel above 0 of the first mask in its middle, as far as the border allows.
    """

    def __init__(self, whole: Sequence[int], size: Sequence[int], foreground: float) -> None:
        super().__init__()
        self.whole, self.size, self.foreground = tuple(whole), tuple(size), foreground
        for axis, (length, side) in enumerate(zip(self.whole, self.size, strict=True)):
            places = torch.tensor(starts(length, side))[:, None] + torch.arange(side)
            self.register_buffer(f"places{axis}", places.flatten(), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        if self.training:
            return self.together(image, {})[0]
        for axis in range(len(self.whole)):
            image = image.index_select(axis + 2, self.get_buffer(f"places{axis}"))
        counts = [len(starts(*both)) for both in zip(self.whole, self.size, strict=True)]
        shape = [side for both in zip(counts, self.size, strict=True) for side in both]
        channels, dims = image.shape[1], len(counts)
        apart = image.reshape(-1, channels, *shape)
        windows, within = [2 + 2 * axis for axis in range(dims)], [3 + 2 * axis for axis in range(dims)]
        return apart.permute(0, *windows, 1, *within).reshape(-1, channels, *self.size)

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The pieces and their masks."""
        if not self.training:
            return self(image), masks
        corners = self._corners(image, next(iter(masks.values()), None))
        cut = {name: self._cut(mask, corners) for name, mask in masks.items()}
        return self._cut(image, corners), cut

    def along(
        self, image: Tensor, masks: dict[str, Tensor], boxes: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """As `together`. Raises TypeError for boxes."""
        return *self.together(image, masks), _without(boxes)

    def _cut(self, whole: Tensor, corners: Tensor) -> Tensor:
        pieces = []
        for one, corner in zip(whole, corners.tolist(), strict=True):
            places = tuple(slice(at, at + side) for at, side in zip(corner, self.size, strict=True))
            pieces.append(one[(..., *places)])
        return torch.stack(pieces)

    def _corners(self, image: Tensor, mask: Tensor | None) -> Tensor:
        """(N, axes) first pixels of the pieces, drawn from torch's generator of the CPU."""
        count, side = len(image), torch.tensor(self.size)
        room = torch.tensor(self.whole) - side
        corners = (torch.rand(count, len(side)) * (room + 1)).long()
        chosen = torch.rand(count) < self.foreground
        drawn = torch.rand(count)
        if mask is None:
            return corners
        for place in torch.nonzero(chosen).flatten().tolist():
            pixels = torch.nonzero(mask[place] > 0)
            if len(pixels):
                middle = pixels[int(drawn[place] * len(pixels))].cpu()
                corners[place] = torch.minimum((middle - side // 2).clamp_min(0), room)
        return corners


class Stitch(nn.Module):
    """(N * windows, K, *size) -> (N, K, *whole): the weighted mean of the windows over each pixel. Training: nothing.

    The second input, the whole image, only says by its wire which pieces are meant.
    """

    def __init__(self, whole: Sequence[int], size: Sequence[int]) -> None:
        super().__init__()
        self.whole, self.size = tuple(whole), tuple(size)
        for axis, both in enumerate(zip(self.whole, self.size, strict=True)):
            self.register_buffer(f"weights{axis}", _weights(*both), persistent=False)

    def forward(self, pieces: Tensor, image: Tensor | None = None) -> Tensor:
        if self.training:
            return pieces
        counts = [len(starts(*both)) for both in zip(self.whole, self.size, strict=True)]
        dims, channels = len(counts), pieces.shape[1]
        apart = pieces.reshape(-1, *counts, channels, *self.size)
        order = [place for axis in range(dims) for place in (1 + axis, 2 + dims + axis)]
        lengths = [count * side for count, side in zip(counts, self.size, strict=True)]
        joined = apart.permute(0, 1 + dims, *order).reshape(-1, channels, *lengths)
        for axis in range(dims):
            weights = self.get_buffer(f"weights{axis}").to(joined.dtype)
            joined = torch.matmul(joined.transpose(axis + 2, -1), weights).transpose(axis + 2, -1)
        return joined

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """Masks were cut with the images while training, and are whole otherwise."""
        return self(image), masks

    def along(
        self, image: Tensor, masks: dict[str, Tensor], boxes: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """As `together`. Raises TypeError for boxes."""
        return *self.together(image, masks), _without(boxes)


def _without(boxes: dict[str, Tensor]) -> dict[str, Tensor]:
    if boxes:
        raise TypeError("boxes cannot be cut into pieces as masks can; take Patches and Stitch out")
    return boxes


def _weights(whole: int, side: int) -> Tensor:
    """(windows * side, whole): how much each pixel of each window counts for each pixel; columns add up to 1."""
    middle = (torch.arange(side, dtype=torch.float64) - (side - 1) / 2) / (side * _SPREAD)
    bell = torch.exp(-(middle**2) / 2)
    first = starts(whole, side)
    weights = torch.zeros(len(first), side, whole, dtype=torch.float64)
    for window, start in enumerate(first):
        weights[window, torch.arange(side), start + torch.arange(side)] = bell
    flat = weights.flatten(0, 1)
    return (flat / flat.sum(0)).float()
