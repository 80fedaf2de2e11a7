"""The command line as scripts call it: exit codes, one JSON object, no traceback, whatever comes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.runtime.command import answer, netloom, refused


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["train"],
        ["scan", "a", "b"],
        ["no-such-command"],
        ["practice", "t9", "x"],
        ["practice", "size", "x", "--seed", "-1"],
        ["export", "run", "--to", "word"],
        ["train", "x.netloom", "--epochs", "0"],
        ["train", "x.netloom", "--resume"],
        ["scan", ""],
        ["new", "lenet", "--data", "", "--out", "x.netloom"],
    ],
)
def test_that_wrong_words_end_with_2_and_say_so_in_json_too(words: list[str], tmp_path: Path) -> None:
    ran = netloom(*words, "--json", folder=tmp_path)
    assert ran.returncode == 2
    assert json.loads(ran.stdout)["exit"] == 2
    assert ran.stderr.strip().endswith(".")


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["train", "missing.netloom"],
        ["scan", "missing-folder"],
        ["evaluate", "missing-run"],
        ["export", "missing-run", "--to", "onnx", "--out", "x.onnx"],
        ["runs", "missing-folder"],
    ],
)
def test_that_a_missing_file_is_a_problem_of_the_input_named_in_one_sentence(words: list[str], tmp_path: Path) -> None:
    ran = netloom(*words, "--json", folder=tmp_path)
    assert ran.returncode == 1
    assert "missing" in json.loads(ran.stdout)["error"]
    assert len(ran.stderr.strip().splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ["new", "lenet", "--data", "missing-folder", "--out", "x.netloom"],
        ["predict", "missing.onnx", ".", "--out", "x.csv"],
        ["stop", "missing-run"],
        ["code", "missing.netloom", "--out", "x.py"],
    ],
)
def test_that_a_missing_file_is_named_by_commands_without_json(words: list[str], tmp_path: Path) -> None:
    ran = netloom(*words, folder=tmp_path)
    assert ran.returncode == 1
    assert "missing" in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
    assert not ran.stdout


def test_that_templates_lists_name_title_task_and_what_it_says() -> None:
    listed = answer("templates")
    assert {"image-classifier", "lenet"} <= {entry["name"] for entry in listed}
    told = {"name", "title", "task", "says", "purpose", "tags", "idea", "picture", "primer", "paper", "link", "next"}
    assert all(set(entry) == told for entry in listed)


def test_that_a_new_project_is_ready_and_check_says_so(project: Path) -> None:
    record = answer("check", project)
    assert record["ok"]
    assert record["parameters"] > 1000
    assert not [problem for problem in record["problems"] if problem["severity"] == "error"]
    assert all(set(node) == {"id", "type", "name", "shape"} for node in record["nodes"])


def test_that_check_says_what_a_training_asks_of_the_machine(project: Path) -> None:
    record, said = answer("check", project), netloom("check", project).stdout
    assert record["multiply_adds"] > record["parameters"]
    assert record["memory_bytes"] > 4 * record["parameters"]
    assert re.search(r"\d k|\d M multiply-adds per image", said)
    assert re.search(r"about [\d.]+ [kMG]B of memory at batch \d+\.", said)
    assert "It can train." in said


def test_that_check_lists_every_problem_and_ends_with_1(project: Path, tmp_path: Path) -> None:
    sound, wrong = '"filters": "=width", "kernel": 5', '"filters": -1, "kernel": "wide"'
    text = project.read_text(encoding="utf-8").replace(sound, wrong)
    broken = tmp_path / "broken.netloom"
    broken.write_text(text, encoding="utf-8")
    ran = netloom("check", broken, "--json")
    record = json.loads(ran.stdout)
    assert ran.returncode == 1
    assert not record["ok"]
    fixes = {problem["field"]: problem["fixes"] for problem in record["problems"]}
    assert "Set “Filters (output channels)” to 1" in fixes["filters"]
    assert "Set “Window (kernel)” back to 3" in fixes["kernel"]


def damaged(text: str) -> dict[str, bytes]:
    """Ten ways in which a project file can be no project."""
    return {
        "empty": b"",
        "half": text[: len(text) // 2].encode(),
        "bytes": bytes(range(256)),
        "utf16": text.encode("utf-16"),
        "list": b"[]",
        "deep": b"[" * 100_000,
        "not-a-number": text.replace('"format": 1', '"format": 1, "x": NaN').encode(),
        "no-nodes": text.replace('"nodes"', '"knots"').encode(),
        "no-wires": text.replace('"wires": [', '"wires": [[1], ').encode(),
        "epochs": text.replace('"epochs": ', '"epochs": -').encode(),
    }


@pytest.mark.slow
def test_that_a_damaged_project_gives_the_keys_of_check_and_one_sentence(project: Path, tmp_path: Path) -> None:
    for name, content in damaged(project.read_text(encoding="utf-8")).items():
        file = tmp_path / f"{name}.netloom"
        file.write_bytes(content)
        ran = netloom("check", file, "--json")
        record = json.loads(ran.stdout)
        assert ran.returncode == 1, name
        assert set(record) == {"ok", "parameters", "multiply_adds", "memory_bytes", "problems", "nodes"}, name
        assert not record["ok"], name
        assert all(problem["message"] for problem in record["problems"]), name
        assert record["problems"], name


def test_that_train_refuses_a_damaged_project_as_json(tmp_path: Path) -> None:
    file = tmp_path / "half.netloom"
    file.write_text('{"format": 1, "sheets": {', encoding="utf-8")
    assert "half.netloom" in refused("train", file)


def test_that_a_place_that_cannot_be_written_is_said_in_words(run: Path, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("x", encoding="utf-8")
    assert "file" in refused("export", run, "--to", "onnx", "--out", in_the_way / "model.onnx", code=3)
    assert "is a folder" in refused("export", run, "--to", "onnx", "--out", tmp_path)
    assert in_the_way.read_text(encoding="utf-8") == "x"
