"""What leaves every node for some images: of a trained network, or of a drawing as it is, finished or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from nodes.roles import DataSource, Source
from nodes.spec import Kind
from runtime.analysis import Analysis
from runtime.compile import Network, build
from runtime.device import mixed
from runtime.errors import RunError
from runtime.plan import Place
from runtime.steps import TORCH_ERRORS, Runs

_AT_ONCE = 16  # images that go through the network together


@dataclass(frozen=True, slots=True)
class Left:
    """The tensor (N, ...) that left a node through a port; `trained` tells whether all weights at and before it are of
    a trained network; None where there are no weights yet."""

    node: str
    port: str
    tensor: Tensor
    trained: bool | None


class Walk:
    """Runs the nodes of a graph one after the other, as far as each has its inputs; always in eval mode.

    Modules are those of `network` where it has one for the node that fits; others get weights drawn from the seed of
    the project, as before training. `until` runs only what this node needs.
    """

    def __init__(self, analysis: Analysis, network: Network | None = None, until: str = "") -> None:
        self.analysis = analysis
        self._takes = {node_id: _takes(analysis, node_id) for node_id in analysis.order if _gives(analysis, node_id)}
        wanted = _needed(self._takes, until) if until else set(self._takes)
        self.fed = tuple(node_id for node_id in self._takes if node_id in wanted and _feed(analysis, node_id))
        self.problems: dict[str, str] = {}  # nodes that could not be built or run, and why
        self._runs: dict[str, tuple[Runs, bool | None]] = {}
        for node_id in self._takes:
            if node_id in wanted and node_id not in self.fed:
                self._build(node_id, network)

    def _build(self, node_id: str, network: Network | None) -> None:
        facts = self.analysis.facts[node_id]
        owner = self.analysis.shares.get(node_id, node_id)
        if owner != node_id and owner in self._runs:
            self._runs[node_id] = self._runs[owner]
            return
        try:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(mixed(self.analysis.graph.training.seed, owner))
                made = build(facts.type.call(**facts.inputs)) if facts.type is not None else nn.Identity()
        except TORCH_ERRORS as error:
            self.problems[node_id] = _reason(error)
            return
        trained = None
        if isinstance(made, nn.Module):
            made.eval()
            if made.state_dict():
                trained = network is not None and _loaded(made, network.module_of(node_id))
        self._runs[node_id] = made, trained

    @torch.no_grad()
    def outputs(self, feeds: Mapping[str, Tensor]) -> Iterator[Left]:
        """What leaves each node, in order; `feeds` are images (N, C, *size) by source, others are drawn or left out."""
        values: dict[Place, tuple[Tensor, bool | None]] = {}
        for node_id in self.fed:
            fed = feeds.get(node_id)
            if fed is None:
                fed = self._drawn(node_id, len(next(iter(feeds.values()))))
            if fed is not None:
                values[node_id, self._ports(node_id)[0]] = fed, None
                yield Left(node_id, self._ports(node_id)[0], fed, None)
        first = next(iter(values.values()), None)
        for node_id, (run, trained) in self._runs.items():
            takes = [values.get(place) for place in self._takes[node_id]] or [first]
            given = [one for one in takes if one is not None]
            if len(given) == len(takes):
                weights = [one for one in (trained, *(before for _, before in given)) if one is not None]
                learned = all(weights) if weights else None
                for port, tensor in self._ran(node_id, run, [tensor for tensor, _ in given]):
                    values[node_id, port] = tensor, learned
                    yield Left(node_id, port, tensor, learned)

    def output(self, feeds: Mapping[str, Tensor], node_id: str) -> Tensor:
        """What leaves one node. Raises RunError when it gives nothing."""
        for left in self.outputs(feeds):
            if left.node == node_id:
                return left.tensor
        why = self.problems.get(node_id, "no image reaches it")
        raise RunError(f"“{self.analysis.title(node_id)}” gives nothing to look at: {why}.", node_id)

    def batches(self, source: str, images: Any, cases: tuple[int, ...], node_id: str) -> Iterator[Tensor]:
        """What leaves a node for many cases, indexes into `images` (N, C, *size), some at a time."""
        for start in range(0, len(cases), _AT_ONCE):
            chosen = list(cases[start : start + _AT_ONCE])
            yield self.output({source: torch.from_numpy(images[chosen])}, node_id)

    def _ran(self, node_id: str, run: Runs, given: list[Tensor]) -> Iterator[tuple[str, Tensor]]:
        try:
            found = run(*given)
        except TORCH_ERRORS as error:
            self.problems[node_id] = _reason(error)
            return
        ports = self._ports(node_id)
        yield from zip(ports, found if len(ports) > 1 else (found,), strict=True)

    def _ports(self, node_id: str) -> list[str]:
        outputs = self.analysis.facts[node_id].outputs
        return [port for port, flow in outputs.items() if flow.kind is Kind.TENSOR]

    def _drawn(self, node_id: str, count: int) -> Tensor | None:
        """Noise, the same each time; None for an input whose values nobody gave."""
        shape = self.analysis.facts[node_id].shape
        if _feed(self.analysis, node_id) != "noise" or shape is None:
            return None
        generator = torch.Generator().manual_seed(mixed(self.analysis.graph.training.seed, node_id))
        return torch.randn(1, *shape, generator=generator).expand(count, *shape)


def data_source(analysis: Analysis, before: str = "") -> str:
    """The first node with a folder, of those before a node if one is named. Raises RunError when there is none."""
    takes = {node_id: _takes(analysis, node_id) for node_id in analysis.order}
    wanted = _needed(takes, before) if before else set(analysis.order)
    for node_id in analysis.order:
        if node_id in wanted and isinstance(analysis.facts[node_id].type, DataSource) and _gives(analysis, node_id):
            return node_id
    where = f" reaches “{analysis.title(before)}”" if before else " is there"
    raise RunError(f"No image of a folder{where}; attach a folder to a source and draw a wire from it.", before)


def _gives(analysis: Analysis, node_id: str) -> bool:
    return any(flow.kind is Kind.TENSOR for flow in analysis.facts[node_id].outputs.values())


def _feed(analysis: Analysis, node_id: str) -> str:
    """What feeds a source from outside; "" for nodes that make their output themselves."""
    kind = analysis.facts[node_id].type
    return kind.feed if isinstance(kind, Source) and kind.feed != "constant" else ""


def _takes(analysis: Analysis, node_id: str) -> tuple[Place, ...]:
    """Where the tensors that enter a node arise, in the order of its ports; wires of one port oldest first."""
    kind = analysis.facts[node_id].type
    wires = analysis.graph.wires_into(node_id)
    places = []
    for port in kind.inputs if kind is not None else ():
        for wire in wires:
            flow = analysis.facts[wire.source].outputs.get(wire.output) if wire.source in analysis.facts else None
            if wire.input == port.name and flow is not None and flow.kind is Kind.TENSOR:
                places.append((wire.source, wire.output))
    return tuple(places)


def _needed(takes: Mapping[str, tuple[Place, ...]], node_id: str) -> set[str]:
    needed, waiting = {node_id}, [node_id]
    while waiting:
        for before, _ in takes.get(waiting.pop(), ()):
            if before not in needed:
                needed.add(before)
                waiting.append(before)
    return needed


def _loaded(module: nn.Module, trained: nn.Module) -> bool:
    """Take over the numbers of a trained module of the same kind and sizes; whether there was one."""
    own, theirs = module.state_dict(), trained.state_dict()
    fits = own.keys() == theirs.keys() and all(own[name].shape == theirs[name].shape for name in own)
    if not fits or type(module) is not type(trained):
        return False
    module.load_state_dict(theirs)
    return True


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
