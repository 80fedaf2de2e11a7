"""Preparation of pixel values: it acts on the device, in training and inside the exported model alike."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn


class Window(nn.Module):
    """Values from centre - width/2 to centre + width/2 become 0 to 1; what lies outside is clipped (any shape).

    This is the function LINEAR_EXACT of DICOM PS3.3 C.11.2.1.3.2, in the unit of the image (Hounsfield units for CT).
    """

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, centre: float, width: float) -> None:
        super().__init__()
        self.centre = float(centre)
        self.width = float(width)

    def extra_repr(self) -> str:
        return f"centre={self.centre:g}, width={self.width:g}"

    def forward(self, image: Tensor) -> Tensor:
        return ((image.float() - (self.centre - self.width / 2)) / self.width).clamp(0.0, 1.0)


class Scale(nn.Module):
    """Values from `low` to `high` become 0 to 1; what lies outside stays outside (any shape)."""

    needs: ClassVar[tuple[str, ...]] = ()

    def __init__(self, low: float, high: float) -> None:
        super().__init__()
        self.low = float(low)
        self.high = float(high)

    def extra_repr(self) -> str:
        return f"low={self.low:g}, high={self.high:g}"

    def forward(self, image: Tensor) -> Tensor:
        return (image.float() - self.low) / (self.high - self.low)


class Standardise(nn.Module):
    """(N, C, *spatial): subtract `mean` and divide by `spread`, one number for all channels or one for each."""

    needs: ClassVar[tuple[str, ...]] = ()
    mean: Tensor
    spread: Tensor

    def __init__(self, mean: tuple[float, ...], spread: tuple[float, ...]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32), persistent=False)
        self.register_buffer("spread", torch.tensor(spread, dtype=torch.float32), persistent=False)

    def forward(self, image: Tensor) -> Tensor:
        over = [1, -1] + [1] * (image.dim() - 2)
        return (image.float() - self.mean.view(over)) / self.spread.view(over)


class StandardiseColumns(nn.Module):
    """(N, columns): each column minus its `mean` over its `spread`, both learned from the training part; NaN becomes 0.

    Until they are learned (`runtime.standardising`) the numbers stay as they are.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    mean: Tensor
    spread: Tensor

    def __init__(self, columns: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(columns))
        self.register_buffer("spread", torch.ones(columns))

    def forward(self, numbers: Tensor) -> Tensor:
        values = numbers.float()
        known = torch.where(torch.isnan(values), self.mean, values)
        return (known - self.mean) / self.spread


class InUnits(nn.Module):
    """(N, numbers): each answer times the `spread` of its number, plus its `mean`, both learned from the training part.

    Until they are learned (`runtime.standardising`) the answers stay as they are.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    mean: Tensor
    spread: Tensor

    def __init__(self, numbers: int) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("spread", torch.ones(numbers))

    def forward(self, answer: Tensor) -> Tensor:
        return answer.float() * self.spread + self.mean


class StandardiseEach(nn.Module):
    """(N, C, *spatial): each image gets mean 0 and spread (standard deviation) 1, over all its channels and pixels.

    An image of one single value becomes 0 everywhere. Means are taken axis by axis: onnxruntime adds up in single
    precision, and of 200,000 numbers in one row the sum is off in the fourth digit.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[int] = 1  # of the axes over which mean and spread are taken

    def forward(self, image: Tensor) -> Tensor:
        mean = image.float()
        for axis in range(image.dim() - 1, self.first - 1, -1):
            mean = mean.mean(dim=axis, keepdim=True)
        centred = image.float() - mean
        square = centred.square()
        for axis in range(image.dim() - 1, self.first - 1, -1):
            square = square.mean(dim=axis, keepdim=True)
        spread = square.sqrt()
        # The floor is far under any real spread, and above the rounding error of the mean of a flat image.
        floor = 1e-5 * (1 + mean.abs())
        return torch.where(spread > floor, centred / torch.maximum(spread, floor), 0.0)


class StandardiseChannels(StandardiseEach):
    """(N, C, *spatial): each channel of each image, such as a lead of an ECG, gets mean 0 and spread 1 by itself.

    A channel of one single value becomes 0 everywhere.
    """

    needs: ClassVar[tuple[str, ...]] = ("StandardiseEach",)
    first: ClassVar[int] = 2


class Grey(nn.Module):
    """(N, 3, *spatial) red, green, blue -> (N, 1, *spatial) brightness, weighted as in ITU-R BT.601."""

    needs: ClassVar[tuple[str, ...]] = ()

    def forward(self, image: Tensor) -> Tensor:
        values = image.float()
        return 0.299 * values[:, 0:1] + 0.587 * values[:, 1:2] + 0.114 * values[:, 2:3]
