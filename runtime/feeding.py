"""What the fed nodes of a network get of a batch: images, noise, and classes that are given."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from nodes.roles import feed_of
from runtime.compile import Network
from runtime.data.batches import Batch
from runtime.errors import RunError
from runtime.modules.losses import one_hot


def feeds_of(
    network: Network, given: Mapping[str, Batch], count: int, layout: torch.memory_format, device: torch.device
) -> dict[str, Tensor]:
    """By node: the images (N, C, *size) of the batch that its source gives, noise drawn anew, or classes (N, K) as 0
    and 1. Raises RunError for a node that has no data."""
    feeds = {}
    for node_id in network.inputs:
        facts = network.analysis.facts[node_id]
        shape, feed = facts.shape or (), feed_of(facts.type)
        if node_id in given:
            images = given[node_id].images
            feeds[node_id] = images.contiguous(memory_format=layout) if images.dim() == 4 else images
        elif feed == "noise":
            feeds[node_id] = torch.randn((count, *shape), device=device)
        elif feed == "class":
            feeds[node_id] = one_hot(_classes(network, node_id, given), shape[0])
        else:
            raise RunError(f"“{facts.node.name}” has no data to train with.", node_id)
    return feeds


def _classes(network: Network, node_id: str, given: Mapping[str, Batch]) -> Tensor:
    """(N,) the classes that a node gives to the network."""
    (wire,) = network.analysis.graph.wires_into(node_id)
    classes = given[wire.source].classes if wire.source in given else None
    if classes is None:
        raise RunError(f"The data have no class for “{network.analysis.title(node_id)}” to give.", node_id)
    return classes
