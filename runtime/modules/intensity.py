"""Random changes of pixel values, in training only: each sample in its own way, relative to its own values."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import torch
from torch import Tensor, nn

from runtime.modules.elastic import bent, knots

_FIELD_CELLS = 2  # how often uneven brightness may change along a side


class AugmentIntensity(nn.Module):
    """(N, C, *spatial) -> the same shape and places, values changed; unchanged in eval().

    Each kind of change happens to a sample with chance `probability`. In percent: `brightness` (added) and `noise` (its
    standard deviation) of the spread of the sample's values, `contrast` (a factor around their mean), `gamma` (an
    exponent between the least and the greatest value), `field` (a smooth factor across the image). `blur` is the
    standard deviation of a Gaussian in pixels. Numbers are drawn on the device of the images, from torch's default
    generator.
    """

    needs: ClassVar[tuple[str, ...]] = ("bent", "knots", "blurred")

    def __init__(
        self,
        brightness: float = 0.0,
        contrast: float = 0.0,
        gamma: float = 0.0,
        field: float = 0.0,
        blur: float = 0.0,
        noise: float = 0.0,
        probability: float = 0.5,
    ) -> None:
        super().__init__()
        self.brightness, self.contrast, self.gamma = float(brightness), float(contrast), float(gamma)
        self.field, self.blur, self.noise = float(field), float(blur), float(noise)
        self.probability = float(probability)

    def extra_repr(self) -> str:
        names = ("brightness", "contrast", "gamma", "field", "blur", "noise", "probability")
        return ", ".join(f"{name}={getattr(self, name):g}" for name in names)

    def forward(self, image: Tensor) -> Tensor:
        if not self.training:
            return image
        with torch.autocast(image.device.type, enabled=False):
            values = image.float()
            values = self._levels(values)
            if self.gamma or self.field:
                values = self._curves(values)
            if self.blur:
                wide = (self._between(values) + 1) / 2 * self.blur
                values = torch.where(self._chance(values), blurred(values, wide.flatten()), values)
            if self.noise:
                strength = (self._between(values) + 1) / 2 * self.noise / 100 * _spread(values)
                values = torch.where(self._chance(values), values + strength * torch.randn_like(values), values)
            return values.to(image.dtype)

    def _levels(self, values: Tensor) -> Tensor:
        """Contrast and brightness."""
        if self.contrast:
            mean = values.mean(_all(values), keepdim=True)
            factor = 1 + self._between(values) * self.contrast / 100
            values = torch.where(self._chance(values), (values - mean) * factor + mean, values)
        if self.brightness:
            more = self._between(values) * self.brightness / 100 * _spread(values)
            values = torch.where(self._chance(values), values + more, values)
        return values

    def _curves(self, values: Tensor) -> Tensor:
        """Gamma and the uneven field, between the sample's least and greatest value."""
        low = values.amin(_all(values), keepdim=True)
        if self.field:
            strength = math.log1p(self.field / 100)
            shape = [knots(_FIELD_CELLS)] * (values.dim() - 2)
            control = torch.rand(values.shape[0], 1, *shape, device=values.device) * 2 - 1
            factor = (bent(control, values.shape[2:]) * strength).exp()
            values = torch.where(self._chance(values), (values - low) * factor + low, values)
        if self.gamma:
            range_ = values.amax(_all(values), keepdim=True) - low
            exponent = (1 + self.gamma / 100) ** self._between(values)
            # Where all values are the same there is no curve; 0 to a power has no slope for what lies before.
            share = ((values - low) / range_.clamp_min(1e-30)).clamp_min(1e-12)
            values = torch.where(self._chance(values) & (range_ > 0), share**exponent * range_ + low, values)
        return values

    def _chance(self, values: Tensor) -> Tensor:
        """(N, 1, …): whether the change is to happen."""
        return torch.rand(_one_each(values), device=values.device) < self.probability

    def _between(self, values: Tensor) -> Tensor:
        """(N, 1, …) from -1 to 1."""
        return torch.rand(_one_each(values), device=values.device) * 2 - 1


class RandomErasing(nn.Module):
    """(N, C, *spatial) -> the same shape: in some samples `count` boxes are painted over; unchanged in eval().

    It happens to a sample with chance `probability`. A box has sides of `size` percent of the image's at most, half of
    that at least, each drawn on its own, and lies wholly inside. It is painted with the mean of the sample's channel,
    with `value`, or with noise of the sample's own mean and spread.
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        count: int = 1,
        size: float = 30.0,
        paint: Literal["mean", "value", "noise"] = "mean",
        value: float = 0.0,
        probability: float = 0.5,
    ) -> None:
        super().__init__()
        self.count = int(count)
        self.size = float(size)
        self.paint = paint
        self.value = float(value)
        self.probability = float(probability)

    def extra_repr(self) -> str:
        return (
            f"count={self.count}, size={self.size:g}, paint={self.paint!r}, value={self.value:g}, "
            f"probability={self.probability:g}"
        )

    def forward(self, image: Tensor) -> Tensor:
        if not self.training:
            return image
        chosen = torch.rand(_one_each(image), device=image.device) < self.probability
        paint = self._paint(image.float()).to(image.dtype)
        for _ in range(self.count):
            image = torch.where(chosen & self._box(image), paint, image)
        return image

    def _paint(self, values: Tensor) -> Tensor:
        if self.paint == "value":
            return torch.full_like(values[:, :1], self.value)
        mean = values.mean(_all(values)[1:], keepdim=True)
        return mean if self.paint == "mean" else mean + _spread(values) * torch.randn_like(values)

    def _box(self, image: Tensor) -> Tensor:
        """(N, 1, *spatial): inside a random box."""
        count, axes = image.shape[0], image.dim() - 2
        inside = torch.ones(_one_each(image), dtype=torch.bool, device=image.device)
        for axis, length in enumerate(image.shape[2:]):
            side = (torch.rand(count, 1, device=image.device) + 1) / 2 * self.size / 100 * length
            start = torch.rand(count, 1, device=image.device) * (length - side)
            pixels = torch.arange(length, device=image.device) + 0.5
            along = (pixels >= start) & (pixels < start + side)
            inside = inside & along.reshape(count, 1, *([1] * axis), length, *([1] * (axes - axis - 1)))
        return inside


def blurred(values: Tensor, wide: Tensor) -> Tensor:
    """(N, C, *spatial) under a Gaussian of its own for each sample; `wide` (N,): standard deviations in pixels.

    One product with a matrix (N, pixels, pixels) for each axis, whose rows have the sum 1 at the borders too.
    """
    narrow = 1 / wide.clamp_min(1e-3).reshape(-1, 1, 1)
    for axis in range(2, values.dim()):
        places = torch.arange(values.shape[axis], device=values.device, dtype=values.dtype)
        bell = (-0.5 * ((places - places.unsqueeze(1)) * narrow).square()).exp()
        weights = bell / bell.sum(dim=-1, keepdim=True)
        last = values.transpose(axis, -1)
        product = torch.bmm(last.reshape(last.shape[0], -1, last.shape[-1]), weights.transpose(1, 2))
        values = product.reshape(last.shape).transpose(axis, -1)
    return values


def _one_each(values: Tensor) -> tuple[int, ...]:
    return (values.shape[0], *([1] * (values.dim() - 1)))


def _all(values: Tensor) -> tuple[int, ...]:
    """All axes but the batch's."""
    return tuple(range(1, values.dim()))


def _spread(values: Tensor) -> Tensor:
    """(N, 1, …): the standard deviation of each sample's values."""
    return values.std(_all(values), correction=0, keepdim=True)
