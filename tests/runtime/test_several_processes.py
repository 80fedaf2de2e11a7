"""Several processes train one network: the same weights as one process with the batches of all together."""

import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from runtime.events import Epoch, Failed
from runtime.job import make_job
from runtime.runs import create_run
from runtime.splits import load_split
from runtime.trained import load_trained
from runtime.worker import run_worker
from tests.builders import graphs, pictures

ROOT = Path(__file__).resolve().parents[2]
LAYERS = [("convolution", {"filters": 4}), "relu", "flatten", ("dense", {"units": 8}), "relu"]

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform == "win32", reason="torchrun needs a Unix here")]


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    facts = pictures.facts(pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data", 60))
    return graphs.classifier(before=["normalise"], layers=LAYERS, metrics=["accuracy", "auc"], **facts)


def made(graph, folder, batch, **more):
    return create_run(make_job(graph, folder, batch=batch, device="cpu", **{"epochs": 3, **more}))


def torchrun(*words, processes=2):
    """The processes that train together, on a port of their own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    call = ["-m", "torch.distributed.run", "--nproc-per-node", processes, "--master-port", port, "-m", "runtime.worker"]
    return subprocess.Popen(
        [sys.executable, *map(str, (*call, *words))], env=environment, cwd=ROOT, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def curve(run):
    return [event.metrics for event, _ in run.events() if isinstance(event, Epoch)]


def test_that_two_processes_give_the_weights_of_one_with_twice_the_batch(graph, tmp_path):
    one = made(graph, tmp_path / "one", 16)
    assert run_worker(one.job) == 0
    two = made(graph, tmp_path / "two", 8)
    said, errors = (process := torchrun(two.folder)).communicate()
    assert process.returncode == 0, said + errors
    assert two.status == "finished"
    assert [event["event"] for event in map(json.loads, said.splitlines())][-1] == "finished"
    assert curve(one)[0].keys() == curve(two)[0].keys()
    for expected, found in zip(curve(one), curve(two), strict=True):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    assert load_split(two.folder).fingerprint == load_split(one.folder).fingerprint
    expected = load_trained(one, "last").network.state_dict()
    for name, tensor in load_trained(two, "last").network.state_dict().items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5)


def test_that_processes_agree_on_balanced_cases_frozen_nodes_paces_and_penalties(graph, tmp_path):
    own = {"convolution-1": {"rate_factor": 0}, "dense-1": {"rate_factor": 0.3, "l1": 0.002, "l2": 0.1}}
    nodes = {
        node_id: replace(node, settings={**node.settings, **own.get(node_id, {})})
        for node_id, node in graph.nodes.items()
    }
    graph = graphs.trained_with(replace(graph, nodes=nodes), sampling="balanced")
    one = made(graph, tmp_path / "one", 16)
    assert run_worker(one.job) == 0
    two = made(graph, tmp_path / "two", 8)
    _, errors = (process := torchrun(two.folder)).communicate()
    assert process.returncode == 0, errors
    for expected, found in zip(curve(one), curve(two), strict=True):
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)
    expected = load_trained(one, "last").network.state_dict()
    for name, tensor in load_trained(two, "last").network.state_dict().items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-4, atol=1e-5)


def test_that_a_shared_training_stops_when_asked_and_is_resumed(graph, tmp_path):
    run = made(graph, tmp_path / "run", 8, epochs=100_000)
    with torchrun(run.folder) as process:
        _read_until_checkpoint(process)
        run.ask_to_stop()
        _, errors = process.communicate()
    assert process.returncode == 0, errors
    assert run.status == "stopped"
    done = run.epochs_done
    create_run(make_job(graph, run.folder, epochs=done + 1, resume=True))
    _, errors = (process := torchrun(run.folder)).communicate()
    assert process.returncode == 0, errors
    assert run.status == "finished"
    assert run.epochs_done == done + 1


def test_that_processes_asked_to_end_by_the_system_stop_as_by_the_button(graph, tmp_path):
    run = made(graph, tmp_path / "run", 8, epochs=100_000)
    with torchrun(run.folder) as process:
        _read_until_checkpoint(process)
        process.send_signal(signal.SIGTERM)
        process.communicate()
    assert run.status == "stopped", run.reason
    assert run.can_resume


def test_that_a_killed_process_ends_the_run_in_words(graph, tmp_path):
    run = made(graph, tmp_path / "run", 8, epochs=100_000)
    with torchrun(run.folder) as process:
        _read_until_checkpoint(process)
        first = json.loads((run.folder / "worker.json").read_text(encoding="utf-8"))["pid"]
        (other,) = [pid for pid in _children(process.pid) if pid != first]
        os.kill(other, signal.SIGKILL)
        process.communicate()
    assert process.returncode != 0
    (last, _) = run.events()[-1]
    assert isinstance(last, Failed)
    assert "A process of this training ended without a word" in last.message
    assert "resume the run" in last.message
    assert run.can_resume


def test_that_a_process_that_fails_says_why_through_the_first(graph, tmp_path):
    wild = {**graph.nodes, "adam-1": replace(graph.nodes["adam-1"], type="sgd", settings={"rate": 1e30})}
    run = made(replace(graph, nodes=wild), tmp_path / "run", 8)
    process = torchrun(run.folder)
    process.communicate()
    assert process.returncode != 0
    assert run.status == "failed"
    assert "finite number" in run.reason or "beyond all bounds" in run.reason


def test_that_more_processes_than_cases_are_refused_in_words(tmp_path):
    facts = pictures.facts(pictures.class_folders(tmp_path / "data", 12))
    run = made(graphs.classifier(before=["normalise"], layers=LAYERS, **facts), tmp_path / "run", 8)
    process = torchrun(run.folder, processes=3)
    process.communicate()
    assert run.status == "failed"
    assert "3 processes cannot share" in run.reason


def _read_until_checkpoint(process):
    for text in process.stdout:
        if '"checkpoint"' in text and "last" in text:
            return
    raise AssertionError(process.stderr.read())


def _children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
