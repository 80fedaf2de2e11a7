"""Preparation: what is done to pixel values and geometry before the network; it travels with the model."""

from __future__ import annotations

from typing import Literal

from nodes.roles import Fit
from nodes.shapes import sensible
from nodes.spec import Call, Category, HouseRule, NodeType, Port, Shape, Size, axes, module, setting, spelled

WINDOWS: dict[str, tuple[float, float]] = {
    "lung": (-600, 1500),
    "bone": (300, 1500),
    "brain": (40, 80),
    "soft tissue": (40, 400),
    "mediastinum": (50, 350),
    "liver": (60, 160),
    "vessels": (300, 600),
}
"""Centre and width of the usual CT windows, in Hounsfield units."""


IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_SPREAD = (0.229, 0.224, 0.225)
"""Mean and standard deviation of red, green and blue over the training images of ImageNet, in values from 0 to 1: what
published weights were trained with."""


class Preparation(NodeType, category=Category.PREPARATION):
    """Changes values or geometry of images before the network."""

    inputs = (Port("image", rank=(2, 3, 4)),)
    example = ((1, 32, 32),)

    @property
    def forgets_scale(self) -> bool:
        """Whether an image comes out alike however bright it was as a whole."""
        return False


class Window(
    Preparation, id="window", title="Window/level", words="hounsfield hu ct contrast brightness width centre clip"
):
    """Keeps a range of values and maps it to 0–1, as the window of a viewing station does; what lies outside is
    clipped. In Hounsfield units for CT, in stored values for other images.
    """

    preset: Literal["custom", "lung", "bone", "brain", "soft tissue", "mediastinum", "liver", "vessels"] = setting(
        "custom", "A usual CT window. With custom, centre and width below are used.", brief=True
    )
    centre: float = setting(
        40.0, "For custom: the value in the middle of the window (level).", unit="HU or stored value"
    )
    width: float = setting(
        400.0,
        "For custom: how many values the window spans, half of them below the centre.",
        low=1e-6,
        unit="HU or stored value",
    )

    def infer(self, image: Shape) -> Shape:
        return image

    def call(self, image: Shape) -> Call:
        centre, width = WINDOWS.get(self.preset, (self.centre, self.width))
        return module("runtime.modules.prepare.Window", centre=float(centre), width=float(width))


