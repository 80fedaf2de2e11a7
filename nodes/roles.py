"""The roles that nodes play in training: what is asked of a source, an output, a loss, a metric, an optimizer."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal

from nodes.settings import Form
from nodes.spec import Category, Kind, NodeType, Port, Shape, Values, setting

Activation = Literal["identity", "sigmoid", "softmax", "boxes"]
Task = Literal["classification", "several labels", "segmentation", "regression", "detection", "image"]
Fit = Literal["stretch", "pad", "crop"]
Fitting = Literal["stretch", "pad", "crop", "keep"]
"""How a source brings what it reads to one size: images as a fit says, signals with their scale of time kept."""
Feed = Literal["data", "given", "noise", "constant", "class"]


class Source(NodeType, category=Category.SOURCE):
    """A node where data enter. It has no inputs; the engine feeds it."""

    inputs: ClassVar[tuple[Port, ...]] = ()
    outputs: ClassVar[tuple[Port, ...]] = (Port("image"),)
    feed: ClassVar[Feed] = "given"

    def infer(self) -> Values:
        """The value of each output port."""
        raise NotImplementedError


class DataSource(Source):
    """A source that reads a folder. What was learned when the folder was attached is stored in its settings,
    so that analysis reads no file; `netloom new` and the Data workspace fill them in."""

    feed = "data"
    tabular: ClassVar[bool] = False
    """Whether it delivers the numbers of a table, (columns,), and no images."""
    outputs: ClassVar[tuple[Port, ...]] = (
        Port("image", help="The pictures."),
        Port("class", Kind.TARGET, help="The class of each picture."),
        Port("labels", Kind.TARGET, help="Which of several labels each picture has, each yes or no."),
        Port("number", Kind.TARGET, help="The number, or the numbers, that belong to each picture."),
        Port("mask", Kind.TARGET, help="The mask that belongs to each picture."),
        Port("boxes", Kind.TARGET, help="The boxes around what is in each picture."),
    )


class Condition(NodeType, category=Category.SOURCE):
    """A node that gives a label of the data to the network; the engine feeds it, the user of a finished model does."""

    feed: ClassVar[Feed] = "class"


def feed_of(kind: NodeType | None) -> Feed | None:
    """What the engine feeds a node with; None for one that computes, constants included."""
    fed = kind.feed if isinstance(kind, Source | Condition) else "constant"
    return None if fed == "constant" else fed


class Loss(NodeType, category=Category.LOSS):
    """Measures how wrong a prediction is. It takes raw scores; the output node turns them into probabilities."""

    inputs = (Port("prediction"), Port("target", Kind.TARGET))
    outputs = (Port("loss", Kind.LOSS),)

    weight: float = setting(1.0, "How much this loss counts beside the others of the same optimizer.", low=0.0)

    activation: ClassVar[Callable[..., Activation]]
    """(prediction: Shape, target: Target) -> what turns the raw scores that it judges into an answer."""

    task: ClassVar[Callable[..., Task]]
    """(prediction: Shape, target: Target) -> what is being learned."""


class Metric(NodeType, category=Category.METRIC):
    """Reports how good predictions are, in terms people use. It does not change the training."""

    inputs = (Port("prediction"), Port("target", Kind.TARGET))
    outputs = ()

    higher_is_better: ClassVar[bool] = True
    bounds: ClassVar[tuple[float, float]] = (0.0, 1.0)
    """The smallest and the largest value that it can have."""
    paired: ClassVar[bool] = True
    """Whether each prediction is compared with the target of its own case, and not all of them with all targets."""


class Optimizer(NodeType, category=Category.OPTIMIZER):
    """Changes the trained numbers upstream of its losses, or those of its part alone, to make the losses smaller."""

    inputs = (Port("loss", Kind.LOSS, many=True),)
    outputs = ()

    remembers: ClassVar[Callable[..., int]]
    """() -> how many numbers it keeps from step to step for each trained number."""

    rate: float = setting(1e-3, "How big each step is (learning rate).", label="Learning rate", low=0.0, brief=True)
    part: str = setting(
        "", "The frame or block, by its name, whose layers it trains. Empty: every layer before its losses. With a "
        "part each, optimizers can play against each other, as in a GAN.",
        form=Form.PART,
    )  # fmt: skip
    order: int = setting(
        1, "Which turn it has in a step. Optimizers with the same number learn from one pass of the network; those "
        "with a higher one learn after them, from a new pass with what the earlier ones changed.",
        label="Update order", low=1,
    )  # fmt: skip
    interval: int = setting(
        1, "It changes its layers at every n-th step only: 1 is every step, 5 every fifth.",
        label="Update interval", low=1,
    )  # fmt: skip
    schedule: Literal["constant", "step", "cosine", "exponential", "polynomial", "one-cycle", "plateau"] = setting(
        "constant", "How the learning rate changes while training goes on."
    )
    warm_up: int = setting(0, "Epochs in which the learning rate rises from near zero to its full size.", low=0)
    step_every: int = setting(10, "For the step schedule: after how many epochs the rate is lowered.", low=1)
    factor: float = setting(0.1, "For step, exponential, plateau: what the rate is multiplied by.", low=0.0, high=1.0)
    power: float = setting(0.9, "For the polynomial schedule: how fast the rate falls.", low=0.0)
    wait: int = setting(5, "For the plateau schedule: epochs without improvement before the rate is lowered.", low=0)

    def infer(self, loss: tuple[Shape, ...]) -> Values:
        return {}


class Output(NodeType, id="output", title="Output", category=Category.OUTPUT, words="result prediction answer model"):
    """What the trained model returns, under the name of this node. Probabilities are made here from the raw scores
    that the losses judge: softmax for one class of many, sigmoid for yes or no.
    """

    inputs = (Port("prediction"),)
    outputs = ()
    example = ((4,),)

    def infer(self, prediction: Shape) -> Shape:
        return prediction
