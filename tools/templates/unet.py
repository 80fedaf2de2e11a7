"""The small U-Net: four steps down, four up, a wire along the side at each."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adamw, images, judged_as_masks
from .layers import max_pool

_WIDTHS = (12, 24, 48, 96)
_DEEPEST = 128
_MOVED = {"rotate": 30.0, "shift": 10.0, "zoom": 30.0, "elastic": 5.0, "probability": 0.9}
_SHADED = {"brightness": 40.0, "contrast": 40.0, "gamma": 60.0, "field": 60.0, "noise": 5.0, "probability": 0.7}


def _unit(filters: int) -> tuple[Layer, ...]:
    settings = {"filters": filters, "bias": False}
    return Layer("convolution", settings=settings), Layer("batch_normalization", "Batch norm"), Layer("relu")


def _draw(board: Board) -> None:
    source, end = images(board, 128, fit="pad", augmented=False)
    end = board.main.chain(end, Layer("augment", settings=_MOVED), Layer("augment_intensity", settings=_SHADED))
    sides = []
    for width in _WIDTHS:
        end = board.main.chain(end, *_unit(width))
        sides.append(end)
        end = board.main.chain(end, max_pool(""))
    end = board.main.chain(end, *_unit(_DEEPEST))
    for width, side in zip(reversed(_WIDTHS), reversed(sides), strict=True):
        larger = board.main.chain(end, Layer("upsample", settings={"factor": 2, "mode": "linear"}))
        end = board.main.chain(board.main.add(Layer("concatenate"), side, larger), *_unit(width))
    scores = board.main.chain(end, Layer("convolution", "Score", {"filters": 2, "kernel": 1}))
    judged_as_masks(board, source, scores, adamw(2e-3, decay=0.001), Training(epochs=30, batch=8), answer="Mask")


TEMPLATES = (
    Plan(
        name="u-net", draw=_draw, title="Small U-Net", task="segmentation",
        purpose="Outlines a structure, pixel by pixel.",
        says="Finds for every pixel what it belongs to, from images with masks (Ronneberger and others, 2015). "
        "Wires along the side carry fine detail past the coarse middle of the network.",
        tags=("segmentation", "2-D", "3-D"),
        idea="The falling half sees what is there, the rising half says where. Wires along the side bring fine "
        "detail from the one to the other.",
        paper="Ronneberger O, Fischer P, Brox T. U-Net: convolutional networks for biomedical image segmentation. "
        "MICCAI 2015.",
        link="https://arxiv.org/abs/1505.04597",
        next=(
            "Take volumes as cases, and the same drawing becomes a 3-D U-Net.",
            "Double all filters when small structures are missed and the training result is poor as well.",
        ),
    ),
)  # fmt: skip
