"""The units of residual networks: what is learned is added to what came in."""

from __future__ import annotations

from collections.abc import Callable

from .board import Board, End, Layer, Sheet
from .layers import conv, norm, relu

Body = Callable[[Sheet, End, "str | int"], End]
"""Draws the layers of a unit on its sheet, from the image on, with this stride; gives their end."""

WIDTH = (64, "Maps of the 3×3 convolutions in the unit.")
STRIDE = (2, "Step of the first 3×3 convolution; 2 halves the image.")
UNITS = (2, "How many units follow each other.")


def basic(sheet: Sheet, image: End, stride: str | int) -> End:
    """Two 3×3 convolutions."""
    first = sheet.chain(image, conv("conv1", "=width", stride=stride), norm("bn1"), relu("relu1"))
    return sheet.chain(first, conv("conv2", "=width"), norm("bn2"))


def bottleneck(sheet: Sheet, image: End, stride: str | int) -> End:
    """A 3×3 convolution of few maps between two of 1×1, which make them fewer and again four times more."""
    first = sheet.chain(image, conv("conv1", "=width", 1), norm("bn1"), relu("relu1"))
    second = sheet.chain(first, conv("conv2", "=width", stride=stride), norm("bn2"), relu("relu2"))
    return sheet.chain(second, conv("conv3", "=4*width", 1), norm("bn3"))


def unit(board: Board, body: Body) -> Sheet:
    """A unit that keeps the size and the number of maps, so that it can be repeated."""
    block = board.block("Residual unit", "Learns what to add to the image that comes in. It keeps its shape.")
    image = block.enter()
    block.arguments(width=WIDTH)
    _joined(block, body(block, image, 1), image)
    return block


def projected(board: Board, body: Body, widened: str) -> Sheet:
    """A unit that changes size and number of maps, and the image that goes around it alike."""
    block = board.block("Projection unit", "As a residual unit, but it may halve the image and have "
                        "other maps; a 1×1 convolution brings the way around to the same shape.")  # fmt: skip
    image = block.enter()
    block.arguments(width=WIDTH, stride=STRIDE)
    learned = body(block, image, "=stride")
    around = block.chain(image, conv("downsample_0", widened, 1, "=stride"), norm("downsample_1"))
    _joined(block, learned, around)
    return block


def stage(board: Board, first: Sheet, more: Sheet) -> Sheet:
    """A unit with projection, and others that keep the shape."""
    block = board.block("Stage", "Residual units of one width; the first may halve the image.")
    image = block.enter()
    block.arguments(width=WIDTH, units=UNITS, stride=STRIDE)
    block.leave(block.chain(
        image,
        Layer(first.use, "first", {"width": "=width", "stride": "=stride"}),
        Layer(more.use, "more", {"width": "=width", "repeat": "=units-1"}),
    ))  # fmt: skip
    return block


def _joined(block: Sheet, learned: End, around: End) -> None:
    block.leave(block.chain(block.add(Layer("add"), learned, around), relu()))
