"""Training learns, stops, fails and goes on as it says."""

import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from runtime.cli.output import Out
from runtime.cli.train import train_job
from runtime.errors import GraphError, RunError
from runtime.evaluation.evaluate import evaluate
from runtime.events import Checkpoint, Epoch, Failed, Finished, Started, Warned
from runtime.job import make_job
from runtime.locks import held
from runtime.runs import Run, create_run
from runtime.splits import load_split
from runtime.train import train
from runtime.trained import load_trained
from runtime.worker import run_worker
from tests.builders import graphs, pictures

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def blobs(tmp_path_factory):
    return pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data")


@pytest.fixture(scope="module")
def graph(blobs):
    layers = [*graphs.LAYERS, ("dropout", {})]
    return graphs.classifier(before=["normalise"], layers=layers, **pictures.facts(blobs))


def run_of(graph, folder, **training):
    return pictures.new_run(graph, folder, **{"epochs": 3, "batch": 8, "device": "cpu", **training})


def trained(graph, folder, **training):
    run = run_of(graph, folder, **training)
    events = list(train(run.job))
    return run, events


def curve(events):
    return [event.metrics for event in events if isinstance(event, Epoch)]


def test_that_a_small_network_learns_bright_from_dark(graph, tmp_path):
    run, events = trained(graph, tmp_path / "run", epochs=6)
    assert isinstance(events[0], Started)
    assert events[0].cases == {"train": 23, "validation": 3, "test": 6}
    metrics = curve(events)[-1]
    assert set(metrics) == {"train_loss", "train_accuracy", "validation_loss", "validation_accuracy"}
    assert metrics["train_accuracy"] > 0.9
    assert isinstance(events[-1], Finished)
    assert events[-1].epochs == 6
    best = min(range(6), key=lambda place: curve(events)[place]["validation_loss"]) + 1
    assert events[-1].best_epoch == best
    found = load_trained(run)
    assert found.epoch == best
    assert found.metrics == curve(events)[best - 1]
    assert load_trained(run, "last").epoch == 6


def test_that_the_same_job_gives_the_same_numbers(graph, tmp_path):
    first, second = (curve(trained(graph, tmp_path / name)[1]) for name in "ab")
    assert first == second
    assert first != curve(trained(graph, tmp_path / "c", seed=1)[1])


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop", "radam"])
def test_that_two_epochs_and_two_after_a_resume_equal_four(graph, tmp_path, optimizer):
    nodes = {**graph.nodes, "adam-1": replace(graph.nodes["adam-1"], type=optimizer)}
    graph = replace(graph, nodes=nodes)
    _, whole = trained(graph, tmp_path / "whole", epochs=4)
    run, first = trained(graph, tmp_path / "halves", epochs=2)
    job = make_job(graph, run.folder, epochs=4, resume=True)
    create_run(job)
    second = list(train(job))
    assert second[0].resumed_after == 2
    assert curve(first) + curve(second) == curve(whole)
    whole_weights = load_trained(Run(tmp_path / "whole"), "last").network.state_dict()
    for name, tensor in load_trained(run, "last").network.state_dict().items():
        assert torch.equal(tensor, whole_weights[name]), name


def test_that_a_closed_training_keeps_its_best_epoch(graph, tmp_path):
    run = run_of(graph, tmp_path / "run", epochs=50)
    events = train(run.job)
    seen = [event.epoch for event in events if isinstance(event, Epoch) and event.epoch == 5 and events.close() is None]
    assert seen == [5]
    assert load_trained(run).epoch >= 1


def test_that_the_stop_file_ends_the_training_and_it_can_be_resumed(graph, tmp_path):
    run = run_of(graph, tmp_path / "run", epochs=10_000)
    events = []
    for event in train(run.job):
        events.append(event)
        if isinstance(event, Epoch) and event.epoch == 2:
            run.ask_to_stop()
    assert isinstance(events[-1], Finished)
    assert events[-1].stopped
    assert 2 <= events[-1].epochs < 10_000
    job = make_job(graph, run.folder, epochs=events[-1].epochs + 1, resume=True)
    create_run(job)
    assert isinstance(list(train(job))[-1], Finished)


def test_that_a_stop_before_the_first_epoch_is_heeded(graph, tmp_path):
    run = run_of(graph, tmp_path / "run", epochs=10_000)
    run.ask_to_stop()
    assert list(train(run.job))[-1].stopped


