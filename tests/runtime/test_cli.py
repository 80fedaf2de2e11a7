"""The command line, as scripts use it: every command for real, in processes of its own."""

from __future__ import annotations

import csv
import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from runtime.cli.train import run_record
from runtime.events import Finished, line, parse

Ran = subprocess.CompletedProcess[str]


def netloom(*words: object, folder: Path | None = None) -> Ran:
    """Run a command and give what it printed; a traceback in it is a failure of the test."""
    call = [sys.executable, "-P", "-m", "runtime.cli", *map(str, words)]
    ran = subprocess.run(call, capture_output=True, text=True, encoding="utf-8", cwd=folder, check=False)
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran


def answer(*words: object) -> Any:
    """The JSON object that a command with --json prints, and nothing else."""
    ran = netloom(*words, "--json")
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Practice data of twelve patients."""
    folder = tmp_path_factory.mktemp("practice") / "t1-t2"
    assert netloom("practice", "t1-t2", folder, "--patients", 12).returncode == 0
    return folder


@pytest.fixture(scope="module")
def project(practice: Path) -> Path:
    """A project made of the practice data."""
    path = practice.parent / "heads.netloom"
    ran = netloom("new", "lenet", "--data", practice, "--out", path)
    assert ran.returncode == 0, ran.stderr
    return path


@pytest.fixture(scope="module")
def run(project: Path) -> Path:
    """A run of two epochs."""
    folder = project.parent / "run"
    ran = netloom("train", project, "--run", folder, "--epochs", 2, "--device", "cpu")
    assert ran.returncode == 0, ran.stderr
    return folder


def test_that_scan_tells_patients_series_and_every_file(practice: Path) -> None:
    record = answer("scan", practice)
    assert record["files"] == record["images"] + len(record["skipped"])
    assert record["patients"] == 12
    assert {"uid", "patient", "modality", "slices", "frames", "rows", "columns", "spacing_mm", "problems"} <= set(
        record["series"][0]
    )
    assert all(len(row["spacing_mm"]) == 3 for row in record["series"])


def test_that_templates_lists_name_title_task_and_what_it_says() -> None:
    listed = answer("templates")
    assert {"image-classifier", "lenet"} <= {entry["name"] for entry in listed}
    assert all(set(entry) == {"name", "title", "task", "says"} for entry in listed)


def test_that_a_new_project_is_ready_and_check_says_so(project: Path) -> None:
    record = answer("check", project)
    assert record["ok"]
    assert record["parameters"] > 1000
    assert not [problem for problem in record["problems"] if problem["severity"] == "error"]
    assert all(set(node) == {"id", "type", "name", "shape"} for node in record["nodes"])


def test_that_check_lists_every_problem_and_ends_with_1(project: Path, tmp_path: Path) -> None:
    text = project.read_text(encoding="utf-8").replace('"filters": 6, "kernel": 5', '"filters": -1, "kernel": "wide"')
    broken = tmp_path / "broken.netloom"
    broken.write_text(text, encoding="utf-8")
    ran = netloom("check", broken, "--json")
    record = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert not record["ok"]
    assert {"filters", "kernel"} <= {problem["field"] for problem in record["problems"]}


def test_that_the_last_line_of_train_is_the_record_of_the_run(run: Path, project: Path) -> None:
    events = [json.loads(text) for text in (run / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert events[0]["event"] in ("started", "preparing")
    assert events[-1]["event"] == "finished"
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [1, 2]
    epoch = next(event for event in events if event["event"] == "epoch")
    assert {"train_loss", "validation_loss"} <= set(epoch["metrics"])


def test_that_a_metric_that_is_not_defined_is_left_out_of_the_record() -> None:
    told, _ = parse(line(Finished(3, 2, {"validation_loss": 0.5, "validation_auc": math.nan}), 1.0))
    assert isinstance(told, Finished)
    assert run_record(Path("run"), told) == {
        "run": "run", "epochs": 3, "best_epoch": 2, "metrics": {"validation_loss": 0.5}
    }  # fmt: skip


def test_that_nothing_in_the_run_folder_names_a_patient(run: Path) -> None:
    for file in run.rglob("*"):
        if file.is_file():
            assert b"PRACTICE-0" not in file.read_bytes(), file.name


def test_that_evaluate_gives_the_agreed_keys(run: Path) -> None:
    record = answer("evaluate", run, "--part", "validation")
    assert {"part", "cases", "patients", "metrics", "classes", "confusion"} <= set(record)
    assert record["classes"] == ["T1", "T2"]
    assert sum(map(sum, record["confusion"])) == record["cases"]


def test_that_the_exported_onnx_answers_as_the_run_does_on_every_image(run: Path, practice: Path) -> None:
    model, one, other = run.parent / "model.onnx", run.parent / "onnx.csv", run.parent / "run.csv"
    record = answer("export", run, "--to", "onnx", "--out", model)
    assert record["checked_cases"] >= 1
    assert record["max_abs_difference"] <= 1e-4
    assert {"file", "opset"} <= set(record)
    assert netloom("predict", model, practice, "--out", one).returncode == 0
    assert netloom("predict", run, practice, "--out", other).returncode == 0
    rows, others = table(one), table(other)
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    assert [(row["path"], row["predicted"]) for row in rows] == [(row["path"], row["predicted"]) for row in others]
    assert {"p:T1", "p:T2"} <= set(rows[0])


def test_that_the_exported_python_file_runs_without_this_program(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    assert answer("export", run, "--to", "python", "--out", file)["max_abs_difference"] == 0
    ran = subprocess.run(
        [sys.executable, "-I", str(file)], capture_output=True, text=True, cwd=tmp_path, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_that_code_writes_the_untrained_graph(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "untrained.py"
    assert netloom("code", project, "--out", file).returncode == 0
    assert "torch.nn" in file.read_text(encoding="utf-8")


def test_that_a_run_resumes_where_it_ended(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    first = netloom("train", project, "--run", folder, "--epochs", 1, "--device", "cpu")
    assert first.returncode == 0, first.stderr
    again = netloom("train", project, "--run", folder, "--epochs", 2, "--device", "cpu", "--resume", "--events")
    assert again.returncode == 0, again.stderr
    *events, record = [json.loads(text) for text in again.stdout.splitlines()]
    assert [event["epoch"] for event in events if event["event"] == "epoch"] == [2]
    assert record["epochs"] == 2


def test_that_evaluate_on_another_folder_lists_classes_the_run_does_not_know(run: Path, tmp_path: Path) -> None:
    for name in ("T1", "T2", "PD"):
        (tmp_path / name).mkdir()
        Image.new("L", (40, 40), 90).save(tmp_path / name / "one.png")
    ran = netloom("evaluate", run, "--data", tmp_path, "--json")
    assert "PD" in ran.stdout + ran.stderr


def test_that_an_unknown_template_ends_with_1_and_names_the_known(practice: Path, tmp_path: Path) -> None:
    ran = netloom("new", "wonder-net", "--data", practice, "--out", tmp_path / "x.netloom")
    assert ran.returncode == 1
    assert "image-classifier" in ran.stderr


@pytest.mark.parametrize(
    "words",
    [["train"], ["scan", "a", "b"], ["no-such-command"], ["practice", "t9", "x"], ["export", "run", "--to", "word"]],
)
def test_that_wrong_words_end_with_2(words: list[str]) -> None:
    assert netloom(*words).returncode == 2


@pytest.mark.parametrize(
    "words",
    [
        ["check", "missing.netloom"],
        ["train", "missing.netloom"],
        ["scan", "missing-folder"],
        ["new", "lenet", "--data", "missing-folder", "--out", "x.netloom"],
        ["evaluate", "missing-run"],
        ["export", "missing-run", "--to", "onnx", "--out", "x.onnx"],
        ["predict", "missing.onnx", ".", "--out", "x.csv"],
        ["stop", "missing-run"],
    ],
)
def test_that_a_missing_file_is_named_in_one_sentence(words: list[str], tmp_path: Path) -> None:
    ran = netloom(*words, folder=tmp_path)
    assert ran.returncode in (1, 3)
    assert "missing" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) <= 2


def test_that_dicom_of_one_patient_a_class_is_refused_by_patient_and_trains_by_image(
    real_data: Path, tmp_path: Path
) -> None:
    project = tmp_path / "series.netloom"
    assert netloom("new", "lenet", "--data", real_data / "dicom_series", "--out", project).returncode == 0
    refused = netloom("train", project, "--epochs", 1)
    assert refused.returncode == 1
    assert "--split image" in refused.stderr
    ran = netloom("train", project, "--run", tmp_path / "run", "--epochs", 1, "--split", "image", "--device", "cpu")
    assert ran.returncode == 0, ran.stderr
    assert "patient" in ran.stderr
