"""Whether a prediction can be compared with its target: the rules that losses and metrics share, in words."""

from __future__ import annotations

from nodes.roles import Task
from nodes.spec import Shape, Target, Unfit, spelled

_TASKS: dict[str, Task] = {
    "class": "classification",
    "labels": "several labels",
    "mask": "segmentation",
    "number": "regression",
    "boxes": "detection",
    "image": "image",
}


def task_of(target: Target) -> Task:
    """What is learned from a target of this kind."""
    return _TASKS[target.label]


def class_count(target: Target) -> int:
    """How many classes the target names; raises Unfit for fewer than two."""
    count = len(target.classes)
    if count == 0:
        raise Unfit("The data name no classes; choose the labels in the source node.", "target")
    if count == 1:
        only = target.classes[0]
        raise Unfit(f"The data name one class only (“{only}”); two or more fit: add images of another class.", "target")
    return count


def scores_fit(prediction: Shape, target: Target, *, one: bool) -> int:
    """The number of classes, when `prediction` holds a raw score for each of them, for each image or each pixel.

    With `one`, a single score for yes or no is taken too where there are two classes. Raises Unfit.
    """
    count = class_count(target)
    place_fits(prediction, target, count)
    if prediction[0] == count or (one and prediction[0] == 1 and count == 2):
        return count
    way = f"Dense with {count} features" if target.label == "class" else f"Convolution with {count} filters"
    came = "1 score" if prediction[0] == 1 else f"{prediction[0]} scores"
    raise Unfit(f"The prediction has {came}, but the target has {count} classes; use {way} before it.", "prediction")


def labels_fit(prediction: Shape, target: Target) -> int:
    """The number of labels, when `prediction` holds one raw score for each of them. Raises Unfit."""
    count = len(target.classes)
    if not count:
        raise Unfit("The data name no labels; choose them in the source node.", "target")
    if len(prediction) != 1:
        raise Unfit(
            f"The prediction is an image of {spelled(prediction)}, but the target is {count} labels for each image; "
            f"use Global pooling or Flatten, and Dense with {count} features before it.",
            "prediction",
        )
    if prediction[0] != count:
        came = "1 score" if prediction[0] == 1 else f"{prediction[0]} scores"
        raise Unfit(
            f"The prediction has {came}, but each image has {count} yes-or-no labels; use Dense with {count} "
            f"feature{'s' if count > 1 else ''} before it.",
            "prediction",
        )
    return count


def place_fits(prediction: Shape, target: Target, features: int) -> None:
    """Raise Unfit unless there is one prediction for each image (class, number) or for each pixel (mask)."""
    if target.label != "mask":
        if len(prediction) != 1:
            raise Unfit(
                f"The prediction is an image of {spelled(prediction)}, but the target is one {target.label} for each "
                f"image; use Global pooling or Flatten, and Dense with {features} features before it.",
                "prediction",
            )
        return
    if len(prediction) != len(target.shape) + 1:
        raise Unfit(
            f"The prediction is {spelled(prediction)}, but the target is a mask of {spelled(target.shape)}; "
            f"leave out Flatten and Dense, and use Convolution with {features} filters before it.",
            "prediction",
        )
    if prediction[1:] != target.shape:
        raise Unfit(
            f"The prediction has {spelled(prediction[1:])} pixels, but the mask has {spelled(target.shape)}; "
            "use Upsample or Transposed convolution to bring it back, or padding “same” in the convolutions.",
            "prediction",
        )


def same_shape(prediction: Shape, target: Target) -> None:
    """Raise Unfit unless the prediction has the shape of a number or an image to be met."""
    if prediction == target.shape:
        return
    if target.label == "number":
        place_fits(prediction, target, target.shape[0])
        raise Unfit(
            f"The prediction has {prediction[0]} numbers, but the target has {target.shape[0]}; "
            f"use Dense with {target.shape[0]} feature{'s' if target.shape[0] > 1 else ''} before it.",
            "prediction",
        )
    raise Unfit(
        f"The prediction is {spelled(prediction)}, but the target is {spelled(target.shape)}; "
        "change the last layers so that both have the same channels and size.",
        "prediction",
    )
