"""Pictures of networks that outline structures or find them: U-Net and its kin, SegNet, FCN, the detectors."""

from __future__ import annotations

from itertools import pairwise

from .paper import Box, Draw, Paper


def _letter(
    paper: Paper, maps: tuple[int, ...], side: int, x: float, right: float, top: float, *, gates: bool = False
) -> tuple[list[Box], list[Box]]:
    """The U: a half that falls, one that rises, and the wires across; gives the boxes of both halves."""
    step = (right - x) / (2 * len(maps) - 1)
    down, up = [], []
    drop = (132 - top) / len(maps)
    for level, count in enumerate(maps):
        wide, high = 5 + 2 * level, drop * 0.66
        y = top + level * drop
        place = x + level * step
        down.append(paper.mark("maps", "convolution", place, y, wide, high, text=f"{count}@{side // 2**level}"))
        if level < len(maps) - 1:
            other = right - level * step - wide
            up.append(paper.mark("maps", "dense", other, y, wide, high, text=f"{count}@{side // 2**level}"))
    for level, (left, risen) in enumerate(zip(down, up, strict=False)):
        y = left.y + left.h * 0.5
        paper.mark("arrow", "accent", left.right[0] + 2, y, risen.x - 2, y)
        if gates:
            middle = (left.right[0] + risen.x) / 2 + 8
            paper.mark("sign", "activation", middle, y, text="×")
            below = down[level + 1] if level + 2 > len(up) else up[level + 1]
            paper.mark("arrow", "activation", below.x + below.w / 2 - 2, below.y - 2, middle + 6, y + 6)
    for start, end in pairwise(down):
        paper.mark("arrow", "pooling", start.bottom[0] + 4, start.bottom[1] - 3, end.x - 2, end.y + 4)
    for start, end in zip([down[-1], *reversed(up)], [*reversed(up)], strict=False):
        paper.mark("arrow", "wire", start.right[0] + 2, start.y + 4, end.x + 2, end.bottom[1] + 2)
    return down, up


def _u_net(paper: Paper) -> None:
    image, mask = paper.scan(4, 8, 44, "lesion"), paper.scan(272, 8, 44, "mask", "output")
    down, up = _letter(paper, (12, 24, 48, 96, 128), 128, 66, 252, 18)
    paper.link(image, Box(down[0].x, image.y, 0, image.h))
    paper.link(Box(up[0].x, image.y, up[0].w, image.h), mask)
    paper.say(160, 12, "fine detail", "accent")
    paper.say(40, 88, "what is\nthere", "convolution")
    paper.say(280, 88, "where\nit is", "dense")


def _attention(paper: Paper) -> None:
    image, mask = paper.scan(4, 8, 44, "lesion"), paper.scan(272, 8, 44, "mask", "output")
    down, up = _letter(paper, (16, 32, 64, 128, 256), 128, 66, 252, 18, gates=True)
    paper.link(image, Box(down[0].x, image.y, 0, image.h))
    paper.link(Box(up[0].x, image.y, up[0].w, image.h), mask)
    paper.say(282, 76, "the coarse\nmaps say\nwhere to\nlook", "activation")
    paper.say(34, 76, "gates\nweigh each\npixel", "activation")


def _pieces(paper: Paper) -> None:
    paper.scan(6, 20, 104, "lesion")
    for x, y, role in ((56, 34, "activation"), (66, 46, "activation"), (14, 76, "muted"), (40, 82, "muted")):
        paper.mark("frame", role, x, y, 36, 36)
    paper.say(58, 134, "half of the pieces hit it", "activation")
    paper.mark("arrow", "wire", 114, 72, 130, 72)
    for x, height in ((136, 44), (146, 26), (156, 14), (166, 26), (176, 44)):
        paper.mark("maps", "convolution" if x < 160 else "dense", x, 72 - height / 2, 7, height)
    paper.mark("arrow", "accent", 144, 54, 174, 54)
    paper.say(160, 110, "small U-Net")
    paper.mark("arrow", "wire", 186, 72, 202, 72)
    paper.scan(208, 20, 104, "mask", "output")
    for place in range(4):
        paper.mark("frame", "muted", 210 + 16 * place, 40, 46, 46)
    paper.say(260, 134, "windows overlap")


