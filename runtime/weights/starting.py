"""Beginning with given weights: matched with a network, told, put in; and the layers that are loaded learn as asked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from nodes.trained import Trained
from runtime.analysis import Analysis, analyse
from runtime.compile import Network, compile_graph
from runtime.errors import RunError
from runtime.graph import Training
from runtime.job import Job
from runtime.store import write_safely
from runtime.weights.matching import Match, match
from runtime.weights.preparing import is_prepared
from runtime.weights.reading import keeps_order, read_weights
from runtime.weights.telling import Report

FILE = "weights.json"
"""In the run folder: what became of the given weights, and the nodes that were loaded, which a resumed run asks for."""


@dataclass(frozen=True, slots=True)
class Start:
    """Weights that are matched with a network and not yet put into one."""

    match: Match
    tensors: Mapping[str, Tensor]
    nodes: tuple[str, ...]  # that begin with them

    @property
    def report(self) -> Report:
        """Which layers are loaded, and which are not."""
        return self.match.report

    @torch.no_grad()
    def put(self, network: nn.Module) -> None:
        """Copy what fits into the network.

        Kernels trained on red, green and blue that meet one grey channel are summed over the three: because
        conv(x, w_1) + conv(x, w_2) + conv(x, w_3) = conv(x, w_1 + w_2 + w_3), the layer then answers to a grey image x
        exactly as the trained one does to x in all three channels.
        """
        own = network.state_dict()
        for pair in self.match.pairs:
            tensor = self.tensors[pair.given]
            tensor = tensor.float().sum(dim=1, keepdim=True) if pair.summed else tensor
            shape = own[pair.own].shape
            tensor = tensor[:, -shape[2:].numel() :].transpose(1, 2) if pair.in_a_row else tensor
            own[pair.own].copy_(tensor.reshape(shape))

    @property
    def digest(self) -> str:
        """The SHA-256 of all tensors that are put in."""
        content = hashlib.sha256()
        for pair in self.match.pairs:
            tensor = self.tensors[pair.given].contiguous()
            content.update(f"{pair.own}/{tensor.dtype}/{tuple(tensor.shape)}".encode())
            if tensor.numel():
                content.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
        return content.hexdigest()

    def write(self, folder: Path) -> None:
        """Keep the report and the nodes in a run folder. Raises OSError."""
        record = {**self.report.record(), "nodes": list(self.nodes), "sha256": self.digest}
        write_safely(folder / FILE, (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode("utf-8"))


def begun(job: Job, analysis: Analysis) -> tuple[Analysis, Start | None]:
    """What a training begins with, noted in its run folder (None at random and where a run is resumed), and its graph
    with the loaded layers learning as asked. Raises RunError.
    """
    if not job.training.weights_from:
        return analysis, None
    if job.resume:
        return learning_as_loaded(analysis, loaded_nodes(job.folder)), None
    start = start_of(analysis)
    if job.repeats:
        as_before(start, job.folder)
    start.write(job.folder)
    return learning_as_loaded(analysis, start.nodes), start


def start_of(analysis: Analysis) -> Start:
    """The weights that the training settings name, matched with the graph.

    Raises RunError when they cannot be read or nothing of them fits.
    """
    training = analysis.graph.training
    path = Path(training.weights_from)
    tensors = read_weights(path)
    if training.weights_by == "order" and not keeps_order(path):
        raise RunError(
            f"{path.name} keeps its tensors in the order of their names and not in that of the network, so their "
            "shapes cannot be matched in order. Match by names."
        )
    network = compile_graph(analysis)
    nodes = _nodes_of(network)
    found = matched(network, tensors, path.name, _titles(analysis, nodes), training.weights_by == "order")
    prepared = found.report.expected is not None and is_prepared(analysis, found.report.expected)
    report = replace(
        found.report, prepared=prepared, rate=training.loaded_rate, frozen=training.loaded_frozen,
        merged=path.suffix.casefold() == ".onnx" and _lacks_normalisation(analysis, found.report, nodes),
    )  # fmt: skip
    found = replace(found, report=report)
    loaded = {nodes[layer][0] for layer in (row.layer for row in found.report.loaded) if layer in nodes}
    return Start(found, tensors, tuple(node for node in analysis.graph.nodes if node in loaded))


def _lacks_normalisation(analysis: Analysis, report: Report, nodes: Mapping[str, tuple[str, str]]) -> bool:
    """Whether a layer with running statistics is not in the file."""
    missing = [nodes[row.layer][0] for row in report.rows if row.how == "missing" and row.layer in nodes]
    return any(analysis.graph.nodes[node_id].type == "batch_normalization" for node_id in missing)


def matched(
    network: nn.Module,
    tensors: Mapping[str, Tensor],
    where: str,
    title: Callable[[str], str] = str,
    in_order: bool = False,
) -> Match:
    """Match tensors with those of a network by names and shapes (see `match`). Raises RunError when nothing fits."""
    own = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    given = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return match(own, given, where, title, in_order)


def loaded_nodes(folder: Path) -> tuple[str, ...]:
    """The nodes of a run that began with given weights; () for a run without. Raises RunError for a damaged record."""
    try:
        read = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return tuple(str(node) for node in read["nodes"])
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{FILE} of the run is damaged, so it cannot go on; train a new run.") from error


def as_before(start: Start, folder: Path) -> None:
    """Raises RunError where the run that is repeated in this folder began with other weights."""
    try:
        before = json.loads((folder / FILE).read_text(encoding="utf-8"))["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # by a version that kept no record of them
    if before != start.digest:
        raise RunError(
            f"{start.report.where} does not hold the weights that the repeated run began with, so its numbers cannot "
            "come out again. Bring the file back, or train a new run."
        )


def learning_as_loaded(analysis: Analysis, nodes: Iterable[str]) -> Analysis:
    """The graph analysed anew in which the loaded nodes learn as the training settings ask of them.

    Their learning-rate factor is multiplied by `loaded_rate`, and they stay frozen for `loaded_frozen` epochs at least.
    Raises RunError when nothing would be left to train.
    """
    training = analysis.graph.training
    if training.loaded_rate == 1 and not training.loaded_frozen:
        return analysis
    changed, loaded = dict(analysis.graph.nodes), set(nodes)
    for node_id in analysis.graph.nodes:
        if analysis.shares.get(node_id, node_id) not in loaded:
            continue
        kind = analysis.facts[node_id].type
        if isinstance(kind, Trained):
            own = {
                "rate_factor": kind.rate_factor * training.loaded_rate,
                "frozen_epochs": max(kind.frozen_epochs, training.loaded_frozen),
            }
            changed[node_id] = replace(changed[node_id], settings={**changed[node_id].settings, **own})
    found = analyse(replace(analysis.graph, nodes=changed))
    if not all(found.trained.values()):
        raise RunError(_all_frozen(training))
    return found


def _all_frozen(training: Training) -> str:
    return (
        f"All layers are loaded from {Path(training.weights_from).name} and their learning-rate factor is "
        f"{training.loaded_rate:g}, so nothing would learn: set the rate of loaded layers above 0, or take weights "
        "of a network with another last layer."
    )


def _nodes_of(network: Network) -> dict[str, tuple[str, str]]:
    """For each layer of the network's state dict, the node it belongs to, and its name inside that node."""
    by_name = {network.names[node_id]: node_id for node_id in network.analysis.graph.nodes}
    found: dict[str, tuple[str, str]] = {}
    for name in network.state_dict():
        layer = name.rpartition(".")[0]
        parts = layer.split(".")
        for end in range(len(parts), 0, -1):
            node_id = by_name.get(".".join(parts[:end]))
            if node_id is not None:
                found[layer] = (node_id, ".".join(parts[end:]))
                break
    return found


def _titles(analysis: Analysis, nodes: Mapping[str, tuple[str, str]]) -> Callable[[str], str]:
    def title(layer: str) -> str:
        if layer not in nodes:
            return layer
        node_id, inside = nodes[layer]
        return " / ".join(part for part in (analysis.title(node_id), inside) if part)

    return title
