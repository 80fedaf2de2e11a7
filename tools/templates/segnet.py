"""SegNet: an encoder as in VGG-16, and a decoder that unpools by its positions."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adam, images, judged_as_masks
from .layers import conv, max_pool, times
from .units import convolution_unit

_ENCODER = ((16, 2), (32, 2), (64, 3), (128, 3), (128, 3))
"""Maps and convolutions of each level: a quarter of the maps of the paper."""
_CLASSES = 2


def _draw(board: Board) -> None:
    unit = convolution_unit(board)
    board.main.arguments(width=(16, "Maps of the first level; the others have up to eight times as many."))
    source, end = images(board, 128)
    before = []
    for level, (filters, depth) in enumerate(_ENCODER, start=1):
        end = board.main.chain(
            end, Layer(unit.use, f"encoder{level}", {"filters": times(filters, 16), "repeat": depth})
        )
        before.append(end)
        end = board.main.chain(end, max_pool(f"pool{level}"))
    for level in range(len(_ENCODER), 0, -1):
        filters, depth = _ENCODER[level - 1]
        end = board.main.add(Layer("max_unpooling", f"unpool{level}"), end, before[level - 1])
        end = board.main.chain(
            end, Layer(unit.use, f"decoder{level}", {"filters": times(filters, 16), "repeat": depth - 1})
        )
        if level > 1:
            fewer = Layer(unit.use, f"narrow{level}", {"filters": times(_ENCODER[level - 2][0], 16)})
            end = board.main.chain(end, fewer)
    scores = board.main.chain(end, conv("score", _CLASSES, bias=True))
    judged_as_masks(board, source, scores, adam(), Training(epochs=30, batch=4))


TEMPLATES = (
    Plan(
        name="segnet", draw=_draw, title="SegNet", task="segmentation",
        purpose="Outlines with sharp edges, by remembered positions.",
        says="An encoder like VGG-16 and a mirrored decoder that puts values back to where the poolings found them "
        "(Badrinarayanan and others, 2017). With a quarter of its maps, as here, some hundred images are enough.",
        tags=("segmentation", "2-D", "3-D"),
        idea="A U-Net hands whole maps from the falling to the rising half; SegNet only hands on where each "
        "strongest value was. That needs little memory, and edges stay where they were.",
        paper="Badrinarayanan V, Kendall A, Cipolla R. SegNet: a deep convolutional encoder-decoder architecture "
        "for image segmentation. IEEE TPAMI 2017;39:2481–2495.",
        link="https://arxiv.org/abs/1511.00561",
        next=(
            "Set the argument width to 64 for the 29 million trained numbers of the paper; it then wants a GPU.",
            "Compare with the small U-Net on the same split: which misses the small structures?",
        ),
    ),
)  # fmt: skip
