"""Boxes: from the numbers of a detection head to boxes on the image, and from boxes to what lies within them.

A box list has 9 rows and one more for each class: the box (left, top, right, bottom, in pixels of the image), the
anchor from which it was predicted, the raw score of there being anything, and one raw score for each class.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from nodes.shapes import sensible
from nodes.spec import Call, Category, HouseRule, NodeType, Port, Shape, function, module, setting, spelled

HEAD = 5
"""Numbers of a head for each anchor, before the scores of the classes: four of the box, one of there being anything."""

LISTED = 9
"""Rows of a box list before the scores of the classes."""

_IMAGE = Port("image", rank=(3,), help="The image, as it enters the network: its size says how large a pixel is.")
_LIST = Port("boxes", rank=(2,), help="A box list, as Anchor boxes gives it.")


class Boxes(NodeType, category=Category.BOXES):
    """What these nodes share: they have nothing to train."""

    lists: ClassVar[bool] = True  # what leaves is a box list


def listed(boxes: Shape, name: str) -> int:
    """How many classes a box list tells apart. Raises HouseRule for what is no such list."""
    if len(boxes) != 2 or boxes[0] < LISTED:
        raise HouseRule(f"“{name}” takes a box list, as Anchor boxes gives it; {spelled(boxes)} came.", "boxes")
    return boxes[0] - LISTED


class AnchorBoxes(
    Boxes, id="anchor_boxes", title="Anchor boxes",
    words="detection head yolo ssd rpn grid prior default box decode object bounding",
):  # fmt: skip
    """Turns the numbers of a detection head into boxes. At each cell of the head’s grid lie a few anchors: boxes of
    given sizes around the centre of the cell. For each anchor the head gives four numbers that move and stretch it, the
    score of there being anything, and a score for each class: the Convolution before it has anchors × (5 + classes)
    filters.

    Anchors should be as large as what is to be found. For several grids, as in SSD, use one of these at each and Join
    boxes. Terms: anchor, prior (Ren et al., Faster R-CNN, 2015; Liu et al., SSD, 2016; Redmon and Farhadi, YOLO9000,
    2017).
    """

    inputs = (Port("scores", rank=(3,), help="The head: anchors × (5 + classes) channels on a grid."), _IMAGE)
    example = ((18, 4, 4), (1, 32, 32))

    widths: tuple[float, ...] = setting(
        (16.0, 32.0, 64.0), "The widths of the anchors, as many as there are anchors at each cell.", low=1e-3,
        unit="pixels", brief=True,
    )  # fmt: skip
    heights: tuple[float, ...] = setting(
        (16.0, 32.0, 64.0), "The heights of the anchors, in the same order.", low=1e-3, unit="pixels"
    )
    moves: Literal["within the cell", "by offsets"] = setting(
        "within the cell", "How far a box may lie from its anchor: its centre within half a cell around its own, its "
        "sides up to 4 times as long (YOLO); or without bounds (SSD, Faster R-CNN).", label="Movement",
    )  # fmt: skip

    def infer(self, scores: Shape, image: Shape) -> Shape:
        count = len(self.widths)
        if not count or len(self.heights) != count:
            raise HouseRule(
                f"There are {count} widths and {len(self.heights)} heights; give one of each for every anchor.",
                "heights",
            )
        each = scores[0] // count
        if len(scores) != 3 or len(image) != 3 or scores[0] % count or each < HEAD:
            raise HouseRule(
                f"{count} anchors take a head of {count} × (5 + classes) channels on a grid, and an image; "
                f"{spelled(scores)} came: give the Convolution before it so many filters.",
                "scores",
            )
        return sensible((LISTED - HEAD + each, count * scores[1] * scores[2]))

    def call(self, scores: Shape, image: Shape) -> Call:
        return module(
            "runtime.modules.anchors.AnchorBoxes",
            widths=self.widths, heights=self.heights, grid=scores[1:], size=image[1:],
            cell=self.moves == "within the cell",
        )  # fmt: skip


class RefineBoxes(
    Boxes, id="refine_boxes", title="Refine boxes",
    words="detection second stage two-stage faster r-cnn rcnn head region proposal regression",
):  # fmt: skip
    """Corrects boxes with the numbers of a second head, which has looked into each of them: the boxes that come in are
    the anchors of those that leave.

    Use it in a two-stage detector, behind RoI align and two or three 1×1 convolutions over its signal, of which the
    last has 5 + classes filters (Ren et al., Faster R-CNN, 2015).
    """

    inputs = (Port("scores", rank=(2,), help="5 + classes channels, one position for each box."), _LIST)
    example = ((7, 8), (9, 8))

    def infer(self, scores: Shape, boxes: Shape) -> Shape:
        listed(boxes, self.title)
        if len(scores) != 2 or scores[0] < HEAD or scores[1] != boxes[1]:
            raise HouseRule(
                f"Refine boxes takes 5 + classes numbers for each of {boxes[1]} boxes; {spelled(scores)} came.",
                "scores",
            )
        return (LISTED - HEAD + scores[0], boxes[1])

    def call(self, scores: Shape, boxes: Shape) -> Call:
        return module("runtime.modules.anchors.RefineBoxes")


class JoinBoxes(
    Boxes, id="join_boxes", title="Join boxes",
    words="concatenate ssd several scales pyramid levels multi-scale detection",
):  # fmt: skip
    """Puts the boxes of several grids into one list, so that large and small things are learned and found together.

    Use it behind the Anchor boxes of a coarse and of finer grids (Liu et al., SSD, 2016).
    """

    inputs = (Port("boxes", rank=(2,), many=True, help="Box lists of the same classes; draw as many wires as wanted."),)
    example = ((11, 8),)

    def infer(self, boxes: tuple[Shape, ...]) -> Shape:
        first = boxes[0]
        for shape in boxes:
            if listed(shape, self.title) != first[0] - LISTED:
                raise HouseRule(
                    f"Box lists of {first[0] - LISTED} and of {shape[0] - LISTED} classes cannot be joined; give all "
                    "heads as many filters for each anchor."
                )
        return sensible((first[0], sum(shape[1] for shape in boxes)))

    def call(self, boxes: tuple[Shape, ...]) -> Call:
        return function("torch.cat", listed=True, dim=2)


class NonMaximumSuppression(
    Boxes, id="non_maximum_suppression", title="Non-maximum suppression",
    words="nms detection duplicate overlap proposals boxes best answer",
):  # fmt: skip
    """Keeps the most probable one of boxes that lie on each other. A detector finds each thing several times; this is
    what stands before its Output, and before the second look of a two-stage detector.

    The probability of a box is that of there being anything, times the share of its class. Learning goes around this
    node: wire the losses to what enters it.
    """

    answers = "boxes"
    inputs = (_LIST, _IMAGE)
    example = ((11, 30), (1, 32, 32))

    overlap: float = setting(
        0.5, "Boxes that overlap a more probable one by more than this are left out (IoU).", low=0.0, high=1.0,
        brief=True,
    )  # fmt: skip
    least: float = setting(0.02, "Boxes with a smaller probability are left out.", label="Least probability", low=0.0,
                           high=1.0)  # fmt: skip
    most: int = setting(100, "How many boxes are kept of an image at most.", label="Most boxes", low=1, high=1000)
    considered: int = setting(
        600, "How many of the most probable boxes are looked at; too few lose what is rare beside much that is common.",
        label="Looked at", low=1, high=4000,
    )  # fmt: skip
    by_class: bool = setting(
        True, "Whether boxes of different classes may lie on each other; off for things that exclude each other.",
        label="Each class by itself",
    )  # fmt: skip

    def infer(self, boxes: Shape, image: Shape) -> Shape:
        listed(boxes, self.title)
        if len(image) != 3:
            raise HouseRule(f"“{self.title}” takes the image on which the boxes lie; {spelled(image)} came.", "image")
        return (boxes[0], min(self.most, self.considered, boxes[1]))

    def call(self, boxes: Shape, image: Shape) -> Call:
        return module(
            "runtime.modules.suppression.Suppression",
            size=image[1:], overlap=self.overlap, least=self.least, considered=self.considered, most=self.most,
            by_class=self.by_class,
        )  # fmt: skip


class RegionAlign(
    Boxes, id="roi_align", title="RoI align",
    words="region of interest pooling roi pool crop two-stage faster r-cnn rcnn mask",
):  # fmt: skip
    """Cuts out of feature maps what lies within each box, and brings it to one size. What leaves is a signal with one
    position for each box, so that convolutions with a kernel of 1 look at every box alike.

    Use it between the proposals and the second head of a two-stage detector. Terms: RoI pooling (Girshick, Fast R-CNN,
    2015), RoI align (He et al., Mask R-CNN, 2017).
    """

    lists = False
    inputs = (Port("features", rank=(3,), help="Feature maps, in which the boxes are looked up."), _LIST, _IMAGE)
    example = ((4, 8, 8), (9, 6), (1, 32, 32))

    side: int = setting(5, "Into how many parts each side of a box is divided.", low=1, high=32, brief=True)
    samples: int = setting(2, "At how many places along each side of a part the maps are read.", low=1, high=8)

    def infer(self, features: Shape, boxes: Shape, image: Shape) -> Shape:
        listed(boxes, self.title)
        if len(features) != 3 or len(image) != 3:
            raise HouseRule("RoI align takes 2-D feature maps, and the 2-D image on which the boxes lie.", "features")
        return sensible((features[0] * self.side**2, boxes[1]))

    def call(self, features: Shape, boxes: Shape, image: Shape) -> Call:
        return module("runtime.modules.regions.RegionAlign", size=image[1:], side=self.side, samples=self.samples)
