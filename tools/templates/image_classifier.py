"""The image classifier: four convolutions, small and quick."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, Layer, Plan
from .frame import adamw, images, judged_as_classes
from .layers import max_pool

_WIDTHS = (16, 32, 64, 96)
_AUGMENTED = {"flip_horizontal": True, "rotate": 10.0, "shift": 5.0, "zoom": 10.0, "probability": 0.8}


def _draw(board: Board) -> None:
    source, end = images(board, 96, fit="pad", augmented=False)
    end = board.main.chain(end, Layer("augment", settings=_AUGMENTED))
    for width in _WIDTHS:
        end = board.main.chain(
            end, Layer("convolution", settings={"filters": width, "bias": False}),
            Layer("batch_normalization", "Batch norm"), Layer("relu"),
        )  # fmt: skip
        if width != _WIDTHS[-1]:
            end = board.main.chain(end, max_pool(""))
    scores = board.main.chain(
        end, Layer("global_average_pooling"), Layer("dropout", settings={"rate": 0.2}), Layer("dense", "", {"units": 2})
    )
    judged_as_classes(board, source, scores, adamw(2e-3, decay=0.01), Training(epochs=10, batch=16))


TEMPLATES = (
    Plan(
        name="image-classifier", draw=_draw, title="Image classifier", task="classification",
        purpose="Tells classes apart, or estimates a number.",
        says="A small modern network with four convolutions, batch normalisation and augmentation. A good first try "
        "for most images with a class or a number each.",
        tags=("classification", "regression", "2-D", "3-D"),
        idea="Each convolution looks for small patterns, normalisation keeps the values in range, pooling halves "
        "the image. At the end every map becomes one number, so the network takes images of any size and has few "
        "trained numbers.",
        paper="Ioffe S, Szegedy C. Batch normalization: accelerating deep network training by reducing internal "
        "covariate shift. ICML 2015. Mean of each map: Lin M, Chen Q, Yan S. Network in network. ICLR 2014.",
        link="https://arxiv.org/abs/1502.03167",
        next=(
            "Open the Augment node and look at its preview: do the changes keep what matters?",
            "Take ResNet-18 when the training result stays poor.",
        ),
    ),
)  # fmt: skip
