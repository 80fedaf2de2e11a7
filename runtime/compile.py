"""From an analysed graph to a PyTorch module: a plain loop over prepared steps, as fast as one by hand."""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nodes.roles import DataSource
from nodes.spec import Call
from runtime.analysis import Analysis
from runtime.errors import NodeFailure
from runtime.modules.boxes import answered_boxes
from runtime.modules.fit import Fit
from runtime.names import identifiers
from runtime.plan import Plan, fits_of, plan_of
from runtime.steps import TORCH_ERRORS, Pass, Runs, Steps

__all__ = ["Deployed", "Network", "Pass", "build", "compile_graph"]

_ROOTS = ("torch.", "runtime.modules.")


def build(call: Call) -> nn.Module | Runs:
    """What a call stands for: a torch module, or a function that takes the inputs one by one.

    Raises ValueError for a target outside torch and runtime.modules, or one that does not exist.
    """
    if not call.target.startswith(_ROOTS):
        raise ValueError(f"{call.target} is neither in torch nor in runtime.modules")
    try:
        found = pkgutil.resolve_name(call.target)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"there is no {call.target}") from error
    if not call.is_function:
        made: nn.Module = found(**call.arguments)
        return made
    bound: Runs = partial(found, **call.arguments) if call.arguments else found
    return _listed(bound) if call.listed else bound


def _listed(run: Runs) -> Runs:
    return lambda *inputs: run(list(inputs))


class Network(nn.Module):
    """The compiled graph. Its children carry the names that exported source uses, so state dicts fit both.

    `names` maps node ids to those names; `inputs` are the ids of the fed sources, in order.
    """

    def __init__(self, analysis: Analysis) -> None:
        super().__init__()
        self.analysis = analysis
        self.names = identifiers(analysis.graph)
        self.plan = plan_of(analysis)
        self.inputs = self.plan.inputs
        self._titles = {node_id: analysis.title(node_id) for node_id in analysis.graph.nodes}
        self._runs: dict[str, Runs] = {}
        owners: dict[str, Runs] = {}
        for work in self.plan.work:
            owner = analysis.shares.get(work.node, work.node)
            if owner not in owners:
                with _blaming(work.node, self._titles[work.node]):
                    owners[owner] = build(work.call)
                self._hold(self.names[owner], owners[owner])
            self._runs[work.node] = owners[owner]
        self._frozen: list[nn.Module] = []
        self.at_epoch(math.inf)
        self._steps = Steps(self.plan, self._runs, self._titles, _learning(analysis))
        self.cast: torch.dtype | None = None  # what layers compute with where it is safe; None for float32

    def module_of(self, node_id: str) -> nn.Module:
        """The module of a node, which may be another node's as well; an empty one for a node that has none."""
        run = self._runs.get(node_id)
        return run if isinstance(run, nn.Module) else nn.Module()

    def at_epoch(self, epoch: float) -> None:
        """Freeze what is frozen in this epoch, counted from 1, and let go the rest. At first it is as at the end."""
        frozen = [node_id for node_id, facts in self.analysis.facts.items() if facts.frozen_in(epoch)]
        before, self._frozen = self._frozen, [self.module_of(node_id) for node_id in frozen]
        for module in before:
            if module not in self._frozen:
                module.requires_grad_(True).train(self.training)
        for module in self._frozen:
            module.requires_grad_(False).eval()  # gradients still flow through it to what lies before

    def train(self, mode: bool = True) -> Network:
        """As of every module, but that frozen nodes stay in eval mode: running statistics are used and kept."""
        super().train(mode)
        for frozen in self._frozen:
            frozen.eval()
        return self

    def _hold(self, name: str, run: Runs | nn.Module) -> None:
        """Make a module a child; what lies in a block hangs below a child for the block."""
        if not isinstance(run, nn.Module):
            return
        holder: nn.Module = self
        *blocks, last = name.split(".")
        for block in blocks:
            if block not in holder._modules:
                holder.add_module(block, nn.Module())
            holder = holder.get_submodule(block)
        holder.add_module(last, run)

    def forward(
        self, feeds: Mapping[str, Tensor], masks: Mapping[str, Tensor] | None = None, run: Runs | None = None
    ) -> Pass:
        """Run the graph on fitted images (N, C, *size) by source id; masks (N, *size) or boxes (N, M, 5) move along.

        `run` does what `tensors` does, perhaps faster. Raises NodeFailure with the id of the node that failed.
        """
        given = [feeds[node_id] for node_id in self.inputs]
        values, moved = (run or self.tensors)(given, dict(masks) if masks else {})
        passed = Pass(values, self._steps.slots, moved)
        if self.cast is not None:
            passed.in_float32()
        return passed

    def tensors(self, given: list[Tensor], masks: dict[str, Tensor]) -> tuple[list[Any], dict[str, Tensor]]:
        """The tensors of a pass by their slots, and the masks as moved. Raises NodeFailure."""
        values: list[Any] = [*given]
        self._steps.run(values, masks, self.cast)
        return values, masks

    def deployed_steps(self, plan: Plan) -> Steps:
        """The steps of the plan of deployment, on this network's own modules."""
        return Steps(plan, self._runs, self._titles)


