"""Layers with binary weights: in use each weight is +1 or −1, in training the full numbers behind them learn."""

from __future__ import annotations

from nodes.convolution import Convolution
from nodes.dense import Dense
from nodes.spec import Call, Shape


class BinaryDense(
    Dense, id="binary_dense", title="Binary dense", words="binaryconnect binarized quantized sign weights"
):
    """A Dense layer whose weights are +1 or −1 when it computes. Training changes full numbers behind them, of which
    only the sign is used.

    Use it to see how small a network can be made; a Batch normalisation belongs after it. Term: BinaryConnect
    (Courbariaux et al., 2015; arXiv:1511.00363).
    """

    def call(self, features: Shape) -> Call:
        plain = super().call(features)
        return Call("runtime.modules.binary.BinaryLinear", plain.arguments)


class BinaryConvolution(
    Convolution, id="binary_convolution", title="Binary convolution",
    words="binaryconnect binarized quantized sign weights",
):  # fmt: skip
    """A Convolution whose weights are +1 or −1 when it computes. Training changes full numbers behind them, of which
    only the sign is used.

    Use it to see how small a network can be made; a Batch normalisation belongs after it. Term: BinaryConnect
    (Courbariaux et al., 2015; arXiv:1511.00363).
    """

    def call(self, image: Shape) -> Call:
        plain = super().call(image)
        return Call(f"runtime.modules.binary.BinaryConv{len(image) - 1}d", plain.arguments)
