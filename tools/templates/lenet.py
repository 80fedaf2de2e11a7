"""LeNet-5: two convolutions and three dense layers."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adam, images, judged_as_classes
from .layers import conv, dense, flatten, max_pool, relu, times


def _draw(board: Board) -> None:
    board.main.arguments(width=(6, "Maps of the first convolution; all that follows grows with them."))
    source, image = images(board, 32, augmented=False)
    features = board.main.chain(
        image,
        conv("conv1", "=width", 5, bias=True),
        relu("relu1"),
        max_pool("pool1"),
        conv("conv2", times(16, 6), 5, bias=True, padding="valid"),
        relu("relu2"),
        max_pool("pool2"),
        flatten(),
    )
    scores = board.main.chain(
        features,
        dense("fc1", times(120, 6)),
        Layer("relu", "relu3"),
        dense("fc2", times(84, 6)),
        Layer("relu", "relu4"),
        dense("fc3", 10),
    )
    judged_as_classes(board, source, scores, adam(2e-3), Training(epochs=5, batch=4))


TEMPLATES = (
    Plan(
        name="lenet", draw=_draw, title="LeNet-5", task="classification",
        purpose="The classic to learn with: quick, and easy to read.",
        says="The network of LeCun and others (1998): two convolutions and three dense layers on 32×32 pixels. It "
        "trains in a minute, which makes it good for first steps.",
        tags=("classification", "regression", "2-D", "3-D"),
        idea="Small learned windows look for strokes anywhere in the image, and pooling makes it unimportant where "
        "exactly they lie. Dense layers then weigh what was found.",
        paper="LeCun Y, Bottou L, Bengio Y, Haffner P. Gradient-based learning applied to document recognition. "
        "Proceedings of the IEEE 1998;86:2278–2324.",
        link="https://doi.org/10.1109/5.726791",
        next=(
            "Set the argument width to 12: all layers get twice as many maps. Compare the two runs.",
            "Put a Batch normalisation behind each convolution. Make it deeper by dropping a Convolution and a ReLU on "
            "a wire: its layers are plain nodes.",
            "Take the image classifier or ResNet-18 when 32×32 pixels are too few to see what matters.",
        ),
    ),
)  # fmt: skip
