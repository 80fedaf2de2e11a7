"""Convolutions: nodes that look at an image through small learned windows."""

from __future__ import annotations

import math
from typing import Literal

from nodes.shapes import Padding, Slide, divided, sensible, slide, spread
from nodes.spec import Call, Category, Port, Shape, Size, Unfit, module, setting, spelled
from nodes.trained import Trained

Edge = Literal["zeros", "reflect", "replicate", "circular"]

_IMAGE = Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume; the node adapts to it.")
_PADDING_HELP = (
    "What happens at the edge of the image. 'same' adds a border so that the size stays (or is divided by the stride), "
    "'valid' adds none, 'by hand' adds the border given below."
)
_BORDER_HELP = "Pixels added on every side when padding is 'by hand'. Not used otherwise."
_BIAS_HELP = "Adds one trained number to each map. Not needed when a normalisation follows directly."


class _Convolving(Trained, category=Category.CONVOLUTION):
    """What the convolutions share: a window sliding over an image."""

    inputs = (_IMAGE,)


class Convolution(
    _Convolving, id="convolution", title="Convolution", words="conv conv1d conv2d conv3d filter kernel feature map cnn"
):
    """Looks for small patterns everywhere in the image. Each filter is a learned pattern and gives one map (channel)
    that shows where the pattern was found. The same node works on signals, images and volumes.

    Use it as the basic layer of any network for images, followed by a normalisation and an activation. A stride of 2
    halves the image. Term: convolution layer (LeCun et al., Gradient-based learning applied to document recognition,
    1998); with dilation: atrous convolution (Yu and Koltun, 2016).
    """

    example = ((3, 12, 12),)

    filters: int = setting(
        16, "Number of patterns to learn, and so of maps that leave the node. More learn more and need memory.",
        label="Filters (output channels)", low=1, high=65_536, brief=True,
    )  # fmt: skip
    kernel: Size = setting(
        3, "Side of the window through which the image is looked at. 3 is usual; odd numbers have a middle pixel.",
        label="Window (kernel)", low=1, high=4096, unit="pixels", brief=True,
    )  # fmt: skip
    stride: Size = setting(
        1, "How far the window moves at each step. 2 makes the result half as wide and high.",
        label="Step (stride)", low=1, high=4096, unit="pixels",
    )  # fmt: skip
    padding: Padding = setting("same", _PADDING_HELP, label="Edges (padding)")
    border: Size = setting(0, _BORDER_HELP, label="Border", low=0, high=4096, unit="pixels")
    edge: Edge = setting(
        "zeros", "What the border is filled with. Zeros are usual; the others repeat the image's own pixels.",
        label="Border is filled with (padding mode)",
    )  # fmt: skip
    dilation: Size = setting(
        1, "Distance between the pixels that the window looks at. 2 sees a wider area with as many trained numbers.",
        label="Spread of the window (dilation)", low=1, high=4096, unit="pixels",
    )  # fmt: skip
    groups: int = setting(
        1, "Splits the channels into parts that do not see each other. It must divide the channels and the filters.",
        label="Separate parts (groups)", low=1, high=65_536,
    )  # fmt: skip
    bias: bool = setting(True, _BIAS_HELP, label="Offset (bias)")

    def infer(self, image: Shape) -> Shape:
        divided(image[0], self.groups, "channels", "groups")
        divided(self.filters, self.groups, "filters", "groups")
        way = self._slide(image)
        _check_edge(self.edge, way, image[1:])
        return sensible((self.filters, *way.output), self.parameters(image))

    def call(self, image: Shape) -> Call:
        way = self._slide(image)
        return module(
            f"torch.nn.Conv{len(image) - 1}d",
            in_channels=image[0],
            out_channels=self.filters,
            kernel_size=way.kernel,
            stride=way.stride,
            padding=way.border,
            dilation=way.dilation,
            groups=self.groups,
            bias=self.bias,
            padding_mode=self.edge,
        )

    def parameters(self, image: Shape) -> int:
        window = math.prod(self._slide(image).kernel)
        return self.filters * (image[0] // self.groups) * window + self.filters * self.bias

    def multiply_adds(self, image: Shape) -> int:
        way = self._slide(image)
        return self.filters * (image[0] // self.groups) * math.prod(way.kernel) * math.prod(way.output)

    def _slide(self, image: Shape) -> Slide:
        return slide(image[1:], self.kernel, self.stride, self.padding, self.border, self.dilation)


class DepthwiseConvolution(
    _Convolving, id="depthwise_convolution", title="Depthwise convolution",
    words="separable depthwise conv mobilenet efficient group convolution",
):  # fmt: skip
    """Looks for patterns in each channel by itself. It has far fewer trained numbers than a Convolution, because the
    channels are not mixed.

    Use it, followed by a Convolution with a window of 1 that mixes the channels, as a light replacement of a
    Convolution (depthwise separable convolution; Howard et al., MobileNets, 2017).
    """

    example = ((4, 12, 12),)

    multiplier: int = setting(
        1, "Maps that are made of each channel. 1 keeps the number of channels.",
        label="Maps per channel (depth multiplier)", low=1, high=1024,
    )  # fmt: skip
    kernel: Size = setting(
        3, "Side of the window through which the image is looked at. 3 is usual; odd numbers have a middle pixel.",
        label="Window (kernel)", low=1, high=4096, unit="pixels", brief=True,
    )  # fmt: skip
    stride: Size = setting(
        1, "How far the window moves at each step. 2 makes the result half as wide and high.",
        label="Step (stride)", low=1, high=4096, unit="pixels",
    )  # fmt: skip
    padding: Padding = setting("same", _PADDING_HELP, label="Edges (padding)")
    border: Size = setting(0, _BORDER_HELP, label="Border", low=0, high=4096, unit="pixels")
    dilation: Size = setting(
        1, "Distance between the pixels that the window looks at. 2 sees a wider area with as many trained numbers.",
        label="Spread of the window (dilation)", low=1, high=4096, unit="pixels",
    )  # fmt: skip
    bias: bool = setting(True, _BIAS_HELP, label="Offset (bias)")

    def infer(self, image: Shape) -> Shape:
        return sensible((image[0] * self.multiplier, *self._slide(image).output), self.parameters(image))

    def call(self, image: Shape) -> Call:
        way = self._slide(image)
        return module(
            f"torch.nn.Conv{len(image) - 1}d",
            in_channels=image[0],
            out_channels=image[0] * self.multiplier,
            kernel_size=way.kernel,
            stride=way.stride,
            padding=way.border,
            dilation=way.dilation,
            groups=image[0],
            bias=self.bias,
        )

    def parameters(self, image: Shape) -> int:
        return image[0] * self.multiplier * (math.prod(self._slide(image).kernel) + self.bias)

    def multiply_adds(self, image: Shape) -> int:
        way = self._slide(image)
        return image[0] * self.multiplier * math.prod(way.kernel) * math.prod(way.output)

    def _slide(self, image: Shape) -> Slide:
        return slide(image[1:], self.kernel, self.stride, self.padding, self.border, self.dilation)


class TransposedConvolution(
    _Convolving, id="transposed_convolution", title="Transposed convolution",
    words="deconvolution up-convolution upconv upsampling decoder unet generator fractionally strided",
):  # fmt: skip
    """Makes the image bigger with learned patterns. It is a Convolution the other way round: every pixel lays down a
    weighted copy of each filter. With the default settings the image becomes twice as wide and high, exactly.

    Use it in the rising half of a U-Net, in a decoder or in a generator. Where a checkerboard appears in the result,
    use Upsample and a Convolution instead. Term: transposed (fractionally strided) convolution, also "deconvolution"
    (Dumoulin and Visin, A guide to convolution arithmetic, 2016).
    """

    example = ((3, 6, 6),)

    filters: int = setting(
        16, "Number of patterns to learn, and so of maps that leave the node.",
        label="Filters (output channels)", low=1, high=65_536, brief=True,
    )  # fmt: skip
    kernel: Size = setting(
        2, "Side of the patterns that are laid down. The same number as the stride lays them side by side.",
        label="Window (kernel)", low=1, high=4096, unit="pixels", brief=True,
    )  # fmt: skip
    stride: Size = setting(
        2, "How many times bigger the image becomes. 2 doubles width and height.",
        label="Enlargement (stride)", low=1, high=4096,
    )  # fmt: skip
    padding: Padding = setting(
        "same", "'same' makes the size exactly size × stride. 'valid' keeps all that the windows cover; 'by hand' cuts "
        "off the border given below.",
        label="Edges (padding)",
    )  # fmt: skip
    border: Size = setting(
        0, "Pixels cut off on every side when padding is 'by hand'. Not used otherwise.",
        label="Border cut off", low=0, high=4096, unit="pixels",
    )  # fmt: skip
    extra: Size = setting(
        0, "Pixels added at the far end of each axis when padding is 'by hand'. It must be smaller than the stride.",
        label="Extra edge (output padding)", low=0, high=4096, unit="pixels",
    )  # fmt: skip
    dilation: Size = setting(
        1, "Distance between the pixels of the patterns that are laid down.",
        label="Spread of the window (dilation)", low=1, high=4096, unit="pixels",
    )  # fmt: skip
    groups: int = setting(
        1, "Splits the channels into parts that do not see each other. It must divide the channels and the filters.",
        label="Separate parts (groups)", low=1, high=65_536,
    )  # fmt: skip
    bias: bool = setting(True, _BIAS_HELP, label="Offset (bias)")

    def infer(self, image: Shape) -> Shape:
        divided(image[0], self.groups, "channels", "groups")
        divided(self.filters, self.groups, "filters", "groups")
        return sensible((self.filters, *self._spread(image).output), self.parameters(image))

    def call(self, image: Shape) -> Call:
        way = self._spread(image)
        return module(
            f"torch.nn.ConvTranspose{len(image) - 1}d",
            in_channels=image[0],
            out_channels=self.filters,
            kernel_size=way.kernel,
            stride=way.stride,
            padding=way.border,
            output_padding=way.extra,
            dilation=way.dilation,
            groups=self.groups,
            bias=self.bias,
        )

    def parameters(self, image: Shape) -> int:
        window = math.prod(self._spread(image).kernel)
        return image[0] * (self.filters // self.groups) * window + self.filters * self.bias

    def multiply_adds(self, image: Shape) -> int:
        """Every pixel that comes in is multiplied with every number of the window that it lays down."""
        window = math.prod(self._spread(image).kernel)
        return image[0] * (self.filters // self.groups) * window * math.prod(image[1:])

    def _spread(self, image: Shape) -> Slide:
        return spread(image[1:], self.kernel, self.stride, self.padding, self.border, self.extra, self.dilation)


def _check_edge(edge: Edge, way: Slide, spatial: Shape) -> None:
    """A mirrored border takes its pixels from the image, so it cannot be wider than the image allows."""
    most = {"reflect": [size - 1 for size in spatial], "circular": list(spatial)}.get(edge)
    if most is None or all(border <= limit for border, limit in zip(way.border, most, strict=True)):
        return
    raise Unfit(
        f"A border of {spelled(way.border)} cannot be filled by '{edge}' from a {spelled(spatial)} image; "
        "use a smaller window, or fill it with 'zeros' or 'replicate'.",
        "edge",
    )
