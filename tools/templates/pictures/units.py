"""Pictures of networks whose idea lies in their unit: residual, dense, inception, fire, inverted, shuffled."""

from __future__ import annotations

from functools import partial

from .paper import Box, Draw, Paper

_DEPTHS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}


def _unit(paper: Paper, steps: tuple[str, ...], y: float = 40) -> tuple[Box, Box]:
    """The layers of a residual unit, and the way around them; gives where it is entered and left."""
    entry = paper.mark("dot", "text", 22, y, 2.5)
    x, boxes = 40.0, []
    width = 62.0 if len(steps) == 2 else 50.0
    for step in steps:
        boxes.append(paper.mark("box", "convolution", x, y - 11, width, 22, text=step))
        x += width + 10
    plus = paper.mark("sign", "merge", x + 4, y, text="+")
    paper.mark("arrow", "wire", 8, y, boxes[0].x - 1.5, y)
    paper.along(*boxes, plus)
    paper.mark("arc", "accent", 22, y - 1, x + 4, y - 8, -26)
    return entry, plus


def _resnet(paper: Paper, layers: int) -> None:
    deep = layers >= 50
    steps = ("1×1, 64", "3×3, 64", "1×1, 256") if deep else ("3×3, 64", "3×3, 64")
    _, plus = _unit(paper, steps)
    paper.mark("arrow", "wire", plus.right[0] + 1, 40, plus.right[0] + 24, 40)
    paper.say(plus.right[0] + 28, 40, "what was\nlearned\nis added", "accent", "left")
    times = 4 if deep else 1
    maps = tuple((width * times, side) for width, side in ((64, 56), (128, 28), (256, 14), (512, 7)))
    row = paper.row(maps, 62, 236, 108, 50)
    image, means = paper.scan(8, 88, 40), paper.numbers(266, 108, 44, maps[-1][0])
    paper.along(image, *row, means)
    for box, depth in zip(row, _DEPTHS[layers], strict=True):
        paper.say(box.top[0], box.y - 7, f"×{depth}", "accent")
    paper.mark("arrow", "wire", 277, 108, 288, 108)
    paper.answers(290, 108, "0.9 0.2 0.1", 24)


def _small_images(paper: Paper) -> None:
    _, plus = _unit(paper, ("3×3, 16", "3×3, 16"))
    paper.mark("arrow", "wire", plus.right[0] + 1, 40, plus.right[0] + 24, 40)
    paper.say(plus.right[0] + 28, 40, "eighteen of these\nin each stage", "accent", "left")
    paper.scan(12, 92, 32)
    x = 58.0
    for width, side, height in ((16, 32, 50), (32, 16, 34), (64, 8, 24)):
        for place in range(18):
            paper.mark("maps", "convolution", x + 3.6 * place, 108 - height / 2, 2.2, height)
        paper.say(x + 32, 108 + 33, f"{width} of {side}×{side}")
        x += 78
    paper.mark("arrow", "wire", 46, 108, 56, 108)
    paper.mark("arrow", "wire", 282, 108, 290, 108)
    paper.answers(292, 108, "0.1 0.9 0.2", 22)


def _squeeze(paper: Paper) -> None:
    levels = (0.9, 0.25, 0.6, 0.1)
    for place, level in enumerate(levels):
        y = 22 + 28 * place
        paper.mark("maps", "convolution", 44, y, 34, 22)
        paper.mark("dot", "pooling", 112, y + 11, 3.5)
        paper.mark("arrow", "wire", 80, y + 11, 106, y + 11)
        paper.mark("bars", "activation", 184, y + 5, 26, 12, text=str(level))
        paper.mark("sign", "merge", 230, y + 11, text="×")
        paper.mark("arrow", "wire", 212, y + 11, 222, y + 11)
        for _ in range(1 + int(level * 3)):  # the more it weighs, the stronger it is painted
            paper.mark("maps", "convolution", 252, y, 34, 22)
        paper.mark("arrow", "wire", 238, y + 11, 250, y + 11)
    small = paper.mark("list", "dense", 138, 52, 9, 44)
    wide = paper.mark("list", "dense", 160, 30, 9, 88)
    for place in range(4):
        paper.mark("line", "faint", 116, 33 + 28 * place, small.x, 74)
        paper.mark("line", "faint", wide.x + 9, 33 + 28 * place, 184, 33 + 28 * place)
    paper.mark("line", "faint", small.x + 9, 74, wide.x, 74)
    paper.mark("arc", "accent", 61, 20, 269, 20, -18)
    for x, text, role in (
        (61, "maps", "convolution"),
        (107, "squeeze", "pooling"),
        (152, "16× fewer", "dense"),
        (200, "excite", "activation"),
        (269, "weighed", "convolution"),
    ):
        paper.say(x, 140, text, role)


