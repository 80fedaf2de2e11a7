"""How the learning rate goes on: closed formulas of the time since the start; a resumed run needs no history."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from torch.optim import Optimizer as TorchOptimizer

from nodes.roles import Optimizer

FACTOR = "rate_factor"
"""In a parameter group of torch: what the schedule's learning rate is multiplied by; 1 where it is missing."""

_START, _RISE, _END = 1 / 25, 0.3, 1e-4 / 25  # one-cycle, as in torch.optim.lr_scheduler.OneCycleLR
_BETTER = 1e-4  # plateau: how much smaller, relatively, the loss must be to count as an improvement


class Schedule:
    """Sets the learning rate of one optimizer before each step.

    The warm-up rises linearly to the full rate; the schedule of the node covers the epochs after it. Time is counted
    in epochs with their fractions; the step and exponential schedules change at whole epochs, cosine, polynomial and
    one-cycle with every step, plateau when the validation loss has not improved for a while. Nodes with a learning-rate
    factor follow the same course, multiplied by it.
    """

    def __init__(self, node: Optimizer, optimizer: TorchOptimizer, epochs: int, batches: int) -> None:
        self._node = node
        self._optimizer = optimizer
        self._batches = max(batches, 1)
        self._warm_up = min(node.warm_up, epochs)
        self._epochs = max(epochs - self._warm_up, 1)
        self._scale = 1.0
        self._least = math.inf
        self._waited = 0
        self._rate = node.rate

    def before_step(self, step: int) -> None:
        """Set the rate for a step, counted from 0 through all epochs."""
        self._rate = self._node.rate * self.factor(step)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate * group.get(FACTOR, 1)

    def factor(self, step: int) -> float:
        """What the node's learning rate is multiplied by in this step."""
        rising = self._warm_up * self._batches
        if step < rising:
            return (step + 1) / rising
        time = (step - rising) / self._batches
        return self._scale * _FACTORS[self._node.schedule](self._node, time, self._epochs)

    def after_epoch(self, validation_loss: float) -> None:
        """Tell how the epoch went, which only the plateau schedule asks for."""
        if self._node.schedule != "plateau":
            return
        if validation_loss < self._least * (1 - _BETTER):
            self._least, self._waited = validation_loss, 0
            return
        self._waited += 1
        if self._waited > self._node.wait:
            self._scale *= self._node.factor
            self._waited = 0

    @property
    def rate(self) -> float:
        """The learning rate as it is now, for nodes whose factor is 1."""
        return self._rate

    def state(self) -> dict[str, float]:
        """What a checkpoint keeps (no infinite numbers: JSON has none)."""
        least = {"least": self._least} if math.isfinite(self._least) else {}
        return {"scale": self._scale, "waited": self._waited, **least}

    def restore(self, state: Mapping[str, float]) -> None:
        """Go on from what `state` gave."""
        self._scale = float(state["scale"])
        self._waited = int(state["waited"])
        self._least = float(state.get("least", math.inf))


def _constant(_node: Optimizer, _time: float, _epochs: int) -> float:
    return 1.0


def _step(node: Optimizer, time: float, _epochs: int) -> float:
    return float(node.factor ** (int(time) // node.step_every))


def _exponential(node: Optimizer, time: float, _epochs: int) -> float:
    return float(node.factor ** int(time))


def _cosine(_node: Optimizer, time: float, epochs: int) -> float:
    return (1 + math.cos(math.pi * min(time / epochs, 1))) / 2


def _polynomial(node: Optimizer, time: float, epochs: int) -> float:
    return float((1 - min(time / epochs, 1)) ** node.power)


def _one_cycle(_node: Optimizer, time: float, epochs: int) -> float:
    share = min(time / epochs, 1)
    if share < _RISE:
        return _between(_START, 1.0, share / _RISE)
    return _between(1.0, _END, (share - _RISE) / (1 - _RISE))


def _between(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


_FACTORS: Mapping[str, Callable[[Optimizer, float, int], float]] = {
    "constant": _constant,
    "step": _step,
    "cosine": _cosine,
    "exponential": _exponential,
    "polynomial": _polynomial,
    "one-cycle": _one_cycle,
    "plateau": _constant,
}
