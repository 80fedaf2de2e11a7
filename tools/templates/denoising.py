"""Denoising: what a network takes to be noise is taken away from the image."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adam, images, judged_by_likeness
from .layers import conv, norm, relu

_SIDE, _MAPS, _DEPTH = 64, 32, 8


def _draw(board: Board) -> None:
    board.main.arguments(
        width=(_MAPS, "Maps of all layers."), depth=(_DEPTH - 2, "Middle layers that follow each other.")
    )
    _, image = images(board, _SIDE, augmented=False)
    noisy = board.main.add(Layer("add_noise"), image)
    end = board.main.chain(noisy, conv("conv1", "=width", bias=True), relu("relu1"))
    unit = board.block("Middle layer", "A 3×3 convolution with batch normalisation and activation.")
    entry = unit.enter()
    unit.arguments(filters=(_MAPS, "Maps that leave it."))
    unit.leave(unit.chain(entry, conv("conv", "=filters"), norm("bn"), relu()))
    middle = board.main.add(Layer(unit.use, "middle", {"filters": "=width", "repeat": "=depth"}), end)
    correction = board.main.add(conv("correction", 1, bias=True), middle)
    clean = board.main.add(Layer("add", "clean"), correction, noisy)
    judged_by_likeness(board, image, clean, adam(), Training(epochs=30, batch=16))


TEMPLATES = (
    Plan(
        name="denoising", draw=_draw, title="Denoising network", task="reconstruction",
        purpose="Takes noise out of images.",
        says="Learns what noise looks like, and takes it away (DnCNN; Zhang and others, 2017), here with eight layers. "
        "It learns from clean images alone, to which it adds noise itself, and needs no labels.",
        tags=("reconstruction", "no labels", "2-D"),
        idea="It is easier to say what the noise is than what the image is: the convolutions answer a correction, "
        "which is added to the noisy image. The noise is new at every step, so it cannot be learned by heart. The "
        "exported model leaves the adding of noise out.",
        paper="Zhang K, Zuo W, Chen Y, Meng D, Zhang L. Beyond a Gaussian denoiser: residual learning of deep CNN for "
        "image denoising. IEEE TIP 2017;26:3142–3155.",
        link="https://doi.org/10.1109/TIP.2017.2662206",
        next=(
            "Choose Rician noise for MR magnitude images, and move Add noise before Normalise.",
            "Set the amount of noise to that of your scanner: its standard deviation where nothing is.",
            "Set the arguments depth to 15 and width to 64, as in the paper.",
        ),
    ),
)  # fmt: skip
