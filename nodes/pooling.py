"""Pooling and its reverse: nodes that make an image smaller or bigger without learning anything."""

from __future__ import annotations

from typing import Literal

from nodes.shapes import Padding, Slide, sensible, slide
from nodes.spec import Call, Category, NodeType, Port, Shape, Size, Unfit, axes, function, module, setting, spelled

_KERNEL_HELP = "Side of the window that becomes one pixel. 2 is usual."
_STRIDE_HELP = "How far the window moves at each step. The same number as the window: the windows lie side by side."
_PADDING_HELP = (
    "What happens at the edge of the image. 'valid' uses whole windows only, 'same' adds a border so that the size is "
    "just divided by the stride, 'by hand' adds the border given below."
)
_BORDER_HELP = "Pixels added on every side when padding is 'by hand'; at most half the window. Not used otherwise."


class _Pooling(NodeType, category=Category.POOLING):
    """What the pooling nodes share: they take a signal, an image or a volume."""

    inputs = (Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume; the node adapts to it."),)
    example = ((3, 12, 12),)


class MaxPooling(
    _Pooling, id="max_pooling", title="Max pooling", words="maxpool maximum downsample subsample shrink halve"
):
    """Keeps the strongest value of each small window. With the default settings the image becomes half as wide and
    high, and small shifts of a pattern no longer matter.

    Use it between blocks of convolutions. Term: max pooling (Scherer et al., 2010).
    """

    kernel: Size = setting(
        2, _KERNEL_HELP, label="Window (kernel)", low=1, high=4096, unit="pixels", brief=True
    )  # fmt: skip
    stride: Size = setting(2, _STRIDE_HELP, label="Step (stride)", low=1, high=4096, unit="pixels")
    padding: Padding = setting("valid", _PADDING_HELP, label="Edges (padding)")
    border: Size = setting(0, _BORDER_HELP, label="Border", low=0, high=4096, unit="pixels")
    dilation: Size = setting(
        1, "Distance between the pixels that the window looks at. 1 is usual.",
        label="Spread of the window (dilation)", low=1, high=4096, unit="pixels",
    )  # fmt: skip
    round_up: bool = setting(
        False, "Also uses a last window that stands over the edge, so that no pixel at the far edge is left out.",
        label="Use incomplete windows (ceil mode)",
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        way = self._slide(image)
        _check_border(way)
        return (image[0], *way.output)

    def call(self, image: Shape) -> Call:
        way = self._slide(image)
        return module(
            f"torch.nn.MaxPool{len(image) - 1}d",
            kernel_size=way.kernel,
            stride=way.stride,
            padding=way.border,
            dilation=way.dilation,
            ceil_mode=self.round_up,
        )

    def _slide(self, image: Shape) -> Slide:
        return slide(
            image[1:], self.kernel, self.stride, self.padding, self.border, self.dilation, round_up=self.round_up
        )


class AveragePooling(
    _Pooling,
    id="average_pooling",
    title="Average pooling",
    words="avgpool mean downsample shrink halve smooth",
):
    """Replaces each small window by its mean. With the default settings the image becomes half as wide and high, and
    noise is smoothed.

    Use it where the overall brightness of a region matters more than its strongest pixel. Term: average pooling
    (LeCun et al., 1998).
    """

    kernel: Size = setting(2, _KERNEL_HELP, label="Window (kernel)", low=1, high=4096, unit="pixels", brief=True)
    stride: Size = setting(2, _STRIDE_HELP, label="Step (stride)", low=1, high=4096, unit="pixels")
    padding: Padding = setting("valid", _PADDING_HELP, label="Edges (padding)")
    border: Size = setting(0, _BORDER_HELP, label="Border", low=0, high=4096, unit="pixels")
    count_border: bool = setting(
        False, "Whether the zeros of the border count in the mean. If so, the edge of the result becomes darker.",
        label="Border counts in the mean",
    )  # fmt: skip
    round_up: bool = setting(
        False, "Also uses a last window that stands over the edge, so that no pixel at the far edge is left out.",
        label="Use incomplete windows (ceil mode)",
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        way = self._slide(image)
        _check_border(way)
        if len(image) == 4 and any(size < side for size, side in zip(image[1:], way.kernel, strict=True)):
            raise Unfit(
                f"A {spelled(way.kernel)} window does not fit a {spelled(image[1:])} volume, even with a border; "
                "use a smaller window.",
                "kernel",
            )
        return (image[0], *way.output)

    def call(self, image: Shape) -> Call:
        way = self._slide(image)
        return module(
            f"torch.nn.AvgPool{len(image) - 1}d",
            kernel_size=way.kernel,
            stride=way.stride,
            padding=way.border,
            ceil_mode=self.round_up,
            count_include_pad=self.count_border,
        )

    def _slide(self, image: Shape) -> Slide:
        return slide(image[1:], self.kernel, self.stride, self.padding, self.border, round_up=self.round_up)


class AdaptiveAveragePooling(
    _Pooling, id="adaptive_average_pooling", title="Average pooling to a size",
    words="adaptive avgpool fixed size spatial pyramid",
):  # fmt: skip
    """Brings the image to a given size by taking means. The windows are chosen so that any image gives this size.

    Use it before Flatten and Dense, so that they always see as many features. Term: adaptive average pooling.
    """

    size: Size = setting(
        4, "Size of the result; one number for all axes, or one for each, such as 4×4.",
        label="Size of the result", low=1, high=4096, unit="pixels", brief=True,
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        return sensible((image[0], *axes(self.size, len(image) - 1, "size")))

    def call(self, image: Shape) -> Call:
        return module(f"torch.nn.AdaptiveAvgPool{len(image) - 1}d", output_size=axes(self.size, len(image) - 1, "size"))


class GlobalAveragePooling(
    _Pooling, id="global_average_pooling", title="Global average pooling",
    words="gap mean squeeze head features classification flatten",
):  # fmt: skip
    """Turns each channel into one number: its mean. What is left is a list with one feature for each channel, for
    images of any size.

    Use it at the end of the convolutions, before Dense; it needs far fewer trained numbers than Flatten and overfits
    less. Term: global average pooling (Lin et al., Network in network, 2014).
    """

    keep_axes: bool = setting(
        False, "Gives channels×1×1 instead of a list, so that the result can be multiplied with an image "
        "(squeeze and excitation).",
        label="Keep the axes",
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        return (image[0], *(1 for _ in image[1:])) if self.keep_axes else image[:1]

    def call(self, image: Shape) -> Call:
        return function("torch.mean", dim=tuple(range(2, len(image) + 1)), keepdim=self.keep_axes)


class GlobalMaxPooling(
    _Pooling, id="global_max_pooling", title="Global max pooling",
    words="gmp maximum strongest head features classification flatten",
):  # fmt: skip
    """Turns each channel into one number: its strongest value. It answers whether a pattern is anywhere in the image.

    Use it before Dense where a small finding decides, such as one nodule in a whole lung. Term: global max pooling
    (Oquab et al., Is object localization for free?, 2015).
    """

    keep_axes: bool = setting(
        False, "Gives channels×1×1 instead of a list, so that the result can be multiplied with an image.",
        label="Keep the axes",
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        return (image[0], *(1 for _ in image[1:])) if self.keep_axes else image[:1]

    def call(self, image: Shape) -> Call:
        return function("torch.amax", dim=tuple(range(2, len(image) + 1)), keepdim=self.keep_axes)


class Upsample(
    _Pooling,
    id="upsample",
    title="Upsample",
    words="enlarge resize interpolate nearest bilinear bicubic decoder unet",
):
    """Makes the image bigger without learning. Pixels are repeated or blended into each other.

    Use it in the rising half of a U-Net or in a decoder, followed by a Convolution; unlike a Transposed convolution
    it makes no checkerboard (Odena et al., 2016). Term: upsampling, interpolation.
    """

    factor: Size = setting(
        2, "How many times bigger the image becomes. 2 doubles width and height. Not used when a size is given.",
        label="Enlargement (scale factor)", low=1, high=1024, brief=True,
    )  # fmt: skip
    size: tuple[int, ...] = setting(
        (), "Exact size of the result, one number for each axis, such as 64×64. Empty: the enlargement decides.",
        label="Exact size", low=1, high=65_536, unit="pixels",
    )  # fmt: skip
    mode: Literal["nearest", "linear", "linear, corners aligned", "cubic"] = setting(
        "nearest", "'nearest' repeats pixels, 'linear' blends them, which is smoother, 'cubic' (bicubic) keeps edges "
        "sharper than that. With corners aligned the middles of the outermost pixels stay at the border (align "
        "corners), as many published U-Nets have it.",
        label="Way of filling in (interpolation)",
    )  # fmt: skip

    def infer(self, image: Shape) -> Shape:
        if self.size:
            return sensible((image[0], *axes(self.size, len(image) - 1, "size")))
        factors = axes(self.factor, len(image) - 1, "factor")
        return sensible((image[0], *(side * times for side, times in zip(image[1:], factors, strict=True))))

    def call(self, image: Shape) -> Call:
        count = len(image) - 1
        linear = {1: "linear", 2: "bilinear", 3: "trilinear"}[count]
        if self.mode == "cubic":
            if self.size:
                return module("runtime.modules.cubic.Cubic", size=axes(self.size, count, "size"))
            return module("runtime.modules.cubic.Cubic", factors=axes(self.factor, count, "factor"))
        way: dict[str, object] = {"mode": "nearest" if self.mode == "nearest" else linear}
        if self.mode == "linear, corners aligned":
            way["align_corners"] = True
        if self.size:
            return module("torch.nn.Upsample", size=axes(self.size, count, "size"), **way)
        factors = tuple(float(times) for times in axes(self.factor, count, "factor"))
        return module("torch.nn.Upsample", scale_factor=factors, **way)


def _check_border(way: Slide) -> None:
    """Torch allows half a window of border, whatever the dilation, so that no window lies in the border alone."""
    if any(border > side // 2 for border, side in zip(way.border, way.kernel, strict=True)):
        raise Unfit(
            f"A border of {spelled(way.border)} is more than half of the window {spelled(way.kernel)}; "
            "use a smaller border or padding 'valid', a bigger window, or a dilation of 1.",
            "border",
        )
