"""SqueezeNet 1.1: fire blocks, and no dense layer."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dropout, max_pool, mean, relu, times

_FIRES = ((16, 64), (16, 64), (0, 0), (32, 128), (32, 128), (0, 0), (48, 192), (48, 192), (64, 256), (64, 256))
"""Squeeze and expand of each fire block; zeros stand for a pooling."""


def _fire(board: Board) -> Sheet:
    block = board.block("Fire", "Squeezes the maps into few, and expands them through small and larger windows.")
    image = block.enter()
    block.arguments(squeeze=(16, "Maps in the middle."), expand=(64, "Maps of each of the two branches that leave."))
    few = block.chain(image, conv("squeeze", "=squeeze", 1, bias=True), relu("squeeze_activation"))
    small = block.chain(few, conv("expand1x1", "=expand", 1, bias=True), relu("expand1x1_activation"))
    large = block.chain(few, conv("expand3x3", "=expand", 3, bias=True), relu("expand3x3_activation"))
    block.leave(block.add(Layer("concatenate"), small, large))
    return block


def _draw(board: Board) -> None:
    fire = _fire(board)
    board.main.arguments(width=(16, "Maps in the middle of the first fire block; all others grow with them."))
    source, image = images(board, 224)
    end = board.main.chain(
        image,
        conv("conv1", times(64, 16), 3, 2, bias=True, padding="valid"),
        relu("relu1"),
        max_pool("pool1", 3, 2, round_up=True),
    )
    number = 2
    for squeeze, expand in _FIRES:
        if squeeze:
            end = board.main.chain(
                end, Layer(fire.use, f"fire{number}", {"squeeze": times(squeeze, 16), "expand": times(expand, 16)})
            )
            number += 1
        else:
            end = board.main.chain(end, max_pool(f"pool{number - 1}", 3, 2, round_up=True))
    scores = board.main.chain(end, dropout(), conv("conv10", CLASSES, 1, bias=True), relu("relu10"), mean())
    judged_as_classes(board, source, scores, adam(3e-4), Training(epochs=20, batch=16))


TEMPLATES = (
    Plan(
        name="squeezenet", draw=_draw, title="SqueezeNet 1.1", task="classification",
        purpose="As good as AlexNet with a fiftieth of its numbers.",
        says="Eight fire blocks on 224×224 pixels, and no dense layer at all (Iandola and others, 2016). The "
        "exported model has five megabytes or less, which suits small devices.",
        tags=("classification", "2-D", "3-D"),
        idea="1×1 convolutions squeeze the maps into few, so that the 3×3 windows behind them need few numbers. The "
        "image is made smaller late, and the last convolution has one map for each class.",
        paper="Iandola FN, Han S, Moskewicz MW, et al. SqueezeNet: AlexNet-level accuracy with 50x fewer parameters "
        "and <0.5MB model size. 2016.",
        link="https://arxiv.org/abs/1602.07360",
        next=(
            "Set the argument width to 8: the network has a quarter of the trained numbers.",
            "Add a Batch normalisation behind each convolution of the fire block: it trains faster.",
            "Lead a wire around fire3, fire5, fire7 and fire9 into an Add: the version with simple bypass.",
        ),
    ),
)  # fmt: skip
