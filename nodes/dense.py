"""The dense layer: every feature speaks with every other."""

from __future__ import annotations

from nodes.shapes import sensible
from nodes.spec import Call, Category, Port, Shape, module, setting
from nodes.trained import Trained


class Dense(
    Trained, id="dense", title="Dense", category=Category.DENSE,
    words="linear fully connected fc mlp perceptron head classifier regression",
):  # fmt: skip
    """Weighs all features against each other and gives new ones. Each output is a weighted sum of all inputs.

    Use it at the end of a network: with one output for each class, or with one output for a number. Put Flatten or
    Global average pooling before it. Term: fully connected or linear layer (Rosenblatt, The perceptron, 1958).
    """

    inputs = (Port("features", rank=(1,), help="A list of features; put Flatten or Global average pooling before it."),)
    example = ((8,),)

    units: int = setting(
        10, "How many numbers leave the node. For the last Dense of a classifier: the number of classes.",
        label="Outputs (units)", low=1, high=1_000_000, brief=True,
    )  # fmt: skip
    bias: bool = setting(True, "Adds one trained number to each output.", label="Offset (bias)")

    def infer(self, features: Shape) -> Shape:
        return sensible((self.units,), self.parameters(features))

    def call(self, features: Shape) -> Call:
        return module("torch.nn.Linear", in_features=features[0], out_features=self.units, bias=self.bias)

    def parameters(self, features: Shape) -> int:
        return self.units * (features[0] + self.bias)

    def multiply_adds(self, features: Shape) -> int:
        return self.units * features[0]
