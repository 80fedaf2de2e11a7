"""A data file that changes while it is learned from stops the training after a whole epoch, and is named in private."""

import os

import pytest

from runtime.changed_files import changed_names, changed_sentence
from runtime.events import Epoch, Failed, parse
from runtime.job import make_job
from runtime.runs import create_run
from runtime.trained import load_trained
from runtime.worker import run_worker
from tests.builders import graphs, pictures


def touch(path):
    state = path.stat()
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 10**9))


def remove(path):
    path.unlink()


def grow(path):
    path.write_bytes(path.read_bytes() + b"more")


@pytest.mark.slow
@pytest.mark.parametrize(("harm", "word"), [(remove, "vanished"), (grow, "changed"), (touch, "changed")])
def test_that_a_file_that_changes_stops_the_run_at_a_whole_epoch(tmp_path, harm, word):
    folder = pictures.class_folders(tmp_path / "data")
    graph = graphs.classifier(before=["normalise"], **pictures.facts(folder))
    run = create_run(make_job(graph, tmp_path / "run", epochs=10_000, batch=8, device="cpu"))
    victim = folder / "dark" / "case002.png"
    before = victim.read_bytes()
    times = victim.stat()

    def hear(text):
        event = parse(text)[0]
        if isinstance(event, Epoch) and event.epoch == 2:
            harm(victim)

    assert run_worker(run.job, hear) == 3
    (failed, _) = run.events()[-1]
    assert isinstance(failed, Failed)
    assert failed.code == "data_changed"
    assert f"{word} while they were learned from: file 18" in failed.message
    assert changed_names(run.folder) == ("dark/case002.png",)
    assert changed_sentence(run.folder) == "By name: dark/case002.png."
    assert load_trained(run, "last").epoch == run.epochs_done >= 2
    for file in run.folder.rglob("*"):
        assert not file.is_file() or b"case002" not in file.read_bytes(), file

    victim.write_bytes(before)  # brought back as it was, it goes on
    os.utime(victim, ns=(times.st_atime_ns, times.st_mtime_ns))
    job = make_job(graph, run.folder, epochs=run.epochs_done + 1, resume=True)
    create_run(job)
    assert run_worker(job) == 0


def test_that_a_run_of_which_no_file_changed_names_none(tmp_path):
    assert changed_names(tmp_path) == ()
    assert changed_sentence(tmp_path) == ""