def test_that_a_stop_before_a_resumed_run_goes_on_tells_what_was_learned_before(graph, tmp_path, monkeypatch):
    run, events = trained(graph, tmp_path / "run", epochs=2)
    job = make_job(graph, run.folder, epochs=4, resume=True)
    create_run(job)
    run.ask_to_stop()
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "empty"))  # so that it is stopped while it decodes
    end = list(train(job))[-1]
    assert end.stopped
    assert (end.epochs, end.best_epoch, end.metrics) == (2, events[-1].best_epoch, events[-1].metrics)
    assert "before epoch 3" in end.reason


def test_that_training_ends_when_it_no_longer_gets_better(graph, tmp_path):
    training = replace(graph.training, patience=2, watch="accuracy", epochs=200, batch=8)
    _, events = trained(replace(graph, training=training), tmp_path / "run", epochs=200)
    assert events[-1].epochs == events[-1].best_epoch + 2
    assert "did not get better for 2 epochs" in events[-1].reason
    with pytest.raises(RunError, match="accuracy fits"):
        trained(replace(graph, training=replace(training, watch="beauty")), tmp_path / "other")


def test_that_a_loss_that_is_no_number_stops_before_it_does_harm(graph, tmp_path):
    (optimizer,) = (node for node in graph.nodes.values() if node.type == "adam")
    wild = replace(optimizer, type="sgd", settings={"rate": 1e30})
    run = run_of(replace(graph, nodes={**graph.nodes, optimizer.id: wild}), tmp_path / "run", epochs=20)
    with pytest.raises(RunError, match=r"finite number|beyond all bounds") as failure:
        list(train(run.job))
    assert "learning rate" in str(failure.value)
    assert failure.value.node
    assert not any(run.folder.glob("checkpoints/best*"))


def test_that_a_loss_that_is_no_number_changes_no_weight(graph, tmp_path):
    from runtime.analysis import analyse
    from runtime.data.batches import Batch
    from runtime.learner import Learner

    learner = Learner(analyse(graph), "image_folder-1", torch.device("cpu"), 1)
    learner.begin(learning=True)
    with torch.no_grad():
        learner.network.dense.bias.fill_(math.nan)
    before = {name: value.clone() for name, value in learner.network.named_parameters()}
    images = torch.randn(4, 1, 16, 16)
    with pytest.raises(RunError, match="Cross entropy"):
        learner.learn(Batch(images, torch.tensor([0, 1, 0, 1]), None, None, (0, 1, 2, 3)), 0)
    for name, value in learner.network.named_parameters():
        assert torch.allclose(value, before[name], rtol=0, atol=0, equal_nan=True), name


def test_that_a_metric_that_is_not_defined_is_said_and_left_out_of_the_record(tmp_path, capsys):
    """Without a second class in validation there is no area under the curve."""
    pictures.class_folders(tmp_path / "data" / "train")
    pictures.class_folders(tmp_path / "data" / "validation", count=4, names=("dark",))
    graph = graphs.classifier(before=["normalise"], metrics=["auc"], **pictures.facts(tmp_path / "data"))
    run = run_of(graph, tmp_path / "run", epochs=1)
    record = train_job(run.job, Out(as_json=True))
    assert "Not defined for the cases of this part, and so not shown: validation_auc" in capsys.readouterr().err
    assert set(record["metrics"]) == {"train_loss", "train_auc", "validation_loss"}
    assert all(math.isfinite(value) for value in record["metrics"].values())
    found = json.dumps(evaluate(run, "validation").as_dict(), allow_nan=False)
    assert "auc" not in json.loads(found)["metrics"]


def test_that_masks_are_learned(tmp_path):
    folder = pictures.masked(tmp_path / "data")
    facts = pictures.facts(folder)
    loss = ("dice_cross_entropy", {"class_weights": "balanced"})
    graph = graphs.segmenter(before=["normalise"], loss=loss, metrics=["dice_score"], **facts)
    run, events = trained(graph, tmp_path / "run", epochs=15, batch=4)
    assert curve(events)[-1]["validation_dice_score"] > 0.8
    (counts,) = load_split(run.folder).counts.values()
    assert sum(counts) == events[0].cases["train"] * 16 * 16
    assert sum(facts["counts"]) == 20 * 16 * 16


