"""How a step is made: gradients added up over batches, clipped gradients, mean weights, 16 bits, a limit of time."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest
import torch
from torch._inductor.utils import fresh_cache

from runtime.analysis import analyse
from runtime.averages import Average
from runtime.checkpoint import load_checkpoint
from runtime.compiled import cannot_compile
from runtime.data.batches import Batch
from runtime.document import Document
from runtime.errors import RunError
from runtime.events import Epoch, Finished, Warned
from runtime.files import load_graph, save_graph
from runtime.graph import Training
from runtime.job import make_job
from runtime.learner import Learner
from runtime.precisions import pick_precision
from runtime.runs import Run, create_run
from runtime.stepping import Stepping
from runtime.time_limit import TimeLimit
from runtime.train import train
from runtime.trained import load_trained
from runtime.training_values import read_training, training_faults
from tests.builders import graphs, pictures

CPU = torch.device("cpu")
PLAIN = (("convolution", {"filters": 4}), "relu", "max_pooling", "flatten")  # no batch norm, no dropout


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data")


def drawn(blobs, layers=PLAIN, rate=0.05, optimizer="sgd", **more):
    graph = graphs.classifier(before=["normalise"], layers=layers, **pictures.facts(blobs))
    document = Document(graph)
    with document.edit("Step"):
        document.train_with(replace(graph.training, **more))
    graph = document.graph()
    nodes = {
        node_id: replace(node, type=optimizer, settings={"rate": rate, "schedule": "cosine"})
        if node.type == "adam"
        else node
        for node_id, node in graph.nodes.items()
    }
    return replace(graph, nodes=nodes)


def trained(graph, folder, **given):
    run = create_run(make_job(graph, folder, **{"epochs": 3, "batch": 8, "device": "cpu", **given}))
    return run, list(train(run.job))


def curve(events):
    return [event.metrics for event in events if isinstance(event, Epoch)]


def weights(run, which="last"):
    return load_trained(run, which).network.state_dict()


def test_that_turns_share_a_step_by_their_cases_and_the_last_step_takes_what_is_left():
    stepping = Stepping([8, 8, 7], 2)
    assert [turn.step for turn in stepping.turns] == [0, 0, 1]
    assert [turn.share for turn in stepping.turns] == [0.5, 0.5, 1.0]
    assert [turn.complete for turn in stepping.turns] == [False, True, True]
    assert stepping.steps == 2
    uneven = Stepping([8, 8, 8, 2], 4)
    assert sum(turn.share for turn in uneven.turns) == pytest.approx(1)
    assert uneven.turns[3].share == pytest.approx(2 / 26)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [8, 4])
def test_that_batches_added_up_are_one_batch_of_their_size(blobs, tmp_path, batch):
    """23 cases in batches of 16 are 16 and 7: the last step is of fewer cases, and of fewer batches."""
    whole_run, whole = trained(drawn(blobs), tmp_path / "whole", batch=16)
    run, added = trained(drawn(blobs, accumulate=16 // batch), tmp_path / "added", batch=batch)
    for one, other in zip(curve(whole), curve(added), strict=True):
        assert other["train_loss"] == pytest.approx(one["train_loss"], rel=1e-4)
    for name, tensor in weights(run).items():
        torch.testing.assert_close(tensor, weights(whole_run)[name], rtol=1e-4, atol=1e-6)
    unlike = weights(trained(drawn(blobs), tmp_path / "small", batch=batch)[0])
    assert not all(torch.allclose(unlike[name], tensor, rtol=1e-3) for name, tensor in weights(run).items())


def flat(learner):
    return torch.cat([parameter.detach().flatten() for parameter in learner.network.parameters()])


def moved(graph, scale=1.0):
    """How far one step moves the trained numbers, all together."""
    learner = Learner(analyse(graph), "image_folder-1", CPU, 10)
    learner.begin(learning=True)
    before = flat(learner).clone()
    images = torch.randn(8, 1, 16, 16, generator=torch.Generator().manual_seed(1)) * scale
    learner.learn(Batch(images, torch.tensor([0, 1] * 4), None, None, tuple(range(8))), 0)
    return float((flat(learner) - before).norm())


@pytest.mark.parametrize("clip", [0.01, 0.2])
def test_that_clipped_gradients_move_the_numbers_by_no_more_than_rate_times_the_limit(blobs, clip):
    graph = drawn(blobs, rate=1.0, clip=clip)
    free = moved(drawn(blobs, rate=1.0))
    assert free > 0.25
    assert moved(graph) == pytest.approx(clip, rel=1e-3)
    generous = drawn(blobs, rate=1.0, clip=10 * free)
    assert moved(generous) == pytest.approx(free, rel=1e-5)


def test_that_the_mean_of_weights_follows_its_formula_and_gives_the_trained_numbers_back():
    network = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    average = Average(network, 0.9)
    expected = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    for step in range(200):
        with torch.no_grad():
            for tensor in network.state_dict().values():
                tensor.add_(1)
        average.after_step(step)
        decay = min(0.9, (1 + step) / (10 + step))
        for name, tensor in network.state_dict().items():
            if tensor.is_floating_point():
                expected[name] = decay * expected[name] + (1 - decay) * tensor
    live = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    average.show()
    average.show()
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(tensor, expected[name] if tensor.is_floating_point() else live[name])
    average.hide()
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, live[name]), name


@pytest.mark.parametrize(
    ("optimizer", "more"),
    [
        ("adam", {"ema": 0.9}),
        ("sgd", {"ema": 0.99, "accumulate": 2, "clip": 0.5}),
        ("adam", {"precision": "bfloat16"}),
        ("sgd", {"precision": "float16", "clip": 1.0}),
    ],
)
def test_that_two_epochs_and_two_after_a_resume_equal_four_bit_for_bit(blobs, tmp_path, optimizer, more):
    # Of the second convolution's numbers channels lie last in memory: what was saved must come back in that order.
    layers = [*graphs.LAYERS[:3], ("convolution", {"filters": 8}), *graphs.LAYERS[3:], ("dropout", {})]
    graph = drawn(blobs, layers=layers, optimizer=optimizer, **more)
    whole_run, whole = trained(graph, tmp_path / "whole", epochs=4)
    run, first = trained(graph, tmp_path / "halves", epochs=4, more={"minutes": 1e-9})
    assert len(curve(first)) == 1
    job = make_job(graph, run.folder, epochs=4, resume=True, more={"minutes": 0.0})
    create_run(job)
    assert curve(first) + curve(list(train(job))) == curve(whole)
    one, other = (load_checkpoint(folder / "checkpoints", "last")[0] for folder in (run.folder, whole_run.folder))
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        assert torch.equal(tensor, other.tensors[name]), name


def test_that_each_trained_number_goes_against_its_own_gradient_however_both_lie_in_memory(blobs):
    layers = [("convolution", {"filters": 4}), "position_embedding", ("convolution", {"filters": 8}), "flatten"]
    graph = drawn(blobs, layers=layers, optimizer="adam")
    learner, shown = Learner(analyse(graph), "image_folder-1", CPU, 1), []
    trained_numbers = list(learner.network.parameters())
    before = [number.detach().clone() for number in trained_numbers]
    learner.begin(learning=True)
    images = 255 * torch.rand(4, 1, 16, 16, generator=torch.Generator().manual_seed(0))
    learner.learn(Batch(images, torch.tensor([0, 1, 0, 1]), None, None, (0, 1, 2, 3)), 0, look=shown.append)
    for number, then in zip(trained_numbers, before, strict=True):
        gradient = shown[0][id(number)]
        steep = gradient.abs() > 1e-6
        assert torch.equal((number.detach() - then).sign()[steep], -gradient.sign()[steep]), tuple(number.shape)


def test_that_the_mean_is_what_is_measured_and_kept_and_training_goes_on_beside_it(blobs, tmp_path):
    graph = drawn(blobs, optimizer="adam", rate=0.01, ema=0.95)
    run, events = trained(graph, tmp_path / "mean")
    plain_run, plain = trained(drawn(blobs, optimizer="adam", rate=0.01), tmp_path / "plain")
    for one, other in zip(curve(events), curve(plain), strict=True):
        assert one["train_loss"] == other["train_loss"]
        assert one["validation_loss"] != other["validation_loss"]
    state, _ = load_checkpoint(run.folder / "checkpoints", "last")
    for name, tensor in weights(plain_run).items():
        assert torch.equal(state.tensors[f"trained.{name}"], tensor), name
        assert not torch.equal(weights(run)[name], tensor), name


def test_that_sixteen_bits_are_for_layers_and_neither_for_preparation_nor_for_answers(blobs):
    graph = drawn(blobs, precision="bfloat16")
    learner = Learner(analyse(graph), "image_folder-1", CPU, 1)
    seen = {}
    for name in ("normalise", "convolution", "dense"):
        child = learner.network.get_submodule(name)
        child.register_forward_hook(lambda _child, _given, out, name=name: seen.update({name: out.dtype}))
    learner.begin(learning=True)
    images = 1000 + torch.rand(4, 1, 16, 16)
    batch = Batch(images, torch.tensor([0, 1, 0, 1]), None, None, (0, 1, 2, 3))
    learner.learn(batch, 0)
    assert seen == {"normalise": torch.float32, "convolution": torch.bfloat16, "dense": torch.bfloat16}
    (place,) = set(learner.network.plan.kept)
    assert learner.measure(batch).at(*place).dtype == torch.float32
    assert {parameter.dtype for parameter in learner.network.parameters()} == {torch.float32}


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_that_sixteen_bits_learn_nearly_what_thirty_two_do(blobs, tmp_path, precision):
    _, exact = trained(drawn(blobs, optimizer="adam", rate=0.01), tmp_path / "exact", epochs=5)
    _, short = trained(drawn(blobs, optimizer="adam", rate=0.01, precision=precision), tmp_path / "short", epochs=5)
    assert curve(short) != curve(exact)
    first, last = curve(exact)[0]["train_loss"], curve(exact)[-1]["train_loss"]
    assert curve(short)[-1]["train_loss"] < (first + last) / 2


def test_that_automatic_precision_is_exact_on_the_processor(blobs):
    analysis = analyse(drawn(blobs))
    assert pick_precision("auto", CPU, analysis, 10**6) is None
    assert pick_precision("float32", CPU, analysis, 32) is None
    assert pick_precision("bfloat16", CPU, analysis, 32) is torch.bfloat16


def test_that_a_time_limit_ends_the_training_after_a_whole_epoch_and_says_so(blobs, tmp_path):
    _, events = trained(drawn(blobs, minutes=1e-6), tmp_path / "run", epochs=50)
    end = events[-1]
    assert isinstance(end, Finished)
    assert (end.epochs, end.best_epoch, end.stopped) == (1, 1, False)
    assert "time limit of 1e-06 min" in end.reason


def test_that_no_epoch_is_begun_that_would_probably_end_after_the_limit():
    now = [0.0]
    limit = TimeLimit(10, clock=lambda: now[0])
    found = []
    for seconds in (60, 150, 150, 120):
        now[0] += seconds
        limit.note_epoch()
        found.append(limit.reached())
    assert found == [False, False, False, True]  # at 480 s, the longest of the last two took 150 s, and 600 s are all
    assert limit.left() == 120
    endless = TimeLimit(0, clock=lambda: 1e12)
    endless.note_epoch()
    assert not endless.reached()
    assert endless.left() == math.inf


def test_that_the_settings_are_kept_in_the_project_and_wrong_ones_are_told(blobs, tmp_path):
    graph = drawn(blobs, accumulate=4, clip=1.5, ema=0.999, precision="bfloat16", compile="off", minutes=30.0)
    save_graph(graph, tmp_path / "one.netloom")
    assert load_graph(tmp_path / "one.netloom").graph.training == graph.training
    assert read_training({"clip": 1}) == Training(clip=1.0)
    assert list(training_faults(graph.training)) == []
    for wrong, said in (
        ({"accumulate": 0}, "accumulate is 0"),
        ({"clip": -1.0}, "clip is -1.0; a number from 0"),
        ({"ema": 1.0}, "ema is 1.0; a number from 0 to 0.999999 fits"),
        ({"minutes": math.nan}, "minutes is nan"),
        ({"precision": "float8"}, "one of auto, float32, bfloat16, float16 fits"),
    ):
        (fault,) = training_faults(Training(**wrong))
        assert said in fault


def test_that_a_run_is_not_resumed_with_another_way_of_stepping_but_with_another_limit(blobs, tmp_path):
    graph = drawn(blobs, clip=1.0)
    run, _ = trained(graph, tmp_path / "run", epochs=1)
    with pytest.raises(RunError, match="clip"):
        make_job(graph, run.folder, resume=True, more={"clip": 2.0})
    assert make_job(graph, run.folder, resume=True, more={"minutes": 5.0}).training.minutes == 5.0
    assert json.loads((Run(run.folder).folder / "job.json").read_text())["training"]["clip"] == 1.0


def test_that_a_network_with_2d_convolutions_has_its_channels_last_and_a_dense_one_has_not(blobs):
    flat = Learner(analyse(drawn(blobs)), "image_folder-1", CPU, 1)
    assert flat.layout is torch.channels_last
    assert flat.network.get_submodule("convolution").weight.is_contiguous(memory_format=torch.channels_last)
    dense = Learner(analyse(drawn(blobs, layers=("flatten", "relu"))), "image_folder-1", CPU, 1)
    assert dense.layout is torch.contiguous_format


def test_that_a_network_that_cannot_be_compiled_is_trained_as_it_is_with_a_warning(blobs, tmp_path, monkeypatch):
    _, plain = trained(drawn(blobs), tmp_path / "plain", epochs=2)
    monkeypatch.setenv("PATH", str(tmp_path))  # no compiler
    _, events = trained(drawn(blobs, compile="on"), tmp_path / "run", epochs=2)
    (said,) = (event.message for event in events if isinstance(event, Warned) and "compiled" in event.message)
    assert said.endswith("is trained without it: there is no C++ compiler on this machine.")
    assert curve(events) == curve(plain)


def test_that_an_error_of_compiling_is_not_the_end_of_the_training(blobs, tmp_path, monkeypatch):
    """As where a compiler is there and fails."""
    broken = tmp_path / "bin"
    broken.mkdir()
    for name in ("g++", "c++", "gcc", "cc"):
        (broken / name).write_text("#!/bin/sh\nexit 1\n")
        (broken / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken}")
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "kernels"))
    _, events = trained(drawn(blobs, compile="on"), tmp_path / "run", epochs=2)
    said = [event.message for event in events if isinstance(event, Warned) and "compiled" in event.message]
    assert len(said) == 1
    assert isinstance(events[-1], Finished)


@pytest.mark.long
@pytest.mark.skipif(bool(cannot_compile(CPU)), reason="there is no C++ compiler")
def test_that_a_compiled_network_learns_the_same_up_to_rounding(blobs, tmp_path):
    _, plain = trained(drawn(blobs), tmp_path / "plain", epochs=2)
    with fresh_cache():  # nothing is left of a compiler that failed before in this process
        _, events = trained(drawn(blobs, compile="on"), tmp_path / "run", epochs=2)
    assert not [event for event in events if isinstance(event, Warned) and "compiled" in event.message]
    for one, other in zip(curve(plain), curve(events), strict=True):
        assert other["train_loss"] == pytest.approx(one["train_loss"], rel=1e-3)
