"""Where each pixel of a result comes from: steps of affine maps and bendings, put together before pixels are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from runtime.modules.elastic import basis, bent, bent_at, centres

_AT_ONCE = 1 << 21  # places held at once on a CPU: what stays in its cache is read and written several times as fast
_ROUNDS = 12  # bending is inverted step by step; what is left after so many is far under a pixel


@dataclass(frozen=True, slots=True)
class Step:
    """A place p of the result comes from matrix · (p + bending(p)) of the image; both from -1 to 1, columns first.

    `matrix` (N, d, d+1) as torch.nn.functional.affine_grid takes it. `bend` (N, d, knots, …) holds the displacements
    at control points, or is None.
    """

    matrix: Tensor
    bend: Tensor | None = None

    def part(self, samples: slice) -> Step:
        """The step of some of the samples."""
        return Step(self.matrix[samples], None if self.bend is None else self.bend[samples])


@dataclass(frozen=True, slots=True)
class Motion:
    """Steps in the order in which they are done to the images."""

    steps: tuple[Step, ...]

    def then(self, later: Motion) -> Motion:
        """This motion, and then another, as one; neighbouring steps without bending become a single matrix."""
        steps = list(self.steps)
        for step in later.steps:
            if steps and steps[-1].bend is None:
                steps[-1] = Step(compose(steps[-1].matrix, step.matrix), step.bend)
            else:
                steps.append(step)
        return Motion(tuple(steps))

    def part(self, samples: slice) -> Motion:
        """The motion of some of the samples."""
        return Motion(tuple(step.part(samples) for step in self.steps))

    def grid(self, size: Sequence[int]) -> Tensor:
        """(N, d, *size): for each pixel of the result its place in the image, columns first."""
        *before, last = self.steps
        places = _first_places(last, size)
        for step in reversed(before):
            places = _places_at(step, places)
        return places

    def points(self, points: Tensor) -> Tensor:
        """Where `points` (N, P, d) of the images, columns first and from -1 to 1, lie in the result."""
        for step in self.steps:
            linear, shift = step.matrix[..., :-1], step.matrix[..., -1:]
            straight = torch.linalg.solve(linear, points.transpose(1, 2) - shift).transpose(1, 2)
            points = straight
            if step.bend is not None:
                for _ in range(_ROUNDS):
                    points = straight - bent_at(step.bend, points)
        return points


def compose(first: Tensor, second: Tensor) -> Tensor:
    """The matrices (N, d, d+1) of applying `first` and then `second` to the images."""
    last = torch.zeros_like(first[:, :1])
    last[:, :, -1] = 1
    with torch.autocast(first.device.type, enabled=False):
        return torch.bmm(first, torch.cat([second, last], dim=1))


def moved(
    image: Tensor, masks: dict[str, Tensor], motion: Motion, edges: str, fill: float
) -> tuple[Tensor, dict[str, Tensor]]:
    """Image (N, C, *spatial) and masks (N, *spatial) after a motion; places are computed once for all of them.

    Each is resampled once, masks to the nearest pixel. From beyond the edge comes what `edges` says: the value `fill`
    (a mask: 0), the pixel at the edge ("repeat") or the mirrored image ("mirror").
    """
    size = image.shape[2:]
    once = image.shape[0] if image.device.type != "cpu" else max(1, _AT_ONCE // (size.numel() * len(size)))
    if once >= image.shape[0] or image.requires_grad:  # what is written into a ready tensor has no slope
        grid = motion.grid(size)
        others = {name: _warped(mask, grid, edges) for name, mask in masks.items()}
        return warp(image, grid, False, edges, fill), others
    result = torch.empty_like(image)
    others = {name: torch.empty_like(mask) for name, mask in masks.items()}
    for start in range(0, image.shape[0], once):
        part = slice(start, start + once)
        grid = motion.part(part).grid(size)
        result[part] = warp(image[part], grid, False, edges, fill)
        for name, mask in masks.items():
            others[name][part] = _warped(mask[part], grid, edges)
    return result, others


def _warped(mask: Tensor, grid: Tensor, edges: str) -> Tensor:
    return warp(mask.unsqueeze(1), grid, True, edges, 0.0).squeeze(1)


def warp(images: Tensor, grid: Tensor, nearest: bool, edges: str, fill: float) -> Tensor:
    """`images` (N, C, *spatial) resampled once at the places (N, d, *spatial) of a grid; their type is kept."""
    padding = {"fill": "zeros", "repeat": "border", "mirror": "reflection"}[edges]
    mode = "nearest" if nearest else "bilinear"
    with torch.autocast(images.device.type, enabled=False):
        above = images.float() - fill if fill else images.float()
        moved = functional.grid_sample(above, grid.movedim(1, -1), mode, padding, align_corners=False)
        return (moved + fill if fill else moved).to(images.dtype)


def _first_places(step: Step, size: Sequence[int]) -> Tensor:
    """The step at the pixels' own places, (N, d, *size).

    What depends on all axes but the last is put together while it is small; then one product of matrices spreads it
    along the last axis, the affine map as two more columns beside the bending.
    """
    matrix = step.matrix
    *slow, columns = size
    straight = _fanned(matrix[..., -1], len(slow))
    for axis, length in enumerate(reversed(slow)):
        along = centres(length, matrix.device).reshape(length, *([1] * axis))
        straight = straight + _fanned(matrix[..., axis + 1], len(slow)) * along
    slopes = _fanned(matrix[..., 0], len(slow)).expand_as(straight)
    parts = [straight.unsqueeze(-1), slopes.unsqueeze(-1)]
    across = centres(columns, matrix.device)
    rows = [torch.ones_like(across).unsqueeze(0), across.unsqueeze(0)]
    with torch.autocast(matrix.device.type, enabled=False):
        if step.bend is not None:
            turned = torch.bmm(matrix[..., :-1], step.bend.flatten(2)).reshape(step.bend.shape)
            parts.append(bent(turned, slow))
            rows.append(basis(across, step.bend.shape[-1] - 3).transpose(0, 1))
        return torch.matmul(torch.cat(parts, dim=-1), torch.cat(rows))


def _fanned(numbers: Tensor, axes: int) -> Tensor:
    """(N, d) -> (N, d, 1, …), to go with so many axes."""
    return numbers.reshape(*numbers.shape, *([1] * axes))


def _places_at(step: Step, places: Tensor) -> Tensor:
    """The step at places that other steps have found already."""
    with torch.autocast(places.device.type, enabled=False):
        if step.bend is not None:
            # The bending itself is smooth, so it may be read between its own pixels.
            field = bent(step.bend, places.shape[2:])
            places = places + warp(field, places, nearest=False, edges="repeat", fill=0.0)
        moved = torch.bmm(step.matrix[..., :-1], places.flatten(2)) + step.matrix[..., -1:]
        return moved.reshape(places.shape)
