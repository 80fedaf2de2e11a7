"""Whether one case of the data made a training fail, and which: asked of a process of its own. No torch."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from runtime.changed_files import note_names
from runtime.errors import BadCase, RunError
from runtime.lifeline import LIFELINE
from runtime.liveness import show_life
from runtime.runs import Run

_PROGRAM = Path(__file__).resolve().parent.parent
_MOST_S = 300.0  # with reading the data
_LOOK_S = 0.5
_WRONG_INDEX = (
    "device-side assert", "out of bounds", "out of range", "Class values must be", "should be between 0 and 1",
)  # fmt: skip
TRYING = "The cases are now tried one by one on the processor, to find the one that the training failed at."


def may_be_a_case(error: BaseException) -> bool:
    """Whether torch met a value that it cannot use, as a label outside of the classes is; by what it says."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, RuntimeError | IndexError) and any(words in str(seen) for words in _WRONG_INDEX):
            return True
        if isinstance(seen, RunError) and "device-side assert" in str(seen):  # of a process that shares the training
            return True
        seen = seen.__cause__
    return False


def bad_case(run: Run) -> BadCase | None:
    """The case of a failed run that the network cannot be judged on; None when none is found.

    The sentence has a number for the name of its file; the name is kept for the user alone. A request to stop ends the
    search.
    """
    environment = {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8", "CUDA_VISIBLE_DEVICES": ""}
    environment.pop(LIFELINE, None)
    words = [sys.executable, "-P", "-m", "runtime.one_by_one", str(run.folder)]
    try:
        child = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=_PROGRAM,
            env=environment,
        )  # fmt: skip
    except OSError:
        return None
    with child:
        answer = _answer(child, run)
    try:
        read = json.loads(answer or "null")
        return None if read is None else _told(run, str(read["number"]), list(map(str, read["files"])), read["why"])
    except (ValueError, KeyError, TypeError, OSError):
        return None


def _answer(child: subprocess.Popen[bytes], run: Run) -> bytes:
    """What the child says at its end; b"" when it takes too long or the run is asked to stop."""
    end = time.monotonic() + _MOST_S
    while time.monotonic() < end and not run.asked_to_stop:
        show_life(run.folder)
        try:
            return child.communicate(timeout=_LOOK_S)[0]
        except subprocess.TimeoutExpired:
            continue
    child.kill()
    return b""


def _told(run: Run, number: str, files: list[str], why: str) -> BadCase:
    note_names(run.folder, files)
    kept = "The last checkpoint is kept. " if run.can_resume else ""
    return BadCase(
        f"The training failed at one case, {number}, counted in the order of the files' paths: {why.rstrip('.')}. "
        f"{kept}Mend its label or take it out of the folder, attach the folder again and train a new run."
    )
