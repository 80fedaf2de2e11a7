"""The course of a run as the coach reads it: losses, what was observed, and what knowing nothing would cost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from nodes.class_weights import WeightedLoss
from nodes.losses import AbsoluteError, BinaryCrossEntropy, CrossEntropy, SquaredError
from nodes.roles import Loss, Optimizer
from nodes.spec import Target
from runtime.analysis import Analysis
from runtime.events import Batch, Epoch, Event, Failed, Observed, Started


@dataclass(frozen=True)
class Course:
    """Whole epochs only, each once. `training` and `validation` are the losses, `rates` the learning rates."""

    analysis: Analysis  # of the run's own graph
    epochs: tuple[Epoch, ...] = ()
    observed: Mapping[int, Observed] = field(default_factory=dict)  # by epoch
    first: tuple[float, ...] = ()  # losses of batches told of within the first epoch
    cases: Mapping[str, int] = field(default_factory=dict)  # by part
    failure: Failed | None = None

    @cached_property
    def training(self) -> list[float]:
        """The training loss of each epoch."""
        return _known(self.epochs, "train_loss")

    @cached_property
    def validation(self) -> list[float]:
        """The validation loss of each epoch."""
        return _known(self.epochs, "validation_loss")

    @cached_property
    def rates(self) -> list[float]:
        """The learning rate at the end of each epoch."""
        return [epoch.rate for epoch in self.epochs if epoch.rate is not None]

    @property
    def steps(self) -> str:
        """The learning rate in words: “a learning rate of 0.01”."""
        kinds = (self.analysis.facts[node].type for node in self.analysis.of_type(Optimizer))
        drawn = [kind.rate for kind in kinds if isinstance(kind, Optimizer)]
        rate = next(iter([*self.rates[-1:], *drawn]), None)
        return "this learning rate" if rate is None else f"a learning rate of {rate:g}"

    @cached_property
    def seen(self) -> list[Observed]:
        """What was observed of each epoch, in order."""
        return [self.observed[epoch.epoch] for epoch in self.epochs if epoch.epoch in self.observed]

    @property
    def plain(self) -> bool:
        """Whether one optimizer makes all losses smaller: curves of networks that play against each other mean less."""
        return len(self.analysis.of_type(Optimizer)) == 1

    @cached_property
    def nothing(self) -> float:
        """The loss of an answer that knows nothing but how often each class occurs; nan while that is not known.

        Where it cannot be worked out, it is the loss that the training began with.
        """
        worked_out = self._of_the_blind(untrained=False)
        return self._start if worked_out is None else worked_out

    @cached_property
    def untrained(self) -> float:
        """The loss of a network that answers the same for all classes, or 0 for a number, as new ones nearly do."""
        worked_out = self._of_the_blind(untrained=True)
        return self._start if worked_out is None else max(worked_out, self.nothing)

    @property
    def _start(self) -> float:
        return max([*self.first[:1], *self.training[:1]], default=math.nan)

    def level(self, loss: float) -> float:
        """A loss as a share of what knowing nothing costs."""
        return loss / self.nothing if self.nothing > 0 else math.nan

    def target(self, node: str) -> Target | None:
        """The labels that a loss of the run compares with."""
        facts = self.analysis.facts.get(node)
        value = facts.inputs.get("target") if facts is not None else None
        return value if isinstance(value, Target) else None

    def _of_the_blind(self, untrained: bool) -> float | None:
        total = 0.0
        for node in self.analysis.of_type(Loss):
            kind, target = self.analysis.facts[node].type, self.target(node)
            true = self.seen[-1].true.get(node) if self.seen else None
            if not isinstance(kind, Loss) or target is None or not true:
                return None
            shares = [share or 0.0 for share in true]
            even = untrained or self.analysis.graph.training.sampling == "balanced"
            own = _blind(kind, target, _even(target, shares) if even else shares)
            if own is None:
                return None
            total += kind.weight * own
        return total or None


def course_of(events: Iterable[Event], analysis: Analysis) -> Course:
    """The course that the events of a run tell; `analysis` is that of the run's own graph."""
    epochs: dict[int, Epoch] = {}
    observed: dict[int, Observed] = {}
    first: list[float] = []
    cases: Mapping[str, int] = {}
    failure: Failed | None = None
    for event in events:
        match event:
            case Started():
                cases, failure = event.cases, None
                epochs = {number: epoch for number, epoch in epochs.items() if number <= event.resumed_after}
            case Batch() if event.epoch == 1:
                first.append(event.loss)
            case Observed():
                observed[event.epoch] = event
            case Epoch():
                epochs[event.epoch] = event
            case Failed():
                failure = event
    whole = tuple(epoch for _, epoch in sorted(epochs.items()) if _finite(epoch))
    return Course(analysis, whole, observed, tuple(first), cases, failure)


def mean(values: Sequence[float]) -> float:
    """The mean; nan of nothing."""
    return sum(values) / len(values) if values else math.nan


def median(values: Sequence[float]) -> float:
    """The value in the middle, the lower one of two; nan of nothing."""
    return sorted(values)[(len(values) - 1) // 2] if values else math.nan


def _finite(epoch: Epoch) -> bool:
    return all(epoch.metrics.get(name) is not None for name in ("train_loss", "validation_loss"))


def _known(epochs: Iterable[Epoch], name: str) -> list[float]:
    return [float(value) for epoch in epochs if (value := epoch.metrics.get(name)) is not None]


def _even(target: Target, shares: Sequence[float]) -> list[float]:
    """Shares as if all classes were as frequent; of numbers, their mean and their deviation from 0."""
    if target.label == "number":
        return [0.0, math.hypot(*shares)]
    return [0.5 if target.label == "labels" else 1 / len(shares)] * len(shares)


def _blind(kind: Loss, target: Target, shares: Sequence[float]) -> float | None:
    """The least loss of one and the same answer for all cases, where there is a formula for it."""
    if target.label == "number":
        return _blind_number(kind, shares)
    if isinstance(kind, BinaryCrossEntropy):
        yes = shares if target.label == "labels" else shares[1:]
        return mean([_blind_choice(share, kind.positive_weight) for share in yes])
    if not isinstance(kind, CrossEntropy):
        return None
    if isinstance(kind, WeightedLoss) and kind.class_weights != "none":
        return math.log(len(shares))
    return sum(-share * math.log(share) for share in shares if share > 0)


def _blind_number(kind: Loss, spread: Sequence[float]) -> float | None:
    """`spread` is the mean of the numbers and their standard deviation."""
    if isinstance(kind, SquaredError):
        return spread[1] ** 2
    return 0.8 * spread[1] if isinstance(kind, AbsoluteError) else None  # 0.8 of the deviation, of a bell curve


def _blind_choice(yes: float, weight: float) -> float:
    if not 0 < yes < 1:
        return 0.0
    said = weight * yes / (weight * yes + 1 - yes)
    return -weight * yes * math.log(said) - (1 - yes) * math.log(1 - said)
