"""A two-stage detector in the manner of Faster R-CNN: places are proposed first, and each is then looked at again."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, End, Layer, Plan, Sheet
from .detection import anchored, answered, eighth, head, headed, judged, photographs, units, wide
from .layers import conv, relu

_SIZE = (192, 256)
_WIDTHS, _HEIGHTS = (16.0, 42.0, 76.0), (16.0, 40.0, 66.0)
_FIRST: dict[str, Json] = {"positive": 0.6, "negative": 0.4, "best": 4}
_SECOND: dict[str, Json] = {"positive": 0.5, "negative": 0.5}


def _proposed(board: Board, features: End, image: End, source: End) -> tuple[End, list[End]]:
    """The first stage: where something may be, whatever it is; and its losses."""
    numbers = board.main.chain(
        features, *units(wide(64), "proposal_conv"), conv("proposal numbers", 5 * len(_WIDTHS), 1, bias=True)
    )
    boxes = board.main.add(anchored("Anchors", _WIDTHS, _HEIGHTS), numbers, image)
    losses = judged(board, boxes, source, (
        Layer("smooth_l1_loss", "Proposal place", _FIRST),
        Layer("objectness_loss", "Proposal something", {"alpha": 0.5, **_FIRST}),
    ))  # fmt: skip
    best = {"overlap": 0.7, "least": 0.0, "most": 64, "considered": 600}
    return board.main.add(Layer("non_maximum_suppression", "Proposals", best), boxes, image), losses


def _looked_at(board: Board, features: End, proposals: End, image: End, numbers: Sheet) -> End:
    """The second stage: what lies within each proposal, and the box corrected."""
    regions = board.main.add(Layer("roi_align", "Regions", {"side": 5}), features, proposals, image)
    scores = board.main.chain(
        regions, conv("region_conv1", wide(128), 1, bias=True), relu("region_relu1"),
        conv("region_conv2", wide(128), 1, bias=True), relu("region_relu2"), headed(numbers, "Second head", 1),
    )  # fmt: skip
    return board.main.add(Layer("refine_boxes", "Refined"), scores, proposals)


def _draw(board: Board) -> None:
    numbers = head(board)
    source, image = photographs(board, _SIZE)
    features = eighth(board, image)
    proposals, first = _proposed(board, features, image, source)
    boxes = _looked_at(board, features, proposals, image, numbers)
    second = judged(board, boxes, source, (
        Layer("smooth_l1_loss", "Place", _SECOND),
        Layer("objectness_loss", "Something", {"alpha": 0.5, "quality": True, **_SECOND}),
        Layer("box_class_loss", "Class", _SECOND),
    ))  # fmt: skip
    answered(board, boxes, image, source, [*first, *second], Training(epochs=60, batch=8))


TEMPLATES = (
    Plan(
        name="faster-r-cnn", draw=_draw, title="Faster-R-CNN-style detector", task="detection",
        purpose="Finds things in two looks, and names them in the second.",
        says="Proposes places where something may be, cuts their features out and looks again, from images with boxes "
        "(Ren and others, 2015). Slower than one look, and often more exact.",
        tags=("detection", "2-D"),
        idea="The first stage asks at each cell whether there is anything. The best places, brought to one size by RoI "
        "align, go through a second head one by one, as a signal along which convolutions with a kernel of 1 run: it "
        "names each thing and corrects its box.",
        paper="Ren S, He K, Girshick R, Sun J. Faster R-CNN: towards real-time object detection with region proposal "
        "networks. NeurIPS 2015.",
        link="https://arxiv.org/abs/1506.01497",
        next=(
            "Keep more proposals (the most boxes of “Proposals”) where many things lie in one image.",
            "Give the anchors the usual sizes of what you look for, in pixels of the resized image.",
            "Set the argument width to 32, or depth to 4, when the training result is poor as well.",
            "Compare it with the YOLO-style detector on the same cases.",
        ),
    ),
)  # fmt: skip
