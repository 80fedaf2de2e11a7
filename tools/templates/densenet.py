"""DenseNet-121: every layer sees what all layers before it made."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, max_pool, mean, norm, relu, times

_DEPTHS = (6, 12, 24, 16)
_HALVED = (128, 256, 512)


def _layer(board: Board) -> Sheet:
    block = board.block("Dense layer", "Makes a few new maps and lays them behind all that came in.")
    image = block.enter()
    block.arguments(
        growth=(32, "New maps of each layer."), wider=(4, "How many times more maps there are before the 3×3 window.")
    )
    new = block.chain(
        image,
        norm("norm1"), relu("relu1"), conv("conv1", "=wider*growth", 1),
        norm("norm2"), relu("relu2"), conv("conv2", "=growth"),
    )  # fmt: skip
    block.leave(block.add(Layer("concatenate"), image, new))
    return block


def _transition(board: Board) -> Sheet:
    block = board.block("Transition", "Makes the maps fewer, and halves the image.")
    image = block.enter()
    block.arguments(filters=(128, "Maps that leave: usually half of those that come in."))
    block.leave(block.chain(
        image, norm("norm"), relu(), conv("conv", "=filters", 1), Layer("average_pooling", "pool")
    ))  # fmt: skip
    return block


def _draw(board: Board) -> None:
    layer, transition = _layer(board), _transition(board)
    board.main.arguments(growth=(32, "New maps of each layer; stem and transitions follow it."))
    source, image = images(board, 224)
    end = board.main.chain(
        image,
        conv("conv0", times(64, 32, "growth"), 7, 2),
        norm("norm0"),
        relu("relu0"),
        max_pool("pool0", 3, 2, padding="same"),
    )
    for number, depth in enumerate(_DEPTHS, start=1):
        end = board.main.chain(end, Layer(layer.use, f"denseblock{number}", {"growth": "=growth", "repeat": depth}))
        if number <= len(_HALVED):
            end = board.main.chain(
                end, Layer(transition.use, f"transition{number}", {"filters": times(_HALVED[number - 1], 32, "growth")})
            )
    scores = board.main.chain(end, norm("norm5"), relu("relu5"), mean(), dense("classifier", CLASSES))
    judged_as_classes(board, source, scores, adam(), Training(epochs=20, batch=16))


TEMPLATES = (
    Plan(
        name="densenet-121", draw=_draw, title="DenseNet-121", task="classification",
        purpose="The network of CheXNet; strong with few numbers.",
        says="Four blocks in which every layer sees what all before it made, on 224×224 pixels (Huang and others, "
        "2017). CheXNet found pneumonia on chest X-rays with it.",
        tags=("classification", "regression", "2-D", "3-D"),
        idea="Nothing that was found once has to be found again: each layer adds thirty-two maps to those that are "
        "there. Transitions between the blocks make them fewer and halve the image.",
        paper="Huang G, Liu Z, van der Maaten L, Weinberger KQ. Densely connected convolutional networks. CVPR 2017.",
        link="https://arxiv.org/abs/1608.06993",
        next=(
            "Set the argument growth to 16: a quarter of the trained numbers, and often hardly worse.",
            "Repeat the third block 32 times and the fourth as often for DenseNet-169.",
        ),
    ),
)  # fmt: skip