def _dense(paper: Paper) -> None:
    boxes = []
    for place in range(5):
        x = 36 + 44 * place
        boxes.append(paper.mark("maps", "convolution" if place else "source", x, 50, 12, 46))
        paper.say(x + 6, 104, "64" if not place else "+32")
    for first in range(5):
        for last in range(first + 1, 5):
            bend = -9.0 * (last - first)
            if last == first + 1:
                paper.link(boxes[first], boxes[last])
            else:
                paper.mark(
                    "arc", "accent", boxes[first].top[0], 49, boxes[last].top[0] - 2 + (last - first) % 3, 49, bend
                )
    transition = paper.mark("box", "pooling", 256, 52, 54, 42, text="half the\nmaps, half\nthe size")
    paper.link(boxes[-1], transition)
    paper.mark("arrow", "wire", 12, 73, 34, 73)
    paper.say(160, 132, "each layer sees what all before it made; ×6, ×12, ×24, ×16", "text")


def _inverted(paper: Paper) -> None:
    thin = paper.mark("maps", "convolution", 46, 66, 10, 28)
    wide = paper.mark("maps", "convolution", 110, 30, 14, 100)
    seen = paper.mark("maps", "convolution", 194, 30, 14, 100)
    end = paper.mark("maps", "convolution", 258, 66, 10, 28)
    for start, stop, first, last in ((thin, wide, 28, 100), (seen, end, 100, 28)):
        for side in (-1, 1):
            paper.mark(
                "line", "faint", start.right[0] + 1, 80 + side * first / 2, stop.left[0] - 1, 80 + side * last / 2
            )
    for place in range(9):
        paper.mark("arrow", "activation", wide.right[0] + 2, 35 + 11.2 * place, seen.left[0] - 2, 35 + 11.2 * place)
    paper.mark("arc", "accent", thin.top[0], 64, end.top[0], 64, -46)
    paper.say(82, 120, "1×1", "convolution")
    paper.say(234, 120, "1×1", "convolution")
    paper.say(159, 140, "a 3×3 window for each map alone", "activation")
    paper.say(82, 82, "×6", "text")
    paper.say(30, 80, "few")
    paper.say(274, 80, "few\nagain", kind="left")
    paper.say(159, 8, "the way around joins the thin ends", "accent")


def _shuffle(paper: Paper) -> None:
    roles = ("source", "source", "source", "convolution", "convolution", "convolution")
    after = (0, 3, 1, 4, 2, 5)
    ys = [26 + 18 * place for place in range(6)]
    for y, role in zip(ys, roles, strict=True):
        paper.mark("maps", role, 20, y, 18, 13)
    for y in ys[:3]:
        paper.mark("arrow", "wire", 40, y + 6.5, 178, y + 6.5)
    for x, text in ((62, "1×1"), (102, "3×3"), (142, "1×1")):
        paper.mark("box", "convolution", x, 80, 30, 50, text=text)
    for x, end in ((40, 60), (93, 101), (133, 141), (173, 179)):
        paper.mark("arrow", "wire", x, 105, end, 105)
    for y, role in zip(ys, roles, strict=True):
        paper.mark("maps", role, 182, y, 18, 13)
    for place, target in enumerate(after):
        paper.mark("arrow", "accent", 202, ys[place] + 6.5, 250, ys[after.index(place)] + 6.5)
        paper.mark("maps", roles[target], 252, ys[place], 18, 13)
    paper.say(110, 14, "half of the maps pass untouched", "source")
    paper.say(226, 142, "shuffle", "accent")
    paper.say(118, 142, "the other half is worked on", "convolution")


