"""Nodes that train in their own way: frozen, at another pace, with penalties on their weights."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from torch import nn

import nodes  # noqa: F401 - fills the registry
from nodes.activation import PReLU
from nodes.spec import REGISTRY
from nodes.trained import Trained
from runtime.analysis import analyse
from runtime.checkpoint import load_checkpoint
from runtime.compile import compile_graph
from runtime.data.batches import Batch
from runtime.document import Document
from runtime.events import Epoch
from runtime.files import load_graph, save_graph
from runtime.graph import Graph
from runtime.job import make_job
from runtime.learner import Learner
from runtime.memory import forecast
from runtime.pullers import Puller
from runtime.readiness import training_problems
from runtime.runs import create_run
from runtime.train import train
from runtime.trained import load_trained
from tests.builders import blocks, graphs, pictures

CPU = torch.device("cpu")
CLASSES = torch.tensor([0, 1, 0, 0, 1, 0, 0, 1])
LAYERS = (("convolution", {"filters": 4}), "batch_normalization", "relu", "max_pooling", "flatten")
PLAIN = (("convolution", {"filters": 4}), "relu", "max_pooling", "flatten")


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data")


def drawn(layers=LAYERS, optimizer="sgd", settings=None, training=None, facts=None, **own) -> Graph:
    """A classifier with settings of single nodes by their types, as `dense={"rate_factor": 0}`."""
    graph = graphs.classifier(before=["normalise"], layers=layers, **(facts or {}))
    made = {"rate": 0.05, **({"momentum": 0.0} if optimizer == "sgd" else {}), **(settings or {})}
    changed = {}
    for node_id, node in graph.nodes.items():
        if node.type == "adam":
            node = replace(node, type=optimizer, settings=made)
        changed[node_id] = replace(node, settings={**node.settings, **own.get(node.type, {})})
    return graphs.trained_with(replace(graph, nodes=changed), **(training or {}))


def learned(graph: Graph, steps: int = 1, prepare=None) -> tuple[Learner, dict, dict]:
    """A learner after so many steps, with the state before and after them."""
    learner = Learner(analyse(graph), "image_folder-1", CPU, 10)
    learner.begin(learning=True)
    if prepare is not None:
        prepare(learner.network)
    before = {name: tensor.clone() for name, tensor in learner.network.state_dict().items()}
    images = torch.randn(8, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    batch = Batch(images, CLASSES, None, None, tuple(range(8)))
    for step in range(steps):
        learner.learn(batch, step)
    return learner, before, dict(learner.network.state_dict())


def changed(before, after) -> set[str]:
    return {name for name, tensor in before.items() if not torch.equal(tensor, after[name])}


def test_that_every_type_with_trained_numbers_has_the_settings_of_them():
    for kind in REGISTRY.values():
        counts = kind.parameters is not REGISTRY["relu"].parameters
        assert issubclass(kind, Trained) == counts, kind.id
    own = ["rate_factor", "frozen_epochs", "l1", "l2"]
    assert [one.name for one in PReLU.settings()] == ["per_channel", "start", *own]
    assert [one.name for one in PReLU.settings() if one.folded] == own


def test_that_the_face_of_a_node_says_how_it_learns():
    dense = REGISTRY["dense"]
    assert dense(rate_factor=0).summary() == "frozen · 10"
    assert dense(rate_factor=0.1).summary() == "rate ×0.1 · 10"
    assert dense(l2=0.1).summary() == "10"
    assert REGISTRY["batch_normalization"](rate_factor=0).summary() == "frozen"


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw", "rmsprop"])
def test_that_a_frozen_node_keeps_every_bit_while_those_before_and_after_it_learn(optimizer):
    more = {"weight_decay": 0.1} if optimizer == "adamw" else {}
    graph = drawn(
        layers=[("convolution", {"filters": 4, "name": "First"}), "batch_normalization", "relu",
                ("depthwise_convolution", {"rate_factor": 0, "l2": 1.0}), "flatten"],
        optimizer=optimizer, settings=more, batch_normalization={"rate_factor": 0},
    )  # fmt: skip
    learner, before, after = learned(graph, steps=4)
    moved = changed(before, after)
    assert moved == {"first.weight", "first.bias", "dense.weight", "dense.bias"}
    assert not learner.network.get_submodule("batch_normalization").training
    assert learner.network.get_submodule("first").training


def test_that_a_frozen_node_is_fixed_through_whole_runs_with_a_running_mean_and_clipping(blobs, tmp_path):
    graph = drawn(facts=pictures.facts(blobs), optimizer="adam", convolution={"rate_factor": 0},
                  batch_normalization={"rate_factor": 0.5},
                  training={"ema": 0.9, "clip": 0.5, "accumulate": 2})  # fmt: skip
    started = compile_graph(analyse(graph)).state_dict()
    run = create_run(make_job(graph, tmp_path / "run", epochs=2, batch=4, device="cpu"))
    list(train(run.job))
    kept = load_trained(run, "last").network.state_dict()
    same = {name for name in started if torch.equal(started[name], kept[name])}
    assert same == {"convolution.weight", "convolution.bias"}


@pytest.mark.parametrize("factor", [0.1, 3.0])
def test_that_a_factor_moves_a_node_exactly_so_many_times_as_far(factor):
    def from_zero(network):
        for parameter in network.get_submodule("dense").parameters():
            nn.init.zeros_(parameter)

    _, _, plain = learned(drawn(PLAIN), prepare=from_zero)
    _, _, scaled = learned(drawn(PLAIN, dense={"rate_factor": factor}), prepare=from_zero)
    for name in ("dense.weight", "dense.bias"):
        torch.testing.assert_close(scaled[name], plain[name] * factor, rtol=1e-6, atol=0)
        assert plain[name].abs().sum() > 0
    for name in ("convolution.weight", "convolution.bias"):
        assert torch.equal(plain[name], scaled[name])


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "exponential", "polynomial", "one-cycle"])
def test_that_schedule_and_warm_up_scale_all_groups_alike(schedule):
    settings = {"rate": 0.1, "schedule": schedule, "warm_up": 2}
    graph = drawn(PLAIN, settings=settings, convolution={"rate_factor": 0.25}, training={"epochs": 6})
    learner = Learner(analyse(graph), "image_folder-1", CPU, 3)
    (puller,) = learner.pullers
    first, second = puller.optimizer.param_groups
    seen = set()
    for step in range(18):
        puller.schedule.before_step(step)
        assert first["lr"] == puller.schedule.rate * 0.25
        assert second["lr"] == puller.schedule.rate == 0.1 * puller.schedule.factor(step)
        seen.add(second["lr"])
    assert len(seen) > 2


def test_that_without_own_settings_there_is_one_group_and_no_penalty():
    (puller,) = Learner(analyse(drawn()), "image_folder-1", CPU, 3).pullers
    assert isinstance(puller, Puller)
    (group,) = puller.optimizer.param_groups
    assert group["params"] == puller.parameters
    assert not puller._penalties


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.5), (0.3, 0.0), (0.3, 0.5)])
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_that_penalties_are_those_of_a_loss_written_by_hand(optimizer, l1, l2):
    """Momentum, clipping and another pace of the same node change nothing of that."""
    settings = {"momentum": 0.9} if optimizer == "sgd" else {}
    own = {"l1": l1, "l2": l2, "rate_factor": 0.5}
    graph = drawn(PLAIN, optimizer, settings, {"clip": 1.0}, dense=own)
    learner, before, after = learned(graph, steps=3)

    network = compile_graph(analyse(graph))
    network.load_state_dict(before)
    dense = network.get_submodule("dense")
    groups = [{"params": network.get_submodule("convolution").parameters()},
              {"params": dense.parameters(), "lr": 0.5 * 0.05}]  # fmt: skip
    made = torch.optim.SGD(groups, 0.05, momentum=0.9) if optimizer == "sgd" else torch.optim.Adam(groups, 0.05)
    images = torch.randn(8, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    for _ in range(3):
        scores = network({"image_folder-1": images}).at(*network.plan.kept[0])
        loss = nn.functional.cross_entropy(scores, CLASSES)
        shown = loss.item()
        loss = loss + l1 * dense.weight.abs().sum() + l2 / 2 * dense.weight.square().sum()
        made.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        made.step()
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(after[name], tensor, rtol=1e-5, atol=1e-6)
    assert learner.last_loss == pytest.approx(shown, rel=1e-4)  # of the data alone


def test_that_penalties_are_added_once_for_a_step_of_several_batches(blobs, tmp_path):
    own = {"l1": 0.01, "l2": 0.1}
    ends = []
    for name, batch, accumulate in (("whole", 16, 1), ("added", 4, 4)):
        graph = drawn(PLAIN, facts=pictures.facts(blobs), dense=own, training={"accumulate": accumulate})
        run = create_run(make_job(graph, tmp_path / name, epochs=2, batch=batch, device="cpu"))
        list(train(run.job))
        ends.append(load_trained(run, "last").network.state_dict())
    for name, tensor in ends[0].items():
        torch.testing.assert_close(ends[1][name], tensor, rtol=1e-4, atol=1e-6)


def test_that_the_scale_of_a_normalisation_and_slopes_are_penalised_but_no_bias():
    graph = drawn([("convolution", {"filters": 4}), "batch_normalization", "prelu", "flatten"],
                  batch_normalization={"l1": 5.0}, prelu={"l2": 5.0}, dense={"l1": 5.0})  # fmt: skip
    plain = drawn([("convolution", {"filters": 4}), "batch_normalization", "prelu", "flatten"])
    (_, _, pulled), (_, _, free) = learned(graph), learned(plain)
    assert changed(pulled, free) == {"batch_normalization.weight", "prelu.weight", "dense.weight"}


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_that_sixteen_bits_keep_frozen_nodes_and_penalties_as_they_are(precision):
    own = {"convolution": {"rate_factor": 0}, "dense": {"l2": 2.0, "rate_factor": 0.5}}
    _, before, after = learned(drawn(training={"precision": precision}, **own), steps=3)
    _, _, exact = learned(drawn(**own), steps=3)
    moved = changed(before, after)
    assert not {name for name in moved if name.startswith("convolution")}
    for name in ("dense.weight", "dense.bias"):
        assert (after[name] - exact[name]).norm() < 0.05 * (exact[name] - before[name]).norm(), name


def curve(events):
    return [event.metrics for event in events if isinstance(event, Epoch)]


def test_that_an_epoch_and_two_after_a_resume_equal_three_bit_for_bit(blobs, tmp_path):
    graph = drawn(
        (*LAYERS, "dropout"), "adam", {"schedule": "cosine"}, {"sampling": "balanced", "ema": 0.9},
        pictures.facts(blobs), convolution={"rate_factor": 0.3, "l1": 0.001}, batch_normalization={"rate_factor": 0},
        dense={"l2": 0.1},
    )  # fmt: skip
    given = {"epochs": 3, "batch": 8, "device": "cpu"}
    whole_run = create_run(make_job(graph, tmp_path / "whole", **given))
    whole = list(train(whole_run.job))
    run = create_run(make_job(graph, tmp_path / "halves", **given, more={"minutes": 1e-9}))
    first = list(train(run.job))
    assert len(curve(first)) == 1
    job = make_job(graph, run.folder, epochs=3, resume=True, more={"minutes": 0.0})
    create_run(job)
    assert curve(first) + curve(list(train(job))) == curve(whole)
    one, other = (load_checkpoint(folder / "checkpoints", "last")[0] for folder in (run.folder, whole_run.folder))
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        assert torch.equal(tensor, other.tensors[name]), name


def test_that_an_optimizer_with_nothing_left_to_train_is_told_before_the_run():
    frozen = {"rate_factor": 0}
    analysis = analyse(drawn(convolution=frozen, batch_normalization=frozen, dense=frozen))
    (problem,) = [problem for problem in training_problems(analysis) if problem.code == "frozen"]
    assert analysis.graph.nodes[problem.node].type == "sgd"
    assert "nothing to train" in problem.message
    assert "“Convolution”" in problem.message
    assert not analysis.errors
    partly = analyse(drawn(convolution=frozen, batch_normalization=frozen))
    assert not [problem for problem in training_problems(partly) if problem.code in ("frozen", "untrained")]
    assert [partly.graph.nodes[one].type for one in partly.trained["adam-1"]] == ["dense"]
    assert [partly.graph.nodes[one].type for one in partly.frozen["adam-1"]] == ["convolution", "batch_normalization"]


def test_that_frozen_nodes_need_less_memory():
    frozen = {"rate_factor": 0}
    all_learn, partly = (forecast(analyse(drawn(optimizer="adam", **own)), 8) for own in ({}, {"convolution": frozen,
                         "batch_normalization": frozen}))  # fmt: skip
    assert partly.activations_per_image < all_learn.activations_per_image
    assert partly.parameters < all_learn.parameters


def test_that_projects_of_before_open_and_own_settings_are_kept_in_the_file(tmp_path):
    file = tmp_path / "one.netloom"
    save_graph(drawn(dense={"rate_factor": 0.5, "l1": 0.1}, training={"sampling": "balanced"}), file)
    read = load_graph(file).graph
    assert analyse(read).facts["dense-1"].type.learning == (0.5, 0, 0.1, 0.0)
    assert read.training.sampling == "balanced"
    save_graph(drawn(), file)
    old = json.loads(file.read_text(encoding="utf-8"))
    del old["training"]["sampling"]
    file.write_text(json.dumps(old), encoding="utf-8")
    read = load_graph(file).graph
    assert analyse(read).facts["dense-1"].type.learning == (1.0, 0, 0.0, 0.0)
    assert read.training.sampling == "all"


def block_graph(start: Graph, type_id: str, **own) -> Graph:
    """The graph with settings of every node of a type, also on the sheets of blocks."""
    changed = {
        node_id: replace(node, settings={**node.settings, **own}) if node.type == type_id else node
        for node_id, node in start.nodes.items()
    }
    return replace(start, nodes=changed)


def test_that_all_copies_of_a_block_are_frozen_with_it_and_a_block_can_be_frozen_as_a_whole_by_an_argument():
    repeated = blocks.residual()
    analysis = analyse(block_graph(repeated, "batch_normalization", rate_factor=0))
    copies = [node_id for node_id, facts in analysis.facts.items() if facts.node.type == "batch_normalization"]
    assert len(copies) > 4
    assert set(analysis.frozen["adam-1"]) == set(copies)
    network = compile_graph(analysis).train()
    assert not any(network.module_of(node_id).training for node_id in copies)
    assert network.module_of(analysis.trained["adam-1"][0]).training
    # An argument of the block that its nodes use for their factor.
    by_width = analyse(block_graph(repeated, "convolution", rate_factor="=channels - 4"))
    assert not by_width.errors
    stages = {node_id.partition("/")[0] for node_id in by_width.frozen["adam-1"]}
    assert len(stages) == 1


def test_that_shared_weights_are_trained_once_by_their_own_settings():
    graph = block_graph(blocks.siamese(), "convolution", rate_factor=0.5, l2=0.1)
    (puller,) = Learner(analyse(graph), "image_folder-1", CPU, 1).pullers
    sizes = {group.get("rate_factor", 1): len(group["params"]) for group in puller.optimizer.param_groups}
    assert sizes == {0.5: 2, 1: 2}
    assert [len(held) for held in puller._penalties._l2.values()] == [1]


def test_that_uses_that_share_weights_cannot_train_them_in_two_ways():
    document = Document(blocks.siamese())
    with document.edit("Ask"):
        graphs.add(document, ("argument", {"name": "pace", "default": "1"}), "block-1")
        document.change("convolution-1", rate_factor="=pace")
        document.change(document.uses_of("block-1")[1], pace=0)
    (problem,) = analyse(document.graph()).errors
    assert problem.code == "shares"
    assert "learning-rate factor or penalties are others there" in problem.message


def test_that_values_that_fit_nothing_are_told():
    analysis = analyse(drawn(dense={"rate_factor": -1, "l2": "much"}))
    told = {problem.field: problem.message for problem in analysis.errors}
    assert told.keys() == {"rate_factor", "l2"}
    assert "0 or more fits" in told["rate_factor"]
