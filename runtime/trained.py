"""A trained network as a run folder holds it: what evaluation, export and prediction begin with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from runtime.analysis import Analysis, analyse
from runtime.checkpoint import State, load_checkpoint
from runtime.compile import Network, compile_graph
from runtime.delivery.contract import Contract, contract_of
from runtime.delivery.decision import with_decision
from runtime.delivery.seen_images import with_seen
from runtime.graph import Graph
from runtime.learner import load_weights
from runtime.runs import Run

Which = Literal["best", "last"]


@dataclass(frozen=True)
class Trained:
    """A network with trained weights in eval mode on the CPU, and what is known of it."""

    network: Network
    analysis: Analysis
    graph: Graph
    contract: Contract
    epoch: int
    metrics: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def load_trained(run: Run, which: Which = "best") -> Trained:
    """The network of a run with the weights of its best (or last) epoch.

    A damaged checkpoint gives way to the generation before it, with a warning. Raises RunError when there is none that
    can be trusted or it belongs to another graph, GraphError for an unsound graph.
    """
    graph = run.job.graph
    analysis = analyse(graph)
    network = compile_graph(analysis)
    state, warnings = load_checkpoint(run.folder / "checkpoints", which)
    load_weights(network, state)
    network.eval()
    epoch = int(state.facts["epoch"])
    contract = with_seen(with_decision(contract_of(analysis), run.folder, epoch), run.folder, analysis)
    return Trained(network, analysis, graph, contract, epoch, _metrics(state), warnings)


def _metrics(state: State) -> Mapping[str, float]:
    found = state.facts.get("metrics") or state.facts.get("best", {}).get("metrics", {})
    return {str(name): float(value) for name, value in found.items()}