def _segnet(paper: Paper) -> None:
    values = ((1, 3, 0, 2), (2, 8, 1, 5), (0, 1, 7, 3), (4, 2, 0, 1))
    for x, kept in ((14, True), (230, False)):
        paper.mark("grid", "pooling", x, 34, 76, 76, 4, 4)
        for row, line in enumerate(values):
            for column, value in enumerate(line):
                most = value in (8, 5, 7, 4) and (row, column) in ((1, 1), (1, 3), (2, 2), (3, 0))
                if kept or most:
                    paper.say(x + 9.5 + 19 * column, 43.5 + 19 * row, str(value), "accent" if most else "muted")
    paper.mark("grid", "pooling", 140, 52, 40, 40, 2, 2)
    for x, y, value in ((150, 62, 8), (170, 62, 5), (150, 82, 4), (170, 82, 7)):
        paper.say(x, y, str(value), "text")
    paper.mark("arrow", "wire", 94, 72, 136, 72)
    paper.mark("arrow", "wire", 184, 72, 226, 72)
    paper.mark("arc", "accent", 52, 32, 268, 32, -20)
    paper.say(160, 28, "positions go across", "accent")
    for x, text in ((52, "encoder pools"), (160, "few, coarse"), (268, "decoder unpools")):
        paper.say(x, 124, text)


def _fcn(paper: Paper) -> None:
    maps = ((64, 224), (128, 112), (256, 56), (512, 28), (512, 14))
    image = paper.scan(4, 14, 54, "lesion")
    row = paper.row(maps, 72, 196, 41, 54)
    end = paper.mark("maps", "convolution", 218, 31, 22, 20)
    paper.say(229, 22, "fc6, fc7")
    paper.say(229, 58, "4096")
    paper.along(image, *row, end)
    xs = (row[2].bottom[0], row[3].bottom[0], 229.0)
    for x, text, y in zip(xs, ("1/8", "1/16", "1/32"), (84, 84, 84), strict=True):
        paper.mark("arrow", "output", x, 72 if x < 220 else 66, x, y)
        paper.say(x + 16, 78, text)
    first = paper.mark("sign", "merge", xs[1], 112, text="+")
    second = paper.mark("sign", "merge", xs[0], 112, text="+")
    for x in xs:
        paper.mark("maps", "output", x - 6, 86, 12, 12)
    paper.mark("arrow", "wire", xs[2], 100, xs[2], 112, first.right[0] + 2, 112)
    paper.mark("arrow", "wire", xs[1], 99, xs[1], 105)
    paper.mark("arrow", "wire", xs[0], 99, xs[0], 105)
    paper.link(Box(second.right[0], 105, 0, 14), Box(first.x, 105, 0, 14))
    mask = paper.scan(4, 92, 50, "mask", "output")
    paper.mark("arrow", "wire", second.x - 2, 112, mask.right[0] + 3, 112)
    paper.say((second.x + mask.right[0]) / 2, 121, "×8 larger")
    paper.say(196, 140, "a coarse answer, refined twice by finer maps", "text")


def _cells(paper: Paper, x: float, y: float, side: float, count: int) -> None:
    paper.scan(x, y, side, "lesion")
    paper.mark("grid", "muted", x, y, side, side, count, count)


