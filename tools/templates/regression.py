"""Regression: one number from an image, as in bone age, and several numbers at once."""

from __future__ import annotations

from runtime.graph import Training

from .board import Board, End, Layer, Plan
from .frame import adamw, images, judged_as_numbers
from .layers import conv, dense, flatten, max_pool, mean, norm, relu, times
from .residual import basic, projected, stage, unit
from .units import convolution_unit

_KEEPS_SIZE = {"flip_horizontal": True, "rotate": 10.0, "shift": 5.0, "probability": 0.8}


def _number(board: Board) -> None:
    board.main.arguments(
        width=(24, "Maps of the first stage; each further one has twice as many."), depth=(1, "Units of each stage.")
    )
    steps = stage(board, projected(board, basic, "=width"), unit(board, basic)).use
    source, end = images(board, 96, fit="pad", augmented=False)
    end = board.main.chain(
        end, Layer("augment", settings=_KEEPS_SIZE), conv("stem", times(16, 24), stride=2), norm("stem_bn"),
        relu("stem_relu"),
        *(Layer(steps, f"stage{width}", {"width": times(width, 24), "units": "=depth"}) for width in (24, 48, 96)),
        mean(), Layer("dropout", settings={"rate": 0.2}),
    )  # fmt: skip
    _answered(board, source, end, 1, Training(epochs=30, batch=16))


def _numbers(board: Board) -> None:
    board.main.arguments(width=(16, "Maps of the first unit; the others have twice as many."))
    layers = convolution_unit(board).use
    source, end = images(board, 96, fit="pad", augmented=False)
    for number, width in enumerate((16, 32, 32, 32), start=1):
        end = board.main.chain(
            end, Layer(layers, f"unit{number}", {"filters": times(width, 16)}), max_pool(f"pool{number}")
        )
    end = board.main.chain(end, flatten(), dense("features", times(64, 16)), relu("features_relu"))
    _answered(board, source, end, 2, Training(epochs=40, batch=16))


def _answered(board: Board, source: End, features: End, count: int, training: Training) -> None:
    answer = board.main.chain(features, dense("answer", count), Layer("in_units"))
    judged_as_numbers(board, source, answer, adamw(2e-3, decay=0.01), training)


TEMPLATES = (
    Plan(
        name="image-regression", draw=_number, title="Number from an image", task="regression",
        purpose="Estimates a number, such as bone age or a size in mm.",
        says="A small residual network whose answer comes in the unit of the number. For images with a number each in "
        "a table: the age of a bone, a diameter, an ejection fraction.",
        tags=("regression", "2-D", "3-D"),
        idea="A classifier without classes: the same convolutions, and one number at the end. The network answers "
        "around 0, and Numbers in units brings that to the mean and spread of the training cases, so it begins with a "
        "sensible answer. Augmentation keeps the size of things here: zooming would change what is to be estimated.",
        paper="Halabi SS, Prevedello LM, Kalpathy-Cramer J, and others. The RSNA pediatric bone age machine learning "
        "challenge. Radiology 2019;290:498–503.",
        link="https://doi.org/10.1148/radiol.2018180736",
        next=(
            "Press “Practice: Lesion size” on the start page to try it without data of your own.",
            "Look at the Bland-Altman plot after training: are large numbers answered too small?",
            "Put Absolute error in the place of Squared error when a few cases are far off.",
            "Set the arguments depth to 2 and width to 32 for a larger network.",
        ),
    ),
    Plan(
        name="several-numbers", draw=_numbers, title="Several numbers", task="regression",
        purpose="Estimates several numbers at once, such as a landmark.",
        says="Convolutions, and dense layers that know where in the image something was seen. For several columns of a "
        "table that are learned together: x and y of a landmark, or length, width and volume.",
        tags=("regression", "2-D", "3-D"),
        idea="All numbers share the layers that look at the image. Each error is divided by the spread of its number "
        "in the training part, so that millimetres do not drown in millilitres. The maps are flattened and not "
        "averaged, because the mean of a map has forgotten the place.",
        paper="Caruana R. Multitask learning. Machine Learning 1997;28:41–75.",
        link="https://doi.org/10.1023/A:1007379606734",
        next=(
            "Press “Practice: Lesion place” on the start page to try it without data of your own.",
            "Name the columns as labels: labels.csv:x_mm,y_mm. A case without one of them is left out, and told.",
            "Add a Mean absolute error for each number and name the number in it, to follow each while training.",
            "Set the argument width to 32 for a larger network. Add Augment only for numbers that do not change "
            "when the image is moved or turned.",
        ),
    ),
)  # fmt: skip
