"""Random changes of place, size and orientation, put together into one resampling of image and masks."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional


class Augment(nn.Module):
    """(N, C, *spatial) with 2 or 3 axes -> the same shape, each sample changed in its own way; unchanged in eval().

    Each kind of change happens to a sample with chance `probability`. `rotate` is in degrees to either side, in the
    plane of rows and columns; `shift` and `zoom` are in percent of the size. What comes in from beyond the edge is
    `fill` (a mask: 0), the pixel at the edge, or the mirrored image. Numbers are drawn on the device of the images,
    from torch's default generator.
    """

    needs: ClassVar[tuple[str, ...]] = ("compose", "warp")

    def __init__(
        self,
        flip_horizontal: bool = False,
        flip_vertical: bool = False,
        rotate: float = 0.0,
        shift: float = 0.0,
        zoom: float = 0.0,
        probability: float = 0.5,
        edges: Literal["fill", "repeat", "mirror"] = "fill",
        fill: float = 0.0,
    ) -> None:
        super().__init__()
        self.flips = (flip_horizontal, flip_vertical)
        self.rotate = float(rotate)
        self.shift = float(shift)
        self.zoom = float(zoom)
        self.probability = float(probability)
        self.edges = edges
        self.fill = float(fill)

    def extra_repr(self) -> str:
        return (
            f"flips={self.flips}, rotate={self.rotate:g}, shift={self.shift:g}, zoom={self.zoom:g}, "
            f"probability={self.probability:g}, edges={self.edges!r}, fill={self.fill:g}"
        )

    def forward(self, image: Tensor) -> Tensor:
        return self.together(image, {})[0]

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The image and the masks (N, *spatial) that lie on it, moved alike."""
        if not self.training:
            return image, masks
        matrices = self.draw(image)
        moved = {name: self.warp(mask.unsqueeze(1), matrices, nearest=True)[:, 0] for name, mask in masks.items()}
        return self.warp(image, matrices), moved

    def draw(self, images: Tensor) -> Tensor:
        """(N, d, d+1): for each sample, the map from places in the result to places in the image, both from -1 to 1,
        columns first, as torch.nn.functional.affine_grid takes it.

        Augmentations that follow each other become one with `compose(first, second)`.
        """
        axes = images.dim() - 2
        if axes not in (2, 3):
            raise ValueError(f"an image with {axes} axes came; augmentation takes 2 or 3")
        with torch.autocast(images.device.type, enabled=False):
            scales = self._flips_and_zoom(images, axes)
            turned = self._turn(images, axes) * scales.unsqueeze(1)
            return torch.cat([turned, self._shifts(images, axes)], dim=2)

    def warp(self, images: Tensor, matrices: Tensor, nearest: bool = False) -> Tensor:
        """`images` (N, C, *spatial) resampled once; `nearest` for masks, whose type is kept and whose fill is 0."""
        return warp(images, matrices, nearest, self.edges, 0.0 if nearest else self.fill)

    def _chance(self, images: Tensor) -> Tensor:
        """(N,) 1 where the change is to happen, 0 elsewhere."""
        return (torch.rand(images.shape[0], device=images.device) < self.probability).float()

    def _between(self, images: Tensor, count: int = 1) -> Tensor:
        """(N, count) from -1 to 1."""
        return torch.rand(images.shape[0], count, device=images.device) * 2 - 1

    def _flips_and_zoom(self, images: Tensor, axes: int) -> Tensor:
        scales = torch.ones(images.shape[0], axes, device=images.device)
        for axis, flips in enumerate(self.flips):
            if flips:
                scales[:, axis] = 1 - 2 * self._chance(images)
        if self.zoom:
            bigger = 1 + self._between(images) * self._chance(images).unsqueeze(1) * self.zoom / 100
            scales = scales / bigger
        return scales

    def _turn(self, images: Tensor, axes: int) -> Tensor:
        """(N, d, d): a rotation in the plane of rows and columns that keeps circles round where the sides differ."""
        turned = torch.eye(axes, device=images.device).repeat(images.shape[0], 1, 1)
        if self.rotate:
            angle = math.radians(self.rotate) * self._between(images)[:, 0] * self._chance(images)
            rows, columns = images.shape[-2:]
            turned[:, 0, 0] = turned[:, 1, 1] = angle.cos()
            turned[:, 0, 1] = -angle.sin() * (rows / columns)
            turned[:, 1, 0] = angle.sin() * (columns / rows)
        return turned

    def _shifts(self, images: Tensor, axes: int) -> Tensor:
        if not self.shift:
            return torch.zeros(images.shape[0], axes, 1, device=images.device)
        # The image is 2 wide here, from -1 to 1.
        drawn = self._between(images, axes) * self._chance(images).unsqueeze(1)
        return (2 * self.shift / 100 * drawn).unsqueeze(2)


def compose(first: Tensor, second: Tensor) -> Tensor:
    """The matrices (N, d, d+1) of applying `first` and then `second` to the images."""
    last = torch.zeros_like(first[:, :1])
    last[:, :, -1] = 1
    with torch.autocast(first.device.type, enabled=False):
        return torch.bmm(first, torch.cat([second, last], dim=1))


def warp(images: Tensor, matrices: Tensor, nearest: bool, edges: str, fill: float) -> Tensor:
    """`images` (N, C, *spatial) resampled once at the places that `matrices` (N, d, d+1) name."""
    padding = {"fill": "zeros", "repeat": "border", "mirror": "reflection"}[edges]
    with torch.autocast(images.device.type, enabled=False):
        grid = functional.affine_grid(matrices, list(images.shape), align_corners=False)
        mode = "nearest" if nearest else "bilinear"
        above = images.float() - fill
        moved = functional.grid_sample(above, grid, mode=mode, padding_mode=padding, align_corners=False) + fill
    return moved.to(images.dtype)
