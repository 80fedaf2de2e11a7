"""A small vision transformer: patches that look at each other."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan, Sheet
from .frame import CLASSES, adamw, images, judged_as_classes
from .layers import conv, dense, mean

_WIDTH, _HEADS, _DEPTH, _PATCH = 192, 3, 12, 16


def _norm(name: str) -> Layer:
    return Layer("layer_normalization", name, {"over": "channels", "epsilon": 1e-6})


def _encoder(board: Board) -> Sheet:
    block = board.block("Encoder", "Each place looks at all others, then thinks for itself; both is added to it.")
    image = block.enter()
    block.arguments(
        width=(_WIDTH, "Numbers by which a place is described."), heads=(_HEADS, "Looks that are taken at once."),
        wider=(4, "How many times wider the hidden layer is."),
    )  # fmt: skip
    looked = block.chain(image, _norm("norm1"), Layer("self_attention", "attn", {"heads": "=heads"}))
    seen = block.add(Layer("add", "add1"), looked, image)
    thought = block.chain(
        seen, _norm("norm2"), conv("mlp_fc1", "=wider*width", 1, bias=True), Layer("gelu", "mlp_act"),
        conv("mlp_fc2", "=width", 1, bias=True),
    )  # fmt: skip
    block.leave(block.add(Layer("add", "add2"), thought, seen))
    return block


def _draw(board: Board) -> None:
    encoder = _encoder(board)
    board.main.arguments(
        width=(_WIDTH, "Numbers by which a place is described: a multiple of the heads."),
        heads=(_HEADS, "Looks that are taken at once."), depth=(_DEPTH, "Encoders that follow each other."),
    )  # fmt: skip
    source, image = images(board, 224)
    patches = conv("patch_embed", "=width", _PATCH, _PATCH, bias=True, padding="valid")
    end = board.main.chain(
        image, patches, Layer("position_embedding", "pos_embed"),
        Layer(encoder.use, "blocks", {"width": "=width", "heads": "=heads", "repeat": "=depth"}),
        _norm("norm"), mean("pool"),
    )  # fmt: skip
    scores = board.main.chain(end, dense("head", CLASSES))
    judged_as_classes(board, source, scores, adamw(5e-4, warm_up=5), Training(epochs=50, batch=32))


TEMPLATES = (
    Plan(
        name="vision-transformer", draw=_draw, title="Vision transformer (tiny)", task="classification",
        purpose="No windows: every patch looks at every other.",
        says="Cuts 224×224 pixels into patches of 16×16, which twelve encoders let look at each other (Dosovitskiy and "
        "others, 2021). Without weights to begin with it needs tens of thousands of images.",
        tags=("classification", "regression", "2-D", "3-D"),
        idea="A convolution sees its neighbourhood; attention sees the whole image at once, and learns what belongs "
        "together. What it knows of places it has to learn, which is why it needs so many images. The mean of all "
        "patches is judged, in place of an extra class patch.",
        paper="Dosovitskiy A, Beyer L, Kolesnikov A, et al. An image is worth 16x16 words: transformers for image "
        "recognition at scale. ICLR 2021. Mean of patches: Beyer L, Zhai X, Kolesnikov A. 2022 (arXiv:2205.01580).",
        link="https://arxiv.org/abs/2010.11929",
        next=(
            "Set the argument depth to 4 for small data sets, and compare with ResNet-18.",
            "Put three convolutions with a step of 2 before the patches: an early-convolution stem trains more "
            "steadily.",
            "Set the arguments width to 384 and heads to 6 for the size S.",
        ),
    ),
)  # fmt: skip
