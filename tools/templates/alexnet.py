"""AlexNet in the form of one tower (Krizhevsky, 2014), as torchvision has it."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, dropout, flatten, max_pool, relu, times


def _draw(board: Board) -> None:
    board.main.arguments(
        width=(64, "Maps of the first convolution; those behind it have up to six times as many."),
        hidden=(4096, "Numbers of each hidden dense layer."),
    )
    source, image = images(board, 224)
    wide = max_pool("pool1", 3, 2)
    features = board.main.chain(
        image,
        conv("conv1", "=width", 11, 4, bias=True, padding="by hand", border=2), relu("relu1"), wide,
        conv("conv2", times(192, 64), 5, bias=True), relu("relu2"), max_pool("pool2", 3, 2),
        conv("conv3", times(384, 64), bias=True), relu("relu3"),
        conv("conv4", times(256, 64), bias=True), relu("relu4"),
        conv("conv5", times(256, 64), bias=True), relu("relu5"), max_pool("pool5", 3, 2),
        Layer("adaptive_average_pooling", "avgpool", {"size": 6}), flatten(),
    )  # fmt: skip
    scores = board.main.chain(
        features,
        dropout("dropout6"), dense("fc6", "=hidden"), relu("relu6"),
        dropout("dropout7"), dense("fc7", "=hidden"), relu("relu7"),
        dense("fc8", CLASSES),
    )  # fmt: skip
    judged_as_classes(board, source, scores, adam(1e-4), Training(epochs=20, batch=32))


TEMPLATES = (
    Plan(
        name="alexnet", draw=_draw, title="AlexNet", task="classification",
        purpose="The network that began deep learning, in 2012.",
        says="Five convolutions and three dense layers on 224×224 pixels (Krizhevsky and others, 2012). Nearly all "
        "of its sixty million trained numbers lie in the dense layers, so it needs many images.",
        tags=("classification", "regression", "2-D"),
        idea="Large windows first, then small ones; ReLU in place of tanh made it trainable, and Dropout keeps the "
        "large dense layers from learning the images by heart.",
        paper="Krizhevsky A, Sutskever I, Hinton GE. ImageNet classification with deep convolutional neural networks. "
        "NIPS 2012. In this form: Krizhevsky A. One weird trick for parallelizing convolutional neural networks. 2014.",
        link="https://arxiv.org/abs/1404.5997",
        next=(
            "Replace avgpool, flatten and the dense layers by one Global average pooling and one Dense: 2.5 million "
            "trained numbers are left.",
            "Set the argument hidden to 512 for small data sets; lay a run of ResNet-18 over this one.",
            "Load weights trained on ImageNet, and freeze the first three convolutions.",
        ),
    ),
)  # fmt: skip
