"""Candidate patches: a small classifier of patches round the points of a table, as false-positive reduction does."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adamw, images, judged_as_classes
from .layers import max_pool, times

_WIDTHS = (16, 32, 64)
_AUGMENTED = {"flip_horizontal": True, "flip_vertical": True, "rotate": 180.0, "shift": 6.0, "probability": 0.8}


def _draw(board: Board) -> None:
    board.main.arguments(
        width=(_WIDTHS[0], "Maps of the first convolutions; those behind them have twice and four times as many.")
    )
    source, end = images(board, 32, augmented=False)
    end = board.main.chain(end, Layer("augment", settings=_AUGMENTED))
    for width in _WIDTHS:
        for _ in range(2):
            end = board.main.chain(
                end, Layer("convolution", settings={"filters": times(width, _WIDTHS[0]), "bias": False}),
                Layer("batch_normalization", "Batch norm"), Layer("relu"),
            )  # fmt: skip
        if width != _WIDTHS[-1]:
            end = board.main.chain(end, max_pool(""))
    scores = board.main.chain(
        end, Layer("global_average_pooling"), Layer("dropout", settings={"rate": 0.2}), Layer("dense", "", {"units": 2})
    )
    training = Training(epochs=12, batch=32, sampling="balanced")
    judged_as_classes(board, source, scores, adamw(2e-3, decay=0.01), training)


TEMPLATES = (
    Plan(
        name="candidate-patches", draw=_draw, title="Candidate patches", task="classification",
        purpose="Says which candidate points are findings, such as nodules.",
        says="A small network that looks at a patch round each point of a table (image, x, y, in volumes z, and class) "
        "and says whether a finding is there. Lay the table beside the images as candidates.csv; a table findings.csv "
        "of the true findings (x, y, radius) lets FROC count those that no candidate met.",
        tags=("detection", "classification", "2-D", "3-D"),
        idea="A first, simple step marks everything that might be a finding, and is wrong most of the time. The "
        "network sees only a small patch round each mark, and each epoch shows as many findings as false marks. FROC "
        "tells how many findings are met at 1/8 to 8 false positives in an image; several points on one finding count "
        "once.",
        paper="Setio AAA, Traverso A, de Bel T, and others. Validation, comparison, and combination of algorithms for "
        "automatic detection of pulmonary nodules in computed tomography images: the LUNA16 challenge. Medical Image "
        "Analysis 2017;42:1–13.",
        link="https://doi.org/10.1016/j.media.2017.06.015",
        next=(
            "Make the patch larger or smaller in the source (Patch): how much must be seen round a finding?",
            "Evaluate, and look at FROC: which findings are missed at one false positive in an image?",
            "Take volumes in the source: the patch becomes a cube, and the same network 3-D. The argument width "
            "makes it smaller or larger.",
        ),
    ),
)  # fmt: skip
