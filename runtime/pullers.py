"""One optimizer of a graph at work: the trained numbers upstream of its losses, their slopes, its schedule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nodes.roles import Optimizer
from runtime.checkpoint import State
from runtime.compile import Network
from runtime.errors import NodeFailure
from runtime.judges import Judge
from runtime.schedules import Schedule

_FUSED = ("SGD", "Adam", "AdamW", "Adagrad")  # one launch on a GPU, and able to leave out a step without being asked


class Puller:
    """Draws slopes from its losses with `draw`, and changes the trained numbers with `step`."""

    def __init__(self, network: Network, node_id: str, losses: Sequence[Judge], batches: int) -> None:
        analysis = network.analysis
        facts = analysis.facts[node_id]
        if not isinstance(facts.type, Optimizer):
            raise TypeError(f"{node_id} is no optimizer")
        own = {wire.source for wire in analysis.graph.wires_into(node_id)}
        self._losses = [(place, judge.weight) for place, judge in enumerate(losses) if judge.node in own]
        self.parameters = _parameters(network, analysis.trained[node_id])
        call = facts.type.call(**facts.inputs)
        name = call.target.removeprefix("torch.optim.")
        self.skips_bad_steps = bool(self.parameters) and self.parameters[0].is_cuda and name in _FUSED
        more = {"fused": True} if self.skips_bad_steps else {}
        try:
            self.optimizer: torch.optim.Optimizer = getattr(torch.optim, name)(
                self.parameters, **call.arguments, **more
            )
        except (TypeError, ValueError) as error:
            raise NodeFailure(f"“{facts.node.name}” cannot be built: {error}", node_id) from error
        self.schedule = Schedule(facts.type, self.optimizer, analysis.graph.training.epochs, batches)
        self._slopes: tuple[Tensor | None, ...] = ()

    def draw(self, values: Sequence[Tensor], last: bool) -> None:
        """Compute the slopes of this optimizer's losses; unless it is the last, the pass is kept for the next."""
        total = torch.stack([weight * values[place] for place, weight in self._losses]).sum()
        self._slopes = torch.autograd.grad(total, self.parameters, retain_graph=not last, allow_unused=True)

    def step(self, step: int, bad: Tensor) -> None:
        """Change the trained numbers; on a GPU not where `bad` is 1, which is found out there."""
        for parameter, slope in zip(self.parameters, self._slopes, strict=True):
            parameter.grad = slope
        self.schedule.before_step(step)
        if self.skips_bad_steps:
            self.optimizer.found_inf = bad  # type: ignore[attr-defined]
        self.optimizer.step()
        self._slopes = ()
        for parameter in self.parameters:
            parameter.grad = None

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
        return State(tensors, {"numbers": numbers, "schedule": self.schedule.state()})

    def restore(self, state: State) -> None:
        """Go on from what `state` gave."""
        entries: dict[int, dict[str, Any]] = {}
        for key, value in {**state.facts["numbers"], **state.tensors}.items():
            place, _, name = key.partition(".")
            entries.setdefault(int(place), {})[name] = value
        usual = self.optimizer.state_dict()
        self.optimizer.load_state_dict({"state": entries, "param_groups": usual["param_groups"]})
        self.schedule.restore(state.facts["schedule"])


def _parameters(network: Network, node_ids: Sequence[str]) -> list[nn.Parameter]:
    found: dict[int, nn.Parameter] = {}
    for node_id in node_ids:
        child = network.module_of(node_id)
        found |= {id(parameter): parameter for parameter in child.parameters() if parameter.requires_grad}
    return list(found.values())
