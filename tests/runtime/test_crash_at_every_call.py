"""The system fails, lies or kills the process at every single call of a checkpoint's writing; a whole one is there."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from runtime.checkpoint import State, load_checkpoint, save_checkpoint

ROOT = Path(__file__).resolve().parents[2]
CALLS = {"write": "write", "fsync": "fsync", "rename": "?rename,?renameat,?renameat2"}
SAVE = """
import sys
from pathlib import Path
import torch
from runtime.checkpoint import State, save_checkpoint
state = State({"weight": torch.full((64, 64), 3.0)}, {"epoch": 3})
save_checkpoint(Path(sys.argv[1]), "last", state)
"""
MOST = 40  # more calls of one kind than a checkpoint needs


def state(epoch):
    return State({"weight": torch.full((64, 64), float(epoch))}, {"epoch": epoch})


def strace():
    """The program strace, where it is there and may follow processes."""
    found = shutil.which("strace")
    if found is None:
        pytest.skip("strace is not installed")
    if subprocess.run([found, "-o", os.devnull, "true"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not follow processes here")
    return found


def saved_under(program, folder, call, action, number):
    """Save epoch 3 in a process whose call of this number goes wrong; whether it was reached, and how it ended."""
    log = folder.parent / f"{folder.name}.strace"
    words = [program, "-f", "-qq", "-o", log, "-e", f"trace={CALLS[call]}"]
    words += ["-e", f"inject={CALLS[call]}:{action}:when={number}"]
    words += [] if "signal" in action else ["--seccomp-bpf"]  # faster; strace 6.1 sends no signal with it
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*words, sys.executable, "-c", SAVE, folder], capture_output=True, env=environment, check=False, text=True
    )
    text = log.read_text(encoding="utf-8", errors="replace")
    return "(INJECTED)" in text or done.returncode == -signal.SIGKILL, done


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("call", "action"),
    [
        *((call, action) for call in CALLS for action in ("signal=SIGKILL", "error=ENOSPC", "error=EIO")),
        ("write", "retval=1"),  # a disk that says it has written and has not
    ],
)
def test_that_a_whole_checkpoint_is_there_whatever_call_goes_wrong(tmp_path, call, action):
    program = strace()
    number = 1
    while number < MOST:
        folder = tmp_path / f"{number}"
        for epoch in (1, 2):
            save_checkpoint(folder, "last", state(epoch))
        reached, done = saved_under(program, folder, call, action, number)
        found, warnings = load_checkpoint(folder, "last")
        assert found.facts["epoch"] in (2, 3), (call, number)
        assert torch.equal(found.tensors["weight"], state(found.facts["epoch"]).tensors["weight"])
        assert warnings == ()
        save_checkpoint(folder, "last", state(4))
        assert load_checkpoint(folder, "last")[0].facts["epoch"] == 4
        assert not list(folder.glob(".*.tmp")) or "SIGKILL" in action
        if not reached:
            break
        number += 1
    assert not reached, "the calls did not come to an end"
    assert done.returncode == 0, done.stderr
    assert number > 2, "no call of this kind was seen"
