"""Training from the command line, for real: events, runs, stopping, dying, going on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from runtime.files import load_graph
from runtime.runs import Run
from tests.builders import pictures
from tests.runtime.command import ENVIRONMENT, answer, done, netloom, refused, words_of

ONE_EPOCH = ("--epochs", 1, "--device", "cpu")


def started(project: Path, run: Path, errors: IO[str] | int = subprocess.DEVNULL) -> subprocess.Popen[str]:
    """A training that would take days, after its first epoch."""
    environment = {**ENVIRONMENT, "NETLOOM_CACHE": os.environ["NETLOOM_CACHE"]}
    words = words_of("train", project, "--run", run, "--epochs", 100_000, "--device", "cpu", "--events")
    worker = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment)
    assert worker.stdout is not None
    for text in worker.stdout:
        if json.loads(text)["event"] == "checkpoint" and "last" in text:
            return worker
    raise AssertionError("the training ended before its first checkpoint")


def status(folder: Path) -> str:
    """How `netloom runs` says that a run stands."""
    (record,) = answer("runs", folder)["runs"]
    return str(record["status"])


def test_that_the_last_line_of_train_is_the_record_of_the_run(run: Path) -> None:
    events = [json.loads(text) for text in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events[0]["event"] in ("started", "preparing")
    assert events[-1]["event"] == "finished"
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2]
    epoch = next(event for event in events if event["event"] == "epoch")
    assert {"train_loss", "validation_loss"} <= set(epoch["metrics"])


@pytest.mark.slow
def test_that_patience_ends_a_training_that_gets_no_better_by_the_measure_that_was_named(
    project: Path, tmp_path: Path
) -> None:
    words = ("--device", "cpu", "--epochs", 1000, "--patience", 1, "--watch", "accuracy")
    record = answer("train", project, "--run", tmp_path / "run", *words)
    assert record["epochs"] == record["best_epoch"] + 1 < 1000
    last = json.loads((tmp_path / "run" / "events.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert last["reason"] == "validation_accuracy did not get better for 1 epoch."


def test_that_a_measure_that_the_drawing_lacks_is_refused_before_a_run_is_made(project: Path, tmp_path: Path) -> None:
    said = refused("train", project, "--run", tmp_path / "run", "--watch", "dice")
    assert "told by “dice”, which is not measured" in said
    assert not (tmp_path / "run").exists()


def test_that_nothing_in_the_run_folder_names_a_patient(run: Path) -> None:
    for file in run.rglob("*"):
        if file.is_file():
            assert b"PRACTICE-0" not in file.read_bytes(), file.name


@pytest.mark.slow
def test_that_with_json_the_events_go_to_stderr_and_one_object_to_stdout(project: Path, tmp_path: Path) -> None:
    ran = done("train", project, "--run", "a b/../run", *ONE_EPOCH, "--events", "--json", folder=tmp_path)
    record = json.loads(ran.stdout)
    assert record["run"] == str(tmp_path / "run")
    assert (record["epochs"], record["best_epoch"]) == (1, 1)
    assert all(isinstance(value, float) for value in record["metrics"].values())
    assert json.loads(ran.stderr.splitlines()[-1])["event"] == "finished"


@pytest.mark.slow
def test_that_data_replace_the_folder_for_this_call_only(project: Path, practice: Path, tmp_path: Path) -> None:
    before = project.read_bytes()
    other = tmp_path / "other data"
    pictures.class_folders(other, 12)
    done("train", project, "--data", other, "--run", tmp_path / "run", *ONE_EPOCH)
    assert project.read_bytes() == before
    nodes = load_graph(tmp_path / "run" / "project.netloom").graph.nodes.values()
    assert [node.settings["folder"] for node in nodes if "folder" in node.settings] == [str(other)]


def test_that_data_with_labels_of_another_kind_are_refused_in_one_sentence(project: Path, sizes: Path) -> None:
    said = refused("train", project, "--data", sizes)
    assert "a number for each image" in said
    assert "learns from a class" in said


@pytest.mark.long
def test_that_a_run_is_not_written_over_and_resumes_where_it_ended(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    done("train", project, "--run", folder, *ONE_EPOCH)
    assert "holds a run already" in refused("train", project, "--run", folder, *ONE_EPOCH)
    assert "seed" in refused("train", project, "--run", folder, "--resume", "--seed", 9)
    again = done("train", project, "--run", folder, "--epochs", 2, "--device", "cpu", "--resume", "--events")
    *events, record = [json.loads(text) for text in again.stdout.splitlines()]
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [2]
    assert record["epochs"] == 2
    assert status(folder) == "finished"


@pytest.mark.long
def test_that_stop_ends_a_live_run_which_keeps_what_it_learned(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with started(project, folder) as worker:
        assert status(folder) == "running"
        assert "being trained already" in refused("train", project, "--run", folder, "--resume")
        done("stop", folder)
        output, _ = worker.communicate()
    assert worker.returncode == 0
    assert json.loads(output.splitlines()[-1])["epochs"] >= 1
    assert status(folder) == "stopped"
    assert "it was stopped" in netloom("stop", folder).stderr


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_that_a_polite_signal_stops_a_run_as_stop_does(project: Path, tmp_path: Path) -> None:
    with started(project, tmp_path / "run") as worker:
        worker.terminate()
        worker.communicate()
    assert worker.returncode == 0
    assert Run(tmp_path / "run").status == "stopped"


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_that_a_killed_run_has_died_and_resumes(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with started(project, folder) as worker:
        worker.send_signal(signal.SIGKILL)
    assert status(folder) == "died"
    assert "it has died" in netloom("stop", folder).stderr
    with (folder / "events.jsonl").open("a", encoding="utf-8") as events:
        events.write('{"event": "epo')
    epochs = Run(folder).epochs_done + 1
    record = json.loads(done("train", project, "--run", folder, "--resume", "--epochs", epochs, "--json").stdout)
    assert record["epochs"] == epochs
    assert status(folder) == "finished"


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_that_a_reader_who_stops_listening_does_not_end_the_training(project: Path, tmp_path: Path) -> None:
    environment = {**ENVIRONMENT, "NETLOOM_CACHE": os.environ["NETLOOM_CACHE"]}
    words = words_of("train", project, "--run", tmp_path / "run", "--epochs", 2, "--device", "cpu", "--events")
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as worker:
        assert worker.stdout is not None
        worker.stdout.readline()
        worker.stdout.close()
    assert Run(tmp_path / "run").status == "finished"


def test_that_an_empty_folder_has_no_runs_and_says_so(tmp_path: Path) -> None:
    ran = netloom("runs", tmp_path, "--json")
    assert ran.returncode == 0
    assert json.loads(ran.stdout) == {"runs": []}
    assert "no runs" in ran.stderr


@pytest.mark.long
def test_that_dicom_of_one_patient_a_class_is_refused_by_patient_and_trains_by_image(
    real_data: Path, tmp_path: Path
) -> None:
    project = tmp_path / "series.netloom"
    done("new", "lenet", "--data", real_data / "dicom_series", "--out", project)
    assert "--split image" in netloom("check", project).stdout
    ran = done("train", project, "--run", tmp_path / "run", *ONE_EPOCH, "--split", "image")
    assert "patient" in ran.stderr


@pytest.mark.long
def test_that_a_file_that_changes_is_named_on_the_terminal_and_nowhere_in_the_run_folder(tmp_path: Path) -> None:
    data = pictures.class_folders(tmp_path / "data")
    project, run = tmp_path / "net.netloom", tmp_path / "run"
    done("new", "lenet", "--data", data, "--out", project)
    with (tmp_path / "said").open("w") as said, started(project, run, said) as worker:
        (data / "dark" / "case002.png").unlink()
        worker.communicate()
    assert worker.returncode == 3
    assert "vanished while they were learned from" in Run(run).reason
    assert "By name: dark/case002.png." in (tmp_path / "said").read_text(encoding="utf-8")
    assert not any(b"case002" in file.read_bytes() for file in run.rglob("*") if file.is_file())
    (data / "dark" / "case004.png").unlink()
    assert "changed" in refused("train", project, "--run", run, "--resume", code=3)
