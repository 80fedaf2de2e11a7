"""A run is done again from its folder alone, with the same numbers; data or machines that differ are told."""

import json
import shutil

import pytest
import torch

from runtime.checkpoint import load_checkpoint
from runtime.errors import RunError
from runtime.events import Epoch, Failed, Warned
from runtime.job import make_job
from runtime.repeating import create_repeat, repeat_folder, repeat_job
from runtime.runs import Run, create_run
from runtime.splits import load_split
from runtime.worker import run_worker
from tests.builders import graphs, pictures
from tests.runtime.command import done, refused


@pytest.fixture
def folder(tmp_path):
    return pictures.class_folders(tmp_path / "data")


@pytest.fixture
def run(folder, tmp_path):
    layers = [*graphs.LAYERS, ("dropout", {})]
    graph = graphs.classifier(before=["normalise"], layers=layers, **pictures.facts(folder))
    run = create_run(make_job(graph, tmp_path / "run", epochs=3, batch=8, seed=4, device="cpu"))
    assert run_worker(run.job) == 0
    return run


def again(run, folder, data=None):
    job = repeat_job(run.folder, folder, data)
    repeated = create_repeat(job, run.folder)
    return repeated, run_worker(Run(folder).job)


def curve(run):
    return [(event.metrics, event.rate, event.best) for event, _ in run.events() if isinstance(event, Epoch)]


def test_that_a_repeated_run_gives_the_same_numbers_to_the_last_bit(run, tmp_path):
    repeated, status = again(run, tmp_path / "again")
    assert status == 0
    assert curve(repeated) == curve(run)
    assert load_split(repeated.folder) == load_split(run.folder)
    for name in ("best", "last"):
        first, second = (load_checkpoint(one.folder / "checkpoints", name)[0] for one in (run, repeated))
        assert first.facts == second.facts
        assert all(torch.equal(tensor, second.tensors[key]) for key, tensor in first.tensors.items())
    assert not any("elsewhere" in event.message for event, _ in repeated.events() if isinstance(event, Warned))


def test_that_a_repeated_run_has_the_parts_of_the_first_though_others_came_between(run, tmp_path):
    """In the folder of a project's runs, a later run takes the sides of cases from those before it."""
    split = json.loads((run.folder / "split.json").read_text(encoding="utf-8"))
    split["parts"]["train"], split["parts"]["test"] = split["parts"]["test"], split["parts"]["train"]
    (run.folder / "split.json").write_text(json.dumps(split), encoding="utf-8")
    repeated, status = again(run, tmp_path / "again")
    assert status == 0
    assert len(load_split(repeated.folder).parts["train"]) == 6
    assert repeated.events()[0][0].cases["train"] == 6


def test_that_data_that_differ_are_refused_in_words(run, folder, tmp_path):
    (folder / "dark" / "case002.png").unlink()
    repeated, status = again(run, tmp_path / "again")
    assert status == 3
    (failed, _) = repeated.events()[-1]
    assert isinstance(failed, Failed)
    assert "not those that the repeated run learned from" in failed.message
    assert failed.code == "data_differ"


def test_that_a_run_is_repeated_on_data_that_were_moved(run, folder, tmp_path):
    moved = folder.rename(tmp_path / "moved")
    repeated, status = again(run, tmp_path / "again", moved)
    assert status == 0
    assert curve(repeated) == curve(run)


def test_that_other_versions_are_told(run, tmp_path):
    path = run.folder / "environment.json"
    environment = json.loads(path.read_text(encoding="utf-8"))
    environment["packages"]["torch"] = "1.0"
    path.write_text(json.dumps(environment), encoding="utf-8")
    repeated, status = again(run, tmp_path / "again")
    assert status == 0
    (told,) = [event.message for event, _ in repeated.events() if isinstance(event, Warned) and "then" in event.message]
    assert "torch 1.0 then" in told


def test_that_a_repeated_run_is_resumed_with_its_split(run, tmp_path):
    repeated, _ = again(run, tmp_path / "again")
    job = make_job(repeated.job.graph, repeated.folder, epochs=4, resume=True)
    assert job.repeats == "run"
    create_run(job)
    assert run_worker(job) == 0
    assert repeated.epochs_done == 4


def test_that_a_run_that_never_began_is_not_repeated(run, tmp_path):
    shutil.copytree(run.folder, tmp_path / "bare", ignore=shutil.ignore_patterns("split.json"))
    with pytest.raises(RunError, match="no split"):
        repeat_job(tmp_path / "bare", tmp_path / "again")


def test_that_a_repeated_run_gets_a_folder_beside_the_first(tmp_path):
    assert repeat_folder(tmp_path / "net-runs" / "20260101-120000").parent == tmp_path / "net-runs"
    assert repeat_folder(tmp_path / "run") == tmp_path / "run-again"
    (tmp_path / "run-again").mkdir()
    assert repeat_folder(tmp_path / "run") == tmp_path / "run-again-2"


@pytest.mark.slow
def test_that_the_command_repeats_a_run_and_refuses_what_would_change_it(run, tmp_path):
    record = json.loads(done("train", "--repeat", run.folder, "--run", tmp_path / "second").stdout)
    assert record["epochs"] == 3
    assert curve(Run(tmp_path / "second")) == curve(run)
    said = refused("train", "--repeat", run.folder, "--epochs", 5, code=2)
    assert "--epochs cannot go with it" in said
    assert "--repeat" in refused("train", code=2)
