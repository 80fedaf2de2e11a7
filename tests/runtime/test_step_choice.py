"""Whether steps run compiled is measured on copies, kept with the run, and never at the cost of the training."""

from dataclasses import replace

import pytest
import torch

from runtime import step_choice
from runtime.analysis import analyse
from runtime.batch_size import random_batch
from runtime.checkpoint import State
from runtime.compiled import cannot_compile
from runtime.device import seed_epoch
from runtime.document import Document
from runtime.errors import RunError
from runtime.events import Epoch, Noted
from runtime.graph import Training
from runtime.job import make_job
from runtime.learner import Learner
from runtime.repeating import create_repeat, repeat_job
from runtime.runs import create_run
from runtime.step_choice import Ahead, Choice, choose, keep_choice, kept_way
from runtime.train import train
from tests.builders import graphs, pictures

CPU = torch.device("cpu")
LAYERS = (("convolution", {"filters": 4}), "batch_normalization", "relu", "flatten", "dropout")
LONG = Ahead(10**9, 1e9)
compiles = pytest.mark.skipif(bool(cannot_compile(CPU)), reason=f"{cannot_compile(CPU)}")


def alone(answer):
    return answer


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data")


def drawn(blobs, **training):
    document = Document(graphs.classifier(before=["normalise"], layers=LAYERS, **pictures.facts(blobs)))
    with document.edit("Train"):
        document.train_with(replace(document.training, **training))
    return document.graph()


def learner_of(graph):
    learner = Learner(analyse(graph), "image_folder-1", CPU, 10)
    learner.begin(learning=True)
    return learner, random_batch(learner.analysis, "image_folder-1", 8, CPU)


def copied(state: State):
    return {name: tensor.clone() for name, tensor in state.tensors.items()}


def curve(events):
    return [event.metrics for event in events if isinstance(event, Epoch)]


def test_that_nothing_is_tried_where_too_little_lies_ahead(blobs):
    learner, batch = learner_of(drawn(blobs))
    assert choose(learner, batch, Ahead(199, 1e9), alone) == Choice()
    timed = choose(learner, batch, Ahead(10**9, 1799.0), alone)
    assert (timed.way, set(timed.ms), timed.words()) == ("plain", {"plain"}, "")
    assert Ahead.of(Training(epochs=100), 10, 5, 60.0) == Ahead(450, 60.0)
    assert Ahead.of(Training(epochs=100, patience=7), 10, 5, 60.0) == Ahead(40, 60.0)


def test_that_without_a_compiler_the_choice_is_plain_and_says_so(blobs, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    learner, batch = learner_of(drawn(blobs))
    found = choose(learner, batch, LONG, alone)
    assert found.way == "plain"
    assert "ms as it is; it cannot be run compiled (there is no C++ compiler on this machine)" in found.words()
    assert found.words().endswith(": it is trained as it is.")


def test_that_a_measured_training_has_the_bits_of_one_that_is_not(blobs, tmp_path, monkeypatch):
    """Plain steps are timed in the first run, and a compiler is looked for that is not there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(step_choice, "_LEAST_BATCHES", 1)
    monkeypatch.setattr(step_choice, "_LEAST_S", {"cpu": 0.0})
    found = {}
    for way in ("auto", "off"):
        run = create_run(make_job(drawn(blobs, compile=way), tmp_path / way, epochs=2, batch=8, device="cpu"))
        found[way] = list(train(run.job))
    (noted,) = (event.message for event in found["auto"] if isinstance(event, Noted))
    assert "no C++ compiler" in noted
    assert not [event for event in found["off"] if isinstance(event, Noted)]
    assert curve(found["auto"]) == curve(found["off"])
    assert kept_way(tmp_path / "auto") == "plain"


def test_that_trials_change_no_number_and_no_random_state_of_the_training(blobs, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    learner, batch = learner_of(drawn(blobs, ema=0.9))
    seed_epoch(3, 1)
    for step in range(3):
        learner.learn(batch, step)
    before, random = copied(learner.state()), torch.get_rng_state()
    choose(learner, batch, LONG, alone)
    assert torch.equal(torch.get_rng_state(), random)
    for name, tensor in learner.state().tensors.items():
        assert torch.equal(tensor, before[name]), name


def test_that_a_resumed_and_a_repeated_run_take_the_way_that_was_kept(blobs, tmp_path):
    graph = drawn(blobs)
    run = create_run(make_job(graph, tmp_path / "run", epochs=1, batch=8, device="cpu"))
    list(train(run.job))
    keep_choice(run.folder, Choice("graphs"))  # as of a machine with a GPU, which this one has not
    again = create_repeat(repeat_job(run.folder, tmp_path / "again"), run.folder)
    assert kept_way(again.folder) == "graphs"
    job = make_job(graph, run.folder, epochs=2, resume=True)
    create_run(job)
    said = [event.message for event in train(job) if hasattr(event, "message")]
    assert any(text.endswith("without it: CUDA graphs need an NVIDIA GPU.") for text in said)
    assert not any("takes" in text for text in said)


def test_that_a_damaged_record_of_the_choice_is_refused(tmp_path):
    assert kept_way(tmp_path) == "plain"
    (tmp_path / "step.json").write_text("{")
    with pytest.raises(RunError, match=r"step\.json is damaged"):
        kept_way(tmp_path)
    (tmp_path / "step.json").write_text('{"way": "warp"}')
    with pytest.raises(RunError, match="names the way “warp”"):
        kept_way(tmp_path)


def test_that_the_fastest_way_counts_only_when_it_is_clearly_faster(blobs):
    learner, batch = learner_of(drawn(blobs))
    trials = step_choice._Trials(learner, batch)
    for ms, way in (({"plain": 10.0, "compiled": 9.8}, "plain"), ({"plain": 10.0, "compiled": 7.0}, "compiled"),
                    ({"plain": 9.0, "compiled": 8.0, "graphs": 3.0}, "graphs"), ({}, "plain")):  # fmt: skip
        trials.ms = ms
        assert trials.fastest() == way


@pytest.mark.long
@compiles
def test_that_compiled_steps_are_really_measured_and_what_is_taken_learns_the_same(blobs, tmp_path, monkeypatch):
    learner, batch = learner_of(drawn(blobs))
    before, random = copied(learner.state()), torch.get_rng_state()
    found = choose(learner, batch, LONG, alone)
    assert set(found.ms) == {"plain", "compiled"}
    assert not found.failed
    assert found.way in found.ms
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(tensor, before[name]) for name, tensor in learner.state().tensors.items())
    monkeypatch.setattr(step_choice, "choose", lambda *_: Choice("compiled", {"plain": 2.0, "compiled": 1.0}))
    curves = []
    for name, way in (("auto", "auto"), ("plain", "off")):
        run = create_run(make_job(drawn(blobs, compile=way), tmp_path / name, epochs=2, batch=8, device="cpu"))
        events = list(train(run.job))
        curves.append([entry["train_loss"] for entry in curve(events)])
        assert not [event for event in events if "could not be compiled" in getattr(event, "message", "")]
    assert curves[0] == pytest.approx(curves[1], rel=1e-3)
    assert kept_way(tmp_path / "auto") == "compiled"
