"""Pictures of networks that give images or read signals: autoencoders, super-resolution, GANs, ECG."""

from __future__ import annotations

from functools import partial

from .paper import Box, Draw, Paper

_BEAT = ((0, 0), (6, -3), (10, 0), (14, 0), (16, 5), (19, -30), (22, 10), (25, 0), (32, 0), (38, -7), (44, 0))


def _autoencoder(paper: Paper) -> None:
    image = paper.scan(4, 46, 52)
    left = paper.row(((16, 32), (32, 16), (64, 8)), 72, 128, 72, 76)
    code = paper.mark("list", "accent", 154, 50, 10, 44, text="32")
    right = paper.row(((64, 8), (32, 16), (16, 32)), 190, 248, 72, 76, "dense")
    back = paper.scan(264, 46, 52)
    paper.along(image, *left, code, *right, back)
    paper.say(159, 26, "the code", "accent")
    paper.say(100, 136, "squeeze", "convolution")
    paper.say(220, 136, "rebuild", "dense")
    paper.mark("dashed", "loss", 30, 42, 30, 12, 290, 12, 290, 42)
    paper.say(78, 20, "compared", "loss")


def _variational(paper: Paper) -> None:
    image = paper.scan(4, 26, 48)
    encoder = paper.mark("box", "convolution", 64, 36, 50, 28, text="encoder")
    for x, y, role in ((152, 44, "dense"), (156, 48, "dense"), (149, 51, "dense"), (158, 41, "dense"),
                       (182, 62, "activation"), (186, 58, "activation"), (178, 66, "activation"),
                       (182, 36, "output"), (186, 40, "output"), (178, 39, "output"), (190, 34, "output"),
                       (164, 70, "loss"), (160, 66, "loss"), (168, 66, "loss"), (168, 74, "loss")):  # fmt: skip
        paper.mark("dot", role, x, y, 2.4)
    decoder = paper.mark("box", "dense", 218, 36, 48, 28, text="decoder")
    back = paper.scan(280, 32, 36)
    cloud = Box(142, 26, 56, 48)
    paper.along(image, encoder, cloud, decoder, back)
    paper.say(170, 18, "each image a small cloud", "accent")
    paper.say(160, 90, "all together one round cloud", "muted")
    random = paper.mark("box", "source", 104, 112, 66, 24, text="random code")
    again = paper.mark("box", "dense", 192, 112, 58, 24, text="decoder")
    new = paper.scan(272, 104, 40)
    paper.along(random, again, new)
    paper.mark("dashed", "wire", 242, 66, 226, 110)
    paper.say(46, 124, "afterwards:")


def _srcnn(paper: Paper) -> None:
    coarse = paper.scan(6, 60, 30, "coarse")
    larger = paper.scan(56, 44, 62, "coarse")
    paper.mark("frame", "activation", 78, 60, 18, 18)
    row = paper.row(((64, 64), (32, 64)), 148, 210, 75, 62)
    fine = paper.scan(246, 44, 62)
    paper.along(coarse, larger, *row, fine)
    paper.say(50, 34, "bicubic", "pooling")
    for x, text in ((134, "9×9"), (181, "1×1"), (230, "5×5")):
        paper.say(x, 34, text, "convolution")
    for x, text in ((126, "patches"), (181, "mapping"), (236, "rebuilt")):
        paper.say(x, 128, text)


def _sub_pixel(paper: Paper) -> None:
    coarse = paper.scan(6, 58, 32, "coarse")
    row = paper.row(((64, 32), (32, 32)), 58, 104, 74, 40)
    paper.along(coarse, *row)
    roles = ("convolution", "activation", "output", "loss")
    paper.mark("arrow", "wire", 107, 74, 122, 74)
    for place, role in enumerate(roles):
        x, y = 128 + 12 * place, 78 - 10 * place
        for row_ in range(3):
            for column in range(3):
                paper.mark("box", role, x + 8 * column, y + 8 * row_, 8, 8)
    paper.say(160, 118, "4 values for each pixel")
    paper.mark("arrow", "wire", 194, 74, 222, 74)
    paper.say(206, 60, "lay out")
    for line in range(6):
        for column in range(6):
            paper.mark("box", roles[2 * (line % 2) + column % 2], 226 + 15 * column, 30 + 15 * line, 15, 15)
    paper.say(271, 132, "2×2 fine pixels")


def _denoising(paper: Paper) -> None:
    paper.scan(8, 52, 56, "noise")
    network = paper.mark("box", "convolution", 92, 22, 60, 30, text="8 layers")
    guess = paper.mark("box", "loss", 174, 22, 66, 30, text="correction")
    plus = paper.mark("sign", "merge", 207, 94, text="+")
    clean = paper.scan(252, 62, 62)
    paper.mark("arrow", "wire", 66, 66, 90, 40)
    paper.along(network, guess)
    paper.mark("arrow", "wire", 207, 54, 207, 86)
    paper.mark("arrow", "accent", 66, 94, 198, 94)
    paper.link(plus, clean)
    paper.say(138, 104, "the image goes around", "accent")
    paper.say(36, 118, "noise added")
    paper.say(283, 134, "clean")


