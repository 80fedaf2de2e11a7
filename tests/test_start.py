"""The starter and the check list, as far as they can be tried without installing anything."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def start(tmp_path, monkeypatch):
    """start.py, with an environment folder of its own that looks installed but for the stamp."""
    module = load(ROOT / "start.py")
    for name in ("STAMP", "LOG", "PYTHON"):
        monkeypatch.setattr(module, name, str(tmp_path / name))
    monkeypatch.setattr(module, "VENV", str(tmp_path))
    (tmp_path / "PYTHON").touch()
    return module


def test_that_an_installation_counts_only_once_its_stamp_is_written(start):
    wanted = start.fingerprint()
    assert not start.is_installed(wanted, testing=False)
    Path(start.STAMP).write_text(f"{wanted} user\n")
    assert start.is_installed(wanted, testing=False)


def test_that_a_changed_pin_asks_for_a_new_installation(start, tmp_path, monkeypatch):
    Path(start.STAMP).write_text(f"{start.fingerprint()} user\n")
    (tmp_path / "constraints.txt").write_text("torch==0.0\n")
    monkeypatch.setattr(start, "CONSTRAINTS", str(tmp_path / "constraints.txt"))
    assert not start.is_installed(start.fingerprint(), testing=False)


def test_that_the_tests_want_more_than_a_user_does(start):
    wanted = start.fingerprint()
    Path(start.STAMP).write_text(f"{wanted} user\n")
    assert not start.is_installed(wanted, testing=True)
    Path(start.STAMP).write_text(f"{wanted} dev\n")
    assert start.is_installed(wanted, testing=True)
    assert start.is_installed(wanted, testing=False)


@pytest.mark.parametrize("broken", ["", "half", "one two three"])
def test_that_a_broken_stamp_is_no_stamp(start, broken):
    Path(start.STAMP).write_text(broken)
    assert not start.is_installed(start.fingerprint(), testing=False)


def test_that_torch_is_asked_for_by_its_pin_alone(start):
    assert start.asked_by_name("torch") == ["torch==2.13.0"]


def test_that_an_old_python_is_told_what_is_needed(start, monkeypatch, capsys):
    monkeypatch.setattr(start.sys, "version_info", (3, 9, 2))
    assert start.main([]) == 3
    assert capsys.readouterr().err == "Netloom needs Python 3.11 or newer; this is Python 3.9.\n"


def test_that_a_failed_installation_names_the_log_and_leaves_no_stamp(start, monkeypatch):
    wanted = start.fingerprint()
    Path(start.STAMP).write_text("an older one")
    monkeypatch.setattr(start, "make_environment", lambda: "")
    monkeypatch.setattr(start, "install_system_libraries", lambda: None)
    monkeypatch.setattr(start, "PYTHON", sys.executable)
    monkeypatch.setattr(start, "asked_by_name", lambda package: ["--no-such-option"])
    assert start.LOG in start.install(wanted, testing=False)
    assert "no-such-option" in Path(start.LOG).read_text()
    assert not Path(start.STAMP).exists()


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("ERROR: No matching distribution found for typer==0.29.2\n", "network is missing or blocked"),
        ("  error: package directory 'nodes' does not exist\n", "package directory 'nodes' does not exist. pip"),
        ("ERROR: Could not install packages: No space left on device\n", "No space left on device. pip"),
        ("", "pip failed. pip"),
    ],
)
def test_that_the_reason_for_a_failed_installation_is_read_from_the_log(start, log, reason):
    Path(start.LOG).write_text(log)
    assert reason in start.why_not()


def test_that_the_check_list_refuses_words_it_does_not_know():
    command = [sys.executable, ROOT / "tools" / "check.py", "--fast"]
    done = subprocess.run(command, capture_output=True, text=True, env=dict(os.environ))
    assert done.returncode == 2
    assert "--fast" in done.stderr


def test_that_the_closing_line_counts_all_test_runs(capsys):
    check = load(ROOT / "tools" / "check.py")
    counts = check.counted("...\n12 passed, 1 skipped in 3.21s\n") + check.counted("== 30 passed, 1 warning in 9s ==")
    assert check.conclude([], counts, 12.0) == 0
    assert capsys.readouterr().out == "42 passed, 1 skipped, 1 warnings in 12.00s\n"


def test_that_a_failed_check_is_named_and_fails_the_list(capsys):
    check = load(ROOT / "tools" / "check.py")
    assert check.conclude(["types: mypy"], check.counted("3 passed in 1s"), 1.0) == 1
    assert "types: mypy" in capsys.readouterr().out


def test_that_missing_system_libraries_are_asked_for_in_one_line_to_type(start, capsys):
    start.ask_for(["libegl1", "libgl1"])
    line = "sudo apt-get install --yes --no-install-recommends libegl1 libgl1"
    assert capsys.readouterr().err == f"The window needs system libraries that are missing here; type: {line}\n"
    start.ask_for([])
    assert capsys.readouterr().err == ""


def test_that_a_library_that_is_nowhere_does_not_load(start):
    assert not start.loads("libnetloom-nonesuch.so.9")


def test_that_the_program_learns_that_it_was_started_through_the_starter(start, monkeypatch):
    said = {}
    monkeypatch.setattr(start.os, "environ", {})
    monkeypatch.setattr(start.os, "execv", lambda *_words: said.update(start.os.environ))
    monkeypatch.setattr(start.subprocess, "call", lambda _words: said.update(start.os.environ))
    start.hand_over([])
    assert said["NETLOOM_STARTED_BY"] == "start.py"
