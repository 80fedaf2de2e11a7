"""What commands say when they are pointed at the wrong place, and what they tell one to type next."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime.cli.output import program
from tests.runtime.command import done, netloom, refused


def test_that_no_runs_are_told_with_the_whole_path_of_the_folder(tmp_path: Path) -> None:
    assert done("runs", folder=tmp_path).stderr == f"There are no runs in {tmp_path.resolve()}.\n"


@pytest.mark.slow
@pytest.mark.parametrize("command", [("evaluate",), ("stop",), ("predict",)])
def test_that_a_folder_that_is_no_run_is_called_so(tmp_path: Path, command: tuple[str, ...]) -> None:
    words = (*command, tmp_path, *((tmp_path, "--out", tmp_path / "out.csv") if command == ("predict",) else ()))
    assert netloom(*words).stderr.startswith(f"{tmp_path} is not a run folder; ")


def test_that_a_file_in_place_of_a_run_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "t.netloom").touch()
    assert refused("evaluate", tmp_path / "t.netloom") == f"{tmp_path / 't.netloom'} is a file; name a run folder."


@pytest.mark.parametrize("command", ["check", "train"])
def test_that_a_folder_in_place_of_a_project_is_called_so(tmp_path: Path, command: str) -> None:
    ran = netloom(command, tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == f"{tmp_path} is a folder; name a project file (NAME.netloom).\n"


@pytest.mark.parametrize("name", ["mine.netloom", "theirs.ONNX", "theirs.sdcproj"])
def test_that_a_project_or_a_file_of_another_program_alone_opens_the_window(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[list[str]] = []
    monkeypatch.setattr(sys, "argv", ["netloom", name])
    module = importlib.import_module("runtime.cli.main")  # the package has the function of this name
    monkeypatch.setattr(module, "open_window", lambda words: opened.append(words) or 0)
    with pytest.raises(SystemExit) as ended:
        module.main()
    assert (ended.value.code, opened) == (0, [[name]])


def test_that_one_file_that_does_not_do_is_told_in_the_singular(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")
    said = netloom("scan", tmp_path)
    assert "The only file" in said.stdout + said.stderr
    assert "1 files" not in said.stdout + said.stderr


def test_that_what_is_to_be_typed_next_starts_as_this_program_was_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NETLOOM_STARTED_BY", raising=False)
    assert program() == "netloom"
    monkeypatch.setenv("NETLOOM_STARTED_BY", "start.py")
    assert program().endswith(" start.py")
    words = [sys.executable, "-P", "-m", "runtime.cli", "train", "--no-such-option"]
    ran = subprocess.run(words, capture_output=True, text=True, env=dict(os.environ), check=False)
    assert f"`{program()} train --help`" in ran.stderr
