"""Metrics that compare made images with real ones as two crowds, without pairs."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from runtime.modules.metrics import Metric

PLACES = 64


class _Crowds(Metric):
    """The root of the Fréchet distance, per value, of two crowds of rows, which `rows` makes of images (N, C, *size).

    With means m and covariances S of the values of a row: |m₁ - m₂|² + tr(S₁ + S₂ - 2 (S₁ S₂)^½), divided by the number
    of values. It is not a number with fewer than two rows.
    """

    sums: Tensor
    products: Tensor
    count: Tensor

    def __init__(self, channels: int, sides: tuple[int, ...]) -> None:
        super().__init__()
        self._sides = tuple(sides)
        values = channels * math.prod(sides)
        self.register_buffer("sums", torch.zeros(2, values, dtype=torch.float64), persistent=False)
        self.register_buffer("products", torch.zeros(2, values, values, dtype=torch.float64), persistent=False)
        self.register_buffer("count", torch.zeros(1, dtype=torch.float64), persistent=False)

    def rows(self, images: Tensor) -> Tensor:
        """What is counted of images (N, C, *size): (rows, C·prod(sides))."""
        raise NotImplementedError

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        rows = torch.stack([self.rows(one.float()) for one in (prediction, target)]).double()
        self.sums.add_(rows.sum(dim=1))
        self.products.add_(rows.mT @ rows)
        self.count.add_(rows.shape[1])

    @torch.no_grad()
    def compute(self) -> float:
        count = float(self.count)
        if count < 2:
            return math.nan
        means = self.sums / count
        covariances = (self.products - count * means[:, :, None] * means[:, None, :]) / (count - 1)
        made, real = covariances.cpu()
        root = _root(real)
        shared = torch.linalg.eigvalsh(root @ made @ root).clamp(min=0).sqrt().sum()
        apart = (means[0] - means[1]).square().sum().cpu()
        distance = apart + made.trace() + real.trace() - 2 * shared
        return math.sqrt(max(float(distance), 0.0) / means.shape[1])


class ImageDistance(_Crowds):
    """That distance of whole images, each made small: as many values along each axis as `sides` says."""

    def rows(self, images: Tensor) -> Tensor:
        """An image is a row."""
        shrink: Any = (
            torch.nn.functional.adaptive_avg_pool1d,
            torch.nn.functional.adaptive_avg_pool2d,
            torch.nn.functional.adaptive_avg_pool3d,
        )[len(self._sides) - 1]
        small: Tensor = shrink(images, self._sides)
        return small.flatten(1)


class DetailDistance(_Crowds):
    """That distance of pieces of all images, `sides` pixels large and anywhere: at most `PLACES` along an axis."""

    def rows(self, images: Tensor) -> Tensor:
        """A piece is a row, its channels one after the other."""
        pieces = images
        for axis, side in enumerate(self._sides, start=2):
            pieces = pieces.unfold(axis, side, -(-(images.shape[axis] - side + 1) // PLACES))
        places = len(self._sides)
        return pieces.movedim(1, places + 1).flatten(places + 1).flatten(0, places)


def _root(matrix: Tensor) -> Tensor:
    """The root of a symmetric matrix without negative eigenvalues."""
    values, vectors = torch.linalg.eigh(matrix)
    root: Tensor = (vectors * values.clamp(min=0).sqrt()) @ vectors.mT
    return root
