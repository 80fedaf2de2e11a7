"""Pictures of networks that are one chain: LeNet, AlexNet, VGG, the image classifier and those that end otherwise."""

from __future__ import annotations

from functools import partial

from .paper import Box, Draw, Paper

_VGG = {11: (1, 1, 2, 2, 2), 16: (2, 2, 3, 3, 3)}
"""Convolutions of each stage, by how many layers the network has."""


def _lenet(paper: Paper) -> None:
    image = paper.scan(6, 52, 46)
    paper.mark("frame", "activation", 18, 70, 10, 10)
    paper.say(29, 44, "5×5", "activation")
    stacks = []
    for x, side, text, shown in ((74, 40, "6@32", 4), (118, 28, "6@16", 4), (160, 26, "16@12", 4),
                                        (204, 18, "16@6", 4)):  # fmt: skip
        depth = (shown - 1) * 4
        y = 75 - side / 2 + depth / 2
        role = "convolution" if side in (40, 26) else "pooling"
        paper.mark("stack", role, x, y, side - depth / 2, side - depth / 2, shown, text=text)
        stacks.append(Box(x, 75 - side / 2, side + depth / 2, side))
    lists = [paper.numbers(x, 75, height, count) for x, height, count in ((246, 66, 120), (268, 52, 84))]
    answer = paper.answers(288, 75, "0.1 0.9 0.1 0.2", 26)
    paper.along(image, stacks[0])
    paper.along(stacks[3], *lists, answer)
    paper.say(94, 24, "find strokes", "convolution")
    paper.say(142, 130, "forget the exact place", "pooling")
    paper.say(268, 24, "weigh", "dense")


def _classifier(paper: Paper) -> None:
    image = paper.scan(6, 48, 54)
    row = paper.row(((16, 96), (32, 48), (64, 24), (96, 12)), 76, 186, 75, 84)
    means = paper.numbers(212, 75, 58, 96)
    answer = paper.answers(248, 75)
    paper.along(image, *row, means, answer)
    paper.say(130, 14, "convolution · normalisation · pooling", "convolution")
    paper.say(216, 34, "mean of each map", "pooling")
    paper.say(300, 70, "ill", kind="text")
    paper.say(300, 81, "well", kind="text")


def _alexnet(paper: Paper) -> None:
    image = paper.scan(6, 42, 66)
    paper.mark("frame", "activation", 20, 56, 14, 14)
    paper.say(39, 34, "11×11 windows", "activation")
    row = paper.row(((64, 55), (192, 27), (384, 13), (256, 13), (256, 13)), 92, 212, 75, 84)
    lists = [paper.numbers(x, 75, height, count) for x, height, count in ((232, 100, 4096), (262, 100, 4096))]
    end = paper.numbers(296, 75, 62, 1000)
    paper.along(image, *row, *lists, end)
    paper.say(134, 12, "windows 11, 5, 3, 3, 3", "convolution")
    paper.say(262, 12, "96 % of all weights", "dense")


def _vgg(paper: Paper, layers: int) -> None:
    _reach(paper)
    x = 128.0
    for stage, (width, depth) in enumerate(zip((64, 128, 256, 512, 512), _VGG[layers], strict=True)):
        height = 96 / 2 ** (stage / 2)
        for _ in range(depth):
            last = paper.mark("maps", "convolution", x, 72 - height / 2, 7, height)
            x += 8.5
        paper.say(x - 4.3 * depth - 1, 72 + height / 2 + 7, str(width))
        paper.mark("line", "pooling", x + 1, 72 - height / 2, x + 1, 72 + height / 2)
        x += 7
    for place, height in ((x + 6, 70), (x + 20, 70), (x + 34, 44)):
        last = paper.mark("list", "dense", place, 72 - height / 2, 8, height)
    paper.say(last.x - 12, 118, "dense", "dense")
    paper.say(200, 12, f"{layers - 3} convolutions of 3×3", "convolution")


def _reach(paper: Paper) -> None:
    """How far two 3×3 windows in a row see."""
    paper.mark("grid", "wire", 8, 84, 50, 50, 5, 5)
    paper.mark("frame", "accent", 8, 84, 50, 50)
    paper.mark("grid", "convolution", 18, 44, 30, 30, 3, 3)
    paper.mark("frame", "convolution", 28, 20, 10, 10)
    for left, right, low, high, start, end in ((18, 48, 74, 84, 8, 58), (28, 38, 30, 44, 18, 48)):
        paper.mark("dashed", "wire", left, low, start, high)
        paper.mark("dashed", "wire", right, low, end, high)
    paper.say(64, 38, "3×3", kind="left")
    paper.say(64, 78, "3×3", kind="left")
    paper.say(64, 108, "sees 5×5", "accent", "left")


