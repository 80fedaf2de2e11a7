"""The image classifier: four convolutions, small and quick; the same for ordered classes, and for several labels."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan
from .frame import adamw, images, judged_as_classes, judged_as_grades, judged_as_labels
from .layers import max_pool, times

_WIDTHS = (16, 32, 64, 96)
_AUGMENTED = {"flip_horizontal": True, "rotate": 10.0, "shift": 5.0, "zoom": 10.0, "probability": 0.8}


def _features(board: Board) -> tuple[End, End]:
    """The source, and what the convolutions find in its images."""
    board.main.arguments(
        width=(_WIDTHS[0], "Maps of the first convolution; those behind it have up to six times as many.")
    )
    source, end = images(board, 96, fit="pad", augmented=False)
    end = board.main.chain(end, Layer("augment", settings=_AUGMENTED))
    for width in _WIDTHS:
        end = board.main.chain(
            end, Layer("convolution", settings={"filters": times(width, _WIDTHS[0]), "bias": False}),
            Layer("batch_normalization", "Batch norm"), Layer("relu"),
        )  # fmt: skip
        if width != _WIDTHS[-1]:
            end = board.main.chain(end, max_pool(""))
    return source, board.main.chain(end, Layer("global_average_pooling"), Layer("dropout", settings={"rate": 0.2}))


def _classifier(board: Board) -> None:
    source, features = _features(board)
    scores = board.main.chain(features, Layer("dense", "", {"units": 2}))
    judged_as_classes(board, source, scores, adamw(2e-3, decay=0.01), Training(epochs=10, batch=16))


def _grader(board: Board) -> None:
    source, features = _features(board)
    scores = board.main.chain(features, Layer("dense", "Severity", {"units": 1}), Layer("ordinal_scale"))
    judged_as_grades(board, source, scores, adamw(2e-3, decay=0.01), Training(epochs=20, batch=16))


def _labeller(board: Board) -> None:
    source, features = _features(board)
    scores = board.main.chain(features, Layer("dense", "Findings", {"units": 3}))
    judged_as_labels(board, source, scores, adamw(2e-3, decay=0.01), Training(epochs=20, batch=16))


TEMPLATES = (
    Plan(
        name="image-classifier", draw=_classifier, title="Image classifier", task="classification",
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
            "Set the argument width to 32, or take ResNet-18, when the training result stays poor.",
            "There is no argument for its depth, since each layer is a plain node to be seen: make it deeper by "
            "dropping a Convolution, a Batch normalisation and a ReLU on a wire.",
        ),
    ),
    Plan(
        name="ordered-grades", draw=_grader, title="Ordered grades", task="classification",
        purpose="Tells grades or stages apart that have an order.",
        says="The image classifier with one number at its end, the severity, and learned thresholds between "
        "neighbouring grades. For grades that go from low to high, such as 0 to 4.",
        tags=("classification", "2-D", "3-D"),
        idea="An ordinary classifier does not know that grade 3 lies between 2 and 4. Here every image gets a place on "
        "one line; the grades are pieces of that line, and training moves images and borders. Weighted kappa "
        "counts an error the more, the more grades it is off.",
        paper="McCullagh P. Regression models for ordinal data. Journal of the Royal Statistical Society B "
        "1980;42:109–142.",
        link="https://doi.org/10.1111/j.2517-6161.1980.tb01109.x",
        next=(
            "Press “Practice: Grades” on the start page to try it without data of your own.",
            "Name the folders so that they sort from the lowest grade to the highest.",
            "Train the image classifier on the same data, with Weighted kappa added, and compare the two runs.",
        ),
    ),
    Plan(
        name="several-labels", draw=_labeller, title="Several labels", task="classification",
        purpose="Says yes or no to several findings in one image.",
        says="The image classifier with a yes or no for each label, of which an image may have several or none. For "
        "findings in chest X-rays and the like, with a column of 0 and 1 for each in a table.",
        tags=("classification", "2-D", "3-D"),
        idea="Softmax would force the labels to share one hundred percent. Here every label has a sigmoid of its own, "
        "and binary cross-entropy judges each by itself; the convolutions are shared. AUC is the mean over the labels, "
        "and the evaluation gives it for each.",
        paper="Wang X, Peng Y, Lu L, Lu Z, Bagheri M, Summers RM. ChestX-ray8: hospital-scale chest X-ray database and "
        "benchmarks. CVPR 2017.",
        link="https://doi.org/10.1109/CVPR.2017.369",
        next=(
            "Press “Practice: Findings” on the start page to try it without data of your own.",
            "Set the weight of “yes” in Binary cross-entropy above 1 when findings are rare.",
            "Choose a threshold for each label on the page Threshold of the evaluation.",
            "Take DenseNet-121, the network of CheXNet, when you have thousands of images and a GPU.",
        ),
    ),
)  # fmt: skip
