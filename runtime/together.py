"""Starts the processes that share a training through torch's own launcher, and sees to it that they end together.

The launcher's processes hold the reading end of a pipe whose other end is here: when this process is gone, however it
ended, they read its end and end as well (`lifeline.py`). No torch is imported here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from runtime.events import Failed, Finished, line
from runtime.job import Job
from runtime.lifeline import LIFELINE
from runtime.runs import DIED, Run
from runtime.signals import asked_to_stop

_PROGRAM = Path(__file__).resolve().parent.parent
_FAILED = 3
LOST = "A process of this training ended without a word: it was killed, or the memory ran out."


def train_together(job: Job, hear: Callable[[str], None]) -> int:
    """Train a job whose run folder is made, with as many processes as its settings say; `hear` gets the event lines.

    Gives the exit status as `run_worker`. A polite request to end is as the file RUN/stop.
    """
    run = Run(job.folder)
    with (run.folder / "log.txt").open("ab") as log, asked_to_stop(run.ask_to_stop):
        launcher = _launched(job, log.fileno())
        waiting = threading.Thread(target=_let_go_at_the_end, args=(launcher,), daemon=True)
        waiting.start()
        for text in launcher.stdout or ():
            if text.startswith("{"):
                hear(text.rstrip("\n"))
        waiting.join()
    return _status(run, launcher.returncode, hear)


def _launched(job: Job, log: int) -> subprocess.Popen[str]:
    words = [
        sys.executable, "-P", "-m", "torch.distributed.run", "--standalone", "--local-addr", "127.0.0.1",
        "--nproc-per-node", str(job.training.processes), "-m", "runtime.worker", str(job.folder),
    ]  # fmt: skip
    threads = max(1, (os.cpu_count() or 1) // job.training.processes)
    environment = {"OMP_NUM_THREADS": str(threads), **os.environ}
    environment |= {"PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8", LIFELINE: "1"}
    return subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, cwd=_PROGRAM, env=environment,
        text=True, encoding="utf-8", errors="replace", start_new_session=sys.platform != "win32",
    )  # fmt: skip


def _let_go_at_the_end(launcher: subprocess.Popen[str]) -> None:
    """When the launcher was killed its processes are left over: they end with the pipe."""
    launcher.wait()
    if launcher.stdin is not None:
        launcher.stdin.close()


def _status(run: Run, code: int, hear: Callable[[str], None]) -> int:
    """The exit status by what the first process wrote down; where it could not, that is done here."""
    last = next((event for event, _ in reversed(run.events()) if isinstance(event, Finished | Failed)), None)
    if run.status in ("finished", "stopped") and isinstance(last, Finished):
        return 0
    if run.status == "failed":
        return code if code == 1 else _FAILED
    kept = "The last checkpoint is kept; resume the run." if run.can_resume else "It has to be trained anew."
    run.mark_died(f"{LOST} {kept}")
    hear(line(Failed(f"{LOST} {kept}", log="log.txt", code=DIED), 0.0))
    return _FAILED