def _grades(paper: Paper) -> None:
    image = paper.scan(6, 30, 46)
    network = paper.mark("box", "convolution", 66, 40, 54, 26, text="network")
    number = paper.mark("box", "dense", 134, 40, 54, 26, text="severity")
    paper.along(image, network, number)
    paper.mark("arrow", "dense", 161, 68, 161, 98)
    paper.mark("line", "text", 20, 104, 304, 104)
    borders = (84, 148, 200, 262)
    for border in borders:
        paper.mark("dashed", "accent", border, 90, border, 118)
    for grade, x in enumerate((52, 116, 174, 231, 283)):
        paper.say(x, 128, f"grade {grade}")
    for x in (40, 62, 102, 124, 136, 168, 186, 216, 240, 276, 292):
        paper.mark("dot", "dense", x, 104, 3)
    paper.mark("dot", "accent", 161, 104, 4.5)
    paper.say(250, 78, "learned thresholds", "accent")


def _labels(paper: Paper) -> None:
    image = paper.scan(6, 46, 58, "lesion")
    row = paper.row(((16, 96), (32, 48), (64, 24), (96, 12)), 80, 176, 75, 70)
    paper.along(image, *row)
    for y, name, value, said in (
        (30, "effusion", "0.9", "yes"),
        (75, "nodule", "0.2", "no"),
        (120, "fracture", "0.7", "yes"),
    ):
        paper.mark("arrow", "wire", row[-1].right[0] + 2, 75, 202, y)
        paper.mark("sign", "activation", 210, y, text="σ")
        paper.mark("bars", "output", 224, y - 6, 40, 12, text=value)
        paper.say(244, y - 13, name)
        paper.say(272, y, said, "text", "left")
    paper.say(126, 14, "shared by all labels", "convolution")


def _number(paper: Paper) -> None:
    image = paper.scan(6, 42, 60)
    row = paper.row(((24, 24), (48, 12), (96, 6)), 84, 158, 72, 74)
    answer = paper.numbers(180, 72, 20, 1)
    paper.along(image, *row, answer)
    paper.mark("arrow", "dense", 192, 72, 208, 72)
    for y, ends, name, role in ((46, ("−2", "0", "2"), "as the network answers", "dense"),
                                (98, ("5", "10", "15"), "in years", "output")):  # fmt: skip
        paper.mark("line", role, 214, y, 306, y)
        for x, end in zip((216, 260, 304), ends, strict=True):
            paper.mark("line", role, x, y - 4, x, y + 4)
            paper.say(x, y + 12, end)
        paper.say(257, y - 14 if y < 70 else y + 26, name, role)
        paper.mark("dot", "accent", 276, y, 3.5)
    paper.mark("arrow", "accent", 276, 52, 276, 92)
    paper.say(238, 80, "× spread\n+ mean", "text")


def _numbers(paper: Paper) -> None:
    image = paper.scan(6, 38, 72)
    paper.mark("line", "activation", 40, 62, 56, 62)
    paper.mark("line", "activation", 48, 54, 48, 70)
    paper.mark("dashed", "activation", 48, 70, 48, 110)
    paper.mark("dashed", "activation", 40, 62, 6, 62)
    row = paper.row(((16, 48), (32, 24), (32, 12), (32, 6)), 92, 172, 74, 72)
    places = paper.mark("grid", "dense", 188, 60, 28, 28, 6, 6)
    paper.say(202, 100, "places are\nkept", "dense")
    answer = paper.numbers(240, 74, 34, 2)
    paper.along(image, *row, places, answer)
    paper.say(258, 66, "x = 31 mm", "text", "left")
    paper.say(258, 84, "y = 18 mm", "text", "left")
    paper.say(202, 48, "flattened", "dense")
    paper.say(48, 120, "a landmark", "activation")


PICTURES: dict[str, Draw] = {
    "image-classifier": _classifier,
    "lenet": _lenet,
    "alexnet": _alexnet,
    "vgg-11": partial(_vgg, layers=11),
    "vgg-16": partial(_vgg, layers=16),
    "ordered-grades": _grades,
    "several-labels": _labels,
    "image-regression": _number,
    "several-numbers": _numbers,
}
