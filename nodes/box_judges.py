"""Losses and metrics of boxes: how well predicted boxes lie on the true ones."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from nodes.boxes import LISTED
from nodes.roles import Activation, Loss, Metric, Task
from nodes.spec import Call, HouseRule, Kind, Port, Shape, Target, Value, Values, module, setting, spelled

_PORTS = (
    Port("prediction", label="Boxes", help="A box list, before non-maximum suppression."),
    Port("target", Kind.TARGET, labels=("boxes",)),
)
_THREE = Target("boxes", (6, 5), ("a", "b", "c"), (40, 40, 20))


def boxes_fit(prediction: Shape, target: Target, classes: bool) -> None:
    """Raise HouseRule unless `prediction` is a box list, with a score for each class where `classes` are asked for."""
    count = len(target.classes)
    if target.label != "boxes" or len(target.shape) != 2 or not target.shape[0] or not count:
        raise HouseRule("The data have no boxes; put box files (Pascal VOC or COCO) beside the images.", "target")
    if len(prediction) != 2 or prediction[0] < LISTED:
        raise HouseRule(
            f"The prediction is {spelled(prediction)}, but boxes are compared with a box list; add Anchor boxes.",
            "prediction",
        )
    if classes and prediction[0] != LISTED + count:
        plural = "es" if count > 1 else ""
        raise HouseRule(
            f"The boxes have scores of {prediction[0] - LISTED} classes, but the target has {count} class{plural}; "
            f"give the head 5 + {count} filters for each anchor.",
            "prediction",
        )


class BoxLoss(Loss):
    """A loss of a box list. Anchors are matched to true boxes by their overlap (intersection over union, IoU)."""

    inputs = _PORTS
    example: ClassVar[tuple[Value, ...]] = ((12, 20), _THREE)
    classed: ClassVar[bool] = False

    positive: float = setting(
        0.5, "An anchor that overlaps a true box at least so much learns it (IoU).", low=0.0, high=1.0, folded=True
    )
    negative: float = setting(
        0.4, "An anchor that overlaps every true box less learns that nothing is there; those between learn nothing.",
        low=0.0, high=1.0, folded=True,
    )  # fmt: skip
    best: int = setting(
        1, "So many of the anchors that overlap a true box most learn it, however little they overlap, so that none is "
        "left out; a few, and small boxes are learned by as many anchors as large ones.", label="Best anchors",
        low=0, high=100, folded=True,
    )  # fmt: skip

    def infer(self, prediction: Shape, target: Target) -> Shape:
        boxes_fit(prediction, target, self.classed)
        if self.negative > self.positive:
            raise HouseRule(
                f"Negative is {self.negative:g} and positive {self.positive:g}; an anchor cannot learn both.",
                "negative",
            )
        return ()

    def matching(self) -> dict[str, Any]:
        """The settings by which anchors are matched."""
        return {"positive": self.positive, "negative": self.negative, "best": self.best}

    def activation(self, prediction: Shape, target: Target) -> Activation:
        return "boxes"

    def task(self, prediction: Shape, target: Target) -> Task:
        return "detection"


class GiouLoss(
    BoxLoss, id="giou_loss", title="GIoU loss",
    words="box regression generalised intersection over union overlap detection",
):  # fmt: skip
    """One minus how well a predicted box overlaps the true one; boxes that lie apart are drawn together too. The same
    for small and for large boxes.

    Terms: generalised intersection over union (Rezatofighi et al., 2019).
    """

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.box_losses.GeneralisedOverlap", **self.matching())


class SmoothL1Loss(
    BoxLoss, id="smooth_l1_loss", title="Smooth L1 loss",
    words="box regression offsets huber detection faster r-cnn ssd",
):  # fmt: skip
    """How far the numbers that move and stretch an anchor are from those that would make it the true box: squared for
    small differences, straight for large ones (Girshick, Fast R-CNN, 2015).
    """

    beta: float = setting(0.11, "The difference from which on it counts straight.", low=1e-3, high=10.0)

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.box_losses.SmoothOffsets", **self.matching(), beta=self.beta)


class ObjectnessLoss(
    BoxLoss, id="objectness_loss", title="Objectness loss",
    words="box confidence focal binary cross-entropy hard negative mining detection foreground background",
):  # fmt: skip
    """How well the score of there being anything tells anchors on something from empty ones. Nearly all anchors are
    empty: focal loss lets the easy ones count little (Lin et al., 2017), or only the hardest empty ones count (Liu et
    al., SSD, 2016).
    """

    form: Literal["focal", "hardest negatives", "plain"] = setting(
        "focal", "How the many empty anchors are held back.", brief=True
    )
    gamma: float = setting(2.0, "For focal: how strongly what is easy is held back.", low=0.1, high=10.0)
    alpha: float = setting(0.25, "For focal: the weight of anchors on something; empty ones have the rest.", low=0.0,
                           high=1.0)  # fmt: skip
    negatives: float = setting(
        3.0, "For hardest negatives: how many empty anchors count for each that is on something.", low=0.1, high=1000.0
    )
    quality: bool = setting(
        False, "Whether the score is to tell how well the box overlaps, and not only that something is there: the best "
        "of several boxes then comes first.", label="Learn the overlap",
    )  # fmt: skip

    def call(self, prediction: Shape, target: Target) -> Call:
        return module(
            "runtime.modules.box_losses.Objectness", **self.matching(),
            gamma=self.gamma if self.form == "focal" else 0.0, alpha=self.alpha,
            negatives=self.negatives if self.form == "hardest negatives" else 0.0, quality=self.quality,
        )  # fmt: skip


class BoxClassLoss(
    BoxLoss, id="box_class_loss", title="Box class loss",
    words="classification cross-entropy detection category softmax",
):  # fmt: skip
    """How surprised the model is by the right class of a box, for the anchors that are on something (cross-entropy)."""

    classed = True

    def call(self, prediction: Shape, target: Target) -> Call:
        return module("runtime.modules.box_losses.BoxClass", **self.matching())


class MeanAveragePrecision(
    Metric, id="mean_average_precision", title="Mean average precision",
    words="map ap coco detection boxes precision recall voc",
):  # fmt: skip
    """The area under the curve of precision over sensitivity, the mean over all classes, as COCO counts it. A box is
    right when it has the class of a true box and overlaps it enough; each true box is found once. 1 is perfect.

    Wire it to what leaves Non-maximum suppression: of boxes that lie on each other, all but one are wrong.
    """

    inputs = (Port("prediction", label="Boxes", help="A box list, after non-maximum suppression."), _PORTS[1])
    example: ClassVar[tuple[Value, ...]] = ((12, 20), _THREE)

    overlap: Literal["0.5", "0.75", "0.5 to 0.95"] = setting(
        "0.5", "How much a box must overlap the true one (IoU); 0.5 to 0.95 is the mean over ten steps.", brief=True
    )

    def infer(self, prediction: Shape, target: Target) -> Values:
        boxes_fit(prediction, target, classes=True)
        return {}

    def call(self, prediction: Shape, target: Target) -> Call:
        overlaps = {"0.5": (0.5,), "0.75": (0.75,)}.get(self.overlap, tuple(0.5 + 0.05 * step for step in range(10)))
        return module("runtime.modules.box_metrics.AveragePrecision", classes=len(target.classes), overlaps=overlaps)
