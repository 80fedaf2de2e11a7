"""MobileNetV2: inverted residuals with depthwise convolutions."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, End, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, depthwise, dropout, mean, norm, times

_STAGES = ((16, 24, 2, 2), (24, 32, 3, 2), (32, 64, 4, 2), (64, 96, 3, 1), (96, 160, 3, 2), (160, 320, 1, 1))
"""Maps that enter, maps that leave, units, and the stride of the first."""
_WIDTH = 32
_FILTERS = (24, "Maps that leave.")
_STRIDE = (2, "Step of the first unit; 2 halves the image.")
_EXPANSION = (6, "How many times more maps there are inside a unit than enter it.")
_BEFORE = (16, "Maps that enter.")


def _relu6(name: str) -> Layer:
    return Layer("relu6", name)


def _separable(sheet: Sheet, image: End, stride: str | int) -> End:
    """A depthwise convolution, and one of 1×1 without an activation behind it."""
    seen = sheet.chain(image, depthwise("depthwise", 3, stride), norm("depthwise_norm"), _relu6("depthwise_relu"))
    return sheet.chain(seen, conv("project", "=filters", 1), norm("project_norm"))


def _first(board: Board) -> Sheet:
    block = board.block("Separable unit", "A window for each map by itself; a 1×1 convolution then mixes the maps.")
    image = block.enter()
    block.arguments(filters=_FILTERS)
    block.leave(_separable(block, image, 1))
    return block


def _inverted(board: Board) -> Sheet:
    block = board.block(
        "Inverted bottleneck", "Makes the maps many, looks at each by itself, and makes them few again."
    )
    image = block.enter()
    block.arguments(before=_BEFORE, filters=_FILTERS, stride=_STRIDE, expansion=_EXPANSION)
    many = block.chain(image, conv("expand", "=expansion*before", 1), norm("expand_norm"), _relu6("expand_relu"))
    block.leave(_separable(block, many, "=stride"))
    return block


def _residual(board: Board, inverted: Sheet) -> Sheet:
    block = board.block("Inverted residual", "An inverted bottleneck with a way around it; it keeps the shape.")
    image = block.enter()
    block.arguments(filters=_FILTERS, expansion=_EXPANSION)
    settings: dict[str, Json] = {"before": "=filters", "filters": "=filters", "stride": 1, "expansion": "=expansion"}
    block.leave(block.add(Layer("add"), block.chain(image, Layer(inverted.use, "conv", settings)), image))
    return block


def _stage(board: Board) -> Sheet:
    inverted = _inverted(board)
    residual = _residual(board, inverted)
    block = board.block("Stage", "Inverted bottlenecks of one width; the first may halve the image.")
    image = block.enter()
    units = (2, "How many units follow each other.")
    block.arguments(before=_BEFORE, filters=_FILTERS, units=units, stride=_STRIDE, expansion=_EXPANSION)
    same = {"before": "=before", "filters": "=filters", "stride": "=stride", "expansion": "=expansion"}
    more = {"filters": "=filters", "expansion": "=expansion", "repeat": "=units-1"}
    block.leave(block.chain(image, Layer(inverted.use, "first", same), Layer(residual.use, "more", more)))
    return block


def _draw(board: Board) -> None:
    first, stage = _first(board), _stage(board)
    board.main.arguments(
        width=(_WIDTH, "Maps of the first convolution; all others grow with them."), expansion=_EXPANSION
    )
    source, image = images(board, 224)
    stem = board.main.chain(image, conv("conv0", "=width", 3, 2), norm("norm0"), _relu6("relu0"))
    end = board.main.chain(stem, Layer(first.use, "stage1", {"filters": times(16, _WIDTH)}))
    for number, (before, filters, units, stride) in enumerate(_STAGES, start=2):
        settings: dict[str, Json] = {
            "before": times(before, _WIDTH), "filters": times(filters, _WIDTH), "units": units, "stride": stride,
            "expansion": "=expansion",
        }  # fmt: skip
        end = board.main.chain(end, Layer(stage.use, f"stage{number}", settings))
    last = board.main.chain(end, conv("conv8", times(1280, _WIDTH), 1), norm("norm8"), _relu6("relu8"), mean())
    scores = board.main.chain(last, dropout(rate=0.2), dense("classifier", CLASSES))
    judged_as_classes(board, source, scores, adam(), Training(epochs=20, batch=16))


TEMPLATES = (
    Plan(
        name="mobilenet-v2", draw=_draw, title="MobileNetV2", task="classification",
        purpose="Light and quick: for telephones and small computers.",
        says="Seventeen units with depthwise convolutions on 224×224 pixels (Sandler and others, 2018). It has a "
        "seventh of the trained numbers of ResNet-50 and needs a twelfth of its multiplications.",
        tags=("classification", "regression", "2-D"),
        idea="A window for each map alone, and 1×1 convolutions between them, is far cheaper than windows over all "
        "maps. The shortcuts connect the thin ends of the units, so the wide inside is never stored.",
        paper="Sandler M, Howard A, Zhu M, Zhmoginov A, Chen LC. MobileNetV2: inverted residuals and linear "
        "bottlenecks. CVPR 2018.",
        link="https://arxiv.org/abs/1801.04381",
        next=(
            "Set the argument width to 16 (the version ×0.5), and see what half the width costs.",
            "Export it and time the ONNX file against that of ResNet-18 on the computer where it is to run.",
        ),
    ),
)  # fmt: skip
