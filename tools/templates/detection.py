"""What detectors share: images, heads, losses of boxes, metrics and the answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runtime.graph import Json, Training

from .board import Board, End, Layer, Sheet
from .frame import adamw
from .layers import Number, conv, norm, relu, times
from .residual import basic, projected, unit

WATCHED = "mAP 0.5 to 0.95"
"""The metric that tells the best epoch: of few cases it sways less than that at one overlap."""

CLASSES = 3
"""The kinds of things that a template finds before data are attached."""

WIDTH = 16
"""Maps of the first convolution of a detector."""

_MOVED: dict[str, Json] = {
    "flip_horizontal": True, "flip_vertical": True, "rotate": 0.0, "shift": 10.0, "zoom": 20.0, "probability": 0.7,
}  # fmt: skip
_SHADED: dict[str, Json] = {"brightness": 20.0, "contrast": 20.0, "noise": 2.0, "probability": 0.7}


def photographs(board: Board, size: Sequence[int]) -> tuple[End, End]:
    """The source, and its images in this size; while training they are moved with their boxes, and shaded."""
    source = board.main.add(Layer("image_folder", "Images"))
    return source, board.main.chain(
        source,
        Layer("resize", settings={"size": [*size]}),
        Layer("normalise", settings={"method": "per image (mean 0, spread 1)"}),
        Layer("augment", settings=_MOVED),
        Layer("augment_intensity", settings=_SHADED),
    )


def sized(board: Board, depth: int, help: str) -> None:
    """The arguments by which a whole detector is resized: its width, and so many units as its depth."""
    board.main.arguments(
        width=(WIDTH, "Maps of the first convolution; all that follows grows with them."), depth=(depth, help)
    )


def wide(number: int) -> str:
    """So many maps, in proportion to the width of the detector."""
    return times(number, WIDTH)


def units(filters: Number, name: str, *, stride: int = 1) -> tuple[Layer, ...]:
    """A 3×3 convolution with what belongs to it."""
    return conv(name, filters, 3, stride), norm(f"{name}_norm"), relu(f"{name}_relu")


def eighth(board: Board, image: End) -> End:
    """Maps of cells of eight pixels, with what coarser maps have seen around them; brings its arguments along."""
    sized(board, 2, "Residual units of the second and of the third level; the first has one.")
    repeated, halving = unit(board, basic), projected(board, basic, "=width")
    fine = board.main.chain(
        image,
        *units("=width", "conv1", stride=2), *units(wide(32), "conv2", stride=2),
        Layer(repeated.use, "units 1", {"width": wide(32)}),
        Layer(halving.use, "halve 1", {"width": wide(64), "stride": 2}),
        Layer(repeated.use, "units 2", {"width": wide(64), "repeat": "=depth"}),
    )  # fmt: skip
    coarse = board.main.chain(
        fine,
        Layer(halving.use, "halve 2", {"width": wide(96), "stride": 2}),
        Layer(repeated.use, "units 3", {"width": wide(96), "repeat": "=depth"}),
        Layer("upsample", "enlarge", {"factor": 2}),
    )  # fmt: skip
    return board.main.chain(board.main.add(Layer("concatenate", "join"), fine, coarse), *units(wide(64), "conv3"))


def head(board: Board) -> Sheet:
    """A block that gives the numbers of all anchors at each cell."""
    block = board.block("Detection head", "Four numbers of a box, a score of there being anything, and a score for "
                        "each class, for every anchor at every cell.")  # fmt: skip
    features = block.enter("features")
    block.arguments(classes=(CLASSES, "Kinds of things to find."), anchors=(3, "Anchors at each cell."))
    block.leave(block.chain(features, conv("numbers", "=anchors*(5+classes)", 1, bias=True)))
    return block


def headed(head: Sheet, name: str, anchors: int) -> Layer:
    """A use of the head."""
    return Layer(head.use, name, {"classes": CLASSES, "anchors": anchors})


def anchored(name: str, widths: Sequence[float], heights: Sequence[float], *, bounded: bool = False) -> Layer:
    """Anchors of these sizes; `bounded` to their cells as in YOLO."""
    moves = "within the cell" if bounded else "by offsets"
    return Layer("anchor_boxes", name, {"widths": [*widths], "heights": [*heights], "moves": moves})


def judged(board: Board, boxes: End, source: End, layers: Sequence[Layer]) -> list[End]:
    """The losses of a box list."""
    return [board.main.add(layer, boxes, source.at("boxes")) for layer in layers]


def answered(board: Board, boxes: End, image: End, source: End, losses: Sequence[End], training: Training) -> None:
    """Non-maximum suppression, the output with its metric, and the optimizer of the losses."""
    best = board.main.add(Layer("non_maximum_suppression", "Best boxes"), boxes, image)
    board.main.add(Layer("mean_average_precision", "mAP"), best, source.at("boxes"))
    board.main.add(Layer("mean_average_precision", WATCHED, {"overlap": "0.5 to 0.95"}), best, source.at("boxes"))
    board.main.add(Layer("output", "Boxes"), best)
    board.main.add(adamw(2e-3, warm_up=3, decay=0.01), *losses)
    board.train_with(replace(training, watch=WATCHED, ema=0.98))
