"""A one-stage detector in the manner of YOLO: one look at the image, boxes at every cell of a grid."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, Layer, Plan
from .detection import anchored, answered, eighth, head, headed, judged, photographs

_SIZE = (192, 256)
_MATCHING: dict[str, Json] = {"positive": 0.6, "negative": 0.4, "best": 4}
_WIDTHS, _HEIGHTS = (16.0, 42.0, 76.0), (16.0, 40.0, 66.0)


def _draw(board: Board) -> None:
    source, image = photographs(board, _SIZE)
    features = eighth(board, image)
    scores = board.main.chain(features, headed(head(board), "Head", len(_WIDTHS)))
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
            "Set the argument width to 32, or depth to 4, when the training result is poor as well.",
        ),
    ),
)  # fmt: skip
