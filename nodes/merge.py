"""Merges: nodes that bring several branches of a network together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nodes.shapes import sensible
from nodes.spec import Call, Category, HouseRule, NodeType, Port, Shape, Unfit, function, spelled

_MANY = Port("images", rank=(1, 2, 3, 4), many=True, help="Images or features; draw as many wires as wanted.")


class _Merge(NodeType, category=Category.MERGE):
    """What most merges share: any number of wires of one shape, and a plain function of the list of tensors."""

    inputs = (_MANY,)
    example = ((3, 6, 6),)
    runs: ClassVar[str] = ""

    def infer(self, images: tuple[Shape, ...]) -> Shape:
        return _equal(images, self.title)

    def call(self, images: tuple[Shape, ...]) -> Call:
        return function(f"runtime.modules.merge.{self.runs}", listed=True)


class Add(_Merge, id="add", title="Add", words="sum plus residual shortcut skip connection resnet"):
    """Adds branches value by value.

    Use it to lead a shortcut around a few layers, so that deep networks learn well. Term: residual connection (He et
    al., Deep residual learning, 2016).
    """

    runs = "add"


class Multiply(
    _Merge, id="multiply", title="Multiply", words="product gate attention mask squeeze excitation scale broadcast"
):
    """Multiplies branches value by value. An axis of size 1 is stretched to fit, so one number can weigh a whole
    channel.

    Use it as a gate: an image times the channel weights of a squeeze-and-excitation block (Hu et al., 2018), or times
    an attention map (Oktay et al., Attention U-Net, 2018).
    """

    runs = "multiply"

    def infer(self, images: tuple[Shape, ...]) -> Shape:
        return _stretched(images)


class Average(_Merge, id="average", title="Average", words="mean ensemble merge combine"):
    """Takes the mean of branches value by value.

    Use it to let several branches vote, or to merge views of the same patient.
    """

    runs = "average"


class Maximum(_Merge, id="maximum", title="Maximum", words="max strongest maxout merge combine"):
    """Keeps the biggest value of the branches, value by value.

    Use it where one branch that finds something is enough. Term: maxout (Goodfellow et al., 2013).
    """

    runs = "maximum"


class Minimum(_Merge, id="minimum", title="Minimum", words="min weakest merge combine"):
    """Keeps the smallest value of the branches, value by value.

    Use it where all branches must agree.
    """

    runs = "minimum"


class Concatenate(_Merge, id="concatenate", title="Concatenate", words="concat join stack channels skip unet densenet"):
    """Lays the channels of branches one behind the other. Rows and columns must be the same.

    Use it for the skips of a U-Net, which bring fine detail back, and to join features from different sources
    (Ronneberger et al., 2015; Huang et al., DenseNet, 2017).
    """

    def infer(self, images: tuple[Shape, ...]) -> Shape:
        first = images[0]
        for shape in images[1:]:
            if len(shape) != len(first) or shape[1:] != first[1:]:
                raise Unfit(
                    f"{spelled(first)} and {spelled(shape)} cannot be joined: only the first number (the channels) may "
                    "differ; bring both to one size with Crop, Pad, pooling or Upsample."
                )
        return sensible((sum(shape[0] for shape in images), *first[1:]))

    def call(self, images: tuple[Shape, ...]) -> Call:
        return function("torch.cat", listed=True, dim=1)


class Subtract(NodeType, id="subtract", title="Subtract", category=Category.MERGE, words="minus difference change"):
    """Takes one branch from another, value by value.

    Use it to compare two images of the same patient, or to take away noise that a branch has predicted (Zhang et al.,
    DnCNN, 2017).
    """

    inputs = (
        Port("left", rank=(1, 2, 3, 4), help="What is taken from."),
        Port("right", rank=(1, 2, 3, 4), help="What is taken away."),
    )
    example = ((3, 6, 6), (3, 6, 6))

    def infer(self, left: Shape, right: Shape) -> Shape:
        return _equal((left, right), self.title)

    def call(self, left: Shape, right: Shape) -> Call:
        return function("torch.sub")


def _equal(shapes: Sequence[Shape], title: str) -> Shape:
    """The one shape of all branches. Torch would stretch an axis of size 1, which is a mistake more often than not."""
    for shape in shapes[1:]:
        if shape != shapes[0]:
            raise HouseRule(
                f"{title} takes branches of one shape; {spelled(shapes[0])} and {spelled(shape)} came; "
                "bring both to one size and as many channels, with a Convolution, pooling or Upsample."
            )
    return shapes[0]


def _stretched(shapes: Sequence[Shape]) -> Shape:
    result = shapes[0]
    for shape in shapes[1:]:
        if len(shape) != len(result):
            raise HouseRule(
                f"Multiply takes branches with as many axes; {spelled(result)} and {spelled(shape)} came; "
                "switch on 'Keep the axes' in Global average pooling, or use Reshape."
            )
        if any(one != other and 1 not in (one, other) for one, other in zip(result, shape, strict=True)):
            raise Unfit(
                f"{spelled(result)} and {spelled(shape)} cannot be multiplied: each number must be the same or 1; "
                "bring both to one size, or use one number per channel."
            )
        result = tuple(other if one == 1 else one for one, other in zip(result, shape, strict=True))
    return sensible(result)