def _fire(paper: Paper) -> None:
    start = paper.mark("maps", "convolution", 24, 34, 24, 82)
    few = paper.mark("maps", "convolution", 88, 34, 8, 82)
    paper.say(92, 124, "16")
    near = paper.mark("maps", "convolution", 160, 14, 15, 54)
    far = paper.mark("maps", "convolution", 160, 82, 15, 54)
    both = paper.mark("maps", "convolution", 238, 34, 15, 82)
    more = paper.mark("maps", "convolution", 253, 34, 15, 82)
    paper.link(start, few)
    for branch, text in ((near, "1×1, 64"), (far, "3×3, 64")):
        paper.mark("arrow", "wire", few.right[0] + 1, 75, branch.x - 2, branch.left[1])
        paper.mark("arrow", "wire", branch.right[0] + 1, branch.left[1], both.x - 2, 75)
        paper.say(198, branch.y + 4 if branch is near else branch.y + branch.h - 4, text)
    paper.say(68, 64, "1×1")
    paper.say(92, 24, "squeeze", "accent")
    paper.say(167, 144, "expand", "accent")
    paper.say(more.x, 24, "side by side", "merge")
    paper.say(more.x, 124, "128")


def _inception(paper: Paper) -> None:
    start = paper.mark("maps", "convolution", 14, 40, 16, 70)
    end = paper.mark("maps", "convolution", 290, 40, 16, 70)
    for y, steps in ((20, ("1×1, 64",)), (56, ("1×1, 96", "3×3, 128")), (92, ("1×1, 16", "3×3, 32")),
                     (128, ("pool 3×3", "1×1, 32"))):  # fmt: skip
        x, before = 66.0, start.right
        for place, step in enumerate(steps):
            pooled = step.startswith("pool")
            box = paper.mark("box", "pooling" if pooled else "convolution", x, y - 10, 72, 20, text=step)
            begin = (before[0] + 2, before[1]) if place == 0 else (before[0] + 1, y)
            paper.mark("arrow", "wire", *begin, x - 2, y)
            before, x = box.right, x + 92
        paper.mark("arrow", "wire", before[0] + 1, y, 262, y, end.x - 2, 75)
    paper.say(22, 122, "192")
    paper.say(298, 122, "256")
    paper.say(298, 28, "side by\nside", "merge")


def _transformer(paper: Paper) -> None:
    paper.scan(6, 34, 72)
    paper.mark("grid", "accent", 6, 34, 72, 72, 4, 4)
    paper.say(46, 118, "patches of 16×16", "accent")
    paper.mark("arrow", "wire", 81, 70, 96, 70)
    xs = [108 + 19 * place for place in range(8)]
    for place, x in enumerate(xs):
        paper.mark("maps", "convolution" if place != 2 else "accent", x, 96, 10, 26)
        paper.mark("maps", "convolution", x, 22, 10, 26)
    for place, x in enumerate(xs):
        paper.mark("line", "faint", x + 5, 94, xs[5] + 5, 50)
        strength = "accent" if place in (0, 3, 6) else "faint"
        paper.mark("line", strength, xs[2] + 5, 50, x + 5, 94)
    paper.say(180, 132, "every patch looks at every other", "text")
    paper.say(180, 12, "192 numbers for each", "muted")
    paper.say(270, 71, "×12", "accent")
    paper.mark("arrow", "wire", 258, 35, 276, 35)
    paper.say(283, 56, "mean", "pooling")
    paper.mark("list", "dense", 278, 26, 8, 20)
    paper.mark("arrow", "wire", 288, 40, 296, 40)
    paper.answers(298, 42, "0.9 0.2", 18)


PICTURES: dict[str, Draw] = {
    **{f"resnet-{layers}": partial(_resnet, layers=layers) for layers in _DEPTHS},
    "resnet-110": _small_images,
    "se-resnet-50": _squeeze,
    "densenet-121": _dense,
    "mobilenet-v2": _inverted,
    "shufflenet-v2": _shuffle,
    "squeezenet": _fire,
    "googlenet": _inception,
    "vision-transformer": _transformer,
}
