"""Pixels that become channels, and channels that become pixels: nothing is learned and nothing is lost."""

from __future__ import annotations

from nodes.shapes import divided, sensible
from nodes.spec import Call, Category, NodeType, Port, Shape, module, setting


class PixelShuffle(
    NodeType,
    id="pixel_shuffle",
    title="Pixel shuffle",
    category=Category.POOLING,
    words="sub-pixel depth to space super-resolution enlarge",
):
    """Makes the image bigger by laying channels side by side. With an enlargement of 2, four channels become one that
    is twice as wide and high.

    Use it after a Convolution at the end of a network for super-resolution. Term: sub-pixel convolution, depth to
    space (Shi et al., 2016).
    """

    inputs = (Port("image", rank=(3,), help="A 2-D image."),)
    example = ((8, 6, 6),)

    factor: int = setting(
        2, "How many times wider and higher the image becomes. The channels must be divisible by its square.",
        label="Enlargement (scale factor)", low=1, high=64, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        channels, rows, columns = image
        left = divided(channels, self.factor**2, f"channels (enlargement {self.factor})", "factor")
        return left, rows * self.factor, columns * self.factor

    def call(self, image: Shape) -> Call:
        return module("torch.nn.PixelShuffle", upscale_factor=self.factor)


class PixelUnshuffle(
    NodeType,
    id="pixel_unshuffle",
    title="Pixel unshuffle",
    category=Category.POOLING,
    words="space to depth focus reduce downsample rearrange lossless",
):
    """Makes the image smaller and loses nothing: neighbouring pixels become channels. With a reduction of 2, each
    channel becomes four that are half as wide and high.

    Use it where a network begins with large images and is to be fast, with a Pixel shuffle at its end that takes it
    back, as in denoising (Zhang et al., FFDNet, 2018). Term: space to depth.
    """

    inputs = (Port("image", rank=(3,), help="A 2-D image."),)
    example = ((2, 6, 6),)

    factor: int = setting(
        2, "How many times narrower and lower the image becomes. Width and height must be divisible by it.",
        label="Reduction (scale factor)", low=1, high=64, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        channels, rows, columns = image
        sides = [divided(side, self.factor, way, "factor") for way, side in (("rows", rows), ("columns", columns))]
        return sensible((channels * self.factor**2, *sides))

    def call(self, image: Shape) -> Call:
        return module("torch.nn.PixelUnshuffle", downscale_factor=self.factor)
