"""Nodes that make images poorer on purpose, so that a network learns to make them better."""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.preparation import Preparation
from nodes.spec import Call, HouseRule, Shape, axes, module, setting, spelled


class _Degradation(Preparation):
    """What these nodes share: they stand for a poorer acquisition, and the model that is given away takes real ones."""

    simulates: ClassVar[bool] = True


class ReduceResolution(
    _Degradation, id="reduce_resolution", title="Reduce resolution",
    words="super-resolution downsample shrink degrade low resolution bicubic simulate",
):  # fmt: skip
    """Makes images coarser on purpose, by bicubic interpolation, so that a network learns to bring the detail back. The
    image before this node is then the target.

    It acts in training and whenever the run is measured. The exported model leaves it out: it takes images as they are,
    and gives them larger by as much as they were made smaller here. Term: the degradation of single-image
    super-resolution (Dong et al., 2016; doi:10.1109/TPAMI.2015.2439281).
    """

    factor: int = setting(
        2, "How many times coarser. Each side of the image must be divisible by it.", label="Reduction (factor)",
        low=1, high=16, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        sides = axes(self.factor, len(image) - 1, "factor")
        if any(side % factor for side, factor in zip(image[1:], sides, strict=True)):
            raise HouseRule(
                f"{spelled(image[1:])} pixels cannot be divided by {self.factor} along each side; bring the images to "
                "a size that can, with Resize.",
                "factor",
            )
        return (image[0], *(side // self.factor for side in image[1:]))

    def call(self, image: Shape) -> Call:
        return module("runtime.modules.cubic.ReduceResolution", factor=self.factor)


class AddNoise(
    _Degradation, id="add_noise", title="Add noise",
    words="denoise denoising gaussian rician low dose degrade simulate",
):  # fmt: skip
    """Adds random noise on purpose, so that a network learns to take it away. The image before this node is then the
    target.

    It acts in training and whenever the run is measured, because without noise there would be nothing to take away; the
    exported model leaves it out and takes images that are noisy themselves. To make a classifier robust, use Augment
    intensity instead, which acts in training only.
    """

    noise: Literal["gaussian", "rician"] = setting(
        "gaussian", "Gaussian noise is added to each pixel. Rician noise is that of the magnitude images of MR, where "
        "the air must be 0 (Gudbjartsson and Patz, 1995; doi:10.1002/mrm.1910340618).",
        label="Kind of noise",
    )  # fmt: skip
    spread: float = setting(
        0.2, "Standard deviation of the noise, in the unit of the image that arrives: after “per image” normalising, a "
        "share of the spread of each image.",
        label="Amount (standard deviation)", low=0.0, high=1e6, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        return image

    def call(self, image: Shape) -> Call:
        return module("runtime.modules.noise.AddNoise", noise=self.noise, spread=self.spread)
