"""A one-stage detector in the manner of YOLO: one look at the image, boxes at every cell of a grid."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, Layer, Plan
from .detection import anchored, answered, head, headed, judged, photographs, units
from .residual import basic, projected, unit

_SIZE = (192, 256)
_MATCHING: dict[str, Json] = {"positive": 0.6, "negative": 0.4, "best": 4}
_WIDTHS, _HEIGHTS = (16.0, 42.0, 76.0), (16.0, 40.0, 66.0)


def _draw(board: Board) -> None:
    repeated, halving, numbers = unit(board, basic), projected(board, basic, "=width"), head(board)
    source, image = photographs(board, _SIZE)
    fine = board.main.chain(
        image,
        *units(16, "conv1", stride=2), *units(32, "conv2", stride=2),
        Layer(repeated.use, "units 1", {"width": 32}),
        Layer(halving.use, "halve 1", {"width": 64, "stride": 2}),
        Layer(repeated.use, "units 2", {"width": 64, "repeat": 2}),
    )  # fmt: skip
    coarse = board.main.chain(
        fine,
        Layer(halving.use, "halve 2", {"width": 96, "stride": 2}),
        Layer(repeated.use, "units 3", {"width": 96, "repeat": 2}),
        Layer("upsample", "enlarge", {"factor": 2}),
    )  # fmt: skip
    joined = board.main.add(Layer("concatenate", "join"), fine, coarse)
    scores = board.main.chain(joined, *units(64, "conv3"), headed(numbers, "Head", len(_WIDTHS)))
    boxes = board.main.add(anchored("Anchors", _WIDTHS, _HEIGHTS, bounded=True), scores, image)
    losses = judged(board, boxes, source, (
        Layer("giou_loss", "Place", {"weight": 2.0, **_MATCHING}),
        Layer("objectness_loss", "Something", {"alpha": 0.5, "quality": True, **_MATCHING}),
        Layer("box_class_loss", "Class", {"weight": 0.5, **_MATCHING}),
    ))  # fmt: skip
    answered(board, boxes, image, source, losses, Training(epochs=70, batch=8))


TEMPLATES = (
    Plan(
        name="yolo", draw=_draw, title="YOLO-style detector", task="detection",
        purpose="Finds and names things in one look.",
        says="Draws a box around each thing and names it, from images with boxes (Redmon and others, 2016). At each "
        "cell of a grid it tells of three boxes at once, so it is fast.",
        tags=("detection", "2-D"),
        idea="The image is divided into cells of eight pixels. For each cell the network says, of three boxes of given "
        "sizes (anchors), whether something is there, how the box must be moved and stretched, and what it is.",
        paper="Redmon J, Divvala S, Girshick R, Farhadi A. You only look once: unified, real-time object detection. "
        "CVPR 2016. Anchors: Redmon J, Farhadi A. YOLO9000. CVPR 2017.",
        link="https://arxiv.org/abs/1506.02640",
        next=(
            "Give the anchors the usual sizes of what you look for, in pixels of the resized image.",
            "Switch off the mirroring that cannot occur in your images.",
            "Enlarge Resize when small things are missed.",
        ),
    ),
)  # fmt: skip
