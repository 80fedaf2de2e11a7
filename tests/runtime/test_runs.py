"""A run folder says how its run stands, whatever became of its worker."""

import json
import os
import platform
import subprocess
import sys
from datetime import datetime

import pytest

from runtime.errors import RunError
from runtime.events import Epoch, Failed, Finished, line
from runtime.locks import Locked, held
from runtime.processes import _unix, started_at
from runtime.runs import DIED, Run, create_run, default_run_folder, find_runs
from tests.builders import graphs, pictures


@pytest.fixture
def run(tmp_path):
    return pictures.new_run(graphs.classifier(folder=str(tmp_path)), tmp_path / "run")


def write(run, *events, end="\n"):
    with run.events_file.open("a", encoding="utf-8") as file:
        file.write("\n".join(line(event, 1.0) for event in events) + end)


def worker_is(run, pid, started, host=None):
    content = {"pid": pid, "started": started, "host": host or platform.node(), "events_before": 0}
    (run.folder / "worker.json").write_text(json.dumps(content), encoding="utf-8")


def ended_process():
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        mark = started_at(process.pid)
        assert mark
        process.communicate(b"\n")
    return process.pid, mark


def test_that_a_run_just_made_is_running_and_one_with_a_live_worker_too(run):
    assert run.status == "running"
    run.register_worker()
    assert run.status == "running"
    assert run.reason == ""


@pytest.mark.parametrize(
    ("event", "status"),
    [
        (Finished(2, 1, {}), "finished"),
        (Finished(1, 1, {}, stopped=True, reason="It was stopped."), "stopped"),
        (Failed("It went wrong."), "failed"),
    ],
)
def test_that_the_last_event_says_how_a_run_ended(run, event, status):
    run.register_worker()
    write(run, Epoch(1, {}, 1.0), event)
    assert run.status == status


def test_that_a_worker_that_is_gone_without_a_word_has_died(run):
    worker_is(run, *ended_process())
    write(run, Epoch(1, {}, 1.0))
    assert run.status == "died"
    assert "ended without a word" in run.reason


def test_that_another_process_with_the_old_number_is_not_taken_for_the_worker(run):
    worker_is(run, os.getpid(), "another beginning")
    assert run.status == "died"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no ps")
def test_that_the_way_without_proc_tells_processes_apart_too():
    assert _unix(os.getpid())
    assert _unix(os.getpid()) == _unix(os.getpid())
    assert _unix(ended_process()[0]) == ""


def test_that_a_worker_on_another_machine_is_believed_to_live(run):
    worker_is(run, 1, "x", host="elsewhere")
    assert run.status == "running"


def test_that_marking_a_dead_run_adds_one_failed_event(run):
    worker_is(run, *ended_process())
    write(run, Epoch(1, {}, 1.0), end="\n{half a li")
    run.mark_died("Killed by signal 9.")
    run.mark_died()
    events = [event for event, _ in run.events()]
    assert events[1:] == [Failed("Killed by signal 9.", log="log.txt", code=DIED)]
    assert run.status == "died"
    assert run.reason == "Killed by signal 9."


def test_that_a_live_run_cannot_be_marked_dead(run):
    run.register_worker()
    run.mark_died("no")
    assert run.events() == []
    assert run.status == "running"


def test_that_a_half_written_last_line_is_left_out(run):
    write(run, Epoch(1, {"train_loss": 0.5}, 1.0), Epoch(2, {"train_loss": 0.4}, 1.0))
    whole = run.events_file.read_bytes()
    for cut in range(len(whole)):
        run.events_file.write_bytes(whole[:cut])
        assert len(run.events()) == whole[:cut].count(b"\n")


def test_that_asking_to_stop_twice_is_asking_once(run):
    assert not run.asked_to_stop
    run.ask_to_stop()
    run.ask_to_stop()
    assert run.asked_to_stop


def test_that_a_run_is_not_made_where_there_is_something_else(run, tmp_path):
    run.register_worker()
    with pytest.raises(RunError, match="holds a run already"):
        create_run(run.job)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.docx").touch()
    with pytest.raises(RunError, match="holds other files"):
        pictures.new_run(run.job.graph, tmp_path / "other")


def test_that_run_folders_lie_beside_the_project_and_never_have_one_name(tmp_path):
    moment = datetime(2026, 3, 4, 5, 6, 7)
    project = tmp_path / "lungs.netloom"
    first = default_run_folder(project, moment)
    assert first == tmp_path / "lungs-runs" / "20260304-050607"
    first.mkdir(parents=True)
    assert default_run_folder(project, moment).name == "20260304-050607-2"


def test_that_the_runs_of_a_project_and_of_a_folder_are_found(tmp_path):
    graph = graphs.classifier(folder=str(tmp_path))
    project = tmp_path / "lungs.netloom"
    project.touch()
    made = [pictures.new_run(graph, tmp_path / "lungs-runs" / name).folder for name in ("a", "b")]
    other = pictures.new_run(graph, tmp_path / "hearts-runs" / "c").folder
    assert [run.folder for run in find_runs(project)] == made
    assert {run.folder for run in find_runs(tmp_path)} == {*made, other}
    assert [run.folder for run in find_runs(other)] == [other]


def test_that_two_workers_cannot_hold_one_lock(tmp_path):
    with held(tmp_path / "lock"), pytest.raises(Locked), held(tmp_path / "lock"):
        pass
    with held(tmp_path / "lock"):
        pass


def test_that_the_status_of_an_empty_folder_is_died(tmp_path):
    assert Run(tmp_path).status == "died"
