"""Bicubic interpolation of images with any number of axes, smaller without jagged edges or larger."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn


def resampled(image: Tensor, sides: Sequence[int]) -> Tensor:
    """(N, C, *any) -> (N, C, *sides) float32 by cubic convolution, axis by axis (Keys 1981, a = -1/2;
    doi:10.1109/TASSP.1981.1163711); an axis that becomes shorter is smoothed by as much.

    As torch.nn.functional.interpolate(mode="bicubic", antialias=True), for any number of axes, and in ONNX.
    """
    for axis, side in enumerate(sides, start=2):
        image = _along(image, axis, side)
    return image


def _along(image: Tensor, axis: int, side: int) -> Tensor:
    old = image.shape[axis]
    step = old / side
    wide = max(step, 1.0)
    centres = (torch.arange(side, device=image.device, dtype=torch.float32) + 0.5) * step
    first = torch.floor(centres - 2 * wide).long()
    places = first.unsqueeze(0) + torch.arange(math.ceil(4 * wide) + 1, device=image.device).unsqueeze(1)
    weights = _cubic((places + 0.5 - centres).abs() / wide) * ((places >= 0) & (places < old))
    weights = weights / weights.sum(dim=0, keepdim=True)
    shape = [-1] + [1] * (image.dim() - axis - 1)
    taken = places.clamp(0, old - 1)
    parts = [image.index_select(axis, at) * share.view(shape) for at, share in zip(taken, weights, strict=True)]
    return torch.stack(parts).sum(dim=0)


def _cubic(distance: Tensor) -> Tensor:
    near = (1.5 * distance - 2.5) * distance.square() + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    return torch.where(distance < 1, near, torch.where(distance < 2, far, torch.zeros_like(distance)))


class ReduceResolution(nn.Module):
    """(N, C, *size) -> (N, C, *size / factor), bicubic."""

    needs: ClassVar[tuple[str, ...]] = ("resampled", "_along", "_cubic")

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = int(factor)

    def forward(self, image: Tensor) -> Tensor:
        with torch.autocast(image.device.type, enabled=False):
            return resampled(image.float(), [side // self.factor for side in image.shape[2:]])


class Cubic(nn.Module):
    """(N, C, *any) -> `size`, or without one so many times larger along each axis, bicubic."""

    needs: ClassVar[tuple[str, ...]] = ("resampled", "_along", "_cubic")

    def __init__(self, factors: tuple[int, ...] = (), size: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.factors = tuple(factors)
        self.size = tuple(size)

    def forward(self, image: Tensor) -> Tensor:
        sides = self.size or [side * times for side, times in zip(image.shape[2:], self.factors, strict=True)]
        with torch.autocast(image.device.type, enabled=False):
            return resampled(image.float(), sides)
