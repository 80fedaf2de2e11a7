"""What is observed of an epoch is true, and observing changes nothing of the training."""

import json
import math
from dataclasses import replace
from functools import partial

import pytest
import torch

from runtime.analysis import analyse
from runtime.data.batches import Batch
from runtime.events import Epoch, Failed, Observed, line, parse
from runtime.layer_facts import FILE, LayerFacts
from runtime.learner import Learner
from runtime.train import train
from runtime.worker import run_worker
from tests.builders import graphs, pictures


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data", 40)


@pytest.fixture(scope="module")
def graph(blobs):
    return graphs.classifier(before=["normalise"], **pictures.facts(blobs))


def observed(graph, folder, **training):
    run = pictures.new_run(graph, folder, **{"epochs": 3, "batch": 8, "device": "cpu", **training})
    events = list(train(run.job))
    return run, events, [event for event in events if isinstance(event, Observed)]


def small(graph):
    torch.manual_seed(0)
    learner = Learner(analyse(graph), "image_folder-1", torch.device("cpu"), 1)
    learner.begin(learning=True)
    return learner, Batch(torch.randn(4, 1, 16, 16), torch.tensor([0, 1, 0, 1]), None, None, (0, 1, 2, 3))


def test_that_each_epoch_tells_its_pace_and_what_was_answered(graph, tmp_path):
    _, events, seen = observed(graph, tmp_path / "run")
    assert [event.epoch for event in seen] == [1, 2, 3]
    assert all(event.images_per_s > 0 for event in seen)
    places = [place for place, event in enumerate(events) if isinstance(event, Observed)]
    assert all(isinstance(events[place + 1], Epoch) for place in places)
    (loss,) = seen[-1].predicted
    assert sum(seen[-1].predicted[loss]) == pytest.approx(1)
    assert sum(seen[-1].true[loss]) == pytest.approx(1)


def test_that_shares_are_alike_with_and_without_a_metric_that_counts_them(graph, blobs, tmp_path):
    bare = graphs.classifier(before=["normalise"], metrics=(), **pictures.facts(blobs))
    _, _, seen = observed(bare, tmp_path / "run", epochs=2)
    _, _, other = observed(graph, tmp_path / "other", epochs=2)
    assert seen[-1].predicted == other[-1].predicted
    assert seen[-1].true == other[-1].true


def test_that_masks_tell_the_share_of_the_foreground_and_numbers_their_spread(tmp_path):
    masked = pictures.masked(tmp_path / "masked")
    graph = graphs.segmenter(before=["normalise"], metrics=["dice_score"], **pictures.facts(masked))
    _, _, seen = observed(graph, tmp_path / "masks", epochs=1)
    (true,) = seen[-1].true.values()
    assert 0.05 < true[1] < 0.5
    numbered = pictures.numbered(tmp_path / "numbered")
    graph = graphs.regressor(before=["normalise"], **pictures.facts(numbered))
    _, _, seen = observed(graph, tmp_path / "numbers", epochs=1)
    (true,) = seen[-1].true.values()
    assert 3 < true[0] < 5
    assert 0 < true[1] < 1


def looked_at(learner, batch, folder):
    """The facts of the layers, seen in a step."""
    facts = LayerFacts(learner, folder)
    learner.learn(batch, 0, look=partial(facts.look, epoch=1))
    return facts


def test_that_norms_and_gradients_are_those_of_the_layers(graph, tmp_path):
    learner, batch = small(graph)
    dense = learner.network.dense
    (judge,) = learner.losses
    passed = learner.forward(batch)
    gradients = torch.autograd.grad(judge.module(*judge.compared(batch, passed)), list(dense.parameters()))
    length = math.sqrt(sum(float(one.square().sum()) for one in gradients))
    facts = looked_at(learner, batch, tmp_path)
    assert set(facts.gradients) == set(facts.weights()) == {"convolution-1", "batch_normalization-1", "dense-1"}
    assert facts.gradients["dense-1"] == pytest.approx(length, rel=1e-3)
    whole = math.sqrt(sum(float(one.detach().square().sum()) for one in dense.parameters()))
    assert facts.weights()["dense-1"] == pytest.approx(whole, rel=1e-4)


def test_that_moved_tells_how_far_a_layer_is_from_where_it_began(graph, tmp_path):
    learner, _ = small(graph)
    facts = LayerFacts(learner, tmp_path)
    with torch.no_grad():
        learner.network.dense.weight.mul_(1.5)
    assert facts.moved()["dense-1"] == pytest.approx(0.5, rel=1e-3)
    assert facts.moved()["convolution-1"] == 0


@pytest.mark.parametrize("more", [{"clip": 0.01}, {"accumulate": 2}, {"precision": "float16"}])
def test_that_gradients_are_seen_as_they_are_before_they_are_scaled_or_clipped(graph, more, tmp_path):
    plain, batch = small(graph)
    expected = looked_at(plain, batch, tmp_path).gradients
    learner, _ = small(replace(graph, training=replace(graph.training, **more)))
    facts = LayerFacts(learner, tmp_path)
    parts = [(0.5, False), (0.5, True)] if "accumulate" in more else [(1.0, True)]
    for share, complete in parts:
        learner.learn(batch, 0, share, complete, partial(facts.look, epoch=1))
    assert facts.gradients == pytest.approx(expected, rel=0.05 if "precision" in more else 1e-3)


def test_that_looking_changes_nothing_of_what_is_learned(graph, tmp_path):
    alone, batch = small(graph)
    alone.learn(batch, 0)
    seen, _ = small(graph)
    state = torch.get_rng_state()
    looked_at(seen, batch, tmp_path)
    assert torch.equal(torch.get_rng_state(), state)
    pairs = zip(alone.network.state_dict().values(), seen.network.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_that_histograms_count_every_number_of_a_small_layer(graph, tmp_path):
    run, _, _ = observed(graph, tmp_path / "run")
    told = json.loads((run.folder / FILE).read_text(encoding="utf-8"))
    assert told["epoch"] == 3
    dense = next(layer for layer in told["layers"] if layer["node"] == "dense-1")
    assert sum(dense["weights"]["counts"]) == sum(dense["gradients"]["counts"]) == 256 * 2 + 2
    assert dense["weights"]["low"] < 0 < dense["weights"]["high"]


def test_that_a_layer_behind_a_dead_activation_is_still(graph, tmp_path):
    learner, batch = small(graph)
    with torch.no_grad():
        learner.network.batch_normalization.bias.fill_(-100)
    facts = looked_at(learner, batch, tmp_path)
    assert facts.still["convolution-1"] == 1
    assert facts.gradients["convolution-1"] == 0


def test_that_an_event_with_numbers_that_are_none_is_written_and_read():
    event = Observed(2, 10.0, predicted={"a": [0.5, math.nan]}, weights={"b": 1.0})
    read, _ = parse(line(event, 0.0))
    assert read == Observed(2, 10.0, predicted={"a": [0.5, None]}, weights={"b": 1.0})


def test_that_a_loss_that_is_no_number_is_told_by_its_code(graph, tmp_path):
    (optimizer,) = (node for node in graph.nodes.values() if node.type == "adam")
    wild = replace(optimizer, type="sgd", settings={"rate": 1e38})
    graph = replace(graph, nodes={**graph.nodes, optimizer.id: wild})
    run = pictures.new_run(graph, tmp_path / "run", epochs=20, batch=8, device="cpu")
    assert run_worker(run.job) == 3
    last = run.events()[-1][0]
    assert isinstance(last, Failed)
    assert last.code == "not_finite"
