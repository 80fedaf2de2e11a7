"""Random changes of place, size and orientation, put together into one resampling of image and masks."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from runtime.modules.augment_boxes import moved_boxes
from runtime.modules.elastic import knots
from runtime.modules.motion import Motion, Step, moved

Edges = Literal["fill", "repeat", "mirror"]


class Augment(nn.Module):
    """(N, C, *spatial) with 2 or 3 axes -> the same shape, each sample changed in its own way; unchanged in eval().

    Each kind of change happens to a sample with chance `probability`. `rotate` and `shear` are in degrees to either
    side, in the plane of rows and columns; `tilt` turns volumes out of that plane. `shift`, `zoom`, `crop` (how much of
    each side is cut away at most, before the rest is enlarged) and `elastic` (the greatest displacement, at `bends`
    places along each side) are in percent of the size. What comes in from beyond the edge is `fill` (a mask: 0), the
    pixel at the edge, or the mirrored image. Numbers are drawn on the device of the images, from torch's default
    generator.
    """

    needs: ClassVar[tuple[str, ...]] = ("Motion", "Step", "moved", "moved_boxes", "knots")

    def __init__(
        self,
        flip_horizontal: bool = False,
        flip_vertical: bool = False,
        flip_depth: bool = False,
        rotate: float = 0.0,
        tilt: float = 0.0,
        shift: float = 0.0,
        zoom: float = 0.0,
        shear: float = 0.0,
        crop: float = 0.0,
        elastic: float = 0.0,
        bends: int = 4,
        probability: float = 0.5,
        edges: Edges = "fill",
        fill: float = 0.0,
    ) -> None:
        super().__init__()
        self.flips = (flip_horizontal, flip_vertical, flip_depth)
        self.rotate, self.tilt, self.shear = float(rotate), float(tilt), float(shear)
        self.shift, self.zoom, self.crop = float(shift), float(zoom), float(crop)
        self.elastic = float(elastic)
        self.bends = int(bends)
        self.probability = float(probability)
        self.edges = edges
        self.fill = float(fill)

    def extra_repr(self) -> str:
        names = ("rotate", "tilt", "shift", "zoom", "shear", "crop", "elastic", "bends", "probability", "fill")
        numbers = ", ".join(f"{name}={getattr(self, name):g}" for name in names)
        return f"flips={self.flips}, {numbers}, edges={self.edges!r}"

    def forward(self, image: Tensor) -> Tensor:
        return self.together(image, {})[0]

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The image and the masks (N, *spatial) that lie on it, moved alike."""
        return self.move(image, masks, self.draw(image)) if self.training else (image, masks)

    def along(
        self, image: Tensor, masks: dict[str, Tensor], boxes: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """As `together`, with boxes (N, M, 5) as runtime.modules.augment_boxes.moved_boxes takes them."""
        if not self.training:
            return image, masks, boxes
        motion = self.draw(image)
        changed = {name: moved_boxes(these, motion, image.shape[2:]) for name, these in boxes.items()}
        return *self.move(image, masks, motion), changed

    def move(self, image: Tensor, masks: dict[str, Tensor], motion: Motion) -> tuple[Tensor, dict[str, Tensor]]:
        """Image and masks after a motion, with this augmentation's edges."""
        return moved(image, masks, motion, self.edges, self.fill)

    def draw(self, images: Tensor) -> Motion:
        """A random motion for each sample. Augmentations that follow each other become one with `Motion.then`."""
        axes = images.dim() - 2
        if axes not in (2, 3):
            raise ValueError(f"an image with {axes} axes came; augmentation takes 2 or 3")
        with torch.autocast(images.device.type, enabled=False):
            scales, shifts = self._scales(images, axes), self._shifts(images, axes)
            if self.crop:
                kept = 1 - self.crop / 100 * self._from_0(images, axes) * self._chance(images)
                shifts = shifts + (1 - kept) * self._between(images, axes)
                scales = scales * kept
            turned = _between_axes(self._turn(images, axes) * scales.unsqueeze(1), images)
            return Motion((Step(torch.cat([turned, shifts.unsqueeze(2)], dim=2), self._bend(images, axes)),))

    def _chance(self, images: Tensor) -> Tensor:
        """(N, 1): 1 where the change is to happen, 0 elsewhere."""
        return (torch.rand(images.shape[0], 1, device=images.device) < self.probability).float()

    def _between(self, images: Tensor, count: int = 1) -> Tensor:
        """(N, count) from -1 to 1."""
        return torch.rand(images.shape[0], count, device=images.device) * 2 - 1

    def _from_0(self, images: Tensor, axes: int) -> Tensor:
        """(N, axes): the same number from 0 to 1 for all axes, so that proportions are kept."""
        return (self._between(images).expand(-1, axes) + 1) / 2

    def _sometimes(self, images: Tensor, count: int = 1) -> Tensor:
        """(N, count) from -1 to 1, and 0 for the samples that do not undergo the change."""
        return self._between(images, count) * self._chance(images)

    def _scales(self, images: Tensor, axes: int) -> Tensor:
        scales = torch.ones(images.shape[0], axes, device=images.device)
        for axis, flips in enumerate(self.flips[:axes]):
            if flips:
                scales[:, axis] = 1 - 2 * self._chance(images)[:, 0]
        return scales / (1 + self._sometimes(images) * self.zoom / 100) if self.zoom else scales

    def _shifts(self, images: Tensor, axes: int) -> Tensor:
        if not self.shift:
            return torch.zeros(images.shape[0], axes, device=images.device)
        # The image is 2 wide here, from -1 to 1.
        return 2 * self.shift / 100 * self._sometimes(images, axes)

    def _turn(self, images: Tensor, axes: int) -> Tensor:
        """(N, d, d): rotation, shear and tilt, in pixels."""
        turned = torch.eye(axes, device=images.device).repeat(images.shape[0], 1, 1)
        if self.rotate:
            turned = torch.bmm(turned, self._rotation(images, axes, (0, 1), self.rotate))
        if self.tilt and axes == 3:
            for plane in ((0, 2), (1, 2)):
                turned = torch.bmm(turned, self._rotation(images, axes, plane, self.tilt))
        if self.shear:
            slant = torch.eye(axes, device=images.device).repeat(images.shape[0], 1, 1)
            slant[:, 0, 1] = (math.radians(self.shear) * self._sometimes(images)[:, 0]).tan()
            turned = torch.bmm(turned, slant)
        return turned

    def _rotation(self, images: Tensor, axes: int, plane: tuple[int, int], degrees: float) -> Tensor:
        one, other = plane
        angle = math.radians(degrees) * self._sometimes(images)[:, 0]
        made = torch.eye(axes, device=images.device).repeat(images.shape[0], 1, 1)
        made[:, one, one] = made[:, other, other] = angle.cos()
        made[:, other, one] = angle.sin()
        made[:, one, other] = -angle.sin()
        return made

    def _bend(self, images: Tensor, axes: int) -> Tensor | None:
        if not self.elastic:
            return None
        count = images.shape[0]
        drawn = torch.rand(count, axes, *([knots(self.bends)] * axes), device=images.device) * 2 - 1
        return drawn * (2 * self.elastic / 100) * self._chance(images).reshape(count, *([1] * (axes + 1)))


def _between_axes(turned: Tensor, images: Tensor) -> Tensor:
    """The matrices for places from -1 to 1 instead of pixels, so that circles stay round where the sides differ."""
    lengths = images.shape[:1:-1]  # columns first
    for row, length in enumerate(lengths):
        for column, other in enumerate(lengths):
            if length != other:
                turned[:, row, column] *= other / length
    return turned
