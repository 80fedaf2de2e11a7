"""Metrics: how good predictions are, in terms people use. They are counted over all cases of a part of the data."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from nodes.judged import labels_fit, same_shape, scores_fit
from nodes.nothing import positive_among
from nodes.roles import Metric
from nodes.spec import Call, Kind, Port, Shape, Target, Unfit, Value, Values, module, setting

_THREE = Target("class", (), ("a", "b", "c"), (40, 40, 20))
_MASK = Target("mask", (16, 16), ("background", "lesion"), (90, 10))


def _scores_or_labels(prediction: Shape, target: Target) -> None:
    """Raise Unfit unless there is one score for each class, or for each yes-or-no label."""
    if target.label == "labels":
        labels_fit(prediction, target)
    else:
        scores_fit(prediction, target, one=True)


def _counter(target: Target, name: str) -> str:
    """Where the module that counts lies: for one class of many, or for several labels at once."""
    return f"runtime.modules.{'several' if target.label == 'labels' else 'metrics'}.{name}"


def _positive(target: Target) -> int | None:
    """The place of the one of two classes that evaluation is about too; a mask has its background first. None for the
    mean over all."""
    if target.label == "class":
        return positive_among(target.classes)
    return 1 if target.label == "mask" and len(target.classes) == 2 else None


class ClassMetric(Metric):
    """A metric of decided classes, of whole images or of the pixels of a mask; or of several yes-or-no labels."""

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("class", "labels", "mask")))
    example: ClassVar[tuple[Value, ...]] = ((3,), _THREE)

    measure: ClassVar[str]
    """The module class that counts it: of runtime.modules.metrics, or for labels of runtime.modules.several."""

    def infer(self, prediction: Shape, target: Target) -> Values:
        _scores_or_labels(prediction, target)
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        return module(_counter(target, self.measure), classes=len(target.classes))


class OneClassMetric(ClassMetric):
    """A metric that is asked of one class."""

    positive: str = setting(
        "",
        "Name of the class that is asked for. Empty: of two classes the one that is to be found, and not “normal” or "
        "“no finding”; of more, the mean over all.",
        brief=True,
    )

    def infer(self, prediction: Shape, target: Target) -> Values:
        _scores_or_labels(prediction, target)
        self.positive_index(target)
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        positive = self.positive_index(target)
        return module(_counter(target, self.measure), classes=len(target.classes), positive=positive)

    def positive_index(self, target: Target) -> int | None:
        """The index of the class asked for; None for the mean over all. Raises Unfit for a name that does not exist."""
        if not self.positive:
            return _positive(target)
        if self.positive not in target.classes:
            names = ", ".join(target.classes)
            raise Unfit(f"There is no class “{self.positive}”; choose one of {names}, or leave it empty.", "positive")
        return target.classes.index(self.positive)


class Accuracy(ClassMetric, id="accuracy", title="Accuracy", words="correct right share percent"):
    """The share of cases, or of pixels, that are given the right class. Where one class is rare, a high accuracy says
    little; look at Balanced accuracy or AUC too.
    """

    measure = "Accuracy"


class BalancedAccuracy(
    ClassMetric, id="balanced_accuracy", title="Balanced accuracy", words="imbalance rare mean recall"
):
    """The mean of the sensitivities of all classes: rare classes count as much as common ones. Guessing gives one
    divided by the number of classes. Classes without cases are left out. Of several labels at once: the mean of
    sensitivity and specificity of each.
    """

    measure = "Sensitivity"

    def call(self, prediction: Shape, target: Target) -> Call:
        name = "Balanced" if target.label == "labels" else self.measure
        return module(_counter(target, name), classes=len(target.classes))


class TopK(Metric, id="top_k", title="Top-k accuracy", words="top 5 correct differential"):
    """The share of cases whose right class is among the k classes with the highest scores, as in a list of differential
    diagnoses.
    """

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("class", "mask")))
    example = ((3,), _THREE)

    k: int = setting(2, "How many of the highest scores may hold the right class.", label="k", low=1, brief=True)

    def infer(self, prediction: Shape, target: Target) -> Values:
        count = scores_fit(prediction, target, one=False)
        if self.k > count:
            raise Unfit(f"k is {self.k}, but there are {count} classes; {count} or less fits.", "k")
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.metrics.TopK", k=self.k)


class AUC(Metric, id="auc", title="AUC", words="roc area under curve c statistic auroc discrimination"):
    """The area under the ROC curve: the chance that a case of the class gets a higher score than a case of another.
    1 is perfect, 0.5 is guessing, and no threshold is involved.

    With more than two classes, each is set against the rest and the mean is taken over the classes that have cases;
    with several labels at once, over the labels that some cases have and others have not.
    """

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("class", "labels")))
    example = ((3,), _THREE)

    def infer(self, prediction: Shape, target: Target) -> Values:
        _scores_or_labels(prediction, target)
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        return module(_counter(target, "AUC"), classes=len(target.classes))


class Sensitivity(
    OneClassMetric, id="sensitivity", title="Sensitivity", words="recall true positive rate tpr hit rate"
):
    """Of the cases (or pixels) that belong to the class, the share that is found. Missed cases lower it.
    Classes without cases are left out of the mean.
    """

    measure = "Sensitivity"


class Specificity(OneClassMetric, id="specificity", title="Specificity", words="true negative rate tnr false alarm"):
    """Of the cases (or pixels) that do not belong to the class, the share that is not taken for it. False alarms
    lower it.
    """

    measure = "Specificity"


class Precision(OneClassMetric, id="precision", title="Precision", words="positive predictive value ppv"):
    """Of the cases (or pixels) taken for the class, the share that does belong to it (positive predictive value). It
    depends on how common the class is. A class that is there and never found counts 0.
    """

    measure = "Precision"


class F1(OneClassMetric, id="f1", title="F1", words="f score harmonic mean precision recall"):
    """Precision and sensitivity in one number, their harmonic mean; it is low when either is. A class that neither
    occurs nor is predicted is left out of the mean.
    """

    measure = "F1"


class OverlapMetric(Metric):
    """A metric of the overlap of masks."""

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("mask",)))
    example: ClassVar[tuple[Value, ...]] = ((2, 16, 16), _MASK)

    over: Literal["each image", "all pixels"] = setting(
        "each image", "Measure each image by itself and take the mean, or add up the pixels of all images first."
    )
    empty: Literal["left out", "counts 1"] = setting(
        "left out",
        "For each image: what happens where a class is neither drawn nor predicted. Counting it 1 raises the mean.",
    )

    def infer(self, prediction: Shape, target: Target) -> Values:
        scores_fit(prediction, target, one=True)
        return {}


class DiceScore(OverlapMetric, id="dice_score", title="Dice", words="overlap dsc segmentation f1 mask similarity"):
    """How well the predicted area lies on the drawn one: twice the shared area divided by the sum of both. 1 is
    perfect. The mean over all classes but the background.

    An image in which the class is neither drawn nor predicted is left out (a setting lets it count 1); one in which
    only one of both has it counts 0.
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        classes = len(target.classes)
        return module("runtime.modules.metrics.Overlap", classes=classes, kind="dice", over=self.over, empty=self.empty)


