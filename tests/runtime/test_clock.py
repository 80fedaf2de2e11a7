"""A clock that is set, forwards or backwards, changes nothing of a run: all durations come from the monotonic clock."""

import itertools
import time

from runtime.events import Epoch
from runtime.job import make_job
from runtime.runs import create_run
from runtime.worker import run_worker
from tests.builders import graphs, pictures


def test_that_a_clock_that_jumps_is_not_seen_in_the_times_of_a_run(tmp_path, monkeypatch):
    facts = pictures.facts(pictures.class_folders(tmp_path / "data"))
    run = create_run(make_job(graphs.classifier(**facts), tmp_path / "run", epochs=3, batch=8, device="cpu"))
    began, jumps = time.monotonic(), itertools.cycle([0.0, 86_400.0, -86_400.0])
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + next(jumps))
    assert run_worker(run.job) == 0
    took = time.monotonic() - began
    moments = [moment for _, moment in run.events()]
    assert moments == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= took
    epochs = [event for event, _ in run.events() if isinstance(event, Epoch)]
    assert all(0 <= event.seconds <= took for event in epochs)
    assert all(event.remaining_s is None or 0 <= event.remaining_s <= 10 * took for event in epochs)
