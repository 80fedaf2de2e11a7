"""Arithmetic on every value by itself: a factor and an offset, or a plain mathematical function."""

from __future__ import annotations

from typing import Literal

from nodes.spec import Call, Category, NodeType, Port, Shape, function, setting

Which = Literal["exponential", "logarithm", "square", "square root", "absolute value", "power"]


class _EachValue(NodeType, category=Category.ACTIVATION):
    """What these nodes share: the shape stays as it is, and nothing is learned."""

    inputs = (Port("image", rank=(1, 2, 3, 4), help="An image or features of any shape."),)
    example = ((3, 6, 6),)

    def infer(self, image: Shape) -> Shape:
        return image


class Scale(
    _EachValue, id="scale", title="Scale and offset",
    words="multiply add constant factor linear gain shift minus negate",
):  # fmt: skip
    """Multiplies every value by one number and adds another.

    Use it inside a network, such as for the half of a logarithm in a variational autoencoder. To bring images to a
    common scale at the beginning, use Normalise, which the exported model keeps too.
    """

    factor: float = setting(1.0, "What every value is multiplied by.", brief=True)
    offset: float = setting(0.0, "What is added afterwards.", brief=True)

    def call(self, image: Shape) -> Call:
        return function("runtime.modules.arithmetic.scaled", factor=self.factor, offset=self.offset)


class Function(
    _EachValue, id="function", title="Function of each value",
    words="exp log square sqrt abs power exponent mathematics elementwise",
):  # fmt: skip
    """Applies a mathematical function to every value.

    Use it where a network computes with its values, as a variational autoencoder makes a spread out of its logarithm
    (Kingma and Welling, 2014; arXiv:1312.6114). Logarithm and roots of negative values are no numbers: make sure
    that none come, as with Softplus before it.
    """

    which: Which = setting(
        "exponential", "The function; the logarithm is the natural one.", label="Function", brief=True
    )
    exponent: float = setting(2.0, "For power: the number that values are raised to.")

    def call(self, image: Shape) -> Call:
        if self.which == "power":
            return function("torch.pow", exponent=self.exponent)
        return function(f"torch.{_CALLED[self.which]}")


_CALLED = {
    "exponential": "exp",
    "logarithm": "log",
    "square": "square",
    "square root": "sqrt",
    "absolute value": "abs",
}
