"""From an analysed graph to a PyTorch module: a plain loop over prepared steps, as fast as one by hand."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor, nn

from nodes.roles import DataSource
from nodes.spec import Call
from runtime.analysis import Analysis
from runtime.augmenting import joined
from runtime.errors import NodeFailure
from runtime.modules.fit import Fit
from runtime.names import identifiers
from runtime.plan import Place, Plan, Work, fits_of, plan_of

Runs = Callable[..., Any]

_TORCH_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, KeyError, ArithmeticError, AttributeError)
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


@dataclass(frozen=True, slots=True)
class _Step:
    """One call on the slots of a pass; `frees` are the slots that nothing reads later."""

    node: str
    run: Runs
    takes: tuple[int, ...]
    gives: int
    frees: tuple[int, ...]
    moves: tuple[str, ...]


class Pass:
    """The tensors of one pass through a network. `masks` holds the mask of each source, moved with its images."""

    __slots__ = ("_slots", "_values", "masks")

    def __init__(self, values: list[Any], slots: Mapping[Place, int], masks: dict[str, Tensor]) -> None:
        self._values = values
        self._slots = slots
        self.masks = masks

    def at(self, node_id: str, output: str = "out") -> Tensor:
        """The tensor that left this port, if an output, loss or metric reads it. Raises KeyError for others."""
        found = self._values[self._slots[node_id, output]]
        if found is None:
            raise KeyError(f"the tensor at {node_id}.{output} was not kept: no output, loss or metric reads it")
        tensor: Tensor = found
        return tensor


class _Steps:
    """A plan made ready to run: modules bound, tensors numbered."""

    def __init__(self, plan: Plan, runs: Mapping[str, Runs], titles: Mapping[str, str]) -> None:
        self.titles = titles
        self.inputs = plan.inputs
        self.slots: dict[Place, int] = {}
        for place in plan.feeds:
            self._slot(place)
        last = {place: index for index, work in enumerate(plan.work) for place in work.takes}
        kept = set(plan.kept)
        self.steps: list[_Step] = []
        for index, work in enumerate(plan.work):
            self._add(work, runs[work.node], [
                place for place in dict.fromkeys(work.takes) if last[place] == index and place not in kept
            ])  # fmt: skip
        self.size = len(self.slots)

    def _slot(self, place: Place) -> int:
        return self.slots.setdefault(place, len(self.slots))

    def _append(self, step: _Step) -> None:
        """Add a step; an augmentation that alone reads the one before it is joined with it."""
        last = self.steps[-1] if self.steps else None
        if last is not None and step.takes == (last.gives,) and last.gives in step.frees and step.moves == last.moves:
            both = joined(last.run, step.run)
            if both is not None:
                self.steps[-1] = replace(last, run=both, gives=step.gives)
                return
        self.steps.append(step)

    def _add(self, work: Work, run: Runs, done: Sequence[Place]) -> None:
        takes = tuple(self._slot(place) for place in work.takes)
        frees = tuple(self.slots[place] for place in done)
        if len(work.gives) == 1:
            self._append(_Step(work.node, run, takes, self._slot(work.gives[0]), frees, work.moves))
            return
        whole = self._slot((work.node, ""))
        self.steps.append(_Step(work.node, run, takes, whole, frees, work.moves))
        for number, place in enumerate(work.gives):
            freed = (whole,) if number == len(work.gives) - 1 else ()
            self.steps.append(_Step(work.node, itemgetter(number), (whole,), self._slot(place), freed, ()))

    def run(self, values: list[Any], masks: dict[str, Tensor]) -> None:
        """Fill `values` (inputs first) step by step. Raises NodeFailure."""
        values += [None] * (self.size - len(values))
        step: _Step | None = None
        try:
            for step in self.steps:
                takes = step.takes
                if step.moves and masks:
                    values[step.gives] = _moved(step, values[takes[0]], masks)
                elif len(takes) == 1:
                    values[step.gives] = step.run(values[takes[0]])
                else:
                    values[step.gives] = step.run(*[values[slot] for slot in takes])
                for slot in step.frees:
                    values[slot] = None
        except _TORCH_ERRORS as error:
            if step is None or isinstance(error, NodeFailure):
                raise
            raise _failure(step.node, self.titles[step.node], error, [values[slot] for slot in step.takes]) from error


def _moved(step: _Step, image: Tensor, masks: dict[str, Tensor]) -> Tensor:
    """Run a step that moves pixels on an image and on the masks of its sources alike."""
    together = getattr(step.run, "together", None)
    if together is None:
        raise TypeError("it moves pixels, but cannot move masks along")
    own = {source: masks[source] for source in step.moves if source in masks}
    moved, changed = together(image, own)
    masks.update(changed)
    result: Tensor = moved
    return result


def _failure(node_id: str, name: str, error: Exception, inputs: Sequence[Any]) -> NodeFailure:
    if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
        return NodeFailure(f"“{name}” needs more memory than is free; use smaller batches or smaller images.", node_id)
    came = ", ".join("×".join(map(str, item.shape)) for item in inputs if isinstance(item, Tensor))
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    return NodeFailure(f"“{name}” failed on an input of {came or 'nothing'} (batch first): {reason}", node_id)


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
        self._steps = _Steps(self.plan, self._runs, self._titles)

    def module_of(self, node_id: str) -> nn.Module:
        """The module of a node, which may be another node's as well; an empty one for a node that has none."""
        run = self._runs.get(node_id)
        return run if isinstance(run, nn.Module) else nn.Module()

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

    def forward(self, feeds: Mapping[str, Tensor], masks: Mapping[str, Tensor] | None = None) -> Pass:
        """Run the graph on fitted images (N, C, *size) by source id, and masks (N, *size) that move along with them.

        Raises NodeFailure with the id of the node that failed.
        """
        moved = dict(masks) if masks else {}
        values: list[Any] = [feeds[node_id] for node_id in self.inputs]
        self._steps.run(values, moved)
        return Pass(values, self._steps.slots, moved)

    def deployed_steps(self, plan: Plan) -> _Steps:
        """The steps of the plan of deployment, on this network's own modules."""
        return _Steps(plan, self._runs, self._titles)


class Deployed(nn.Module):
    """The model as it is given away: real-unit images of any size in, probabilities out, always in eval mode.

    It shares its modules with the network and puts them into eval mode. `inputs` and `outputs` are node ids in order.
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
    if isinstance(analysis.facts[node_id].type, DataSource):
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
}


@contextmanager
def _blaming(node_id: str, name: str) -> Iterator[None]:
    try:
        yield
    except _TORCH_ERRORS as error:
        raise NodeFailure(f"“{name}” cannot be built: {' '.join(str(error).split())[:300]}", node_id) from error


def compile_graph(analysis: Analysis) -> Network:
    """Build the network of a sound graph, its weights drawn by torch's rules from the project's seed.

    The random state of the caller is left alone. Raises GraphError with every problem, NodeFailure for a node that
    cannot be built.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(analysis.graph.training.seed)
        return Network(analysis)
