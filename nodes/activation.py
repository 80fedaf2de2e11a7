"""Activations: simple curves, without which a stack of layers could learn no more than a single one."""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.shapes import divided
from nodes.spec import Call, Category, NodeType, Port, Shape, Unfit, module, setting
from nodes.trained import Trained


class _Activation(NodeType, category=Category.ACTIVATION):
    """What the activations share: they act on every value and leave the shape as it is."""

    inputs = (Port("image", rank=(1, 2, 3, 4), help="An image or features of any shape."),)
    example = ((3, 6, 6),)
    torch_name: ClassVar[str] = ""

    def infer(self, image: Shape) -> Shape:
        return image

    def call(self, image: Shape) -> Call:
        return module(f"torch.nn.{self.torch_name}")


class ReLU(_Activation, id="relu", title="ReLU", words="rectified linear unit rectifier positive part"):
    """Lets positive values pass and makes negative ones zero. It is the usual activation, fast and reliable.

    Use it after each Convolution or Dense but the last. Term: rectified linear unit (Nair and Hinton, 2010).
    """

    torch_name = "ReLU"


class ReLU6(_Activation, id="relu6", title="ReLU6", words="rectified linear unit clipped six mobilenet"):
    """Like ReLU, but nothing becomes bigger than 6. Bounded values suit devices that calculate with few digits.

    Use it in light networks such as MobileNet (Howard et al., 2017).
    """

    torch_name = "ReLU6"


class LeakyReLU(_Activation, id="leaky_relu", title="Leaky ReLU", words="lrelu rectifier gan discriminator nnunet"):
    """Like ReLU, but negative values are made small instead of zero. No part of the network can fall silent for good.

    Use it in the judge of a generative network, or as nnU-Net does. Term: leaky ReLU (Maas et al., 2013).
    """

    slope: float = setting(
        0.01, "What negative values are multiplied by.", label="Slope for negative values", low=0.0, high=1.0
    )  # fmt: skip

    def call(self, image: Shape) -> Call:
        return module("torch.nn.LeakyReLU", negative_slope=self.slope)


class PReLU(Trained, _Activation, id="prelu", title="PReLU", words="parametric rectifier trained slope"):
    """Like Leaky ReLU, but the slope for negative values is learned.

    Use it where a Leaky ReLU helps and the data are plenty. Term: parametric ReLU (He et al., 2015).
    """

    per_channel: bool = setting(
        True, "Each channel learns a slope of its own. Off: all channels share one.", label="One slope per channel"
    )  # fmt: skip
    start: float = setting(0.25, "The slope before training.", label="First slope", low=0.0, high=1.0)

    def call(self, image: Shape) -> Call:
        return module("torch.nn.PReLU", num_parameters=self.parameters(image), init=self.start)

    def parameters(self, image: Shape) -> int:
        return image[0] if self.per_channel else 1


class ELU(_Activation, id="elu", title="ELU", words="exponential linear unit smooth rectifier"):
    """Like ReLU, but negative values bend smoothly towards a lower limit. The mean stays nearer to zero.

    Use it instead of ReLU in networks without normalisation. Term: exponential linear unit (Clevert et al., 2016).
    """

    alpha: float = setting(
        1.0, "How far below zero the curve goes at most.", label="Lower limit (alpha)", low=0.0, high=100.0
    )  # fmt: skip

    def call(self, image: Shape) -> Call:
        return module("torch.nn.ELU", alpha=self.alpha)


class CELU(_Activation, id="celu", title="CELU", words="continuously differentiable exponential linear unit smooth"):
    """Like ELU, but without a kink whatever its lower limit is.

    Use it like ELU, with a limit other than 1. Term: continuously differentiable ELU (Barron, 2017).
    """

    alpha: float = setting(
        1.0, "How far below zero the curve goes at most.", label="Lower limit (alpha)", low=0.001, high=100.0
    )  # fmt: skip

    def call(self, image: Shape) -> Call:
        return module("torch.nn.CELU", alpha=self.alpha)


class SELU(_Activation, id="selu", title="SELU", words="scaled exponential linear unit self-normalizing"):
    """Like ELU, with fixed numbers that keep mean and spread steady from layer to layer.

    Use it in networks of Dense nodes without normalisation, with Alpha dropout. Term: scaled ELU (Klambauer et al.,
    Self-normalizing neural networks, 2017).
    """

    torch_name = "SELU"


class GELU(_Activation, id="gelu", title="GELU", words="gaussian error linear unit transformer convnext smooth"):
    """A smooth ReLU that weighs each value by how likely a normal value would lie below it.

    Use it in modern networks such as ConvNeXt or transformers. Term: Gaussian error linear unit (Hendrycks and
    Gimpel, 2016).
    """

    approximate: Literal["none", "tanh"] = setting(
        "none", "'tanh' is a faster formula that differs by less than 0.001.", label="Formula (approximation)"
    )  # fmt: skip

    def call(self, image: Shape) -> Call:
        return module("torch.nn.GELU", approximate=self.approximate)


class SiLU(_Activation, id="silu", title="SiLU (Swish)", words="swish sigmoid linear unit efficientnet smooth"):
    """A smooth ReLU: each value is multiplied by its own sigmoid.

    Use it in networks such as EfficientNet. Term: sigmoid linear unit, swish (Elfwing et al., 2018; Ramachandran et
    al., 2017).
    """

    torch_name = "SiLU"


