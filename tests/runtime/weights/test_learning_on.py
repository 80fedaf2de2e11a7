"""What a training does with layers that were loaded: frozen at first, at a lower rate; resumed and repeated exactly."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from runtime.analysis import analyse
from runtime.checkpoint import load_checkpoint
from runtime.compile import compile_graph
from runtime.data.batches import Batch
from runtime.document import Document
from runtime.errors import RunError
from runtime.events import Epoch, Warned
from runtime.graph import Graph
from runtime.job import make_job
from runtime.learner import Learner
from runtime.readiness import training_problems
from runtime.repeating import create_repeat, repeat_job
from runtime.runs import create_run
from runtime.train import train
from runtime.ungrouping import ungroup
from runtime.weights.starting import FILE, learning_as_loaded
from tests.builders import blocks, graphs, pictures
from tests.runtime.test_own_training import CLASSES, CPU, changed, drawn

LAYERS = (("convolution", {"filters": 4}), "batch_normalization", "relu", "max_pooling", "flatten")


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data")


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """A state dict of the same network for five classes, whose convolution saw colours."""
    tensors = {name: torch.randn(shape, generator=torch.Generator().manual_seed(1)) / 3 for name, shape in {
        "convolution.weight": (4, 3, 3, 3), "convolution.bias": (4,), "batch_normalization.weight": (4,),
        "batch_normalization.bias": (4,), "batch_normalization.running_mean": (4,), "dense.weight": (5, 256),
        "dense.bias": (5,)}.items()}  # fmt: skip
    tensors["batch_normalization.running_var"] = torch.full((4,), 2.0)
    path = tmp_path_factory.mktemp("weights") / "other.pth"
    torch.save({"model": {f"module.{name}": tensor for name, tensor in tensors.items()}}, path)
    return path, tensors


def learning(graph: Graph, epochs: int) -> list[dict[str, torch.Tensor]]:
    """What the network holds before the first epoch and after each, of two steps."""
    learner = Learner(analyse(graph), "image_folder-1", CPU, 2)
    seen = [{name: tensor.clone() for name, tensor in learner.network.state_dict().items()}]
    images = torch.randn(8, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    for epoch in range(1, epochs + 1):
        learner.at_epoch(epoch)
        learner.begin(learning=True)
        for step in range(2):
            learner.learn(_batch(images), 2 * (epoch - 1) + step)
        seen.append({name: tensor.clone() for name, tensor in learner.network.state_dict().items()})
    return seen


def _batch(images):
    return Batch(images, CLASSES, None, None, tuple(range(8)))


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_that_a_node_frozen_for_the_first_epochs_keeps_every_bit_until_then_and_learns_after(optimizer):
    more = {"weight_decay": 0.1} if optimizer == "adamw" else {"momentum": 0.9}
    first = {"frozen_epochs": 2, "l2": 0.5}
    graph = drawn(LAYERS, optimizer, more, {"epochs": 4, "clip": 1.0}, convolution=first, batch_normalization=first)
    before, one, two, three = learning(graph, 3)
    assert changed(before, two) == {"dense.weight", "dense.bias"}
    assert changed(one, two) == {"dense.weight", "dense.bias"}
    assert {name.partition(".")[0] for name in changed(two, three)} == {"convolution", "batch_normalization", "dense"}
    assert "batch_normalization.running_mean" in changed(two, three)


def test_that_the_state_of_its_optimizer_begins_when_it_is_let_go():
    graph = drawn(LAYERS, "adam", {}, {"epochs": 3}, convolution={"frozen_epochs": 1})
    learner = Learner(analyse(graph), "image_folder-1", CPU, 2)
    counts = []
    for epoch in (1, 2):
        learner.at_epoch(epoch)
        learner.begin(learning=True)
        learner.learn(_batch(torch.randn(8, 1, 16, 16)), epoch)
        counts.append(len(learner.pullers[0].optimizer.state))
    assert counts == [4, 6]


def test_that_nothing_learns_where_all_is_frozen_at_first_and_that_this_is_told():
    first = {"frozen_epochs": 1}
    graph = drawn(LAYERS, "adam", {}, {"epochs": 2, "precision": "float16"}, convolution=first,
                  batch_normalization=first, dense=first)  # fmt: skip
    before, one, two = learning(graph, 2)
    assert not changed(before, one)
    assert "dense.weight" in changed(one, two)
    (told,) = [problem for problem in training_problems(analyse(graph)) if problem.code == "frozen_at_first"]
    assert told.severity == "warning"


def use_with(graph: Graph, **settings) -> tuple[Document, str]:
    document = Document(graph)
    use = next(node.id for node in document.nodes.values() if node.type.startswith("block:") and not node.sheet)
    with document.edit("Learn otherwise"):
        document.change(use, **settings)
    return document, use


def _within(node: str, use: str) -> bool:
    return "/" in node and node.partition("/")[0].partition("#")[0] == use


def test_that_a_block_is_frozen_slowed_or_let_go_later_as_a_whole():
    document, use = use_with(blocks.residual(), rate_factor=0)
    analysis = analyse(document.graph())
    inside = {node for node, facts in analysis.facts.items() if _within(node, use) and facts.parameters}
    assert inside
    assert set(analysis.frozen["adam-1"]) == inside
    document, use = use_with(blocks.residual(), rate_factor=0.5, frozen_epochs=3)
    analysis = analyse(document.graph())
    kinds = [analysis.facts[node].type for node in inside]
    assert {(kind.rate_factor, kind.frozen_epochs) for kind in kinds} == {(0.5, 3)}
    assert document.find(document.nodes[use].type).read(document.nodes[use].settings)[0].summary().startswith(
        "frozen 3 epochs · rate ×0.5")  # fmt: skip


def test_that_a_block_that_is_dissolved_learns_as_before():
    document, use = use_with(blocks.residual(), rate_factor=0.5, frozen_epochs=3)
    inner = next(node for node in document.nodes.values() if node.sheet and node.type == "convolution")
    with document.edit("Inside"):
        document.change(inner.id, rate_factor=0.5, frozen_epochs=1)

    def paces() -> list[tuple[float, int]]:
        facts = analyse(document.graph()).facts.values()
        return sorted((one.type.rate_factor, one.type.frozen_epochs) for one in facts if one.parameters)

    before = paces()
    assert (0.25, 3) in before
    with document.edit("Dissolve"):
        ungroup(document, use)
    assert paces() == before


def transferred(weights, blobs, **training) -> Graph:
    given = {"weights_from": str(weights[0]), **training}
    return drawn(LAYERS, "adam", {}, given, pictures.facts(blobs))


def run_of(graph: Graph, folder, **more):
    run = create_run(make_job(graph, folder, **{"epochs": 3, "batch": 8, "device": "cpu", **more}))
    return run, list(train(run.job))


def kept(run) -> dict[str, torch.Tensor]:
    return load_checkpoint(run.folder / "checkpoints", "last")[0].tensors


@pytest.mark.slow
def test_that_a_run_loads_freezes_and_tells_and_a_resumed_and_a_repeated_one_end_with_the_same_bits(
    weights, blobs, tmp_path
):
    graph = transferred(weights, blobs, loaded_rate=0.1, loaded_frozen=2, ema=0.5)
    whole, events = run_of(graph, tmp_path / "whole")
    said = [event.message for event in events if isinstance(event, Warned)]
    assert "2 of 3 layers begin with the weights of other.pth." in said
    assert any("“Convolution”: it was trained on red, green and blue" in text for text in said)
    assert any("so new: “Dense” (5×256 in the file" in text for text in said)
    record = json.loads((whole.folder / FILE).read_text(encoding="utf-8"))
    assert record["nodes"] == ["convolution-1", "batch_normalization-1"]

    run, first = run_of(graph, tmp_path / "halves", more={"minutes": 1e-9})
    one = kept(run)
    summed = weights[1]["convolution.weight"].sum(1, keepdim=True)
    torch.testing.assert_close(one["trained.convolution.weight"], summed, rtol=0, atol=1e-6)
    assert torch.equal(one["trained.batch_normalization.running_var"], torch.full((4,), 2.0))
    job = make_job(graph, run.folder, epochs=3, resume=True, more={"minutes": 0.0})
    create_run(job)
    curve = [event.metrics for event in [*first, *train(job)] if isinstance(event, Epoch)]
    assert curve == [event.metrics for event in events if isinstance(event, Epoch)]

    again = create_repeat(repeat_job(whole.folder, tmp_path / "again"), whole.folder)
    list(train(again.job))
    for other in (run, again):
        assert kept(other).keys() == kept(whole).keys()
        for name, tensor in kept(whole).items():
            assert torch.equal(tensor, kept(other)[name]), name


def test_that_a_repeat_with_other_weights_in_the_file_is_refused(weights, blobs, tmp_path):
    path = tmp_path / "w.pth"
    torch.save(weights[1], path)
    graph = transferred((path, None), blobs)
    run, _ = run_of(graph, tmp_path / "one", epochs=1)
    torch.save({name: tensor + 1 for name, tensor in weights[1].items()}, path)
    again = create_repeat(repeat_job(run.folder, tmp_path / "again"), run.folder)
    with pytest.raises(RunError, match=r"w\.pth does not hold the weights that the repeated run began with"):
        list(train(again.job))


def test_that_a_run_whose_layers_are_all_loaded_and_frozen_is_refused_in_words(blobs, tmp_path):
    graph = drawn(LAYERS, "adam", {}, {}, pictures.facts(blobs))
    path = tmp_path / "same.pth"
    torch.save(compile_graph(analyse(graph)).state_dict(), path)
    frozen = graphs.trained_with(graph, weights_from=str(path), loaded_rate=0.0)
    with pytest.raises(RunError, match=r"All layers are loaded from same\.pth.*nothing would learn"):
        run_of(frozen, tmp_path / "run")


def test_that_the_rate_of_loaded_layers_multiplies_their_own(weights, blobs):
    graph = transferred(weights, blobs, loaded_rate=0.5)
    nodes = dict(graph.nodes)
    nodes["convolution-1"] = replace(
        nodes["convolution-1"], settings={**nodes["convolution-1"].settings, "rate_factor": 0.2}
    )
    found = learning_as_loaded(analyse(replace(graph, nodes=nodes)), ["convolution-1"])
    assert found.facts["convolution-1"].type.rate_factor == pytest.approx(0.1)
    assert found.facts["dense-1"].type.rate_factor == 1
