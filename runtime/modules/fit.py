"""Bring images of any size to one size. One code for the cache, for training and for the exported model."""

from __future__ import annotations

from typing import ClassVar, Literal

import torch
from torch import Tensor, nn


class Fit(nn.Module):
    """(N, C, *any) -> (N, C, *size), linear with antialias; `mask`: (N, *any) -> (N, *size), nearest, same geometry.

    `stretch` brings each axis to its size, `pad` keeps the proportions and shows all, `crop` keeps the proportions and
    fills all; both are centred. `keep`, for signals, changes no scale: the middle is kept, or background put around.
    Pixels without content get `background` (a mask: 0). One weight matrix per axis; no branch depends on the size that
    came, so an exported model takes every size. `stretch` equals
    torch.nn.functional.interpolate(mode="bilinear", antialias=True).
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        size: tuple[int, ...],
        rule: Literal["stretch", "pad", "crop", "keep"] = "stretch",
        background: float = 0.0,
    ) -> None:
        super().__init__()
        if rule not in ("stretch", "pad", "crop", "keep"):
            raise ValueError(f"the rule is {rule!r}; 'stretch', 'pad', 'crop' or 'keep' fits")
        self.size = tuple(size)
        self.rule = rule
        self.background = float(background)

    def extra_repr(self) -> str:
        return f"size={self.size}, rule={self.rule!r}, background={self.background:g}"

    def forward(self, image: Tensor) -> Tensor:
        # Half precision would round Hounsfield units and 16-bit values away.
        with torch.autocast(image.device.type, enabled=False):
            fitted = image.float() - self.background
            for axis, (centres, step, pixels) in enumerate(self._centres(image, 2), start=2):
                if self.rule == "keep":
                    fitted = self._taken(fitted, axis, centres, pixels)
                    continue
                weights = self._weights(centres, step, pixels)
                fitted = torch.matmul(fitted.transpose(axis, -1), weights.transpose(0, 1)).transpose(axis, -1)
            return fitted + self.background

    def mask(self, mask: Tensor) -> Tensor:
        """(N, *any) class indexes -> (N, *size): each pixel takes the value that lies at its centre."""
        for axis, (centres, _, pixels) in enumerate(self._centres(mask, 1), start=1):
            mask = self._taken(mask, axis, centres, pixels)
        return mask

    def _taken(self, values: Tensor, axis: int, centres: Tensor, pixels: Tensor) -> Tensor:
        """Along an axis, what lies at the new centres, as it is; 0 outside."""
        index = centres.floor().long().clamp_min(0)
        index = torch.minimum(index, pixels.shape[0] - torch.ones_like(index))
        inside = self._inside(centres, pixels).view([-1] + [1] * (values.dim() - axis - 1))
        return values.index_select(axis, index) * inside.to(values.dtype)

    def together(self, image: Tensor, masks: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
        """The image and the masks that lie on it, fitted alike."""
        return self(image), {name: self.mask(mask) for name, mask in masks.items()}

    def along(
        self, image: Tensor, masks: dict[str, Tensor], boxes: dict[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor], dict[str, Tensor]]:
        """As `together`, with boxes (N, M, 5) as `boxes` takes them."""
        return *self.together(image, masks), {name: self.boxes(these, image) for name, these in boxes.items()}

    def boxes(self, boxes: Tensor, image: Tensor) -> Tensor:
        """Boxes (N, M, 5) on an image (N, C, rows, columns) -> the same on the fitted one: class (-1: none), left, top,
        right, bottom in pixels, cut off at its edges. One of which nothing is left gets class -1."""
        if len(self.size) != 2:
            raise ValueError(f"boxes lie on images with rows and columns; {len(self.size)} axes came")
        edges = boxes[..., 1:].clone()
        for axis, (centres, step, _) in enumerate(self._centres(image, 2)):
            place, new = 1 - axis, self.size[axis]  # rows come first among sizes, columns among edges
            edges[..., place::2] = ((edges[..., place::2] - (centres[0] - step / 2)) / step).clamp(0, new)
        there = (boxes[..., :1] >= 0) & ((edges[..., 2:] - edges[..., :2]).amin(-1, keepdim=True) > 0)
        none = torch.cat([torch.full_like(boxes[..., :1], -1), torch.zeros_like(edges)], -1)
        return torch.where(there, torch.cat([boxes[..., :1], edges], -1), none)

    def _centres(self, image: Tensor, first: int) -> list[tuple[Tensor, Tensor, Tensor]]:
        """For each axis: where the centres of the new pixels lie on the old ones, the step between, the old centres."""
        if image.dim() - first != len(self.size):
            raise ValueError(
                f"an image with {image.dim() - first} axes came; {len(self.size)} fit the size {self.size}"
            )
        device = image.device
        pixels = [torch.arange(n, device=device, dtype=torch.float32) + 0.5 for n in image.shape[first:]]
        # Made of tensors on the device: a size read as a number would be frozen by export, one sent over would wait.
        lengths = [torch.ones_like(old).sum() for old in pixels]
        steps = torch.stack([length / new for length, new in zip(lengths, self.size, strict=True)])
        if self.rule == "pad":
            steps = steps.max().expand_as(steps)
        elif self.rule == "crop":
            steps = steps.min().expand_as(steps)
        found = []
        for axis, new in enumerate(self.size):
            if self.rule == "keep":
                start = ((lengths[axis] - new) / 2).floor()
                place = torch.arange(new, device=device, dtype=torch.float32) + 0.5
                found.append((place + start, torch.ones_like(start), pixels[axis]))
                continue
            place = torch.arange(new, device=device, dtype=torch.float32) + 0.5 - new / 2
            found.append((place * steps[axis] + lengths[axis] / 2, steps[axis], pixels[axis]))
        return found

    def _inside(self, centres: Tensor, pixels: Tensor) -> Tensor:
        return (centres > 0) & (centres < pixels[-1] + 0.5)

    def _weights(self, centres: Tensor, step: Tensor, pixels: Tensor) -> Tensor:
        """(new, old): the triangle around each new centre, wide enough to see every old pixel, with sum 1."""
        near = torch.minimum(centres.clamp_min(0), pixels[-1] + 0.5)
        distance = (pixels.unsqueeze(0) - near.unsqueeze(1)).abs()
        triangle = (1 - distance / step.clamp_min(1)).clamp_min(0)
        shares = triangle / triangle.sum(dim=1, keepdim=True)
        return shares * self._inside(centres, pixels).unsqueeze(1).to(shares.dtype)
