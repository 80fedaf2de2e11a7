"""What travels along a wire, and the ports where wires end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Literal

Shape = tuple[int, ...]
"""A tensor's size without the batch axis, as users read it: (channels, rows, columns), or (features,)."""

Label = Literal["class", "labels", "number", "mask", "boxes", "image"]


@dataclass(frozen=True, slots=True)
class Target:
    """What a prediction is compared with.

    `shape` has no batch axis: () for a class (an index), (classes,) for several yes-or-no labels, (numbers,) for one
    number or several, (rows, columns) for a mask of class indexes, (boxes, 5) for boxes (class index, then left, top,
    right and bottom in pixels of the delivered image; class -1 fills up), (channels, rows, columns) for an image.
    `counts` are the samples of each class in the training part; of boxes, the boxes. Of several numbers, `classes` are
    their names and `spreads` their standard deviations in the training part; `units` are those of one number or
    several, () where none is known.
    """

    label: Label
    shape: Shape
    classes: tuple[str, ...] = ()
    counts: tuple[int, ...] = ()
    spreads: tuple[float, ...] = ()
    units: tuple[str, ...] = ()


Value = Shape | Target
"""What a port hands to a shape rule: the shape of a tensor, or a target."""

Values = Mapping[str, Value]


class Kind(Enum):
    """The kinds of wire; each is told apart by letter and form, not by colour alone."""

    TENSOR = ("image or features", "T", "circle")
    TARGET = ("target", "Y", "square")
    LOSS = ("loss", "L", "diamond")

    def __init__(self, title: str, letter: str, form: str) -> None:
        self.title = title
        self.letter = letter
        self.form = form

    def fits(self, port: Kind) -> bool:
        """Whether a wire of this kind may end in a port of that kind: an image may also serve as a target."""
        return self is port or (self is Kind.TENSOR and port is Kind.TARGET)


@dataclass(frozen=True, slots=True)
class Port:
    """A place where wires begin or end, known by its name.

    `rank` lists the numbers of axes that fit, channels counted, batch not: (2, 3, 4) takes 1-D, 2-D and 3-D images.
    """

    name: str
    kind: Kind = Kind.TENSOR
    rank: tuple[int, ...] = ()
    many: bool = False
    labels: tuple[Label, ...] = ()
    help: str = ""
    label: str = ""  # what people read, where it is not the name
    outside: bool = False  # of a block's port: the end that is seen where the block is used, not on its own sheet

    @property
    def title(self) -> str:
        """The port as people read it."""
        return self.label or self.name


def spelled(shape: Shape) -> str:
    """The shape as users read it: 16×28×28."""
    return "×".join(str(size) for size in shape) if shape else "one value"
