"""A variational autoencoder: codes are distributions, and random codes become new images."""

from __future__ import annotations

from runtime.graph import Json, Training

from .board import Board, Layer, Plan, Sheet, Size
from .frame import adam
from .layers import conv, dense, flatten, relu, times

_SIDE, _CODE, _WIDTH = 28, 16, 128
_SIZES: dict[str, Size] = {"side": (_SIDE, "Pixels along each side of the images; a multiple of 4.", 4)}
_SMALL = "side//4"
_KL = 0.0005  # beside a mean over 28×28 pixels


def _decoder(board: Board) -> Sheet:
    """From a code to an image with values from 0 to 1."""
    block = board.block("Decoder", "Makes an image of a code, with values from 0 to 1.")
    code = block.enter("code")
    block.arguments(channels=(1, "Channels of the image."), width=(16, "Maps of the last but one layer."), **_SIZES)
    larger = Layer("transposed_convolution", "larger", {"filters": "=width"})
    image = Layer("transposed_convolution", "image", {"filters": "=channels"})
    small = Layer("reshape", "small image", {"shape": f"=(2*width, {_SMALL}, {_SMALL})"})
    block.leave(
        block.chain(
            code, dense("wide", _WIDTH), relu("wide_relu"), dense("pixels", f"=2*width*({_SMALL})*({_SMALL})"),
            relu("pixels_relu"), small, larger, relu("larger_relu"), image, Layer("sigmoid"),
        )
    )  # fmt: skip
    return block


def _draw(board: Board) -> None:
    main, decoder = board.main, _decoder(board)
    main.arguments(
        width=(16, "Maps of the first convolution; the second has twice as many."),
        code_size=(_CODE, "Numbers of the code."),
        **_SIZES,
    )
    source = main.add(Layer("image_folder", "Images"))
    image = main.chain(
        source, Layer("resize", settings={"size": "=side"}), Layer("normalise", settings={"method": "range to 0–1"})
    )
    seen = main.chain(
        image, conv("encoder1", "=width", 3, 2, bias=True), relu("encoder1_relu"),
        conv("encoder2", times(32, 16), 3, 2, bias=True),
        relu("encoder2_relu"), flatten(), dense("wide", _WIDTH), relu("wide_relu"),
    )  # fmt: skip
    mean, logarithm = main.add(dense("mean", "=code_size"), seen), main.add(dense("log_variance", "=code_size"), seen)
    code = main.add(Layer("gaussian_sample", "code"), mean, logarithm)
    sizes: dict[str, Json] = {"weights": "shared", "width": "=width", "side": "=side"}
    rebuilt = main.add(Layer(decoder.use, "rebuilt", sizes), code)
    noise = main.add(Layer("noise", "random codes", {"shape": "=(code_size,)"}))
    new = main.add(Layer(decoder.use, "new images", sizes), noise)
    losses = [
        main.add(Layer("squared_error"), rebuilt, image),
        main.add(Layer("kl_divergence", settings={"weight": _KL}), mean, logarithm),
    ]
    main.add(Layer("psnr", settings={"span": 1.0}), rebuilt, image)
    main.add(Layer("image_distance"), new, image)
    main.add(Layer("output"), new)
    main.add(adam(), *losses)
    board.train_with(Training(epochs=30, batch=32))


TEMPLATES = (
    Plan(
        name="variational-autoencoder", draw=_draw, title="Variational autoencoder", task="generation",
        purpose="Learns codes from which new images can be drawn.",
        says="An autoencoder whose code is not a point but a small cloud, so that the codes of all images fill one "
        "round cloud without gaps (Kingma and Welling, 2014). Random codes then become new 28×28 images.",
        tags=("generation", "reconstruction", "no labels", "2-D"),
        idea="The encoder answers a mean and a spread for each number of the code, and the decoder gets a draw from "
        "them. Rebuilding pulls the clouds of different images apart, the KL divergence pulls all towards the middle. "
        "One decoder with shared weights rebuilds images and makes new ones.",
        paper="Kingma DP, Welling M. Auto-encoding variational Bayes. ICLR 2014.",
        link="https://arxiv.org/abs/1312.6114",
        next=(
            "Make the weight of the KL divergence ten times larger, and ten times smaller.",
            "Lead “mean” to an Output: the codes can be compared and clustered. Set the argument code_size to 2 "
            "to draw them.",
            "Compare image distance with that of the template DCGAN on the same folder.",
        ),
    ),
)  # fmt: skip
