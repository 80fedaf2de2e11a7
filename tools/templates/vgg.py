"""VGG: stages of 3×3 convolutions between poolings."""

from __future__ import annotations

from functools import partial

from runtime.graph import Training

from .board import Board, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, dropout, flatten, max_pool, relu, times

WIDTHS = (64, 128, 256, 512, 512)
"""Maps of each stage."""
DEPTHS = {11: (1, 1, 2, 2, 2), 16: (2, 2, 3, 3, 3)}
"""Convolutions of each stage, by how many layers the network has."""


ARGUMENTS = {
    "width": (64, "Maps of the first stage; the others have up to eight times as many."),
    "hidden": (4096, "Numbers of each hidden dense layer."),
}


def unit_of(board: Board) -> Sheet:
    """A 3×3 convolution and ReLU; with `filters`."""
    block = board.block("Convolution unit", "A 3×3 convolution and its activation. Repeat it for a deeper stage.")
    image = block.enter()
    block.arguments(filters=(64, "Maps that leave the unit."))
    block.leave(block.chain(image, conv("conv", "=filters", bias=True), relu()))
    return block


def _draw(board: Board, layers: int) -> None:
    unit = unit_of(board)
    board.main.arguments(**ARGUMENTS)
    source, end = images(board, 224)
    for stage, (width, depth) in enumerate(zip(WIDTHS, DEPTHS[layers], strict=True), start=1):
        layer = Layer(unit.use, f"stage{stage}", {"filters": times(width, WIDTHS[0]), "repeat": depth})
        end = board.main.chain(end, layer, max_pool(f"pool{stage}"))
    scores = board.main.chain(
        end,
        Layer("adaptive_average_pooling", "avgpool", {"size": 7}), flatten(),
        dense("fc6", "=hidden"), relu("relu6"), dropout("dropout6"),
        dense("fc7", "=hidden"), relu("relu7"), dropout("dropout7"),
        dense("fc8", CLASSES),
    )  # fmt: skip
    judged_as_classes(board, source, scores, adam(1e-4), Training(epochs=20, batch=16))


def _plan(layers: int, purpose: str, says: str, next: tuple[str, ...]) -> Plan:
    return Plan(
        name=f"vgg-{layers}", draw=partial(_draw, layers=layers), title=f"VGG-{layers}", task="classification",
        purpose=purpose, says=says, tags=("classification", "regression", "2-D"),
        idea="Two 3×3 windows in a row see as much as one of 5×5, with fewer trained numbers and one more activation. "
        "So all windows are small, and depth makes the view wide.",
        paper="Simonyan K, Zisserman A. Very deep convolutional networks for large-scale image recognition. ICLR 2015.",
        link="https://arxiv.org/abs/1409.1556",
        next=(*next, "Put a Batch normalisation into the convolution unit: all stages get it, and the rate may be ten "
              "times higher."),
    )  # fmt: skip


TEMPLATES = (
    _plan(
        11, "Small windows in a row; the lighter VGG.",
        "Eight 3×3 convolutions and three dense layers on 224×224 pixels (Simonyan and Zisserman, 2015). Its plain "
        "build makes it the usual base for segmentation and style transfer.",
        ("Set the argument width to 32 for small data sets, and hidden to 512.",
         "Repeat the stages more often to come to VGG-16."),
    ),
    _plan(
        16, "The plain deep network that much was built on.",
        "Thirteen 3×3 convolutions and three dense layers on 224×224 pixels (Simonyan and Zisserman, 2015). With 138 "
        "million trained numbers it is heavy and needs a GPU.",
        ("Put Global average pooling in the place of avgpool, flatten, fc6 and fc7: 15 million trained numbers are "
         "left.",
         "Compare with ResNet-18, which is better with a twelfth of the trained numbers."),
    ),
)  # fmt: skip