def _yolo(paper: Paper) -> None:
    _cells(paper, 8, 18, 112, 8)
    paper.mark("frame", "wrong", 78, 46, 14, 14)
    for wide, high in ((18, 16), (34, 32), (56, 48)):
        paper.mark("frame", "activation", 85 - wide / 2, 53 - high / 2, wide, high)
    paper.say(64, 140, "3 anchors at each cell", "activation")
    paper.mark("arrow", "wire", 124, 74, 146, 74)
    for y, text, role in ((26, "something there?", "loss"), (58, "where: x, y, width, height", "dense"),
                          (90, "which class?", "output")):  # fmt: skip
        paper.mark("box", role, 150, y, 160, 24, text=text)
    paper.say(230, 128, "all answers in one look", "text")


def _ssd(paper: Paper) -> None:
    for x, side, count, wide, text in (
        (8, 100, 12, 12, "small things"),
        (126, 84, 6, 24, "middle"),
        (228, 72, 3, 44, "large"),
    ):
        y = 72 - side / 2
        _cells(paper, x, y, side, count)
        paper.mark("frame", "activation", x + side * 0.64 - wide / 2, y + side * 0.36 - wide / 2, wide, wide)
        paper.say(x + side / 2, 132, text, "activation")
    paper.mark("arrow", "pooling", 110, 72, 124, 72)
    paper.mark("arrow", "pooling", 212, 72, 226, 72)
    paper.say(117, 60, "½", "pooling")
    paper.say(219, 60, "½", "pooling")
    paper.say(160, 12, "a head on maps of each size", "text")


def _faster(paper: Paper) -> None:
    paper.scan(6, 24, 96, "lesion")
    for x, y, wide, high in ((56, 46, 26, 24), (14, 78, 34, 30), (36, 30, 22, 30)):
        paper.mark("frame", "activation", x, y, wide, high)
    paper.say(54, 134, "1. proposals", "activation")
    for y, look in ((22, True), (64, False), (106, False)):
        paper.mark("grid", "boxes", 140, y, 30, 30, 5, 5)
        paper.mark("arrow", "wire", 84 if look else 58, 58 if look else y + 10, 137, y + 15)
        paper.mark("arrow", "wire", 173, y + 15, 186, y + 15)
        paper.mark("box", "convolution", 188, y + 3, 40, 24, text="head")
        paper.mark("arrow", "wire", 230, y + 15, 243, y + 15)
        paper.say(248, y + 15, "lesion, box" if look else "nothing", "accent" if look else "muted", "left")
    paper.say(155, 12, "RoI align", "boxes")
    paper.say(232, 12, "2. look again", "convolution")


def _candidates(paper: Paper) -> None:
    paper.scan(6, 22, 100, "lesion")
    for x, y in ((70, 58), (34, 84), (46, 46), (60, 96)):
        paper.mark("frame", "activation" if (x, y) == (70, 58) else "muted", x - 9, y - 9, 18, 18)
    paper.say(56, 134, "candidate points")
    for y, look, value in ((26, "lesion", "0.9"), (66, "head", "0.1"), (106, "head", "0.2")):
        paper.mark("arrow", "wire", 110, 72, 128, y + 10)
        paper.mark("scan", "loss", 132, y - 6, 32, 32, text=look)
        paper.mark("frame", "activation" if look == "lesion" else "muted", 132, y - 6, 32, 32)
        paper.mark("arrow", "wire", 167, y + 10, 182, y + 10)
        paper.mark("box", "convolution", 184, y - 2, 50, 24, text="network")
        paper.mark("arrow", "wire", 236, y + 10, 248, y + 10)
        paper.mark("bars", "output", 251, y + 4, 34, 12, text=value)
        paper.say(290, y + 10, "yes" if look == "lesion" else "no", "text", "left")


PICTURES: dict[str, Draw] = {
    "u-net": _u_net,
    "u-net-pieces": _pieces,
    "attention-u-net": _attention,
    "segnet": _segnet,
    "fcn-8s": _fcn,
    "yolo": _yolo,
    "ssd": _ssd,
    "faster-r-cnn": _faster,
    "candidate-patches": _candidates,
}
