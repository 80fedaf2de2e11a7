"""A one-stage detector in the manner of SSD: heads on maps of several sizes, each for things of its size."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, Layer, Plan
from .detection import anchored, answered, head, headed, judged, photographs, sized, units, wide
from .residual import basic, projected, unit

_SIZE = (192, 256)
_SIDES = (((12.0, 20.0), (12.0, 20.0)), ((36.0, 46.0), (36.0, 46.0)), ((64.0, 84.0), (58.0, 74.0)))
_MATCHING: dict[str, Json] = {"positive": 0.5, "negative": 0.4, "best": 4}


def _draw(board: Board) -> None:
    repeated, halving, numbers = unit(board, basic), projected(board, basic, "=width"), head(board)
    sized(board, 1, "Residual units of each level, behind the one that halves.")
    source, image = photographs(board, _SIZE)
    end = board.main.chain(
        image,
        *units("=width", "conv1", stride=2), *units(wide(32), "conv2", stride=2),
        Layer(repeated.use, "units 1", {"width": wide(32), "repeat": "=depth"}),
    )  # fmt: skip
    lists = []
    for level, (widths, heights) in enumerate(_SIDES, start=1):
        width = wide(64 + 16 * level)
        end = board.main.chain(
            end,
            Layer(halving.use, f"halve {level}", {"width": width, "stride": 2}),
            Layer(repeated.use, f"units {level + 1}", {"width": width, "repeat": "=depth"}),
        )  # fmt: skip
        looked = board.main.chain(end, *units(wide(64), f"head{level}_conv"))
        scores = board.main.add(headed(numbers, f"Head {level}", len(widths)), looked)
        lists.append(board.main.add(anchored(f"Anchors {level}", widths, heights), scores, image))
    boxes = board.main.add(Layer("join_boxes", "All boxes"), *lists)
    losses = judged(board, boxes, source, (
        Layer("smooth_l1_loss", "Place", _MATCHING),
        Layer("objectness_loss", "Something", {"form": "hardest negatives", **_MATCHING}),
        Layer("box_class_loss", "Class", _MATCHING),
    ))  # fmt: skip
    answered(board, boxes, image, source, losses, Training(epochs=60, batch=8))


TEMPLATES = (
    Plan(
        name="ssd", draw=_draw, title="SSD-style detector", task="detection",
        purpose="Finds things of very different sizes in one look.",
        says="Draws a box around each thing and names it, from images with boxes (Liu and others, 2016). Heads on maps "
        "of three sizes look for small, middle and large things.",
        tags=("detection", "2-D"),
        idea="Each time the network halves the image, a head tells of the boxes that fit what it sees now: fine maps "
        "of small things, coarse maps of large ones. All boxes go into one list; of the empty ones only the hardest "
        "are learned from.",
        paper="Liu W, Anguelov D, Erhan D, et al. SSD: single shot multibox detector. ECCV 2016.",
        link="https://arxiv.org/abs/1512.02325",
        next=(
            "Give the anchors of each head the usual sizes of what you look for, in pixels of the resized image.",
            "Take out a head whose sizes do not occur.",
            "Set the argument width to 32, or depth to 2, when the training result is poor as well.",
            "Bring coarse maps back with Upsample and Concatenate, as the YOLO-style detector does.",
        ),
    ),
)  # fmt: skip
