"""One optimizer of a graph at work: the trained numbers of its part, their gradients, its turn, its schedule."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nodes.roles import Optimizer
from runtime.checkpoint import State
from runtime.compile import Network
from runtime.errors import NodeFailure
from runtime.judges import Judge
from runtime.layouts import laid_out_as
from runtime.own_training import Penalties, parameter_groups
from runtime.schedules import Schedule

_FUSED = ("SGD", "Adam", "AdamW", "Adagrad")
"""All trained numbers are changed by one call; on a GPU it can leave out a step without the processor being asked."""

Gradients = tuple[Tensor | None, ...]


class Puller:
    """Draws gradients from its losses with `draw`, adds them up with `take`, changes trained numbers with `step`."""

    def __init__(self, network: Network, node_id: str, losses: Sequence[Judge], steps: int) -> None:
        analysis = network.analysis
        facts = analysis.facts[node_id]
        if not isinstance(facts.type, Optimizer):
            raise TypeError(f"{node_id} is no optimizer")
        own = {wire.source for wire in analysis.graph.wires_into(node_id)}
        self._losses = [(place, judge.weight) for place, judge in enumerate(losses) if judge.node in own]
        groups = parameter_groups(network, analysis.trained[node_id])
        self.parameters: list[nn.Parameter] = [one for group in groups for one in group["params"]]
        self._penalties = Penalties(network, analysis.trained[node_id])
        self.order = facts.type.order
        self._interval = facts.type.interval
        call = facts.type.call(**facts.inputs)
        name = call.target.removeprefix("torch.optim.")
        more = {"fused": True} if name in _FUSED else {}
        self.skips_bad_steps = bool(self.parameters) and self.parameters[0].is_cuda and name in _FUSED
        try:
            self.optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(groups, **call.arguments, **more)
        except (TypeError, ValueError) as error:
            raise NodeFailure(f"“{facts.node.name}” cannot be built: {error}", node_id) from error
        training = analysis.graph.training
        self.schedule = Schedule(facts.type, self.optimizer, training.epochs, steps)
        self._clip = training.clip
        # Small gradients would become 0 in float16: the loss is made large before, and the gradients small again after.
        self._scaler = torch.amp.GradScaler(_kind(self.parameters)) if network.cast is torch.float16 else None
        self._has_momentum = name == "SGD" and bool(self.optimizer.defaults["momentum"])
        if self._scaler is not None and self._has_momentum:
            # Its momentum would begin with whatever lies in memory if the first step is left out (PyTorch 2.13).
            self._begin_momentum(self.parameters)
        self._gradients: Gradients = ()

    def is_due(self, step: int) -> bool:
        """Whether it changes its numbers in this step, counted from 0 through all epochs."""
        return (step + 1) % self._interval == 0

    def draw(self, values: Sequence[Tensor], share: float, last: bool) -> Gradients:
        """The gradients of the losses, times `share`; unless this is the last optimizer, the pass is kept."""
        learning = [one for one in self.parameters if one.requires_grad]  # others are frozen in this epoch
        if not learning:
            return (None,) * len(self.parameters)
        total = weighted_sum([(weight * share, values[place]) for place, weight in self._losses])
        if self._scaler is not None:
            total = self._scaler.scale(total)
        found = iter(torch.autograd.grad(total, learning, retain_graph=not last, allow_unused=True))
        drawn = (next(found) if one.requires_grad else None for one in self.parameters)
        return tuple(
            None if gradient is None else laid_out_as(gradient, one)
            for one, gradient in zip(self.parameters, drawn, strict=True)
        )

    def take(self, gradients: Gradients) -> None:
        """Add gradients to those taken since the last step."""
        if not self._gradients:
            self._gradients = gradients
            return
        pairs = zip(self._gradients, gradients, strict=True)
        both = [(before, more) for before, more in pairs if before is not None and more is not None]
        torch._foreach_add_([before for before, _ in both], [more for _, more in both])

    @property
    def taken(self) -> list[Tensor]:
        """The gradients taken since the last step."""
        return [gradient for gradient in self._gradients if gradient is not None]

    def gradients(self) -> Iterator[tuple[int, Tensor]]:
        """The gradients taken since the last step, not scaled, by the identity of what they belong to."""
        scale = 1.0 if self._scaler is None else self._scaler.get_scale()
        for parameter, gradient in zip(self.parameters, self._gradients, strict=True):
            if gradient is not None:
                yield id(parameter), gradient if scale == 1 else gradient / scale

    def step(self, step: int, bad: Tensor) -> None:
        """Change the trained numbers; on a GPU not where `bad` is 1, which is found out there."""
        for parameter, gradient in zip(self.parameters, self._gradients, strict=True):
            parameter.grad = gradient
        if self._has_momentum and self.optimizer.state:  # what was frozen until now joins numbers that have theirs
            self._begin_momentum([one for one in self.parameters if one.grad is not None])
        self.schedule.before_step(step)
        if not self.taken:  # all that it trains is frozen in this epoch
            self._gradients = ()
            return
        if self._scaler is not None:
            self._scaler.unscale_(self.optimizer)
        if self._penalties:
            self._penalties.add()
        if self._clip:
            torch.nn.utils.clip_grad_norm_(self.parameters, self._clip, foreach=True)
        if self._scaler is not None:
            self._scaler.step(self.optimizer)  # not where a gradient is no finite number
            self._scaler.update()
        else:
            if self.skips_bad_steps:
                self.optimizer.found_inf = bad  # type: ignore[attr-defined]
            self.optimizer.step()
        self._gradients = ()
        self.optimizer.zero_grad(set_to_none=True)

    def _begin_momentum(self, parameters: Sequence[nn.Parameter]) -> None:
        """From 0, for those that have none yet: the fused step of PyTorch 2.13 takes momentum of all or of none."""
        for parameter in parameters:
            if self.optimizer.state[parameter].get("momentum_buffer") is None:
                self.optimizer.state[parameter]["momentum_buffer"] = torch.zeros_like(parameter)

    def state(self) -> State:
        """What the optimizer and its schedule remember."""
        tensors: dict[str, Tensor] = {}
        numbers: dict[str, float | int | bool] = {}
        for place, entries in self.optimizer.state_dict()["state"].items():
            for name, value in entries.items():
                if isinstance(value, Tensor):
                    tensors[f"{place}.{name}"] = value
                elif isinstance(value, int | float) and math.isfinite(value):
                    numbers[f"{place}.{name}"] = value
        scaler = {} if self._scaler is None else {"scaler": self._scaler.state_dict()}
        return State(tensors, {"numbers": numbers, "schedule": self.schedule.state(), **scaler})

    def restore(self, state: State) -> None:
        """Go on from what `state` gave."""
        entries: dict[int, dict[str, Any]] = {}
        for key, value in {**state.facts["numbers"], **state.tensors}.items():
            place, _, name = key.partition(".")
            entries.setdefault(int(place), {})[name] = value
        usual = self.optimizer.state_dict()
        self.optimizer.load_state_dict({"state": entries, "param_groups": usual["param_groups"]})
        for parameter, remembered in self.optimizer.state.items():  # files keep the usual layout
            for name, value in remembered.items():
                if isinstance(value, Tensor) and value.shape == parameter.shape:
                    remembered[name] = laid_out_as(value, parameter)
        self.schedule.restore(state.facts["schedule"])
        if self._scaler is not None and "scaler" in state.facts:
            self._scaler.load_state_dict(dict(state.facts["scaler"]))


def weighted_sum(terms: Sequence[tuple[float, Tensor]]) -> Tensor:
    """The sum of values times their weights, in as few steps as can be: this is done for every batch."""
    scaled = [value if weight == 1 else weight * value for weight, value in terms]
    return scaled[0] if len(scaled) == 1 else torch.stack(scaled).sum()


def _kind(parameters: Sequence[nn.Parameter]) -> str:
    return parameters[0].device.type if parameters else "cpu"


def turns_of(pullers: Sequence[Puller], step: int) -> list[list[Puller]]:
    """Those that are due in this step, by their order: a pass for each turn, one at least, which may be empty."""
    due = [puller for puller in pullers if puller.is_due(step)]
    orders = sorted({puller.order for puller in due})
    return [[puller for puller in due if puller.order == order] for order in orders] or [[]]
