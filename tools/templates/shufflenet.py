"""ShuffleNetV2 ×1.0: half of the maps pass each unit untouched."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan, Sheet
from .frame import CLASSES, adam, images, judged_as_classes
from .layers import conv, dense, depthwise, max_pool, mean, norm, relu, times

_STAGES = ((116, 4), (232, 8), (464, 4))
_FILTERS = (116, "Maps that leave, half of them from each branch.")


def _branch(sheet: Sheet, image: End, stride: int) -> End:
    """1×1, a window for each map by itself, 1×1."""
    few = sheet.chain(image, conv("branch2_0", "=filters//2", 1), norm("branch2_1"), relu("branch2_2"))
    seen = sheet.chain(few, depthwise("branch2_3", 3, stride), norm("branch2_4"))
    return sheet.chain(seen, conv("branch2_5", "=filters//2", 1), norm("branch2_6"), relu("branch2_7"))


def _joined(sheet: Sheet, left: End, right: End) -> None:
    joined = sheet.add(Layer("concatenate"), left, right)
    sheet.leave(sheet.chain(joined, Layer("channel_shuffle", "shuffle", {"groups": 2})))


def _plain(board: Board) -> Sheet:
    block = board.block(
        "Shuffle unit", "Half of the maps pass untouched, the others are worked on; then both are mixed."
    )
    image = block.enter()
    block.arguments(filters=_FILTERS)
    kept = block.chain(image, Layer("channel_part", "kept half", {"parts": 2, "part": 1}))
    worked = block.chain(image, Layer("channel_part", "worked half", {"parts": 2, "part": 2}))
    _joined(block, kept, _branch(block, worked, 1))
    return block


def _halving(board: Board) -> Sheet:
    block = board.block("Halving unit", "Both branches halve the image, and all maps enter both.")
    image = block.enter()
    block.arguments(filters=_FILTERS)
    left = block.chain(image, depthwise("branch1_0", 3, 2), norm("branch1_1"))
    left = block.chain(left, conv("branch1_2", "=filters//2", 1), norm("branch1_3"), relu("branch1_4"))
    _joined(block, left, _branch(block, image, 2))
    return block


def _stage(board: Board) -> Sheet:
    halving, plain = _halving(board), _plain(board)
    block = board.block("Stage", "A unit that halves the image, and others behind it.")
    image = block.enter()
    block.arguments(filters=_FILTERS, units=(4, "How many units follow each other."))
    block.leave(block.chain(
        image,
        Layer(halving.use, "first", {"filters": "=filters"}),
        Layer(plain.use, "more", {"filters": "=filters", "repeat": "=units-1"}),
    ))  # fmt: skip
    return block


def _draw(board: Board) -> None:
    stage = _stage(board)
    board.main.arguments(width=(116, "Maps of the first stage, an even number; each further one has twice as many."))
    source, image = images(board, 224)
    end = board.main.chain(
        image, conv("conv1", 24, 3, 2), norm("bn1"), relu("relu1"), max_pool("maxpool", 3, 2, padding="same")
    )
    for number, (filters, units) in enumerate(_STAGES, start=2):
        end = board.main.chain(
            end, Layer(stage.use, f"stage{number}", {"filters": times(filters, 116), "units": units})
        )
    last = board.main.chain(end, conv("conv5", 1024, 1), norm("bn5"), relu("relu5"), mean())
    judged_as_classes(
        board, source, board.main.chain(last, dense("fc", CLASSES)), adam(), Training(epochs=20, batch=16)
    )


TEMPLATES = (
    Plan(
        name="shufflenet-v2", draw=_draw, title="ShuffleNetV2", task="classification",
        purpose="The lightest here, made for speed on real devices.",
        says="Sixteen units in which half of the maps pass untouched, on 224×224 pixels (Ma and others, 2018). It "
        "was built by what takes time on real devices, and not by counting multiplications.",
        tags=("classification", "regression", "2-D"),
        idea="Each unit works on one half of the maps and leaves the other as it is. Shuffling then mixes the "
        "halves, so that the next unit works on some of both.",
        paper="Ma N, Zhang X, Zheng HT, Sun J. ShuffleNet V2: practical guidelines for efficient CNN architecture "
        "design. ECCV 2018.",
        link="https://arxiv.org/abs/1807.11164",
        next=(
            "Take the Channel shuffle out of the unit, and see how much worse the halves learn without each other.",
            "Set the argument width to 48 for the version ×0.5, to 176 for ×1.5.",
        ),
    ),
)  # fmt: skip
