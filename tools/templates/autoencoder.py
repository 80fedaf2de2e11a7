"""An autoencoder: an image through a short list of numbers and back."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adam, images, judged_as_images
from .layers import conv, dense, flatten, relu, times

_SIDE, _FILTERS, _CODE = 64, (16, 32, 64), 32


def _draw(board: Board) -> None:
    board.main.arguments(
        width=(_FILTERS[0], "Maps of the first convolution; those behind it have two and four times as many."),
        code_size=(_CODE, "Numbers that each image is squeezed into."),
        side=(_SIDE, "Pixels along each side of the images; a multiple of 8.", 8),
    )
    _, image = images(board, "=side")
    widths = [times(filters, _FILTERS[0]) for filters in _FILTERS]
    end = image
    for level, filters in enumerate(widths, start=1):
        end = board.main.chain(end, conv(f"encoder{level}", filters, 3, 2, bias=True), relu(f"encoder{level}_relu"))
    maps, small = widths[-1][1:], f"side//{2 ** len(_FILTERS)}"
    code = board.main.chain(end, flatten(), dense("code", "=code_size"))
    end = board.main.chain(
        code, dense("decoder", f"={maps}*({small})*({small})"), relu("decoder_relu"),
        Layer("reshape", "small image", {"shape": f"=({maps}, {small}, {small})"}),
    )  # fmt: skip
    for level in range(len(_FILTERS) - 1, 0, -1):
        larger = Layer("transposed_convolution", f"decoder{level}", {"filters": widths[level - 1]})
        end = board.main.chain(end, larger, relu(f"decoder{level}_relu"))
    rebuilt = board.main.chain(end, Layer("transposed_convolution", "rebuilt", {"filters": 1}))
    judged_as_images(board, image, rebuilt, adam(2e-3), Training(epochs=80, batch=16))


TEMPLATES = (
    Plan(
        name="autoencoder", draw=_draw, title="Autoencoder", task="reconstruction",
        purpose="Learns what is typical of your images, without labels.",
        says="Squeezes each image of 64×64 pixels into thirty-two numbers, and rebuilds it from them (Hinton and "
        "Salakhutdinov, 2006). What is rebuilt badly is unusual, and images with similar numbers are alike.",
        tags=("reconstruction", "no labels", "2-D"),
        idea="Thirty-two numbers cannot hold four thousand pixels, so the network must learn what the images have "
        "in common, and keep only what tells them apart.",
        paper="Hinton GE, Salakhutdinov RR. Reducing the dimensionality of data with neural networks. Science "
        "2006;313:504–507.",
        link="https://doi.org/10.1126/science.1127647",
        next=(
            "Lead the node “code” to an Output in the place of “rebuilt”: its numbers can be compared and clustered.",
            "Halve the argument code_size until the rebuilt images lose what matters. Double width when they are "
            "blurred.",
            "Set the argument side to 128 when 64×64 pixels are too few to see what matters.",
            "Train it on healthy cases only, and see which cases it rebuilds badly.",
        ),
    ),
)  # fmt: skip
