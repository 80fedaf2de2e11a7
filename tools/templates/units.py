"""Blocks that several families share."""

from __future__ import annotations

from .board import Board, Sheet
from .layers import conv, norm, relu

FILTERS = (64, "Maps that leave the unit.")


def convolution_unit(board: Board) -> Sheet:
    """A 3×3 convolution, batch normalisation and ReLU; with `filters`."""
    block = board.block("Convolution unit", "A 3×3 convolution with batch normalisation and activation.")
    image = block.enter()
    block.arguments(filters=FILTERS)
    block.leave(block.chain(image, conv("conv", "=filters", bias=True), norm("bn"), relu()))
    return block