class Mish(_Activation, id="mish", title="Mish", words="smooth self-regularized yolo"):
    """A smooth ReLU that dips a little below zero before it rises.

    Use it instead of SiLU; often a matter of taste. Term: Mish (Misra, 2019).
    """

    torch_name = "Mish"


class HardSwish(_Activation, id="hard_swish", title="Hard swish", words="hardswish mobilenet fast swish"):
    """A fast imitation of SiLU made of straight lines and a parabola.

    Use it in light networks such as MobileNetV3 (Howard et al., 2019).
    """

    torch_name = "Hardswish"


class Sigmoid(_Activation, id="sigmoid", title="Sigmoid", words="logistic probability gate squash attention"):
    """Squeezes every value between 0 and 1.

    Use it inside a network as a gate that opens and closes. Not before a loss: losses here take raw scores, and the
    Output node makes probabilities by itself. Term: logistic function.
    """

    torch_name = "Sigmoid"


class LogSigmoid(_Activation, id="log_sigmoid", title="Log-sigmoid", words="logarithm logistic log probability"):
    """The logarithm of the sigmoid, calculated without loss of precision. All results are below zero.

    Use it where logarithms of probabilities are wanted.
    """

    torch_name = "LogSigmoid"


class HardSigmoid(_Activation, id="hard_sigmoid", title="Hard sigmoid", words="hardsigmoid fast gate mobilenet"):
    """A fast imitation of the sigmoid made of three straight lines.

    Use it as a gate in light networks such as MobileNetV3 (Howard et al., 2019).
    """

    torch_name = "Hardsigmoid"


class Tanh(_Activation, id="tanh", title="Tanh", words="hyperbolic tangent squash generator"):
    """Squeezes every value between −1 and 1.

    Use it at the end of a generator whose images lie between −1 and 1. Term: hyperbolic tangent.
    """

    torch_name = "Tanh"


class HardTanh(_Activation, id="hard_tanh", title="Hard tanh", words="hardtanh clip clamp limit range"):
    """Cuts off everything below and above two limits, and leaves the values between as they are.

    Use it to keep values within a range.
    """

    lowest: float = setting(-1.0, "Smaller values become this.", label="Lowest value")
    highest: float = setting(1.0, "Bigger values become this.", label="Highest value")

    def infer(self, image: Shape) -> Shape:
        if self.lowest >= self.highest:
            raise Unfit(
                f"The lowest value {self.lowest:g} is not below the highest value {self.highest:g}; "
                "make the lowest smaller or the highest bigger.",
                "lowest",
            )
        return image

    def call(self, image: Shape) -> Call:
        return module("torch.nn.Hardtanh", min_val=self.lowest, max_val=self.highest)


class TanhShrink(_Activation, id="tanh_shrink", title="Tanh shrink", words="tanhshrink sparse denoise"):
    """What the tanh leaves over: each value minus its tanh. Values near zero nearly vanish.

    Use it where small values are noise, as in sparse coding.
    """

    torch_name = "Tanhshrink"


class Softplus(_Activation, id="softplus", title="Softplus", words="smooth relu positive variance"):
    """A ReLU with a rounded corner. All results are above zero.

    Use it for outputs that must be positive, such as a spread or a rate (Dugas et al., 2001).
    """

    beta: float = setting(
        1.0, "How sharp the corner is; bigger comes nearer to ReLU.", label="Sharpness (beta)", low=0.01, high=100.0
    )  # fmt: skip

    def call(self, image: Shape) -> Call:
        return module("torch.nn.Softplus", beta=self.beta)


class Softsign(_Activation, id="softsign", title="Softsign", words="squash smooth sign"):
    """Squeezes every value between −1 and 1, more gently than Tanh.

    Use it instead of Tanh where big values should still differ (Glorot and Bengio, 2010).
    """

    torch_name = "Softsign"


class Softmax(_Activation, id="softmax", title="Softmax", words="probabilities normalized exponential attention"):
    """Turns the channels into shares that add up to 1, at every pixel.

    Use it inside a network as attention. Not before a loss: losses here take raw scores, and the Output node makes
    probabilities by itself. Term: softmax (Bridle, 1990).
    """

    def call(self, image: Shape) -> Call:
        return module("torch.nn.Softmax", dim=1)


class LogSoftmax(_Activation, id="log_softmax", title="Log-softmax", words="log probabilities logarithm classes"):
    """The logarithm of Softmax, calculated without loss of precision.

    Use it where logarithms of probabilities are wanted. Not before a loss: losses here take raw scores.
    """

    def call(self, image: Shape) -> Call:
        return module("torch.nn.LogSoftmax", dim=1)


class GLU(_Activation, id="glu", title="Gated linear unit", words="glu gate halve channels"):
    """Uses one half of the channels as gates for the other half. Half as many channels leave the node.

    Use it after a Convolution with twice the filters (Dauphin et al., 2017).
    """

    example = ((4, 6, 6),)

    def infer(self, image: Shape) -> Shape:
        if image[0] % 2:
            raise Unfit(f"{image[0]} channels cannot be halved; give the node before it an even number of filters.")
        return (divided(image[0], 2, "channels", ""), *image[1:])

    def call(self, image: Shape) -> Call:
        return module("torch.nn.GLU", dim=1)
