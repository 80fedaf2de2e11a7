"""Augmentation: random changes that the network sees in training only, and that the exported model leaves out."""

from __future__ import annotations

from typing import Literal

from nodes.preparation import Preparation
from nodes.spec import Call, HouseRule, Port, Shape, module, setting

_FOLDS = {2: 48, 3: 40}
"""Cubic B-splines fold nothing over itself while displacements stay under this share (%) of the distance between
control points: Choi and Lee, Injectivity conditions of 2D and 3D uniform cubic B-spline functions (2000)."""


class Augment(
    Preparation,
    id="augment",
    title="Augment",
    words="augmentation random flip mirror rotate shift zoom shear crop elastic deformation warp overfitting",
):
    """Shows the network each image a little different every time: turned, shifted, zoomed, mirrored, bent. It learns
    more from few images and overfits less. It acts in training only; masks of the same source move along.

    Choose only changes that could occur in reality: a heart does not lie on the right. All changes are put together and
    applied in one resampling. Volumes are turned and sheared in the plane of their slices.
    """

    inputs = (Port("image", rank=(3, 4)),)
    geometry = True
    training_only = True

    flip_horizontal: bool = setting(False, "Mirror left and right.")
    flip_vertical: bool = setting(False, "Mirror top and bottom.")
    flip_depth: bool = setting(False, "For volumes: mirror the first and the last slice.")
    rotate: float = setting(
        10.0, "Turn by up to this angle, to either side; 180 is the full circle.", low=0.0, high=180.0, unit="°"
    )
    tilt: float = setting(
        0.0,
        "For volumes: also turn out of the plane of the slices by up to this angle. Only where slices lie as close as "
        "pixels do.",
        low=0.0,
        high=180.0,
        unit="°",
    )
    shift: float = setting(
        5.0, "Shift by up to this share of the size, along each axis.", low=0.0, high=100.0, unit="%"
    )
    zoom: float = setting(10.0, "Enlarge or shrink by up to this share.", low=0.0, high=90.0, unit="%")
    shear: float = setting(0.0, "Slant by up to this angle, to either side.", low=0.0, high=60.0, unit="°")
    crop: float = setting(
        0.0,
        "Cut away up to this share of each side, at a random place, and enlarge what is left to the full size.",
        low=0.0,
        high=90.0,
        unit="%",
    )
    elastic: float = setting(
        0.0, "Bend smoothly, as soft tissue does, by up to this share of the size.", low=0.0, high=50.0, unit="%"
    )
    bends: int = setting(
        4, "For elastic: in how many places along each side it bends on its own; few for wide, slow bends.",
        low=1, high=32,
    )  # fmt: skip
    probability: float = setting(0.5, "The chance that an image undergoes each of these changes.", low=0.0, high=1.0)
    edges: Literal["fill", "repeat", "mirror"] = setting(
        "fill", "What comes in from beyond the edge: the fill value, the pixels at the edge, or the mirrored image."
    )
    fill: float = setting(0.0, "For fill: the value that comes in, such as −1000 (air) for CT before a window.")

    def infer(self, image: Shape) -> Shape:
        most = _FOLDS[len(image) - 1] / self.bends
        if self.elastic > most:
            raise HouseRule(
                f"Elastic is {self.elastic:g} % with {self.bends} bends along a side, which would fold the image over "
                f"itself; {most:.3g} % or less fits, or fewer bends.",
                "elastic",
            )
        return image

    def call(self, image: Shape) -> Call:
        return module(
            "runtime.modules.augment.Augment",
            flip_horizontal=self.flip_horizontal,
            flip_vertical=self.flip_vertical,
            flip_depth=self.flip_depth,
            rotate=self.rotate,
            tilt=self.tilt,
            shift=self.shift,
            zoom=self.zoom,
            shear=self.shear,
            crop=self.crop,
            elastic=self.elastic,
            bends=self.bends,
            probability=self.probability,
            edges=self.edges,
            fill=self.fill,
        )


class AugmentIntensity(
    Preparation,
    id="augment_intensity",
    title="Augment intensity",
    words="augmentation random brightness contrast gamma noise blur bias field scanner overfitting",
):
    """Shows the network each image a little brighter, darker, noisier or less sharp every time, as other scanners and
    protocols would. It learns to look past what is not the patient. It acts in training only; nothing is moved.

    The amounts are relative to the values of each image, so they mean the same in Hounsfield units, in stored values
    and after normalising. Put it after “per image” normalising, which would take brightness and contrast back.
    """

    training_only = True

    brightness: float = setting(
        10.0, "Add or take away up to this share of the spread of the image’s values.", low=0.0, high=500.0, unit="%"
    )
    contrast: float = setting(
        15.0, "Strengthen or weaken the differences by up to this share.", low=0.0, high=95.0, unit="%"
    )
    gamma: float = setting(
        0.0,
        "Make dark or bright parts stand out: an exponent of up to 1 plus this share, or its inverse, between the "
        "least and the greatest value.",
        low=0.0,
        high=500.0,
        unit="%",
    )
    field: float = setting(
        0.0, "Make one side brighter than the other, as coils do in MR, by up to this share.", low=0.0, high=500.0,
        label="Uneven field", unit="%",
    )  # fmt: skip
    blur: float = setting(
        0.0, "Blur by a Gaussian of up to this width (standard deviation).", low=0.0, high=50.0, unit="px"
    )
    noise: float = setting(
        5.0, "Add noise of up to this share of the spread of the image’s values.", low=0.0, high=500.0, unit="%"
    )
    probability: float = setting(0.5, "The chance that an image undergoes each of these changes.", low=0.0, high=1.0)

    def infer(self, image: Shape) -> Shape:
        return image

    def call(self, image: Shape) -> Call:
        return module(
            "runtime.modules.intensity.AugmentIntensity",
            brightness=self.brightness,
            contrast=self.contrast,
            gamma=self.gamma,
            field=self.field,
            blur=self.blur,
            noise=self.noise,
            probability=self.probability,
        )


class RandomErasing(
    Preparation,
    id="random_erasing",
    title="Random erasing",
    words="augmentation cutout erase occlusion hide box overfitting",
):
    """Paints over boxes at random places, so that the network does not lean on one detail alone. It acts in training
    only; masks of the same source stay as they are.

    Keep the boxes smaller than what the network must find, or its label becomes wrong.
    """

    training_only = True

    count: int = setting(1, "How many boxes.", label="Boxes", low=1, high=20)
    size: float = setting(
        20.0, "The sides of a box, at most, as a share of the image’s; half of it at least.", low=0.1, high=100.0,
        unit="%",
    )  # fmt: skip
    paint: Literal["mean", "value", "noise"] = setting(
        "mean", "What a box is painted with: the mean of the image, the value below, or noise like the image’s values."
    )
    value: float = setting(0.0, "For value: the value inside the box.")
    probability: float = setting(0.5, "The chance that it happens to an image.", low=0.0, high=1.0)

    def infer(self, image: Shape) -> Shape:
        return image

    def call(self, image: Shape) -> Call:
        return module(
            "runtime.modules.intensity.RandomErasing",
            count=self.count,
            size=self.size,
            paint=self.paint,
            value=self.value,
            probability=self.probability,
        )
