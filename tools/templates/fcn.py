"""FCN-8s: VGG-16 without its end, whose coarse answer is refined with finer ones."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, End, Layer, Plan, Sheet
from .frame import adam, images, judged_as_masks
from .layers import conv, dropout, max_pool, relu, times
from .vgg import ARGUMENTS, DEPTHS, WIDTHS, unit_of

_CLASSES = 2


def _larger(name: str, times: int) -> Layer:
    settings: dict[str, Json] = {"filters": "=classes", "kernel": 2 * times, "stride": times, "bias": False}
    return Layer("transposed_convolution", name, settings)


def _head(board: Board) -> Sheet:
    block = board.block("Answers at three sizes", "An answer from the coarsest maps, refined twice with finer ones.")
    coarse = block.enter("coarse", "Maps at a 32nd of the size of the image.")
    middle = block.enter("middle", "Maps at a 16th of the size.")
    fine = block.enter("fine", "Maps at an eighth of the size.")
    block.arguments(classes=(_CLASSES, "Classes, background included."))

    def score(name: str, image: End) -> End:
        return block.chain(image, conv(name, "=classes", 1, bias=True))

    twice = block.chain(score("score_fr", coarse), _larger("upscore2", 2))
    joined = block.add(Layer("add", "fuse_pool4"), twice, score("score_pool4", middle))
    joined = block.add(Layer("add", "fuse_pool3"), block.chain(joined, _larger("upscore_pool4", 2)),
                       score("score_pool3", fine))  # fmt: skip
    block.leave(block.chain(joined, _larger("upscore8", 8)))
    return block


def _draw(board: Board) -> None:
    unit, head = unit_of(board), _head(board)
    board.main.arguments(**ARGUMENTS)
    source, end = images(board, 224)
    pooled = []
    for stage, (width, depth) in enumerate(zip(WIDTHS, DEPTHS[16], strict=True), start=1):
        layer = Layer(unit.use, f"stage{stage}", {"filters": times(width, WIDTHS[0]), "repeat": depth})
        end = board.main.chain(end, layer, max_pool(f"pool{stage}"))
        pooled.append(end)
    end = board.main.chain(
        end,
        conv("fc6", "=hidden", 7, bias=True), relu("relu6"), dropout("dropout6"),
        conv("fc7", "=hidden", 1, bias=True), relu("relu7"), dropout("dropout7"),
    )  # fmt: skip
    scores = board.main.add(Layer(head.use, "head", {"classes": _CLASSES}), end, pooled[3], pooled[2])
    judged_as_masks(board, source, scores, adam(1e-4), Training(epochs=30, batch=4))


TEMPLATES = (
    Plan(
        name="fcn-8s", draw=_draw, title="FCN-8s", task="segmentation",
        purpose="The first network that answered for every pixel.",
        says="VGG-16 whose dense layers became convolutions, refined with maps of two finer sizes (Long and others, "
        "2015). With 134 million trained numbers it is best begun with weights from ImageNet, on a GPU.",
        tags=("segmentation", "2-D"),
        idea="A dense layer is a convolution whose window is as large as its map; so a classifier can slide over an "
        "image of any size and answer everywhere. Finer maps then say where the edges are.",
        paper="Long J, Shelhamer E, Darrell T. Fully convolutional networks for semantic segmentation. CVPR 2015.",
        link="https://arxiv.org/abs/1411.4038",
        next=(
            "Set the argument hidden to 512: 28 million trained numbers are left, and small data sets lose "
            "little.",
            "Compare with the small U-Net, which keeps far finer maps.",
        ),
    ),
)  # fmt: skip
