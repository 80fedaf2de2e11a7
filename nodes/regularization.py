"""Dropouts: nodes that disturb the training a little, so that the network does not learn the images by heart."""

from __future__ import annotations

from nodes.spec import Call, Category, NodeType, Port, Shape, module, setting

_RATE = "Share of the values that are left out at each step of the training. 0.2 to 0.5 is usual."


class _Dropping(NodeType, category=Category.NORMALIZATION):
    """What the dropouts share: they act in training, and do nothing afterwards."""

    inputs = (Port("image", rank=(1, 2, 3, 4), help="An image or features of any shape."),)
    example = ((3, 6, 6),)

    def infer(self, image: Shape) -> Shape:
        return image


class Dropout(_Dropping, id="dropout", title="Dropout", words="regularization overfitting drop random zero"):
    """Leaves out random values while training. The network cannot rely on any single one, and overfits less.

    Use it between Dense nodes when the training result is much better than the validation result. It does nothing
    after training. Term: dropout (Srivastava et al., 2014).
    """

    rate: float = setting(0.5, _RATE, label="Share left out (rate)", low=0.0, high=0.99, brief=True)

    def call(self, image: Shape) -> Call:
        return module("torch.nn.Dropout", p=self.rate)


class SpatialDropout(
    _Dropping, id="spatial_dropout", title="Spatial dropout",
    words="dropout2d dropout3d channel dropout regularization overfitting",
):  # fmt: skip
    """Leaves out whole channels at random while training. Neighbouring pixels are alike, so leaving out single ones
    would teach little.

    Use it between Convolutions when the network overfits. It does nothing after training. Term: spatial (channel)
    dropout (Tompson et al., 2015).
    """

    inputs = (Port("image", rank=(2, 3, 4), help="A 1-D signal, 2-D image or 3-D volume."),)

    rate: float = setting(
        0.2, "Share of the channels that are left out at each step of the training. 0.1 to 0.3 is usual.",
        label="Share left out (rate)", low=0.0, high=0.99, brief=True,
    )  # fmt: skip

    def call(self, image: Shape) -> Call:
        return module(f"torch.nn.Dropout{len(image) - 1}d", p=self.rate)


class AlphaDropout(
    _Dropping,
    id="alpha_dropout",
    title="Alpha dropout",
    words="selu self-normalizing regularization overfitting",
):
    """A dropout that keeps mean and spread of the values as they are.

    Use it together with SELU. It does nothing after training. Term: alpha dropout (Klambauer et al., 2017).
    """

    rate: float = setting(0.1, _RATE, label="Share left out (rate)", low=0.0, high=0.99, brief=True)

    def call(self, image: Shape) -> Call:
        return module("torch.nn.AlphaDropout", p=self.rate)