class IoU(OverlapMetric, id="iou", title="IoU", words="intersection over union jaccard overlap segmentation mask"):
    """Intersection over union: the shared area divided by the area that either covers. Stricter than Dice on the same
    masks. The mean over all classes but the background.

    An image in which the class is neither drawn nor predicted is left out (a setting lets it count 1); one in which
    only one of both has it counts 0.
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        classes = len(target.classes)
        return module("runtime.modules.metrics.Overlap", classes=classes, kind="iou", over=self.over, empty=self.empty)


class NumberMetric(Metric):
    """A metric of numbers, or of images met value by value."""

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("number", "image")))
    example: ClassVar[tuple[Value, ...]] = ((1,), Target("number", (1,)))
    higher_is_better = False
    bounds = (0.0, math.inf)

    number: str = setting(
        "", "Of several numbers, the name of the one that is asked for. Empty: the mean over all, each in its own "
        "unit; name one where the units differ.", brief=True,
    )  # fmt: skip

    def infer(self, prediction: Shape, target: Target) -> Values:
        same_shape(prediction, target)
        self.place_of(target)
        return {}

    def place_of(self, target: Target) -> int | None:
        """The place of the number asked for; None for the mean over all. Raises Unfit for one that does not exist."""
        if not self.number:
            return None
        if self.number not in target.classes:
            known = f"choose one of {', '.join(target.classes)}, or leave" if target.classes else "leave"
            raise Unfit(f"There is no number “{self.number}”; {known} it empty.", "number")
        return target.classes.index(self.number)


class MeanAbsoluteError(
    NumberMetric, id="mean_absolute_error", title="Mean absolute error", words="mae l1 deviation regression"
):
    """How far off the predicted number is on average, in the unit of the target (for example mm). 0 is perfect."""

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.metrics.Deviation", kind="absolute", place=self.place_of(target))


class RootMeanSquaredError(
    NumberMetric, id="root_mean_squared_error", title="Root mean squared error", words="rmse l2 deviation regression"
):
    """How far off the predicted number is, in the unit of the target, with large errors counting more. 0 is perfect; it
    is never smaller than the mean absolute error.
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.metrics.Deviation", kind="squared", place=self.place_of(target))
