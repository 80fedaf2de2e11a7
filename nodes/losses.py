"""Losses: how wrong a prediction is, as one number that an optimizer makes smaller."""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.class_weights import WeightedLoss
from nodes.judged import class_count, labels_fit, place_fits, same_shape, scores_fit, task_of
from nodes.roles import Activation, Loss, Task
from nodes.spec import Call, Kind, Port, Shape, Target, Unfit, Value, module, setting

Over = Literal["each image", "the batch"]

_THREE = Target("class", (), ("a", "b", "c"), (40, 40, 20))
_TWO = Target("class", (), ("no", "yes"), (60, 40))
_MASK = Target("mask", (16, 16), ("background", "lesion"), (90, 10))
_CLASSES = (Port("prediction"), Port("target", Kind.TARGET, labels=("class", "mask")))
_MASKS = (Port("prediction"), Port("target", Kind.TARGET, labels=("mask",)))
_NUMBERS = (Port("prediction"), Port("target", Kind.TARGET, labels=("number", "image")))


class CrossEntropy(
    WeightedLoss, id="cross_entropy", title="Cross-entropy", words="softmax classification log loss nll"
):
    """Measures how surprised the model is by the right class. The usual loss for one class of many, for whole images or
    for each pixel of a mask.

    Takes one raw score for each class; do not put Softmax before it. The score of the right class should be the
    highest, and the loss is the negative logarithm of the probability that the model gives it, in nats.
    """

    inputs = _CLASSES
    example = ((3,), _THREE)

    smoothing: float = setting(
        0.0, "Share of the target spread over all classes, against overconfidence.", low=0.0, high=1.0,
        label="Label smoothing",
    )  # fmt: skip

    def infer(self, prediction: Shape, target: Target) -> Shape:
        scores_fit(prediction, target, one=False)
        self.weights_for(target)
        return ()

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.losses.CrossEntropy", weights=self.weights_for(target), smoothing=self.smoothing)

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "softmax"

    def task(self, prediction: Shape, target: Target) -> Task:
        return task_of(target)


class BinaryCrossEntropy(
    Loss, id="binary_cross_entropy", title="Binary cross-entropy", words="sigmoid yes no two classes bce logistic gan"
):
    """Cross-entropy for a single score: yes or no. The second class is “yes”, for whole images or each pixel of a mask.
    Where an image may have several labels at once, it takes one score for each of them.

    Takes raw scores; do not put Sigmoid before it. An image with values from 0 to 1 may be the target too.
    """

    inputs = (Port("prediction"), Port("target", Kind.TARGET, labels=("class", "labels", "mask", "image")))
    example = ((1,), _TWO)

    positive_weight: float = setting(
        1.0, "How many times an error on “yes” (the second class) counts; above 1 finds more of a rare class.", low=0.0
    )

    def infer(self, prediction: Shape, target: Target) -> Shape:
        if target.label == "image":
            same_shape(prediction, target)
            return ()
        if target.label == "labels":
            labels_fit(prediction, target)
            return ()
        count = class_count(target)
        if count != 2:
            raise Unfit(f"Binary cross-entropy is for two classes; {count} came: use Cross-entropy.", "target")
        place_fits(prediction, target, 1)
        if prediction[0] != 1:
            way = "Dense with 1 feature" if target.label == "class" else "Convolution with 1 filter"
            raise Unfit(
                f"Binary cross-entropy takes one score, and {prediction[0]} came; use {way} before it, "
                "or use Cross-entropy.",
                "prediction",
            )
        return ()

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.losses.BinaryCrossEntropy", positive_weight=self.positive_weight)

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "sigmoid"

    def task(self, prediction: Shape, target: Target) -> Task:
        return task_of(target)


class NumberLoss(Loss):
    """A loss for numbers, or for images to be met value by value. Of several numbers, each difference is divided by the
    spread of that number in the training part: age in years and weight in grams then count alike.
    """

    inputs = _NUMBERS
    example: ClassVar[tuple[Value, ...]] = ((1,), Target("number", (1,)))

    def infer(self, prediction: Shape, target: Target) -> Shape:
        same_shape(prediction, target)
        return ()

    def _alike(self, target: Target, kind: str, plain: Call, **settings: float) -> Call:
        """The loss of several numbers, each over its spread; `plain` for one number, and for images."""
        if target.label != "number" or target.shape[0] == 1:
            return plain
        known = len(target.spreads) == target.shape[0]
        spreads = tuple(spread or 1.0 for spread in target.spreads) if known else (1.0,) * target.shape[0]
        return module("runtime.modules.losses.Alike", kind=kind, spreads=spreads, **settings)

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "identity"

    def task(self, prediction: Shape, target: Target) -> Task:
        return task_of(target)


class SquaredError(NumberLoss, id="squared_error", title="Squared error", words="mse l2 regression autoencoder"):
    """The mean of the squared differences. For numbers such as a size in mm, or for images to be rebuilt; large errors
    count most. Its unit is that of the target, squared. Of several numbers, each error counts in spreads (standard
    deviations) of that number in the training part, so that they count alike whatever their units.
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        return self._alike(target, "squared", module("torch.nn.MSELoss"))


class AbsoluteError(NumberLoss, id="absolute_error", title="Absolute error", words="mae l1 regression robust"):
    """The mean of the absolute differences, in the unit of the target. A few wild errors sway it less than the squared
    error, and rebuilt images stay sharper. Of several numbers, each error counts in spreads (standard deviations) of
    that number in the training part.
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        return self._alike(target, "absolute", module("torch.nn.L1Loss"))