def _players(paper: Paper, *, told: bool = False) -> None:
    noise = paper.mark("box", "source", 6, 38, 44, 24, text="noise")
    generator = paper.mark("box", "dense", 66, 34, 66, 32, text="generator")
    made = paper.scan(150, 28, 44)
    paper.scan(150, 92, 44, "other")
    paper.mark("box", "convolution", 222, 52, 58, 40, text="discrimi-\nnator")
    paper.along(noise, generator, made)
    paper.mark("arrow", "wire", 197, 50, 220, 64)
    paper.mark("arrow", "wire", 197, 110, 220, 80)
    paper.mark("arrow", "wire", 282, 72, 290, 72)
    paper.say(304, 66, "real?", "text")
    paper.say(304, 78, "made?", "text")
    paper.mark("arrow", "accent", 253, 50, 253, 10, 99, 10, 99, 32)
    paper.say(176, 19, "fool it better", "accent")
    paper.say(140, 112, "real", kind="text")
    paper.say(172, 79, "made")
    if told:
        label = paper.mark("box", "output", 22, 92, 66, 24, text="class “T1”")
        paper.mark("arrow", "output", 60, 90, 90, 68)
        paper.mark("arrow", "output", *label.bottom, 55, 142, 253, 142, 253, 94)
        paper.say(112, 134, "told to both", "output")


def _deep_players(paper: Paper) -> None:
    noise = paper.mark("list", "source", 8, 22, 10, 44, text="100")
    up = paper.row(((64, 7), (64, 14), (32, 28), (16, 28)), 44, 124, 44, 52, "dense")
    made = paper.scan(142, 24, 40)
    paper.along(noise, *up, made)
    paper.say(84, 8, "generator: enlarges", "dense")
    paper.scan(142, 92, 40, "other")
    down = paper.row(((32, 28), (64, 14)), 208, 242, 80, 52)
    answer = paper.numbers(262, 80, 44, 512)
    paper.mark("arrow", "wire", 184, 46, 205, 68)
    paper.mark("arrow", "wire", 184, 110, 205, 92)
    paper.along(*down, answer)
    paper.mark("arrow", "wire", 273, 80, 282, 80)
    paper.say(300, 74, "real?", "text")
    paper.say(300, 86, "made?", "text")
    paper.say(236, 132, "discriminator: shrinks", "convolution")
    paper.say(130, 112, "real")


def _cycle(paper: Paper) -> None:
    paper.scan(12, 46, 52)
    paper.scan(134, 46, 52, "other")
    paper.scan(256, 46, 52)
    paper.mark("arrow", "dense", 68, 72, 130, 72)
    paper.mark("arrow", "dense", 190, 72, 252, 72)
    paper.say(99, 62, "A to B", "dense")
    paper.say(221, 62, "B to A", "dense")
    for x, text in ((38, "A"), (160, "made B"), (282, "back to A")):
        paper.say(x, 107, text)
    paper.mark("arrow", "loss", 38, 42, 38, 16, 282, 16, 282, 42)
    paper.say(160, 26, "must be the same again", "loss")
    paper.mark("box", "convolution", 112, 120, 96, 22, text="real B or made?")
    paper.mark("arrow", "wire", 160, 112, 160, 119)
    paper.say(54, 132, "likewise from B")


def _beats(paper: Paper, x: float, y: float, count: int, scale: float = 1.0, role: str = "source") -> None:
    at = [part for beat in range(count) for px, py in _BEAT for part in (x + (44 * beat + px) * scale, y + py * scale)]
    paper.mark("line", role, *at)


def _ecg(paper: Paper) -> None:
    for place in range(3):
        _beats(paper, 8, 40 + 30 * place, 3, 0.9)
    paper.mark("frame", "accent", 40, 8, 26, 100)
    paper.mark("arrow", "accent", 68, 116, 100, 116)
    paper.say(56, 128, "slides along time", "accent")
    x = 146.0
    for count, length in ((16, 62), (32, 42), (48, 28), (64, 16)):
        paper.mark("maps", "convolution", x, 60 - length / 2, 8, length)
        paper.say(x + 4, 60 + length / 2 + 8, str(count))
        x += 24
    paper.mark("arrow", "wire", 130, 60, 142, 60)
    paper.mark("arrow", "wire", 230, 60, 242, 60)
    paper.say(250, 28, "mean over\ntime", "pooling")
    paper.mark("list", "dense", 246, 44, 8, 32, text="64")
    paper.mark("arrow", "wire", 257, 60, 268, 60)
    paper.answers(272, 60, "0.1 0.9 0.2", 34)
    paper.say(186, 128, "shorter, and more of them", "convolution")


def _recurrent(paper: Paper) -> None:
    _beats(paper, 44, 44, 5, 1.0)
    for place in range(5):
        x = 50 + 46 * place
        paper.mark("maps", "convolution", x, 58, 26, 12)
        paper.mark("box", "block", x, 86, 26, 22, text="LSTM")
        paper.mark("arrow", "wire", x + 13, 71, x + 13, 84)
        if place:
            paper.mark("arrow", "accent", x - 19, 92, x - 1, 92)
            paper.mark("arrow", "activation", x - 1, 102, x - 19, 102)
        paper.mark("line", "wire", x + 13, 109, x + 13, 122)
    paper.mark("line", "wire", 63, 122, 247, 122)
    paper.mark("arrow", "wire", 247, 122, 268, 122)
    paper.say(156, 134, "mean over time", "pooling")
    paper.answers(272, 118, "0.1 0.9 0.2", 34)
    paper.say(24, 64, "convolved", "convolution")
    paper.say(22, 97, "memory", "accent")


PICTURES: dict[str, Draw] = {
    "autoencoder": _autoencoder,
    "variational-autoencoder": _variational,
    "srcnn": _srcnn,
    "sub-pixel": _sub_pixel,
    "denoising": _denoising,
    "gan": _players,
    "dcgan": _deep_players,
    "conditional-gan": partial(_players, told=True),
    "cyclegan": _cycle,
    "ecg": _ecg,
    "ecg-lstm": _recurrent,
}
