"""Losses and metrics made ready: where their prediction and target come from, and the module that compares them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nodes.roles import Loss, Metric
from runtime.compile import Network, build
from runtime.data.batches import Batch
from runtime.errors import RunError
from runtime.names import measure_name
from runtime.plan import Place
from runtime.steps import Pass


@dataclass(frozen=True)
class Judge:
    """A loss or metric node. `is_label` says that the target comes from the data and not from a tensor of the graph."""

    node: str
    name: str
    module: Any  # the modules of losses are called, those of metrics have update, compute and reset
    weight: float
    higher_is_better: bool
    prediction: Place
    target: Place
    is_label: bool

    def compared(self, batch: Batch, passed: Pass) -> tuple[Tensor, Tensor]:
        """The prediction and the target of a batch."""
        prediction = passed.at(*self.prediction)
        if not self.is_label:
            return prediction, passed.at(*self.target)
        source, port = self.target
        own = batch.of(source)
        found = {
            "class": own.classes,
            "labels": own.labels,
            "number": own.numbers,
            "mask": passed.masks.get(source),
            "boxes": passed.masks.get(source),
        }.get(port)
        if found is None:
            raise RunError(f"The data have no {port} for the cases that “{self.name}” judges.", self.node)
        return prediction, found


def judges_of(network: Network, base: type[Loss] | type[Metric], device: torch.device) -> list[Judge]:
    """The losses or the metrics of a network in order, their modules on the device."""
    return [_judge(network, node_id, device) for node_id in network.analysis.of_type(base)]


def _judge(network: Network, node_id: str, device: torch.device) -> Judge:
    analysis = network.analysis
    facts = analysis.facts[node_id]
    kind = facts.type
    if not isinstance(kind, Loss | Metric):
        raise TypeError(f"{node_id} is neither a loss nor a metric")
    module: Any = build(kind.call(**facts.inputs))
    if isinstance(module, torch.nn.Module):
        module = module.to(device)
    ends = {wire.input: (wire.source, wire.output) for wire in analysis.graph.wires_into(node_id)}
    target = ends["target"]
    return Judge(
        node=node_id,
        name=measure_name(network.names[node_id], node_id),
        module=module,
        weight=kind.weight if isinstance(kind, Loss) else 0.0,
        higher_is_better=kind.higher_is_better if isinstance(kind, Metric) else False,
        prediction=ends["prediction"],
        target=target,
        is_label=analysis.facts[target[0]].outputs[target[1]].kind.name == "TARGET",
    )