def test_that_numbers_are_learned(tmp_path):
    folder = pictures.numbered(tmp_path / "data")
    graph = graphs.regressor(before=["normalise"], **pictures.facts(folder))
    _, events = trained(graph, tmp_path / "run", epochs=15)
    losses = [metrics["train_loss"] for metrics in curve(events)]
    assert losses[-1] < losses[0] / 4


def test_that_an_autoencoder_learns_without_labels(graph, blobs, tmp_path):
    facts = {**pictures.facts(blobs, "none"), "name": "Image"}
    document = graphs.Document()
    with document.edit("Draw"):
        origin = graphs.source(document, **facts)
        start = graphs.chain(document, origin, ["normalise"])
        last = graphs.chain(document, start, [("convolution", {"filters": 4}), "relu", ("convolution", {"filters": 1})])
        graphs.judge(document, last, start, "", "squared_error")
    _, events = trained(document.graph(), tmp_path / "run", epochs=5)
    assert curve(events)[-1]["train_loss"] < curve(events)[0]["train_loss"]


def test_that_noise_is_drawn_for_each_case_and_again_alike_in_a_repeated_run(graph, tmp_path):
    document = graphs.Document(graph)
    with document.edit("Add noise"):
        (flatten,) = (node.id for node in document.nodes.values() if node.type == "flatten")
        noise = graphs.chain(document, document.add("noise", settings={"shape": [8]}), [("dense", {"units": 256})])
        both = graphs.add(document, "add")
        graphs.wire(document, noise, both)
        graphs.wire(document, flatten, both)
        head = graphs.chain(document, both, [("dense", {"units": 2})])
        graphs.judge(document, head, "image_folder-1", "class", "cross_entropy")
    first, second = (curve(trained(document.graph(), tmp_path / name, epochs=2)[1]) for name in "ab")
    assert first == second


def test_that_two_optimizers_each_change_what_lies_before_their_losses(graph, tmp_path):
    document = graphs.Document(graph)
    with document.edit("Second head"):
        (flatten,) = (node.id for node in document.nodes.values() if node.type == "flatten")
        head = graphs.chain(document, flatten, [("dense", {"units": 2, "name": "Second"})])
        graphs.judge(document, head, "image_folder-1", "class", ("cross_entropy", {"weight": 0.5}))
    _, events = trained(document.graph(), tmp_path / "run", epochs=4)
    names = set(curve(events)[-1])
    assert {"train_cross_entropy", "train_cross_entropy_2", "train_loss"} <= names
    assert curve(events)[-1]["train_loss"] < curve(events)[0]["train_loss"]


def test_that_unready_graphs_are_refused_with_every_reason(graph, tmp_path):
    nodes = {node_id: node for node_id, node in graph.nodes.items() if node.type not in ("adam", "output")}
    wires = tuple(wire for wire in graph.wires if wire.target in nodes and wire.source in nodes)
    run = run_of(replace(graph, nodes=nodes, wires=wires), tmp_path / "run")
    with pytest.raises(GraphError) as failure:
        list(train(run.job))
    assert len(failure.value.problems) == 2


def test_that_unreadable_files_are_told_and_left_out(tmp_path):
    folder = pictures.class_folders(tmp_path / "data")
    graph = graphs.classifier(before=["normalise"], **pictures.facts(folder))
    broken = folder / "bright" / "case001.png"
    broken.write_bytes(broken.read_bytes()[:-60])
    (folder / "bright" / "notes.txt").write_text("these are notes", encoding="utf-8")
    _, events = trained(graph, tmp_path / "run", epochs=1)
    assert any("changed since it was attached" in event.message for event in events if isinstance(event, Warned))
    told = [event.message for event in events if isinstance(event, Warned)]
    (message,) = [message for message in told if "2 files are not used" in message]
    assert "is a text" in message
    assert "truncated" in message
    assert "netloom scan" in message  # the names stay out of the run folder


def test_that_the_split_file_names_no_path_and_no_patient(graph, tmp_path):
    run, _ = trained(graph, tmp_path / "run", epochs=1)
    text = (run.folder / "split.json").read_text(encoding="utf-8")
    assert "case0" not in text
    parts = json.loads(text)["parts"]
    assert [len(parts[part]) for part in ("train", "validation", "test")] == [23, 3, 6]


