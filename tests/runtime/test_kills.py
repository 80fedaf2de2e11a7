"""A worker that is killed again and again, at any moment, ends where one that was left alone ends: bit for bit."""

import random
import signal
import sys

import pytest
import torch

from runtime.events import Epoch, Failed
from runtime.job import make_job
from runtime.runs import create_run
from runtime.trained import load_trained
from tests.builders import graphs, pictures
from tests.builders.workers import worker

KILLS = 20
EPOCHS = 120

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]


def job_in(folder, graph, **more):
    return make_job(graph, folder, epochs=EPOCHS, batch=8, device="cpu", **more)


def killed_after(run, lines_heard):
    """Let the worker go on until it has told so many lines; whether it could be killed before it ended by itself."""
    with worker(run.folder) as (process, lines):
        for number, _ in enumerate(lines, start=1):
            if number == lines_heard:
                process.kill()
                process.join()
                return process.exitcode == -signal.SIGKILL
    return False


def curve(run):
    """The metrics of each epoch. One that was trained again after a kill has to have told the same again."""
    found = {}
    for event, _ in run.events():
        if isinstance(event, Epoch):
            told = {**event.metrics, "rate": event.rate}
            assert found.setdefault(event.epoch, told) == told, f"epoch {event.epoch} went otherwise the second time"
    return found


@pytest.mark.long
def test_that_twenty_kills_at_random_moments_change_no_bit_of_weights_and_curve(tmp_path):
    layers = [*graphs.LAYERS, ("dropout", {})]
    facts = pictures.facts(pictures.class_folders(tmp_path / "data"))
    graph = graphs.classifier(before=["normalise"], layers=layers, **facts)
    whole = create_run(job_in(tmp_path / "whole", graph))
    with worker(whole.folder) as (_, lines):
        assert '"finished"' in list(lines)[-1]
    moments = random.Random(5)
    run = create_run(job_in(tmp_path / "run", graph))
    kills = 0
    while kills < KILLS:
        # Until there is a checkpoint, a kill means to begin anew.
        assert killed_after(run, moments.randint(1, 12) if run.can_resume else 12), "it ended before it was killed"
        kills += 1
        assert run.status == "died"
        run.mark_died()
        assert run.can_resume
        create_run(job_in(run.folder, graph, resume=True))
    with worker(run.folder) as (_, lines):
        assert '"finished"' in list(lines)[-1]
    assert run.status == "finished"
    assert sum(isinstance(event, Failed) for event, _ in run.events()) == KILLS
    assert curve(run) == curve(whole)
    assert sorted(curve(run)) == list(range(1, EPOCHS + 1))
    for which in ("last", "best"):
        expected, found = load_trained(whole, which), load_trained(run, which)
        assert found.epoch == expected.epoch
        for name, tensor in expected.network.state_dict().items():
            assert torch.equal(found.network.state_dict()[name], tensor), (which, name)
