"""The forecast of memory, held to what a training step on the processor really takes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch.profiler import ProfilerActivity, profile

from nodes.roles import DataSource
from runtime.analysis import Analysis
from runtime.data.batches import Batch
from runtime.document import Document
from runtime.graph import Graph
from runtime.learner import Learner
from runtime.memory import forecast, kept_values
from runtime.template_fit import fitted
from runtime.templates import graph_of
from tests.builders.graphs import add, chain, classifier, judge, sound, source, wire

LENET = (
    ("convolution", {"filters": 6, "kernel": 5}), "tanh", "average_pooling",
    ("convolution", {"filters": 16, "kernel": 5}), "tanh", "average_pooling",
    "flatten", ("dense", {"units": 120}), "tanh", ("dense", {"units": 84}), "tanh",
)  # fmt: skip
BLOCK = (("convolution", {"filters": 16}), "batch_normalization", "relu")
DEEP = (*BLOCK, *BLOCK, "max_pooling", "global_average_pooling")


def residual(blocks: int = 3) -> Graph:
    document = Document()
    with document.edit("Draw"):
        origin = source(document, size=(64, 64))
        last = chain(document, origin, BLOCK)
        for _ in range(blocks):
            end = chain(document, last, [*BLOCK, *BLOCK[:2]])
            joined = add(document, "add")
            wire(document, end, joined)
            wire(document, last, joined)
            last = chain(document, joined, ["relu"])
        last = chain(document, last, ["global_average_pooling", ("dense", {"units": 2})])
        judge(document, last, origin, "class", "cross_entropy")
    return document.graph()


def u_net() -> Graph:
    from tests.runtime.test_templates import dataset

    return fitted(graph_of("u-net"), dataset("mask", ("background", "lesion")))


def batch_for(analysis: Analysis, count: int) -> tuple[str, Batch]:
    (node_id,) = analysis.of_type(DataSource)
    outputs = analysis.facts[node_id].outputs
    shape = outputs["image"].value
    masks = torch.zeros(count, *shape[1:], dtype=torch.int64) if "mask" in outputs else None
    classes = torch.zeros(count, dtype=torch.int64)
    return node_id, Batch(torch.rand(count, *shape), classes, None, masks, tuple(range(count)))


def measured(analysis: Analysis, count: int) -> int:
    """The most bytes that tensors take at once, from building the network to the end of the second step."""
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watch:
        node_id, batch = batch_for(analysis, count)
        learner = Learner(analysis, node_id, torch.device("cpu"), 2)
        learner.begin(learning=True)
        for step in range(2):
            learner.learn(batch, step)
    events = [event for event in watch.profiler.kineto_results.events() if event.name() == "[memory]"]
    live = most = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        live += event.nbytes()
        most = max(most, live)
    return most


@pytest.mark.parametrize(
    ("graph", "batch"),
    [
        pytest.param(classifier(layers=LENET, size=(64, 64)), 32, id="LeNet"),
        pytest.param(classifier(layers=DEEP, before=("normalise", "augment"), size=(64, 64)), 16, id="prepared"),
        pytest.param(classifier(layers=("flatten", ("dense", {"units": 1000})), size=(64, 64)), 4, id="wide"),
        pytest.param(residual(), 16, id="residual"),
        pytest.param(u_net(), 4, id="U-Net"),
    ],
)
def test_that_the_forecast_is_near_what_a_step_takes(graph, batch):
    analysis = sound(graph)
    needs, taken = forecast(analysis, batch).total, measured(analysis, batch)
    assert 0.6 < needs / taken < 1.6, f"{needs:,} bytes were forecast, {taken:,} taken"


def test_that_the_forecast_of_a_batch_is_its_images_and_the_trained_numbers():
    analysis = sound(classifier(layers=DEEP))
    one, many = forecast(analysis, 1), forecast(analysis, 10)
    assert many.total == 10 * one.activations_per_image + one.parameters
    assert one.parameters == 4 * (1 + 1 + 2) * analysis.parameters  # weight, gradient, and two numbers of Adam


def test_that_preparation_keeps_only_what_enters_the_network():
    analysis = sound(classifier(layers=DEEP, before=("normalise", "augment")))
    titles = {analysis.facts[node_id].node.type for node_id in kept_values(analysis)}
    assert "normalise" not in titles
    assert {"image_folder", "augment", "convolution", "dense"} <= titles


def test_that_nodes_beside_the_network_and_an_empty_graph_need_nothing():
    assert forecast(sound(Graph()), 32).total == 0
    document = Document()
    with document.edit("Draw"):
        chain(document, source(document), ["relu"])
    assert set(kept_values(sound(document.graph()))) == {next(iter(document.nodes))}


def test_that_a_running_mean_of_the_weights_needs_two_more_copies_of_them():
    graph = classifier(layers=DEEP)
    mean = sound(replace(graph, training=replace(graph.training, ema=0.99)))
    assert forecast(mean, 4).parameters - forecast(sound(graph), 4).parameters == 2 * 4 * mean.parameters
