"""Common networks as people write them in PyTorch by hand, small, with the ways of writing that exporters see."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional


def _unit(into: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(into, out, 3, padding=1), nn.BatchNorm2d(out), nn.ReLU(inplace=True))


class Residual(nn.Module):
    """(N, 3, 16, 16): shortcuts, a stride, a pooling to one pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.one, self.norm = nn.Conv2d(8, 12, 3, 2, 1, bias=False), nn.BatchNorm2d(12)
        self.around, self.pool = nn.Conv2d(8, 12, 1, 2), nn.AdaptiveAvgPool2d(1)
        self.head = nn.Linear(12, 4)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 4)."""
        x = self.stem(x)
        x = functional.relu(self.norm(self.one(x)) + self.around(x))
        return self.head(torch.flatten(self.pool(x), 1))


class UNet(nn.Module):
    """(N, 1, 18, 18): enlarged with corners aligned, and padded to the size of the wire along the side."""

    def __init__(self) -> None:
        super().__init__()
        self.down, self.deep, self.up = _unit(1, 4), _unit(4, 8), _unit(12, 4)
        self.enlarge = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.head = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 2, 18, 18)."""
        side = self.down(x)
        deep = self.enlarge(self.deep(functional.max_pool2d(side, 4, 4)))
        high, wide = side.size(2) - deep.size(2), side.size(3) - deep.size(3)
        deep = functional.pad(deep, [wide // 2, wide - wide // 2, high // 2, high - high // 2])
        return self.head(self.up(torch.cat([side, deep], dim=1)))


class Weighing(nn.Module):
    """(N, 3, 16, 16): depthwise convolutions, hard swish and swish, maps weighed by small networks."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.Hardswish())
        self.each = nn.Sequential(nn.Conv2d(8, 8, 5, padding=2, groups=8, bias=False), nn.BatchNorm2d(8), nn.SiLU())
        self.fewer, self.more = nn.Conv2d(8, 2, 1), nn.Conv2d(2, 8, 1)
        self.head = nn.Sequential(nn.Linear(8, 8), nn.Hardswish(), nn.Dropout(0.2), nn.Linear(8, 3))

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 3)."""
        x = self.each(self.stem(x))
        weights = self.more(functional.silu(self.fewer(x.mean((2, 3), keepdim=True))))
        x = x * functional.hardsigmoid(weights) + x * torch.sigmoid(weights)
        return self.head(x.mean([2, 3]))


class Attention(nn.Module):
    """(N, steps, features), from one product for query, key and value."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.heads, self.all, self.out = heads, nn.Linear(features, 3 * features), nn.Linear(features, features)

    def forward(self, x: Tensor) -> Tensor:
        """As it came in."""
        cases, steps, features = x.shape
        parts = self.all(x).reshape(cases, steps, 3, self.heads, features // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(*parts.unbind(0))
        return self.out(seen.transpose(1, 2).reshape(cases, steps, features))


class Transformer(nn.Module):
    """(N, 3, 16, 16): patches, a class token, places, attention."""

    def __init__(self) -> None:
        super().__init__()
        self.cut = nn.Conv2d(3, 16, 4, 4)
        self.token, self.places = nn.Parameter(torch.randn(1, 1, 16)), nn.Parameter(torch.randn(1, 17, 16))
        self.first, self.look = nn.LayerNorm(16), Attention(16, 2)
        self.second, self.think = nn.LayerNorm(16), nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16))
        self.last, self.head = nn.LayerNorm(16), nn.Linear(16, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 3)."""
        x = self.cut(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], dim=1) + self.places
        x = x + self.look(self.first(x))
        x = x + self.think(self.second(x))
        return self.head(self.last(x)[:, 0])


class ChannelsFirst(nn.Module):
    """Layer normalisation over the channels of (N, C, H, W), written out."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.rand(channels)), nn.Parameter(torch.rand(channels))

    def forward(self, x: Tensor) -> Tensor:
        """As it came in."""
        mean = x.mean(1, keepdim=True)
        spread = (x - mean).pow(2).mean(1, keepdim=True)
        return self.weight[:, None, None] * ((x - mean) / torch.sqrt(spread + 1e-6)) + self.bias[:, None, None]


class ConvNeXt(nn.Module):
    """(N, 3, 16, 16): normalised over channels, once with the channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 2, 2), ChannelsFirst(8))
        self.each = nn.Conv2d(8, 8, 7, padding=3, groups=8)
        self.norm, self.wide, self.back = nn.LayerNorm(8, eps=1e-6), nn.Linear(8, 32), nn.Linear(32, 8)
        self.scale, self.head = nn.Parameter(torch.rand(8)), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 3)."""
        x = self.stem(x)
        inner = self.back(functional.gelu(self.wide(self.norm(self.each(x).permute(0, 2, 3, 1))))) * self.scale
        return self.head((x + inner.permute(0, 3, 1, 2)).mean((2, 3)))


class Curves(nn.Module):
    """(N, 3, 16, 16): other normalisations and activations."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1, padding_mode="reflect"), nn.GroupNorm(4, 8), nn.PReLU(8),
            nn.Conv2d(8, 8, 3, padding="same"), nn.InstanceNorm2d(8, affine=True), nn.Softplus(), nn.Conv2d(8, 8, 1),
            nn.InstanceNorm2d(8), nn.Mish(), nn.Conv2d(8, 8, 1), nn.GLU(1), nn.LocalResponseNorm(3),
            nn.AvgPool2d(3, 2, ceil_mode=True), nn.Flatten(), nn.Linear(256, 6), nn.BatchNorm1d(6), nn.ELU(),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        """Features (N, 6) of length 1."""
        return functional.normalize(self.layers(x), dim=1)


