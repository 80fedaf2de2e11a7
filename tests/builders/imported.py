"""Imported drawings with data, as they are after folders were attached, and their training steps."""

from __future__ import annotations

from dataclasses import replace

import torch

from nodes.roles import DataSource, Loss
from runtime.analysis import Analysis, analyse
from runtime.batch_size import random_batch
from runtime.graph import Graph
from runtime.learner import Learner


def with_data(graph: Graph, channels: int = 3) -> Analysis:
    """The analysis of the drawing with images of its size and labels of the kind that its losses ask for."""
    analysis = analyse(_attached(graph, 2, channels))
    scores = [
        facts.inputs["prediction"][0]
        for facts in analysis.facts.values()
        if isinstance(facts.type, Loss) and facts.type.id == "cross_entropy" and "prediction" in facts.inputs
    ]
    return analyse(_attached(graph, max(scores, default=2), channels))


def _attached(graph: Graph, classes: int, channels: int) -> Graph:
    nodes = dict(graph.nodes)
    for node in graph.nodes.values():
        if node.type != "image_folder":
            continue
        ports = [wire.output for wire in graph.wires if wire.source == node.id and wire.output != "image"]
        names = [f"class {number}" for number in range(classes)]
        learned = {
            "folder": "pictures", "label": ports[0] if ports else "", "classes": names, "counts": [9] * classes,
            "channels": channels, "found_size": list(node.settings.get("size") or (32, 32)), "images": 9 * classes,
            "fingerprint": "0" * 16,
        }  # fmt: skip
        nodes[node.id] = replace(node, settings={**node.settings, **learned})
    return replace(graph, nodes=nodes)


def learned_a_step(analysis: Analysis, count: int = 2) -> list[str]:
    """Train one step on random images; gives the names of trained numbers that it did not change."""
    torch.manual_seed(0)
    device = torch.device("cpu")
    training = replace(analysis.graph.training, accumulate=1, compile="off")
    analysis = analyse(replace(analysis.graph, training=training))
    source = analysis.of_type(DataSource)[0]
    learner = Learner(analysis, source, device, steps=1)
    before = {key: weight.detach().clone() for key, weight in learner.network.named_parameters()}
    learner.begin(learning=True)
    learner.learn(random_batch(analysis, source, count, device), 0)
    return [key for key, weight in learner.network.named_parameters() if torch.equal(weight, before[key])]