class Deployed(nn.Module):
    """The model as it is given away: real-unit images of any size in, probabilities out, always in eval mode.

    It shares its modules with the network and puts them into eval mode. `inputs` and `outputs` are node ids in order;
    `framed` says which outputs are boxes.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        analysis = network.analysis
        plan = plan_of(analysis, deployed=True)
        self.network = network
        self.inputs = plan.inputs
        self.outputs = tuple(plan.outputs)
        self.fits = nn.ModuleList(_fit(analysis, node_id) for node_id in plan.inputs)
        self._steps = network.deployed_steps(plan)
        self.framed = tuple(analysis.meanings[node_id].activation == "boxes" for node_id in plan.outputs)
        self._ends = tuple(
            (self._steps.slots[place], _ACTIVATIONS[analysis.meanings[node_id].activation])
            for node_id, place in plan.outputs.items()
        )
        self.eval()

    def train(self, mode: bool = True) -> Deployed:
        """Stay in eval mode: a model given away does not learn."""
        super().train(False)
        return self

    def forward(self, *images: Tensor) -> tuple[Tensor, ...]:
        """The answer of each output for images (N, C, any size) of each input, in order. Raises NodeFailure."""
        values: list[Any] = [fit(image) for fit, image in zip(self.fits, images, strict=True)]
        self._steps.run(values, {})
        return tuple(activation(values[slot]) for slot, activation in self._ends)


def _fit(analysis: Analysis, node_id: str) -> nn.Module:
    kind = analysis.facts[node_id].type
    if isinstance(kind, DataSource) and not kind.tabular:
        (fitted,) = fits_of(analysis, node_id)
        return Fit(fitted.size, fitted.rule)
    return nn.Identity()


def _softmax(scores: Tensor) -> Tensor:
    return torch.softmax(scores, 1)


def _identity(scores: Tensor) -> Tensor:
    return scores


_ACTIVATIONS: Mapping[str, Callable[[Tensor], Tensor]] = {
    "identity": _identity,
    "sigmoid": torch.sigmoid,
    "softmax": _softmax,
    "boxes": answered_boxes,
}


def _learning(analysis: Analysis) -> set[str]:
    """The nodes that have trained numbers, or take what such nodes gave."""
    found: set[str] = set()
    for node_id in analysis.order:
        before = {wire.source for wire in analysis.graph.wires_into(node_id)}
        owner = analysis.shares.get(node_id, node_id)
        if analysis.facts[owner].parameters or not found.isdisjoint(before):
            found.add(node_id)
    return found


@contextmanager
def _blaming(node_id: str, name: str) -> Iterator[None]:
    try:
        yield
    except TORCH_ERRORS as error:
        raise NodeFailure(f"“{name}” cannot be built: {' '.join(str(error).split())[:300]}", node_id) from error


def compile_graph(analysis: Analysis) -> Network:
    """Build the network of a sound graph, its weights drawn by torch's rules from the project's seed.

    The random state of the caller is left alone. Raises GraphError with every problem, NodeFailure for a node that
    cannot be built.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(analysis.graph.training.seed)
        return Network(analysis)