class Normalise(
    Preparation, id="normalise", title="Normalise", words="standardise z-score scale mean standard deviation range"
):
    """Brings pixel values to a size that networks learn well from. MR images, whose values have no unit, are best
    brought to mean 0 and spread 1 one by one.
    """

    method: Literal[
        "per image (mean 0, spread 1)", "per channel (mean 0, spread 1)", "range to 0–1", "mean and spread given",
        "as ImageNet",
    ] = setting(
        "per image (mean 0, spread 1)",
        "From each image’s own values (all channels together, or each channel alone, as the leads of an ECG), from a "
        "fixed range, or from a given mean and spread. As ImageNet: the range to 0–1, then mean and spread of the "
        "colours of ImageNet, as published weights expect it; grey images get the mean of the three.",
        brief=True,
    )
    low: float = setting(0.0, "For the range and as ImageNet: the value that becomes 0.")
    high: float = setting(
        255.0, "For the range and as ImageNet: the value that becomes 1, such as 255 for 8-bit images."
    )
    mean: tuple[float, ...] = setting((0.0,), "For mean given: one number, or one for each channel.")
    spread: tuple[float, ...] = setting(
        (1.0,), "For spread given: the standard deviation; one number, or one for each channel.", low=1e-9
    )

    @property
    def forgets_scale(self) -> bool:
        """Each image is brought to mean 0 and spread 1 by its own values."""
        return self.method.startswith("per ")

    def infer(self, image: Shape) -> Shape:
        if self.method in ("range to 0–1", "as ImageNet") and self.low >= self.high:
            raise HouseRule(f"The range goes from {self.low:g} to {self.high:g}; high must be above low.", "high")
        if self.method == "mean and spread given":
            for name, numbers in (("mean", self.mean), ("spread", self.spread)):
                if len(numbers) not in (1, image[0]):
                    fits = "1" if image[0] == 1 else f"1 or {image[0]}"
                    raise HouseRule(
                        f"The {name} has {len(numbers)} numbers, but the image has {image[0]} channels; {fits} fits.",
                        name,
                    )
        if self.method == "as ImageNet" and image[0] not in (1, 3):
            raise HouseRule(
                f"ImageNet has colour images with 3 channels, or 1 for grey; {spelled(image)} came. Give a mean and a "
                "spread instead.", "method"
            )  # fmt: skip
        return image

    def _as_imagenet(self, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
        """Mean and spread in the values of the image, for each channel."""
        found = []
        for numbers, start in ((IMAGENET_MEAN, self.low), (IMAGENET_SPREAD, 0.0)):
            own = numbers if channels == len(numbers) else (sum(numbers) / len(numbers),)
            found.append(tuple(start + (self.high - self.low) * one for one in own))
        return found[0], found[1]

    def call(self, image: Shape) -> Call:
        match self.method:
            case "as ImageNet":
                mean, spread = self._as_imagenet(image[0])
                return module("runtime.modules.prepare.Standardise", mean=mean, spread=spread)
            case "range to 0–1":
                return module("runtime.modules.prepare.Scale", low=self.low, high=self.high)
            case "mean and spread given":
                return module("runtime.modules.prepare.Standardise", mean=self.mean, spread=self.spread)
            case "per channel (mean 0, spread 1)":
                return module("runtime.modules.prepare.StandardiseChannels")
        return module("runtime.modules.prepare.StandardiseEach")


class Resize(Preparation, id="resize", title="Resize", words="scale size resample stretch pad crop resolution"):
    """Brings images to another size, smoothly and without jagged edges; masks of the same source move along."""

    geometry = True

    size: Size = setting(
        128, "The new size in pixels: one number for all axes, or one for each such as 128×96.", low=1, brief=True
    )
    fit: Fit = setting(
        "stretch",
        "Stretch each axis, or keep the proportions and pad to show all of the image, or crop to fill all of the size.",
    )
    background: float = setting(0.0, "For pad: the value of the pixels beside the image, such as −1000 (air) for CT.")

    def infer(self, image: Shape) -> Shape:
        return sensible((image[0], *axes(self.size, len(image) - 1, "size")))

    def call(self, image: Shape) -> Call:
        size = axes(self.size, len(image) - 1, "size")
        return module("runtime.modules.fit.Fit", size=size, rule=self.fit, background=self.background)


class StandardiseColumns(
    NodeType, category=Category.PREPARATION, id="standardise_columns", title="Standardise columns",
    words="table numbers z-score scale mean standard deviation missing values impute normalise",
):  # fmt: skip
    """Brings each number of a table to mean 0 and spread 1, so that age in years and volume in millilitres count
    alike. Mean and spread are those of the training part alone; they are kept with the model.

    Where a number is missing, the mean of the training part stands in its place.
    """

    inputs = (Port("numbers", rank=(1,), help="The numbers of a table."),)
    example = ((5,),)

    def infer(self, numbers: Shape) -> Shape:
        return numbers

    def call(self, numbers: Shape) -> Call:
        return module("runtime.modules.prepare.StandardiseColumns", columns=numbers[0])


class Grey(Preparation, id="grey", title="Grey", words="gray grayscale greyscale colour rgb brightness channel"):
    """Turns a colour image (red, green, blue) into one channel of brightness."""

    example = ((3, 32, 32),)

    def infer(self, image: Shape) -> Shape:
        if image[0] != 3:
            way = "it is grey already, remove this node" if image[0] == 1 else "use a 1×1 Convolution to join channels"
            raise HouseRule(f"Grey takes a colour image with 3 channels; {spelled(image)} came: {way}.", "image")
        return (1, *image[1:])

    def call(self, image: Shape) -> Call:
        return module("runtime.modules.prepare.Grey")
