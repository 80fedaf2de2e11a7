"""Smooth random bending: a coarse grid of displacements, made as fine as the image by cubic B-splines."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def knots(cells: int) -> int:
    """How many control points an axis of `cells` cells has: one more than its borders, and one beyond at either end."""
    return cells + 3


def basis(places: Tensor, cells: int) -> Tensor:
    """(*any, cells + 3): the weight of each control point at `places`, from -1 to 1 across the image.

    Beyond the image the bending at its edge goes on.
    """
    along = (places.clamp(-1, 1) + 1) * (cells / 2) + 1
    distance = (along.unsqueeze(-1) - torch.arange(knots(cells), device=places.device, dtype=places.dtype)).abs()
    return ((2 - distance).clamp_min(0).pow(3) - 4 * (1 - distance).clamp_min(0).pow(3)) / 6


def centres(length: int, device: torch.device) -> Tensor:
    """The centres of `length` pixels from -1 to 1, as grid_sample counts them with align_corners=False."""
    return (torch.arange(length, device=device, dtype=torch.float32) * 2 + 1) / length - 1


def bent(control: Tensor, size: Sequence[int]) -> Tensor:
    """Displacements at pixels from those at control points (N, d, cells + 3, …): the first axes become `size`.

    One small matrix product for each axis; axes that `size` does not name stay as they are.
    """
    for axis, length in enumerate(size, start=2):
        weights = basis(centres(length, control.device), control.shape[axis] - 3)
        control = torch.matmul(control.transpose(axis, -1), weights.transpose(0, 1)).transpose(axis, -1)
    return control


def bent_at(control: Tensor, points: Tensor) -> Tensor:
    """Displacements (N, P, d) at single `points` (N, P, d), columns first, from -1 to 1 across the image."""
    axes = points.shape[-1]
    found = control.unsqueeze(1)  # (N, 1, d, knots of the slowest axis, …, knots of the columns)
    for axis in range(axes):  # columns are the last axis of the control points
        weights = basis(points[..., axis], control.shape[-1 - axis] - 3)
        shape = (*weights.shape[:2], *([1] * (axes - axis)), weights.shape[-1])
        found = (found * weights.reshape(shape)).sum(-1)
    return found
