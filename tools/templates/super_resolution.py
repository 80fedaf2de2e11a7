"""Super-resolution: a coarse image made fine again, enlarged before the network (SRCNN) or by it (sub-pixel)."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan
from .frame import adam, images, judged_by_likeness
from .layers import conv, relu, times

_SIDE, _FACTOR = 64, 2
_TRAINING = Training(epochs=30, batch=16)


def _coarse(board: Board) -> tuple[End, End]:
    """The image, and the same with fewer pixels."""
    board.main.arguments(width=(64, "Maps of the first convolution; the second has half as many."))
    _, image = images(board, _SIDE, augmented=False)
    return image, board.main.add(Layer("reduce_resolution", settings={"factor": _FACTOR}), image)


def _draw_srcnn(board: Board) -> None:
    image, coarse = _coarse(board)
    larger = Layer("upsample", "bicubic", {"factor": _FACTOR, "mode": "cubic"})
    fine = board.main.chain(
        coarse, larger, conv("patches", "=width", 9, bias=True), relu("patches_relu"),
        conv("mapping", times(32, 64), 1, bias=True),
        relu("mapping_relu"), conv("rebuilt", 1, 5, bias=True),
    )  # fmt: skip
    judged_by_likeness(board, image, fine, adam(), _TRAINING)


def _draw_sub_pixel(board: Board) -> None:
    image, coarse = _coarse(board)
    fine = board.main.chain(
        coarse, conv("features1", "=width", 5, bias=True), Layer("tanh", "features1_tanh"),
        conv("features2", times(32, 64), 3, bias=True), Layer("tanh", "features2_tanh"),
        conv("pixels", _FACTOR**2, 3, bias=True), Layer("pixel_shuffle", "rebuilt", {"factor": _FACTOR}),
    )  # fmt: skip
    judged_by_likeness(board, image, fine, adam(), _TRAINING)


_MEASURE = "Compare PSNR with that of bicubic interpolation, which the Evaluate page shows beside it."

TEMPLATES = (
    Plan(
        name="srcnn", draw=_draw_srcnn, title="SRCNN (super-resolution)", task="reconstruction",
        purpose="Makes coarse images fine, after bicubic enlargement.",
        says="Enlarges a coarse image by bicubic interpolation, and sharpens it with three convolutions (Dong and "
        "others, 2016). It learns from fine images alone, which it makes coarse itself, and needs no labels.",
        tags=("reconstruction", "no labels", "2-D"),
        idea="The first layer looks at patches of 9×9 pixels, the second maps what it saw to what a finer image would "
        "show there, the third puts the fine patches together. The exported model leaves the coarsening out: it gives "
        "your images twice as large.",
        paper="Dong C, Loy CC, He K, Tang X. Image super-resolution using deep convolutional networks. IEEE TPAMI "
        "2016;38:295–307.",
        link="https://doi.org/10.1109/TPAMI.2015.2439281",
        next=(
            _MEASURE,
            "Give the second layer a window of 5 instead of 1, or set the argument width to 128: better, and slower.",
            "Set both factors, of Reduce resolution and of the enlargement, to 4.",
        ),
    ),
    Plan(
        name="sub-pixel", draw=_draw_sub_pixel, title="Sub-pixel network (super-resolution)", task="reconstruction",
        purpose="Makes coarse images fine, and is quick.",
        says="Computes on the coarse image, and makes it larger in the last step by laying channels side by side "
        "(ESPCN; Shi and others, 2016). It learns from fine images alone, which it makes coarse, and needs no labels.",
        tags=("reconstruction", "no labels", "2-D"),
        idea="The last convolution answers four values for each coarse pixel, and Pixel shuffle lays them out as 2×2 "
        "fine ones. All work is done on a quarter of the pixels, so it is several times as fast as SRCNN.",
        paper="Shi W, Caballero J, Huszár F, et al. Real-time single image and video super-resolution using an "
        "efficient sub-pixel convolutional neural network. CVPR 2016:1874–1883.",
        link="https://doi.org/10.1109/CVPR.2016.207",
        next=(
            _MEASURE,
            "Compare it with the template SRCNN: PSNR, and the seconds for an epoch. The argument width makes it "
            "larger.",
            "For a factor of 4, set it in both nodes and give “pixels” sixteen filters.",
        ),
    ),
)  # fmt: skip
