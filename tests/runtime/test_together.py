"""`netloom train --processes 2`: started by torch's launcher, stopped, killed and resumed as one process is."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runtime.events import Epoch, Failed
from runtime.job import make_job
from runtime.processes import started_at
from runtime.runs import Run, create_run, find_runs
from tests.builders import graphs, pictures
from tests.runtime.command import ENVIRONMENT, done, words_of

pytestmark = [pytest.mark.long, pytest.mark.skipif(sys.platform != "linux", reason="processes are looked up in /proc")]
PATIENCE_S = 100


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    facts = pictures.facts(pictures.class_folders(tmp_path_factory.mktemp("blobs") / "data", 60))
    return graphs.classifier(before=["normalise"], layers=["flatten", ("dense", {"units": 8}), "relu"], **facts)


def made(graph, folder, epochs=100_000):
    return create_run(make_job(graph, folder, batch=8, epochs=epochs, device="cpu", more={"processes": 2}))


@pytest.fixture(autouse=True)
def end_of_run(tmp_path):
    """No run of a test that failed goes on."""
    yield
    for found in find_runs(tmp_path):
        found.kill()


def started(run, *more):
    """`netloom train` as the window starts it; its output goes nowhere."""
    words = words_of("train", run.folder / "project.netloom", "--run", run.folder, *more)
    environment = {**ENVIRONMENT, "NETLOOM_CACHE": os.environ["NETLOOM_CACHE"]}
    return subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def below(pid):
    """The processes that a process started, those that these started too, by how deep they lie."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    children = [int(word) for word in text.split()]
    return children + [one for child in children for one in below(child)]


def until(true):
    end = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < end, "it never became so"
        time.sleep(0.05)


def gone(marks):
    return all(started_at(pid) != mark for pid, mark in marks.items())


def trained(run, process):
    """Wait for a checkpoint; gives the launcher, the two processes, and the marks of all of them."""
    until(lambda: run.can_resume and run.epochs_done >= 1)
    launcher, *ranks = [pid for pid in below(process.pid) if _is_python(pid)]
    assert len(ranks) == 2
    return launcher, ranks, {pid: started_at(pid) for pid in (process.pid, launcher, *ranks)}


def _is_python(pid):
    words = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"torch.distributed.run" in words or b"runtime.worker" in words


def first_of(run):
    return json.loads((run.folder / "worker.json").read_text(encoding="utf-8"))["pid"]


@pytest.mark.parametrize("killed", ["caller", "launcher", "first", "other"])
def test_that_all_processes_end_when_one_is_killed_and_the_run_is_resumed(graph, tmp_path, killed):
    run = made(graph, tmp_path / "run")
    process = started(run)
    launcher, ranks, marks = trained(run, process)
    first = first_of(run)
    (other,) = set(ranks) - {first}
    os.kill({"caller": process.pid, "launcher": launcher, "first": first, "other": other}[killed], signal.SIGKILL)
    assert process.wait(PATIENCE_S) != 0
    until(lambda: gone(marks))
    run.mark_died()
    assert run.status == ("failed" if killed == "other" else "died")
    last = run.events()[-1][0]
    assert isinstance(last, Failed)
    assert "esume" in last.message
    after = run.epochs_done
    done("train", run.folder / "project.netloom", "--run", run.folder, "--resume", "--epochs", after + 1)
    assert run.status == "finished"
    assert [event.epoch for event, _ in run.events() if isinstance(event, Epoch)][-1] == after + 1


@pytest.mark.parametrize("how", ["button", "hang up"])
def test_that_a_run_of_several_processes_stops_as_one_does(graph, tmp_path, how):
    run = made(graph, tmp_path / "run")
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # who is told to ignore it, as by nohup, hands that on
    try:
        process = started(run)
    finally:
        signal.signal(signal.SIGHUP, before)
    _, _, marks = trained(run, process)
    if how == "button":
        run.ask_to_stop()
    else:
        process.send_signal(signal.SIGHUP)
    assert process.wait(PATIENCE_S) == 0
    assert gone(marks)
    assert Run(run.folder).status == "stopped"
    assert run.can_resume


def test_that_the_command_shares_a_training_and_says_so(graph, tmp_path):
    run = made(graph, tmp_path / "run", epochs=2)
    ran = done("train", run.folder / "project.netloom", "--run", run.folder)
    assert "Training on cpu, 2 processes" in ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1])["epochs"] == 2
    assert run.status == "finished"