class Huber(NumberLoss, id="huber", title="Huber", words="smooth l1 regression robust outlier"):
    """Squared for small differences, straight for large ones: steady near the goal and not swayed by wild errors
    (Huber 1964; with delta 1 also called smooth L1). Of several numbers, each error counts in spreads (standard
    deviations) of that number in the training part.
    """

    delta: float = setting(
        1.0, "The difference from which on it counts straight instead of squared: in the unit of the target, of "
        "several numbers in their spreads.", low=1e-6,
    )  # fmt: skip

    def call(self, prediction: Shape, target: Target) -> Call:
        plain = module("torch.nn.HuberLoss", delta=self.delta)
        return self._alike(target, "huber", plain, delta=self.delta)


class MaskLoss(Loss):
    """A loss for masks, of one score for each class, or of one score for yes or no."""

    inputs = _MASKS
    example: ClassVar[tuple[Value, ...]] = ((2, 16, 16), _MASK)

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "sigmoid" if prediction[0] == 1 else "softmax"

    def task(self, prediction: Shape, target: Target) -> Task:
        return task_of(target)


class Dice(MaskLoss, id="dice_loss", title="Dice loss", words="overlap segmentation mask f1 lesion small"):
    """One minus the overlap of the predicted and the drawn area. Small structures count as much as large ones, which
    suits lesions that fill few pixels.

    Takes raw scores: one for each class, or a single one where there are two (background and structure).
    """

    smooth: float = setting(1.0, "Added above and below, so that empty masks do no harm; in pixels.", low=1e-6)
    background: bool = setting(False, "Whether the background (first class) counts too.")
    over: Over = setting("each image", "What is added up before dividing; the batch is steadier with many empty masks.")

    def infer(self, prediction: Shape, target: Target) -> Shape:
        scores_fit(prediction, target, one=True)
        return ()

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.losses.Dice", smooth=self.smooth, background=self.background, over=self.over)


class DiceCrossEntropy(
    WeightedLoss,
    MaskLoss,
    id="dice_cross_entropy",
    title="Dice + cross-entropy",
    words="segmentation mask nnunet combined",
):
    """Dice loss and cross-entropy together, the usual choice for masks: the first cares for overlap, the second for
    each pixel, and training is steadier than with Dice alone (Isensee 2021).

    Takes raw scores: one for each class, or a single one where there are two.
    """

    inputs = _MASKS
    example = ((2, 16, 16), _MASK)

    dice_share: float = setting(0.5, "The share of the Dice loss; the rest is cross-entropy.", low=0.0, high=1.0)
    smooth: float = setting(
        1.0, "Added above and below in the Dice part, so that empty masks do no harm; in pixels.", low=1e-6
    )
    background: bool = setting(False, "Whether the background (first class) counts in the Dice part.")
    over: Over = setting("each image", "What the Dice part adds up before dividing.")

    def infer(self, prediction: Shape, target: Target) -> Shape:
        scores_fit(prediction, target, one=True)
        weights = self.weights_for(target)
        if prediction[0] == 1 and weights and not weights[0]:
            raise Unfit(
                "The weight of the background is 0, which a single score cannot express; "
                "give it a weight above 0, or use one score for each class.",
                "weights",
            )
        return ()

    def call(self, prediction: Shape, target: Target) -> Call:
        return module(
            "runtime.modules.losses.DiceCrossEntropy",
            dice_share=self.dice_share,
            smooth=self.smooth,
            background=self.background,
            over=self.over,
            weights=self.weights_for(target),
        )


class Focal(Loss, id="focal", title="Focal loss", words="imbalance rare class detection hard examples"):
    """Cross-entropy in which cases that the model already gets right count little, so that hard and rare ones lead the
    training (Lin 2017). For classes of whole images or of pixels.

    Takes raw scores: one for each class, or a single one where there are two.
    """

    inputs = _CLASSES
    example = ((3,), _THREE)

    gamma: float = setting(2.0, "How strongly easy cases are held back; 0 is plain cross-entropy.", low=0.0, high=10.0)
    alpha: tuple[float, ...] = setting(
        (), "Class weights. Empty: all alike; one number from 0 to 1: the second of two classes, the first gets the "
        "rest; or one number for each class.", low=0.0,
    )  # fmt: skip

    def infer(self, prediction: Shape, target: Target) -> Shape:
        count = scores_fit(prediction, target, one=True)
        if len(self.alpha) not in (0, count) and not (len(self.alpha) == 1 and count == 2):
            raise Unfit(
                f"Alpha has {len(self.alpha)} numbers, but there are {count} classes ({', '.join(target.classes)}); "
                "leave it empty or give one for each.",
                "alpha",
            )
        if len(self.alpha) == 1 and self.alpha[0] > 1:
            raise Unfit(f"Alpha is {self.alpha[0]:g}; a single number from 0 to 1 fits.", "alpha")
        return ()

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.losses.Focal", gamma=self.gamma, alpha=self.alpha)

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "sigmoid" if prediction[0] == 1 else "softmax"

    def task(self, prediction: Shape, target: Target) -> Task:
        return task_of(target)
