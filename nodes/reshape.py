"""Nodes that arrange values anew without changing them: into a list, into another shape, with or without a border."""

from __future__ import annotations

import math
from typing import Literal

from nodes.shapes import sensible
from nodes.spec import (
    Call,
    Category,
    HouseRule,
    NodeType,
    Port,
    Shape,
    Size,
    Unfit,
    axes,
    function,
    module,
    setting,
    spelled,
)

_ANY = Port("image", rank=(1, 2, 3, 4), help="An image or features of any shape.")
_IMAGE = Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume.")


class _Arranging(NodeType, category=Category.DENSE):
    """What these nodes share: they learn nothing."""

    inputs = (_ANY,)
    example = ((4, 6, 6),)


class Flatten(_Arranging, id="flatten", title="Flatten", words="vector list features ravel dense"):
    """Lays all pixels and channels into one list of features.

    Use it between the convolutions and Dense. Where images are big, Global average pooling needs far fewer trained
    numbers.
    """

    def infer(self, image: Shape) -> Shape:
        return (math.prod(image),)

    def call(self, image: Shape) -> Call:
        return module("torch.nn.Flatten", start_dim=1)


class Reshape(_Arranging, id="reshape", title="Reshape", words="view unflatten dimensions fold"):
    """Arranges the same values in another shape. Their number stays the same.

    Use it after Dense to turn a list of features into a small image, as in a generator.
    """

    shape: tuple[int, ...] = setting(
        (-1,), "The new shape, channels first, such as 64×7×7. One number may be −1: it is worked out from the others.",
        label="New shape", low=-1, high=1_000_000_000, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        self._check_form()
        values = math.prod(image)
        fixed = math.prod(size for size in self.shape if size > 0)
        fits = values % fixed == 0 if -1 in self.shape else values == fixed
        if not fits:
            raise Unfit(
                f"{values} values ({spelled(image)}) do not fill the shape {spelled(self.shape)}; "
                f"use numbers whose product is {values}, or −1 for one of them.",
                "shape",
            )
        return tuple(values // fixed if size == -1 else size for size in self.shape)

    def call(self, image: Shape) -> Call:
        return function("torch.reshape", shape=(-1, *self.infer(image)))

    def _check_form(self) -> None:
        if not 1 <= len(self.shape) <= 4:
            raise Unfit(f"The new shape has {len(self.shape)} numbers; give 1 to 4, such as 64×7×7.", "shape")
        if 0 in self.shape:
            raise Unfit(f"The new shape {spelled(self.shape)} has a 0; use numbers from 1 on, or −1 once.", "shape")
        if self.shape.count(-1) > 1:
            raise Unfit(f"The new shape {spelled(self.shape)} has −1 more than once; use it once.", "shape")


class Permute(_Arranging, id="permute", title="Permute axes", words="transpose swap order axes dimensions rotate"):
    """Changes the order of the axes. The channels are axis 1, rows 2, columns 3.

    Use it to treat an axis of the image as channels. A prediction made this way no longer lies on its mask, unless
    the axes are put back.
    """

    order: tuple[int, ...] = setting(
        (1, 3, 2), "The old axes in their new order, each once: 1 is channels, 2 rows, 3 columns. 1 3 2 swaps rows and "
        "columns.",
        label="New order of the axes", low=1, high=4, brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        if sorted(self.order) != list(range(1, len(image) + 1)):
            fits = " ".join(str(axis) for axis in range(1, len(image) + 1))
            raise Unfit(
                f"The order is {' '.join(map(str, self.order)) or 'empty'}, and the image {spelled(image)} has "
                f"{len(image)} axes; name each of {fits} once.",
                "order",
            )
        return tuple(image[axis - 1] for axis in self.order)

    def call(self, image: Shape) -> Call:
        return function("torch.permute", dims=(0, *self.order))


class Pad(_Arranging, id="pad", title="Pad", words="padding border margin frame reflect replicate zeros"):
    """Adds a border around the image.

    Use it before a Convolution with padding 'valid', or to reach a size that can be halved often enough.
    """

    inputs = (_IMAGE,)

    border: Size = setting(
        1, "Pixels added on both sides of each axis; one number for all axes, or one for each.",
        label="Border", low=0, high=4096, unit="pixels", brief=True,
    )  # fmt: skip
    far: tuple[int, ...] = setting(
        (), "Pixels added at the far end (bottom, right) of each axis, where they are not as many as at the near end. "
        "Empty: as many.",
        label="Border at the far end", low=0, high=4096, unit="pixels",
    )  # fmt: skip
    fill: Literal["value", "reflect", "replicate", "circular"] = setting(
        "value", "'value' fills with the number below; the others repeat the image's own pixels.",
        label="Border is filled with",
    )  # fmt: skip
    value: float = setting(0.0, "The number that fills the border when it is filled with a value.", label="Value")

    def infer(self, image: Shape) -> Shape:
        near, far = self._borders(image)
        for size, border in zip(image[1:], map(max, near, far), strict=True):
            most = {"reflect": size - 1, "circular": size}.get(self.fill, border)
            if border > most:
                raise Unfit(
                    f"A border of {border} cannot be filled by '{self.fill}' from {size} pixels; "
                    f"use {most} or less, or fill it with a value.",
                    "border",
                )
        return sensible((image[0], *map(sum, zip(image[1:], near, far, strict=True))))

    def call(self, image: Shape) -> Call:
        count = len(image) - 1
        kinds = {"value": "ConstantPad", "reflect": "ReflectionPad", "replicate": "ReplicationPad"}
        padding = tuple(border for pair in reversed([*zip(*self._borders(image), strict=True)]) for border in pair)
        target = f"torch.nn.{kinds.get(self.fill, 'CircularPad')}{count}d"
        if self.fill == "value":
            return module(target, padding=padding, value=self.value)
        return module(target, padding=padding)

    def _borders(self, image: Shape) -> tuple[Shape, Shape]:
        """The pixels added at the near and at the far end of each axis. Raises Unfit."""
        near = axes(self.border, len(image) - 1, "border")
        return near, axes(self.far, len(image) - 1, "far") if self.far else near


class Crop(_Arranging, id="crop", title="Crop", words="cut centre center trim size unet skip"):
    """Cuts the middle out of the image.

    Use it to bring two branches to the same size before they are merged, as in the first U-Net (Ronneberger et al.,
    2015), or to look at the middle only.
    """

    inputs = (_IMAGE,)

    size: Size = setting(
        2, "Size of what is kept, from the middle; one number for all axes, or one for each.",
        label="Size of the result", low=1, high=65_536, unit="pixels", brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        kept = axes(self.size, len(image) - 1, "size")
        if any(part > whole for part, whole in zip(kept, image[1:], strict=True)):
            raise HouseRule(
                f"A part of {spelled(kept)} cannot be cut out of a {spelled(image[1:])} image; use a smaller size, "
                "or Pad to make the image bigger.",
                "size",
            )
        return (image[0], *kept)

    def call(self, image: Shape) -> Call:
        kept = axes(self.size, len(image) - 1, "size")
        cuts = [((whole - part) // 2, whole - part) for part, whole in zip(kept, image[1:], strict=True)]
        padding = tuple(-cut for before, both in reversed(cuts) for cut in (before, both - before))
        return module(f"torch.nn.ConstantPad{len(kept)}d", padding=padding, value=0.0)


class Slice(_Arranging, id="slice", title="Slice", words="part range narrow select index cut token first axis"):
    """Hands on a part of one axis: some channels, rows or columns that follow each other.

    Use it to let some channels go another way, to look at a part of an image, or to take one place of a sequence.
    """

    axis: int = setting(1, "Which axis: 1 is channels, 2 rows, 3 columns.", label="Axis", low=1, high=4, brief=True)
    start: int = setting(1, "The first that is kept, counted from 1.", label="First", low=1, brief=True)
    count: int = setting(1, "How many are kept.", label="How many", low=1, brief=True)

    def infer(self, image: Shape) -> Shape:
        if self.axis > len(image):
            raise Unfit(f"There is no axis {self.axis} in {spelled(image)}; use one from 1 to {len(image)}.", "axis")
        size = image[self.axis - 1]
        if self.start - 1 + self.count > size:
            raise Unfit(
                f"Axis {self.axis} has {size} places, and {self.count} from the {self.start}. on are asked for; use a "
                "smaller number.",
                "count",
            )
        return (*image[: self.axis - 1], self.count, *image[self.axis :])

    def call(self, image: Shape) -> Call:
        return function("torch.narrow", dim=self.axis, start=self.start - 1, length=self.count)
