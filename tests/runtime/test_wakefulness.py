"""A computer that trains is kept awake, and falls asleep again when the training has ended, however it ended."""

import os
import signal
import subprocess
import sys

import pytest

from runtime.wakefulness import awake

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="as Linux does it")
HOLDER = """#!/bin/sh
echo "$@" > "{folder}/asked"
echo $$ > "{folder}/pid"
for last; do :; done
"$last" > /dev/null
rm "{folder}/pid"
"""


@pytest.fixture
def inhibitor(tmp_path, monkeypatch):
    """A program in the place of systemd-inhibit that writes down what it was asked, and that it holds."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "systemd-inhibit"
    program.write_text(HOLDER.format(folder=tmp_path), encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def until(true, tries=2_000_000):
    for _ in range(tries):
        if true():
            return
    raise AssertionError("it never became so")


def test_that_the_system_is_held_awake_until_the_training_ends(inhibitor):
    with awake():
        until((inhibitor / "pid").exists)
        asked = (inhibitor / "asked").read_text(encoding="utf-8")
        assert "--what=sleep:idle" in asked
        assert "--mode=block" in asked
    assert not (inhibitor / "pid").exists()


def test_that_it_is_let_go_when_the_process_is_killed(inhibitor):
    script = "import time\nfrom runtime.wakefulness import awake\nwith awake():\n    time.sleep(1000)\n"
    with subprocess.Popen([sys.executable, "-c", script]) as process:
        until((inhibitor / "pid").exists)
        process.send_signal(signal.SIGKILL)
    until(lambda: not (inhibitor / "pid").exists())


def test_that_without_such_a_program_training_goes_on(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with awake():
        pass
