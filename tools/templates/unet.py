"""The small U-Net: four steps down, four up, a wire along the side at each; for whole images or for pieces."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan, Sheet
from .frame import adamw, images, judged_as_masks
from .layers import max_pool, times

_WIDTHS = (12, 24, 48, 96)
_DEEPEST = 128
_MOVED = {"rotate": 30.0, "shift": 10.0, "zoom": 30.0, "elastic": 5.0, "probability": 0.9}
_SHADED = {"brightness": 40.0, "contrast": 40.0, "gamma": 60.0, "field": 60.0, "noise": 5.0, "probability": 0.7}


def _unit(board: Board) -> Sheet:
    block = board.block("Convolution unit", "A 3×3 convolution with batch normalisation and activation.")
    image = block.enter()
    block.arguments(filters=(_WIDTHS[0], "Maps that leave the unit."))
    block.leave(block.chain(
        image, Layer("convolution", settings={"filters": "=filters", "bias": False}),
        Layer("batch_normalization", "Batch norm"), Layer("relu"),
    ))  # fmt: skip
    return block


def _prepared(board: Board, size: int) -> tuple[End, End]:
    source, end = images(board, size, fit="pad", augmented=False)
    return source, board.main.chain(
        end, Layer("augment", settings=_MOVED), Layer("augment_intensity", settings=_SHADED)
    )


def _network(board: Board, end: End) -> End:
    """One score for each class and pixel."""
    board.main.arguments(
        width=(_WIDTHS[0], "Maps of the first level; those below have twice as many each."),
        depth=(1, "Convolutions of each level; the paper has two."),
    )
    use = _unit(board).use

    def unit(name: str, filters: int) -> Layer:
        return Layer(use, name, {"filters": times(filters, _WIDTHS[0]), "repeat": "=depth"})

    sides = []
    for level, filters in enumerate(_WIDTHS, start=1):
        end = board.main.chain(end, unit(f"Down {level}", filters))
        sides.append(end)
        end = board.main.chain(end, max_pool(""))
    end = board.main.chain(end, unit("Bottom", _DEEPEST))
    for level in range(len(_WIDTHS), 0, -1):
        larger = board.main.chain(end, Layer("upsample", settings={"factor": 2, "mode": "linear"}))
        joined = board.main.add(Layer("concatenate"), sides[level - 1], larger)
        end = board.main.chain(joined, unit(f"Up {level}", _WIDTHS[level - 1]))
    return board.main.chain(end, Layer("convolution", "Score", {"filters": 2, "kernel": 1}))


def _whole(board: Board) -> None:
    source, image = _prepared(board, 128)
    scores = _network(board, image)
    judged_as_masks(board, source, scores, adamw(2e-3, decay=0.001), Training(epochs=30, batch=8), answer="Mask")


def _in_pieces(board: Board) -> None:
    source, image = _prepared(board, 256)
    pieces = board.main.add(Layer("patches", settings={"size": 128}), image)
    scores = board.main.add(Layer("stitch"), _network(board, pieces), image)
    training = Training(epochs=60, batch=8, ema=0.98)
    judged_as_masks(board, source, scores, adamw(2e-3, decay=0.001), training, answer="Mask")


TEMPLATES = (
    Plan(
        name="u-net", draw=_whole, title="Small U-Net", task="segmentation",
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
            "Take volumes as cases, and the same drawing becomes a 3-D U-Net; take neighbouring slices, and it is "
            "2.5-D: each slice then has those beside it as channels.",
            "Set the argument width to 24, or depth to 2 as in the paper, when small structures are missed and the "
            "training result is poor as well.",
        ),
    ),
    Plan(
        name="u-net-pieces", draw=_in_pieces, title="U-Net on pieces", task="segmentation",
        purpose="Outlines small structures in large images.",
        says="The small U-Net learns from pieces of the images, half of them cut where the mask shows something. It "
        "answers for whole images by pieces that overlap.",
        tags=("segmentation", "2-D", "3-D"),
        idea="In a large image nearly everything is background. Pieces cut around the structure show it often enough "
        "to be learned, and keep every detail that shrinking the image would lose. For an answer a window slides "
        "over the whole image; where windows overlap, their middles count most.",
        paper="Isensee F, Jaeger PF, Kohl SAA, Petersen J, Maier-Hein KH. nnU-Net: a self-configuring method for deep "
        "learning-based biomedical image segmentation. Nature Methods 2021;18:203–211.",
        link="https://doi.org/10.1038/s41592-020-01008-z",
        next=(
            "Set the size of Resize to that of your images, so that no detail is lost.",
            "Larger pieces see more around a structure; they need more memory. So does a larger width or depth.",
            "Train the small U-Net on the same data and compare: whole images are better where size tells what it is.",
        ),
    ),
)  # fmt: skip
