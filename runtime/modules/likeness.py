"""How alike two images are: PSNR and SSIM, for each image of a batch, and as metrics that add up on the device."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from runtime.modules.metrics import Metric

WINDOW, SIGMA = 11, 1.5  # pixels: of a window of SSIM along each axis, and the spread of the weights in it
MOST_DB = 100.0  # of images that are equal, whose PSNR would be infinite


def spans_of(target: Tensor, span: float = 0.0) -> Tensor:
    """(N,) from black to white: the number given, or where it is 0 what each image (N, C, *size) holds."""
    if span > 0:
        return torch.full((target.shape[0],), span, dtype=torch.float64, device=target.device)
    values = target.flatten(1).double()
    return values.amax(dim=1) - values.amin(dim=1)


def psnr_of(prediction: Tensor, target: Tensor, span: float = 0.0) -> Tensor:
    """(N,) float64 the peak signal-to-noise ratio in dB, 20 log10(span / root mean squared error), at most 100; of
    images (N, C, *size). Not a number for an image of one single value where no span is given."""
    spans = spans_of(target, span)
    squared = (prediction.double() - target.double()).flatten(1).square().mean(dim=1)
    least = spans.square() * 10 ** (-MOST_DB / 10)
    ratio = 10 * torch.log10(spans.square() / torch.maximum(squared, least))
    return torch.where(spans > 0, ratio, torch.full_like(ratio, torch.nan))


def ssim_of(prediction: Tensor, target: Tensor, span: float = 0.0) -> Tensor:
    """(N,) float64 the structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861) of images (N, C, *size),
    with windows of 11 pixels and a Gaussian of 1.5 along each axis, K1 = 0.01 and K2 = 0.03: the mean over all windows
    that lie inside, and over channels. Not a number as psnr_of, and for images with a side under 11."""
    if min(target.shape[2:]) < WINDOW:
        return torch.full((target.shape[0],), torch.nan, dtype=torch.float64, device=target.device)
    one, other, spans = prediction.double(), target.double(), spans_of(target, span)
    first, second = _smooth(one), _smooth(other)
    spread_one, spread_other = _smooth(one * one) - first**2, _smooth(other * other) - second**2
    shared = _smooth(one * other) - first * second
    shape = [-1] + [1] * (target.dim() - 1)
    low, high = ((k * spans).square().view(shape) for k in (0.01, 0.03))
    above = (2 * first * second + low) * (2 * shared + high)
    below = (first**2 + second**2 + low) * (spread_one + spread_other + high)
    return torch.where(spans > 0, (above / below).flatten(1).mean(dim=1), torch.full_like(spans, torch.nan))


def _smooth(image: Tensor) -> Tensor:
    """The weighted mean of each window that lies inside."""
    places = torch.arange(WINDOW, dtype=image.dtype, device=image.device) - WINDOW // 2
    weights = torch.exp(-places.square() / (2 * SIGMA**2))
    weights = weights / weights.sum()
    for axis in range(2, image.dim()):
        rows = image.transpose(axis, -1)
        flat = functional.conv1d(rows.reshape(-1, 1, rows.shape[-1]), weights.view(1, 1, -1))
        image = flat.reshape(*rows.shape[:-1], -1).transpose(axis, -1)
    return image


class _OfEach(Metric):
    """The mean over images of a number for each; images for which it is not defined are left out."""

    total: Tensor
    images: Tensor

    def __init__(self, span: float = 0.0) -> None:
        super().__init__()
        self.span = float(span)
        self.register_buffer("total", torch.zeros((), dtype=torch.float64), persistent=False)
        self.register_buffer("images", torch.zeros((), dtype=torch.int64), persistent=False)

    def each(self, prediction: Tensor, target: Tensor) -> Tensor:
        """(N,) the number of each image."""
        raise NotImplementedError

    @torch.no_grad()
    def update(self, prediction: Tensor, target: Tensor) -> None:
        found = self.each(prediction, target)
        self.total.add_(found.nansum())
        self.images.add_((~found.isnan()).sum())

    def compute(self) -> float:
        return float(self.total / self.images)


class Psnr(_OfEach):
    """The mean peak signal-to-noise ratio, in dB."""

    def each(self, prediction: Tensor, target: Tensor) -> Tensor:
        return psnr_of(prediction, target, self.span)


class Ssim(_OfEach):
    """The mean structural similarity."""

    def each(self, prediction: Tensor, target: Tensor) -> Tensor:
        return ssim_of(prediction, target, self.span)
