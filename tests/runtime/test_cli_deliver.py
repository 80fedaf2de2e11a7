"""Measuring, exporting, predicting and the demo from the command line, for real."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.runtime.command import answer, done, netloom, refused, table

ONE_EPOCH = ("--epochs", 1, "--device", "cpu")


@pytest.mark.slow
def test_that_evaluate_gives_the_agreed_keys_and_says_once_that_there_are_too_few_patients(run: Path) -> None:
    ran = done("evaluate", run, "--json")
    record = json.loads(ran.stdout)
    assert {"part", "cases", "patients", "metrics", "classes", "confusion"} <= set(record)
    assert record["classes"] == ["T1", "T2"]
    assert sum(map(sum, record["confusion"])) == record["cases"]
    assert ran.stderr.count("too few") == 1
    assert "cases of 2 patients." in ran.stderr


@pytest.mark.slow
def test_that_evaluate_prints_intervals_where_there_are_enough_patients(run: Path, practice: Path) -> None:
    said = done("evaluate", run, "--data", practice).stdout
    accuracy = next(line for line in said.splitlines() if line.split()[:1] == ["accuracy"])
    assert "\N{EN DASH}" in accuracy


@pytest.mark.slow
def test_that_evaluate_on_another_folder_lists_classes_the_run_does_not_know(run: Path, tmp_path: Path) -> None:
    for name in ("T1", "T2", "PD"):
        (tmp_path / name).mkdir()
        Image.new("L", (40, 40), 90).save(tmp_path / name / "one.png")
    record = answer("evaluate", run, "--data", tmp_path)
    assert record["unknown_classes"] == ["PD"]
    assert record["classes"] == ["T1", "T2"]
    assert record["cases"] == 2


def test_that_a_run_without_a_checkpoint_is_a_problem_of_the_input(run: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(run, bare, ignore=shutil.ignore_patterns("checkpoints"))
    assert "no checkpoint" in refused("evaluate", bare)
    assert "no checkpoint" in refused("export", bare, "--to", "onnx", "--out", tmp_path / "x.onnx")


@pytest.mark.slow
def test_that_export_checks_the_onnx_file_and_replaces_an_older_one(run: Path) -> None:
    model = run.parent / "model é.onnx"
    model.write_bytes(b"an older model")
    record = answer("export", run, "--to", "onnx", "--out", model)
    assert record["checked_cases"] >= 1
    assert record["max_abs_difference"] <= 1e-4
    assert isinstance(record["opset"], int)
    assert record["file"] == str(model)


@pytest.mark.long
def test_that_the_exported_onnx_answers_as_the_run_does_on_every_image(run: Path, practice: Path) -> None:
    model, one, other = run.parent / "again.onnx", run.parent / "onnx.csv", run.parent / "run.csv"
    done("export", run, "--to", "onnx", "--out", model)
    done("predict", model, practice, "--out", one)
    done("predict", run, practice, "--out", other)
    rows, others = table(one), table(other)
    assert [row["path"] for row in rows] == sorted(row["path"] for row in rows)
    assert [(row["path"], row["predicted"]) for row in rows] == [(row["path"], row["predicted"]) for row in others]
    assert {"p:T1", "p:T2"} <= set(rows[0])


@pytest.mark.long
def test_that_the_exported_python_file_runs_without_this_program(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    assert answer("export", run, "--to", "python", "--out", file)["max_abs_difference"] == 0
    ran = subprocess.run(
        [sys.executable, "-I", str(file)], capture_output=True, text=True, cwd=tmp_path, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_that_code_writes_the_untrained_graph(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "new" / "untrained.py"
    done("code", project, "--out", file)
    assert "torch.nn" in file.read_text(encoding="utf-8")


@pytest.mark.long
def test_that_numbers_are_learned_measured_and_predicted(sizes: Path, tmp_path: Path) -> None:
    project, run, out = tmp_path / "size.netloom", tmp_path / "run", tmp_path / "sizes.csv"
    done("new", "lenet", "--data", sizes, "--out", project)
    done("train", project, "--run", run, *ONE_EPOCH)
    record = answer("evaluate", run)
    assert record["classes"] == []
    assert "mean_absolute_error" in record["metrics"]
    assert answer("export", run, "--to", "onnx", "--out", tmp_path / "size.onnx")["checked_cases"] >= 1
    done("predict", tmp_path / "size.onnx", sizes / "images", "--out", out)
    assert set(table(out)[0]) == {"path", "predicted", "problem"}
    assert all(float(row["predicted"]) == float(row["predicted"]) for row in table(out))


@pytest.mark.long
def test_that_masks_are_learned_measured_and_written(lesions: Path, tmp_path: Path) -> None:
    project, run, out = tmp_path / "lesion.netloom", tmp_path / "run", tmp_path / "answers" / "masks.csv"
    done("new", "u-net", "--data", lesions, "--labels", "masks", "--out", project)
    done("train", project, "--run", run, *ONE_EPOCH)
    assert answer("evaluate", run)["classes"] == ["background", "foreground"]
    done("predict", run, lesions / "images" / "PRACTICE-001", "--out", out)
    for row in table(out):
        with Image.open(out.parent / row["mask"]) as mask:
            assert mask.size == (128, 128)


@pytest.mark.slow
def test_that_a_folder_without_an_answer_ends_with_1_and_a_foreign_model_says_how_it_is_used(
    real_data: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("x", encoding="utf-8")
    model = real_data / "onnx" / "mnist-8" / "model.onnx"
    ran = netloom("predict", model, tmp_path / "in", "--out", tmp_path / "out.csv")
    assert ran.returncode == 1
    assert "28×28" in ran.stderr
    assert "could be answered" in ran.stderr
    (told,) = table(tmp_path / "out.csv")
    assert told["problem"]
    (tmp_path / "in" / "notes.txt").unlink()
    assert netloom("predict", model, tmp_path / "in", "--out", tmp_path / "out.csv").returncode == 1
    assert table(tmp_path / "out.csv") == [told]  # nothing was there to answer, so nothing took its place


@pytest.mark.long
def test_that_the_demo_can_be_repeated_and_keeps_a_changed_project(tmp_path: Path) -> None:
    words = ("demo", "--headless", "--epochs", 1, "--out", "with space")
    assert "Writing practice data" in done(*words, folder=tmp_path).stdout
    project = tmp_path / "with space" / "t1-t2.netloom"
    project.write_text(project.read_text(encoding="utf-8").replace("Images", "My images"), encoding="utf-8")
    said = done(*words, folder=tmp_path).stdout
    assert "Using the practice data" in said
    assert "t1-t2-2.netloom" in said
    assert len(answer("runs", tmp_path / "with space")["runs"]) == 2
    assert "My images" in project.read_text(encoding="utf-8")
