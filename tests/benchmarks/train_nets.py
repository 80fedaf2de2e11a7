"""The three networks of the training benchmark: as a person writes them in PyTorch, and drawn."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from runtime.document import Document
from runtime.graph import Graph
from tests.builders import graphs
from tests.builders.graphs import Layer

SCALED: Layer = ("normalise", {"method": "range to 0–1"})


class LeNet(nn.Sequential):
    """Two convolutions with pooling, three dense layers."""

    def __init__(self) -> None:
        super().__init__(
            nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(784, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 2),
        )  # fmt: skip


class Unit(nn.Module):
    """The basic block of ResNet-18."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(before, width, 3, stride, 1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.short = (
            nn.Sequential(nn.Conv2d(before, width, 1, stride, bias=False), nn.BatchNorm2d(width))
            if stride > 1
            else nn.Identity()
        )

    def forward(self, image: Tensor) -> Tensor:
        inner = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(image)))))
        return self.relu(inner + self.short(image))


class ResNet18(nn.Sequential):
    """As its authors have it, for one channel and two classes."""

    def __init__(self) -> None:
        layers: list[nn.Module] = [
            nn.Conv2d(1, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(inplace=True), nn.MaxPool2d(3, 2, 1)
        ]  # fmt: skip
        before = 64
        for stage in range(4):
            width = 64 * 2**stage
            layers += [Unit(before, width, 2 if stage else 1), Unit(width, width, 1)]
            before = width
        super().__init__(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, 2))


def double(before: int, width: int) -> nn.Sequential:
    """conv, norm, relu, twice."""
    return nn.Sequential(
        nn.Conv2d(before, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
        nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(inplace=True),
    )  # fmt: skip


class UNet(nn.Module):
    """Three levels of 16 to 64 filters around a bottom of 128."""

    def __init__(self) -> None:
        super().__init__()
        widths = (16, 32, 64)
        self.down = nn.ModuleList(double(before, width) for before, width in zip((1, *widths), widths, strict=False))
        self.bottom = double(64, 128)
        self.up = nn.ModuleList(double(3 * width, width) for width in reversed(widths))
        self.pool, self.grow = nn.MaxPool2d(2), nn.Upsample(scale_factor=2)
        self.scores = nn.Conv2d(16, 2, 1)

    def forward(self, image: Tensor) -> Tensor:
        kept = []
        for down in self.down:
            kept.append(down(image))
            image = self.pool(kept[-1])
        image = self.bottom(image)
        for up in self.up:
            image = up(torch.cat([kept.pop(), self.grow(image)], 1))
        return self.scores(image)


def _conv(filters: int, kernel: int = 3, **more: Any) -> Layer:
    return ("convolution", {"filters": filters, "kernel": kernel, **more})


def _by_hand(filters: int, kernel: int, stride: int, border: int) -> Layer:
    return _conv(filters, kernel, stride=stride, padding="by hand", border=border, bias=False)


def _double(width: int) -> list[Layer]:
    return [_conv(width), "batch_normalization", "relu"] * 2


def lenet_graph(**facts: Any) -> Graph:
    """LeNet, drawn."""
    layers: list[Layer] = [_conv(6, 5), "relu", "max_pooling", _conv(16, 5), "relu", "max_pooling", "flatten"]
    dense: list[Layer] = [("dense", {"units": 120}), "relu", ("dense", {"units": 84}), "relu"]
    return graphs.classifier(before=[SCALED], layers=[*layers, *dense], **facts)


def resnet_graph(**facts: Any) -> Graph:
    """ResNet-18, drawn."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document, **facts)
        stem: list[Layer] = [SCALED, _by_hand(64, 7, 2, 3), "batch_normalization", "relu"]
        pool: Layer = ("max_pooling", {"kernel": 3, "stride": 2, "padding": "by hand", "border": 1})
        last = graphs.chain(document, start, [*stem, pool])
        for stage in range(4):
            for unit in range(2):
                last = _unit(document, last, 64 * 2**stage, 2 if stage and not unit else 1)
        last = graphs.chain(document, last, ["global_average_pooling", ("dense", {"units": 2})])
        graphs.judge(document, last, start, "class", "cross_entropy", ("accuracy",))
    return document.graph()


def _unit(document: Document, start: str, width: int, stride: int) -> str:
    body: list[Layer] = [
        _by_hand(width, 3, stride, 1), "batch_normalization", "relu", _by_hand(width, 3, 1, 1), "batch_normalization"
    ]  # fmt: skip
    inner = graphs.chain(document, start, body)
    short = start
    if stride > 1:
        short = graphs.chain(document, start, [_by_hand(width, 1, stride, 0), "batch_normalization"])
    return graphs.chain(document, _joined(document, "add", inner, short), ["relu"])


def _joined(document: Document, kind: str, *ends: str) -> str:
    node = graphs.add(document, kind)
    for end in ends:
        graphs.wire(document, end, node)
    return node


def u_net_graph(**facts: Any) -> Graph:
    """The U-Net, drawn."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document, **facts)
        last, kept = graphs.chain(document, start, [SCALED]), []
        for width in (16, 32, 64):
            kept.append(graphs.chain(document, last, _double(width)))
            last = graphs.chain(document, kept[-1], ["max_pooling"])
        last = graphs.chain(document, last, _double(128))
        for width in (64, 32, 16):
            grown = graphs.chain(document, last, ["upsample"])
            last = graphs.chain(document, _joined(document, "concatenate", kept.pop(), grown), _double(width))
        last = graphs.chain(document, last, [_conv(2, 1)])
        graphs.judge(document, last, start, "mask", "cross_entropy", ("dice_score",))
    return document.graph()
