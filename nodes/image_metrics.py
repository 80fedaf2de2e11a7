"""Metrics of images: how like the wanted one each is, and how like real ones made images are as a crowd."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from nodes.judged import same_shape
from nodes.roles import Metric
from nodes.spec import Call, Kind, Port, Shape, Target, Unfit, Value, Values, module, setting, spelled

SSIM_WINDOW = 11  # pixels along each axis
_CROWDS = {"whole images": ("ImageDistance", {1: 64, 2: 8, 3: 4}), "details": ("DetailDistance", {1: 49, 2: 7, 3: 4})}
"""What counts each form of the image distance, and by the number of axes how many values along each."""


class ImageDistance(
    Metric, id="image_distance", title="Image distance",
    words="gan frechet fréchet fid two sample distribution generated images likeness",
):  # fmt: skip
    """How far made images are from real ones, as two crowds: which image belongs to which does not matter. 0 is reached
    when both are alike on average and vary alike. For what a generator makes out of noise.

    A whole image is brought to about 64 values for each channel (8×8 pixels), which shows where it is bright. Details
    are the pieces of 7×7 pixels, wherever they lie, which show contrast, edges and texture: for images that are
    translated from one kind into another. The Fréchet distance of the two normal distributions is taken, per value: its
    square root is in the unit of the images.
    """

    inputs = (Port("prediction", label="Made"), Port("target", Kind.TARGET, labels=("image",), label="Real"))
    example: ClassVar[tuple[Value, ...]] = ((1, 16, 16), Target("image", (1, 16, 16)))
    higher_is_better = False
    bounds = (0.0, math.inf)
    paired = False

    compared: Literal["whole images", "details"] = setting(
        "whole images", "Whether whole images are compared, made small, or small pieces of them.", brief=True
    )

    def infer(self, prediction: Shape, target: Target) -> Values:
        same_shape(prediction, target)
        if len(prediction) < 2:
            raise Unfit("Image distance compares images; a list of features came.", "prediction")
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        of, by_axes = _CROWDS[self.compared]
        sides = tuple(min(by_axes[len(prediction) - 1], size) for size in prediction[1:])
        return module(f"runtime.modules.crowds.{of}", channels=prediction[0], sides=sides)


class LikenessMetric(Metric):
    """A metric of how alike two images are, image by image."""

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("image",)))
    example: ClassVar[tuple[Value, ...]] = ((1, 16, 16), Target("image", (1, 16, 16)))
    bounds = (-math.inf, 100.0)

    span: float = setting(
        0.0, "The largest possible value of the images minus the smallest, such as 1 after normalising to 0–1. 0: that "
        "of each target image itself.",
        label="From black to white", low=0.0,
    )  # fmt: skip

    measure: ClassVar[str]
    """The module class of runtime.modules.likeness that counts it."""

    def infer(self, prediction: Shape, target: Target) -> Values:
        same_shape(prediction, target)
        if len(prediction) < 2:
            raise Unfit(f"{self.title} compares images; a list of features came.", "prediction")
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        return module(f"runtime.modules.likeness.{self.measure}", span=self.span)


class Psnr(
    LikenessMetric, id="psnr", title="PSNR", words="peak signal noise ratio decibel db super-resolution denoising"
):
    """The peak signal-to-noise ratio: how small the differences are beside the range of the image, in decibels. 3 dB
    more are half the squared error. Mean over the images; one that is met exactly counts 100.
    """

    measure = "Psnr"


class Ssim(
    LikenessMetric, id="ssim", title="SSIM", words="structural similarity perceptual super-resolution denoising"
):
    """The structural similarity: whether brightness, contrast and structure agree from place to place, which is nearer
    to what eyes see than PSNR. 1 is perfect. Mean over the images (Wang et al., 2004; doi:10.1109/TIP.2003.819861).
    """

    measure = "Ssim"
    bounds = (-1.0, 1.0)

    def infer(self, prediction: Shape, target: Target) -> Values:
        LikenessMetric.infer(self, prediction, target)
        if min(prediction[1:]) < SSIM_WINDOW:
            raise Unfit(
                f"SSIM looks at windows of {SSIM_WINDOW} pixels along each side, and images of "
                f"{spelled(prediction[1:])} came; use larger images, or PSNR.",
                "prediction",
            )
        return {}
