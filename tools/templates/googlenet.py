"""GoogLeNet: inception blocks with four branches, with batch normalisation, as torchvision has it."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, dropout, max_pool, mean, norm, relu, times

_BLOCKS = {
    "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64), "pool3": (3,),
    "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64),
    "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128), "pool4": (2,),
    "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
}  # fmt: skip
_ARGUMENTS = {
    "one": (64, "Maps of the 1×1 branch."),
    "before": (96, "Maps that the second branch is brought to before its 3×3 window."),
    "three": (128, "Maps of the second branch."),
    "before_far": (16, "Maps that the third branch is brought to before its wider view."),
    "far": (32, "Maps of the third branch."),
    "pooled": (32, "Maps of the branch with the pooling."),
}


def _unit(board: Board) -> Sheet:
    block = board.block("Convolution unit", "A convolution with batch normalisation and activation.")
    image = block.enter()
    block.arguments(
        filters=(64, "Maps that leave the unit."), kernel=(1, "Side of the window."), stride=(1, "Step of the window.")
    )
    layers = conv("conv", "=filters", "=kernel", "=stride"), norm("bn", epsilon=0.001), relu()
    block.leave(block.chain(image, *layers))
    return block


def _convolved(unit: Sheet, name: str, filters: int | str, kernel: int = 1, stride: int = 1) -> Layer:
    return Layer(unit.use, name, {"filters": filters, "kernel": kernel, "stride": stride})


def _inception(board: Board, unit: Sheet) -> Sheet:
    block = board.block("Inception", "Four looks at one image, near and far, whose maps are laid behind each other.")
    image = block.enter()
    block.arguments(**_ARGUMENTS)
    near = block.chain(image, _convolved(unit, "branch1", "=one"))
    middle = block.chain(image, _convolved(unit, "branch2_0", "=before"), _convolved(unit, "branch2_1", "=three", 3))
    far = block.chain(image, _convolved(unit, "branch3_0", "=before_far"), _convolved(unit, "branch3_1", "=far", 3))
    pooled = block.chain(image, max_pool("branch4_0", 3, 1, padding="same"), _convolved(unit, "branch4_1", "=pooled"))
    block.leave(block.add(Layer("concatenate"), near, middle, far, pooled))
    return block


def _scaled(maps: int) -> str:
    return times(maps, 64)


def _draw(board: Board) -> None:
    unit = _unit(board)
    inception = _inception(board, unit)
    board.main.arguments(width=(64, "Maps of the first convolution; all others grow with them."))
    source, image = images(board, 224)
    end = board.main.chain(
        image,
        _convolved(unit, "conv1", "=width", 7, 2), max_pool("maxpool1", 3, 2, round_up=True),
        _convolved(unit, "conv2", "=width"), _convolved(unit, "conv3", _scaled(192), 3),
        max_pool("maxpool2", 3, 2, round_up=True),
    )  # fmt: skip
    for name, sizes in _BLOCKS.items():
        if name.startswith("pool"):
            layer = max_pool(f"max{name}", sizes[0], 2, round_up=True)
        else:
            layer = Layer(inception.use, f"inception{name}", dict(zip(_ARGUMENTS, map(_scaled, sizes), strict=True)))
        end = board.main.chain(end, layer)
    scores = board.main.chain(end, mean(), dropout(rate=0.2), dense("fc", CLASSES))
    judged_as_classes(board, source, scores, adam(), Training(epochs=20, batch=16))


TEMPLATES = (
    Plan(
        name="googlenet", draw=_draw, title="GoogLeNet (Inception)", task="classification",
        purpose="Looks near and far at once, with few trained numbers.",
        says="Nine inception blocks on 224×224 pixels, with batch normalisation (Szegedy and others, 2015). It was "
        "the base of early skin cancer and retina studies.",
        tags=("classification", "regression", "2-D", "3-D"),
        idea="Nobody knows beforehand how large a window must be. So each block has several at once, and 1×1 "
        "convolutions before them keep the number of maps small. The auxiliary heads of the paper are left out.",
        paper="Szegedy C, Liu W, Jia Y, et al. Going deeper with convolutions. CVPR 2015.",
        link="https://arxiv.org/abs/1409.4842",
        next=(
            "Look into inception3a: the third branch has two 3×3 windows' reach in common models; give it a window "
            "of 5.",
            "Set the argument width to 32: a quarter of the trained numbers. Compare with ResNet-18, which has nearly "
            "twice as many as the whole.",
        ),
    ),
)  # fmt: skip
