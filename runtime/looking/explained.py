"""A trained network as captum takes it: an image in, a raw score for each class out, every node a module of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from nodes.roles import DataSource
from runtime.compile import Network, build
from runtime.delivery.answers import classes_of
from runtime.delivery.contract import OutputContract, contract_of
from runtime.errors import RunError
from runtime.plan import Place, Plan, Work, plan_of
from runtime.steps import Runs, Steps

_SAME = 1e-12  # an input smaller than this has no ratio to its output


class Layer(nn.Module):
    """One node. What it runs is hidden from captum, whose rules and hooks are for this module as a whole."""

    def __init__(self, run: Runs) -> None:
        super().__init__()
        self._hidden = (run,)

    def forward(self, *inputs: Tensor) -> Tensor:
        given: Tensor = self._hidden[0](*inputs)
        return given


class Ratio(Layer):
    """A node that acts on each value by itself, as the factor by which it changed the value.

    Layer-wise relevance propagation hands relevance through such a node unchanged: x · (y / x) is y, and the
    factor is what the gradient sees.
    """

    def forward(self, *inputs: Tensor) -> Tensor:
        (value,) = inputs
        with torch.no_grad():
            given = super().forward(value)
            usable = value.abs() > _SAME
            factor = torch.where(usable, given / torch.where(usable, value, torch.ones_like(value)), 0.0)
        scaled = value * factor
        return scaled + (given - scaled).detach()


class Pixels(nn.Module):
    """(N, K, *size) scores of pixels -> (N, K), the sum over the pixels of `where` (1, pixels); all of them if None."""

    def __init__(self) -> None:
        super().__init__()
        self.where: Tensor | None = None

    def forward(self, scores: Tensor) -> Tensor:
        flat = scores.flatten(2)
        return (flat if self.where is None else flat * self.where).sum(2)


class Explained(nn.Module):
    """forward: (N, C, *size) in real units, fitted to the source's size -> (N, K) raw scores, one for each class.

    Scores of pixels are summed, over the pixels that `look_at` chose. A single score that tells two classes apart
    becomes two of opposite sign. `elementwise` are the nodes that stand as a Ratio.
    """

    def __init__(self, network: Network, output: str = "", elementwise: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.analysis = network.analysis
        self.plan, self.place, self.contract = _wanted(network, output)
        self.classes = _names(self.contract)
        runs: dict[str, Any] = {}
        for work in self.plan.work:
            run = run_of(network, work)
            runs[work.node] = Ratio(run) if work.node in elementwise else Layer(run)
        self.layers = nn.ModuleList(runs.values())
        self.at: Mapping[str, Layer] = runs
        self._steps = Steps(self.plan, runs, {work.node: self.analysis.title(work.node) for work in self.plan.work})
        self.pixels = Pixels() if len(self.contract.shape) > 1 else None
        self.both = _both_signs(network) if len(self.classes) == 2 and self.contract.shape[0] == 1 else None
        self.eval()

    @property
    def source(self) -> str:
        """The id of the node that gives the image."""
        return self.plan.inputs[0]

    def scores(self, image: Tensor) -> Tensor:
        """The raw scores (N, channels, *size) as the output node gets them. Raises NodeFailure."""
        values: list[Any] = [image]
        self._steps.run(values, {})
        found: Tensor = values[self._steps.slots[self.place]]
        return found

    def forward(self, image: Tensor) -> Tensor:
        scores = self.scores(image)
        scores = self.pixels(scores) if self.pixels is not None else scores
        return self.both(scores) if self.both is not None else scores

    def look_at(self, scores: Tensor, target: int) -> int:
        """For masks: sum over the pixels answered with this class, all where there is none. Gives their number."""
        if self.pixels is None:
            return 0
        flat = scores.flatten(2)
        answered = (flat > 0).long() if flat.shape[1] == 1 else flat.argmax(1, keepdim=True)
        inside = answered[:, 0] == target
        count = int(inside.sum())
        self.pixels.where = inside[:, None].float() if count else None
        return count


def run_of(network: Network, work: Work) -> Runs:
    """What a node of a plan runs: the network's own module, or a function."""
    return build(work.call) if work.call.is_function else network.module_of(work.node)


def _wanted(network: Network, output: str) -> tuple[Plan, Place, OutputContract]:
    """The plan of what this output needs alone, where its scores arise, and what it answers."""
    analysis = network.analysis
    plan, contract = plan_of(analysis, deployed=True), contract_of(analysis)
    names = {node_id: analysis.graph.nodes[node_id].name for node_id in plan.outputs}
    chosen = next((node_id for node_id, name in names.items() if output in ("", name, node_id)), None)
    if chosen is None:
        raise RunError(f"There is no output “{output}”; the outputs are {', '.join(names.values())}.")
    place = plan.outputs[chosen]
    needed = {place[0]}
    work: list[Work] = []
    for step in reversed(plan.work):
        if step.node in needed:
            needed |= {node_id for node_id, _ in step.takes}
            work.insert(0, step)
    feeds = tuple(feed for feed in plan.feeds if feed[0] in needed)
    if len(feeds) != 1 or not isinstance(analysis.facts[feeds[0][0]].type, DataSource):
        raise RunError(
            f"“{names[chosen]}” is answered from {len(feeds)} inputs; a map is made of an answer that comes from one "
            "image of a folder."
        )
    alone = replace(plan, inputs=(feeds[0][0],), feeds=feeds, work=tuple(work), kept=(place,), outputs={chosen: place})
    return alone, place, contract.outputs[list(plan.outputs).index(chosen)]


def _names(contract: OutputContract) -> tuple[str, ...]:
    if contract.task in ("classification", "several labels", "segmentation"):
        return classes_of(contract)
    return tuple(f"value {index}" for index in range(contract.shape[0])) if contract.shape[0] > 1 else ("value",)


def _both_signs(network: Network) -> nn.Linear:
    """From the score of the second of two classes to one score for each."""
    made = nn.Linear(1, 2, bias=False)
    made.weight = nn.Parameter(torch.tensor([[-1.0], [1.0]]), requires_grad=False)
    weight = next(network.parameters(), None)
    return made if weight is None else made.to(weight.device)