def test_that_a_run_is_not_resumed_on_changed_data(tmp_path):
    folder = pictures.class_folders(tmp_path / "data")
    graph = graphs.classifier(**pictures.facts(folder))
    run, _ = trained(graph, tmp_path / "run", epochs=1)
    (folder / "bright" / "case001.png").unlink()
    job = make_job(graph, run.folder, epochs=2, resume=True)
    create_run(job)
    with pytest.raises(RunError, match="data changed"):
        list(train(job))


def test_that_labels_unlike_those_attached_are_refused(graph, tmp_path):
    folder = pictures.class_folders(tmp_path / "data", 12, ("a", "b", "c"))
    nodes = dict(graph.nodes)
    source = nodes["image_folder-1"]
    nodes[source.id] = replace(source, settings={**source.settings, "folder": str(folder)})
    run = run_of(replace(graph, nodes=nodes), tmp_path / "run")
    with pytest.raises(RunError, match="Attach the folder again"):
        list(train(run.job))


def test_that_the_worker_writes_every_event_and_the_environment(graph, tmp_path):
    run = run_of(graph, tmp_path / "run", epochs=2)
    lines = []
    assert run_worker(run.job, lines.append) == 0
    assert run.events_file.read_text(encoding="utf-8").splitlines() == lines
    assert run.status == "finished"
    assert run.epochs_done == 2
    text = (run.folder / "environment.json").read_text(encoding="utf-8")
    assert json.loads(text)["packages"]["torch"]
    assert str(Path.home()) not in text
    assert any(isinstance(event, Checkpoint) for event, _ in run.events())


def test_that_the_worker_tells_a_failure_in_one_sentence_and_keeps_the_trace_in_the_log(graph, tmp_path):
    run = run_of(replace(graph, wires=()), tmp_path / "run")
    assert run_worker(run.job) == 1
    (last, _) = run.events()[-1]
    assert isinstance(last, Failed)
    assert "Traceback" not in last.message
    assert "Traceback" in (run.folder / "log.txt").read_text(encoding="utf-8")
    assert run.status == "failed"


@pytest.mark.long
def test_that_one_patient_a_class_is_refused_and_trains_by_image_with_a_warning(real_data, tmp_path):
    facts = {**pictures.facts(real_data / "dicom_series"), "size": [32, 32]}
    graph = graphs.classifier(kind="dicom_folder", before=["normalise"], **facts)
    refused = run_of(graph, tmp_path / "refused", epochs=1)
    assert run_worker(refused.job) == 1
    assert "--split image" in refused.reason
    run = run_of(graph, tmp_path / "run", epochs=1, split="image")
    assert run_worker(run.job) == 0
    assert any(isinstance(event, Warned) and "by image" in event.message for event, _ in run.events())


def test_that_a_second_worker_is_refused(graph, tmp_path):
    run = run_of(graph, tmp_path / "run")
    with held(run.folder / "lock"), pytest.raises(RunError, match="by another process"):
        run_worker(run.job)
    assert not run.events_file.exists()


WORKER = "import sys; from pathlib import Path; from runtime.runs import Run; from runtime.worker import run_worker; \
import nodes; sys.exit(run_worker(Run(Path(sys.argv[1])).job, lambda text: print(text, flush=True)))"


def worker(run):
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(run.folder)], stdout=subprocess.PIPE, text=True, env=environment
    )


def read_until_epoch(process, epoch):
    for text in process.stdout:
        found = json.loads(text)
        if found["event"] == "epoch" and found["epoch"] >= epoch:
            return
    raise AssertionError("the worker ended before that epoch")


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_that_a_killed_worker_reads_as_died_and_its_run_is_resumed(graph, tmp_path):
    run = run_of(graph, tmp_path / "run", epochs=100_000)
    with worker(run) as process:
        read_until_epoch(process, 2)
        assert run.status == "running"
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.read()
    assert run.status == "died"
    assert run.can_resume
    run.mark_died()
    assert isinstance(run.events()[-1][0], Failed)
    done = run.epochs_done
    job = make_job(graph, run.folder, epochs=done + 1, resume=True)
    run = create_run(job)
    assert run.status == "running"
    assert run_worker(job) == 0
    assert run.status == "finished"
    assert run.epochs_done == done + 1


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_that_a_worker_asked_to_end_by_the_system_stops_as_by_the_button(graph, tmp_path):
    run = run_of(graph, tmp_path / "run", epochs=100_000)
    with worker(run) as process:
        read_until_epoch(process, 1)
        process.send_signal(signal.SIGTERM)
        process.stdout.read()
        assert process.wait() == 0
    assert run.status == "stopped"
