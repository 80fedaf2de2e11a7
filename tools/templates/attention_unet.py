"""Attention U-Net: gates on the side wires learn where to look."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan, Sheet
from .frame import adam, images, judged_as_masks
from .layers import conv, max_pool, norm, relu, times
from .units import convolution_unit

_WIDTHS = (16, 32, 64, 128, 256)
_CLASSES = 2


def _gate(board: Board) -> Sheet:
    block = board.block(
        "Attention gate", "Weighs every pixel of what comes along the side by what the coarse maps say."
    )
    coarse = block.enter("gate", "The maps from below, brought to the same size.")
    fine = block.enter("image", "The maps along the side, whose pixels are weighed.")
    block.arguments(filters=(8, "Maps inside the gate: usually half of those that come in."))
    wanted = block.chain(coarse, conv("W_g", "=filters", 1, bias=True), norm("W_g_norm"))
    seen = block.chain(fine, conv("W_x", "=filters", 1, bias=True), norm("W_x_norm"))
    both = block.chain(block.add(Layer("add"), wanted, seen), relu())
    weights = block.chain(both, conv("psi", 1, 1, bias=True), norm("psi_norm"), Layer("sigmoid", "weights"))
    block.leave(block.add(Layer("multiply", "weighed"), fine, weights))
    return block


def _rise(board: Board, unit: Sheet, gate: Sheet, level: int, coarse: End, fine: End) -> End:
    """One step up: enlarge, weigh what comes along the side, join both."""
    width, half = (times(_WIDTHS[level - 1] // part, _WIDTHS[0]) for part in (1, 2))
    risen = board.main.chain(
        coarse, Layer("upsample", f"up{level}"), Layer(unit.use, f"up{level}_conv", {"filters": width})
    )
    weighed = board.main.add(Layer(gate.use, f"gate{level}", {"filters": half}), risen, fine)
    joined = board.main.add(Layer("concatenate", f"join{level}"), weighed, risen)
    return board.main.chain(joined, Layer(unit.use, f"decoder{level}", {"filters": width, "repeat": "=depth"}))


def _draw(board: Board) -> None:
    unit, gate = convolution_unit(board), _gate(board)
    board.main.arguments(
        width=(_WIDTHS[0], "Maps of the first level; each further one has twice as many."),
        depth=(2, "Convolutions of each level."),
    )
    source, end = images(board, 128)
    sides = []
    for level, width in enumerate(_WIDTHS, start=1):
        end = board.main.chain(
            end, Layer(unit.use, f"encoder{level}", {"filters": times(width, _WIDTHS[0]), "repeat": "=depth"})
        )
        if level < len(_WIDTHS):
            sides.append(end)
            end = board.main.chain(end, max_pool(f"pool{level}"))
    for level in range(len(sides), 0, -1):
        end = _rise(board, unit, gate, level, end, sides[level - 1])
    scores = board.main.chain(end, conv("score", _CLASSES, 1, bias=True))
    judged_as_masks(board, source, scores, adam(), Training(epochs=30, batch=4))


TEMPLATES = (
    Plan(
        name="attention-u-net", draw=_draw, title="Attention U-Net", task="segmentation",
        purpose="A U-Net that learns where to look.",
        says="A U-Net whose side wires pass through gates, which weigh each pixel by what the coarse maps found "
        "(Oktay and others, 2018). It was made for the pancreas: small, and of varying place and form.",
        tags=("segmentation", "2-D", "3-D"),
        idea="The coarse maps know roughly where the organ is. The gates let only that part of the fine maps pass, "
        "so the rising half is not led astray by what looks alike elsewhere.",
        paper="Oktay O, Schlemper J, Le Folgoc L, et al. Attention U-Net: learning where to look for the pancreas. "
        "MIDL 2018.",
        link="https://arxiv.org/abs/1804.03999",
        next=(
            "Open gate1 and lead its weights to an Output of their own: the picture shows where the network looks.",
            "Set the argument width to 64 for the usual size; it then needs a GPU.",
        ),
    ),
)  # fmt: skip