class Shuffles(nn.Module):
    """(N, 1, 16, 16): pixels to channels and back, channels between each other."""

    def __init__(self) -> None:
        super().__init__()
        self.fewer, self.one, self.more = nn.PixelUnshuffle(2), nn.Conv2d(4, 8, 3, padding=1), nn.PixelShuffle(2)
        self.two = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """An image as it came in."""
        inner = torch.relu(self.one(self.fewer(x)))
        cases, channels, rows, columns = inner.shape
        mixed = inner.view(cases, 2, channels // 2, rows, columns).transpose(1, 2).reshape(inner.shape)
        return x + self.more(self.two(mixed))


class Volume(nn.Module):
    """(N, 1, 8, 8, 8): a small 3-D U-Net."""

    def __init__(self) -> None:
        super().__init__()
        self.side = nn.Sequential(nn.Conv3d(1, 4, 3, padding=1), nn.InstanceNorm3d(4, affine=True), nn.LeakyReLU(0.01))
        self.down, self.up = nn.Conv3d(4, 8, 3, 2, 1), nn.ConvTranspose3d(8, 4, 2, 2)
        self.head = nn.Conv3d(16, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 2, 8, 8, 8)."""
        side = self.side(x)
        deep = torch.relu(self.down(side))
        larger = functional.interpolate(deep, size=side.shape[2:], mode="trilinear", align_corners=False)
        return self.head(torch.cat([side, self.up(deep), larger], dim=1))


class Signal(nn.Module):
    """(N, 2, 40): 1-D convolutions, an LSTM in both directions, the last answer."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv1d(2, 6, 5, 2, 2), nn.BatchNorm1d(6), nn.PReLU(), nn.MaxPool1d(2))
        self.read, self.head = nn.LSTM(6, 5, batch_first=True, bidirectional=True), nn.Linear(10, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 3)."""
        return self.head(self.read(self.layers(x).permute(0, 2, 1))[0][:, -1])


class Elman(nn.Module):
    """(N, 6, 3): two simple recurrent layers in both directions with tanh, and one with relu."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.RNN(3, 4, num_layers=2, bidirectional=True, batch_first=True)
        self.again, self.head = nn.RNN(8, 5, nonlinearity="relu", batch_first=True), nn.Linear(5, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (N, 2)."""
        return self.head(self.again(self.read(x)[0])[1][-1])


NETWORKS: dict[type[nn.Module], tuple[int, ...]] = {
    Residual: (3, 16, 16), UNet: (1, 18, 18), Weighing: (3, 16, 16), Transformer: (3, 16, 16), ConvNeXt: (3, 16, 16),
    Curves: (3, 16, 16), Shuffles: (1, 16, 16), Volume: (1, 8, 8, 8), Signal: (2, 40), Elman: (6, 3),
}  # fmt: skip
"""Each with the shape of a case."""


def made(kind: type[nn.Module]) -> nn.Module:
    """A network in eval mode whose normalisations have numbers of their own."""
    torch.manual_seed(0)
    network = kind()
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.normal_(layer.running_mean)
            nn.init.uniform_(layer.running_var, 0.5, 2)
        if isinstance(layer, nn.LayerNorm | nn.GroupNorm):
            nn.init.normal_(layer.weight)
            nn.init.normal_(layer.bias)
    return network.eval()
