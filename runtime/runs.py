"""Run folders: made for a job, read while a worker writes them, and judged by what the worker left behind."""

from __future__ import annotations

import json
import os
import platform
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Literal

from runtime.errors import RunError
from runtime.events import Epoch, Event, Failed, Finished, line, parse
from runtime.job import Job, load_job, save_job
from runtime.processes import started_at
from runtime.store import write_safely

DIED = "died"
"""The code of a failure that others wrote down for a worker that could not."""
Status = Literal["running", "finished", "stopped", "failed", "died"]
Timed = tuple[Event, float]

_START_S = 120.0  # how long a worker may take from the making of its folder to its first sign of life
_DIED = (
    "The training process ended without a word: it was killed, the memory ran out, or the computer was switched off."
)


class Run:
    """The folder of one run; every property is read from its files anew, so that it shows a live run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()

    @cached_property
    def job(self) -> Job:
        """The frozen job. Raises RunError or ProjectError when it cannot be read."""
        return load_job(self.folder)

    @property
    def events_file(self) -> Path:
        """The events, one JSON line each."""
        return self.folder / "events.jsonl"

    def events(self) -> list[Timed]:
        """All events so far with their time (seconds since the start); a last line that is half written is left out."""
        return [entry for entry in map(_read, self._lines()) if entry is not None]

    @property
    def status(self) -> Status:
        """How the run stands, judged from its events and from whether its worker still lives."""
        worker = self._worker()
        end = self._end(worker)
        if isinstance(end, Finished):
            return "stopped" if end.stopped else "finished"
        if isinstance(end, Failed):
            return "died" if end.code == DIED else "failed"
        return "running" if self._alive(worker) else "died"

    @property
    def reason(self) -> str:
        """Why the run ended as it did, in words; "" while it runs and when it trained to its last epoch."""
        worker = self._worker()
        end = self._end(worker)
        if isinstance(end, Finished):
            return end.reason
        if isinstance(end, Failed):
            return end.message
        return "" if self._alive(worker) else self._death()

    @property
    def epochs_done(self) -> int:
        """The last epoch that was trained to its end."""
        return max((event.epoch for event, _ in self.events() if isinstance(event, Epoch)), default=0)

    @property
    def can_resume(self) -> bool:
        """Whether there is a checkpoint from which training can go on."""
        return any((self.folder / "checkpoints").glob("last*.safetensors"))

    def ask_to_stop(self) -> None:
        """Ask the worker to stop after the step it is in; asking twice is as asking once."""
        (self.folder / "stop").touch()

    @property
    def asked_to_stop(self) -> bool:
        """Whether the worker was asked to stop."""
        return (self.folder / "stop").exists()

    @property
    def has_worker(self) -> bool:
        """Whether a worker wrote itself down and lives."""
        worker = self._worker()
        return isinstance(worker.get("pid"), int) and self._alive(worker)

    def kill(self) -> bool:
        """End the worker at once, without a last word; what it has on disk stays. False when there is none here.

        Other processes that share the training end with it.
        """
        worker = self._worker()
        pid = worker.get("pid")
        if not isinstance(pid, int) or worker.get("host") != platform.node() or not self._alive(worker):
            return False
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
        return True

    def mark_died(self, reason: str = "") -> None:
        """Write down that the worker is gone, as a `failed` event, for everything that follows the run.

        Does nothing for a run whose worker lives, or which has an end.
        """
        if self.status != "died" or self._end(self._worker()) is not None:
            return
        sentence = reason or self._death()
        last = max((moment for _, moment in self.events()), default=0.0)
        begin_a_line(self.events_file)
        with self.events_file.open("a", encoding="utf-8") as file:
            file.write(line(Failed(sentence, log="log.txt", code=DIED), last) + "\n")

    def register_worker(self) -> None:
        """Write this process into worker.json: pid, when it began, host, and how many events lay there before it."""
        pid = os.getpid()
        mark = {"pid": pid, "started": started_at(pid), "host": platform.node(), "events_before": len(self._lines())}
        self._note_worker(mark)

    def expect_worker(self) -> None:
        """Say that a worker is about to go on with this run, so that its earlier end no longer counts."""
        begin_a_line(self.events_file)
        self._note_worker({"events_before": len(self._lines())})

    def _note_worker(self, content: dict[str, object]) -> None:
        write_safely(self.folder / "worker.json", (json.dumps(content, indent=1) + "\n").encode("utf-8"))

    def _lines(self) -> list[str]:
        try:
            content = self.events_file.read_bytes()
        except FileNotFoundError:
            return []
        return [part.decode("utf-8", "replace") for part in content.split(b"\n")[:-1]]

    def _worker(self) -> dict[str, object]:
        try:
            content = json.loads((self.folder / "worker.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return content if isinstance(content, dict) else {}

    def _end(self, worker: dict[str, object]) -> Finished | Failed | None:
        """The event that ends a run, which is its last one, if this worker (not one before a resume) wrote it."""
        before = worker.get("events_before", 0)
        own = self._lines()[before if isinstance(before, int) else 0 :]
        last = next((entry[0] for entry in map(_read, reversed(own)) if entry is not None), None)
        return last if isinstance(last, Finished | Failed) else None

    def _alive(self, worker: dict[str, object]) -> bool:
        pid = worker.get("pid")
        if not isinstance(pid, int):
            return self._just_made()
        if worker.get("host") != platform.node():
            return True  # its processes cannot be seen from here: what it wrote is all that is known
        mark = started_at(pid)
        return bool(mark) and mark == worker.get("started")

    def _just_made(self) -> bool:
        try:
            return time.time() - (self.folder / "job.json").stat().st_mtime < _START_S
        except OSError:
            return False

    def _death(self) -> str:
        if not (self.folder / "worker.json").exists():
            return "The training process never began; see log.txt in the run folder, or start it again."
        if self.can_resume:
            return f"{_DIED} Resume it to go on after its last checkpoint."
        return f"{_DIED} It had no checkpoint yet, so it has to be trained anew."


def default_run_folder(project: Path, now: datetime | None = None) -> Path:
    """A folder of its own beside the project: PROJECT-runs/YYYYMMDD-HHMMSS, numbered if that is taken."""
    return free_folder(project.absolute().parent / f"{project.stem}-runs", now)


def free_folder(beside: Path, now: datetime | None = None) -> Path:
    """A folder that is not there yet: BESIDE/YYYYMMDD-HHMMSS, numbered if that is taken."""
    name = (now or datetime.now()).strftime("%Y%m%d-%H%M%S")
    number, folder = 1, beside / name
    while folder.exists():
        number += 1
        folder = beside / f"{name}-{number}"
    return folder


def create_run(job: Job) -> Run:
    """Make the run folder of a job and freeze the job in it; for a resumed job, make it ready to go on.

    Raises RunError when the folder holds something else, a run that was begun and is not to be resumed, or one
    that runs.
    """
    run = Run(job.folder)
    if job.resume:
        return _reopened(run, job)
    _refuse_taken(job.folder)
    try:
        (job.folder / "checkpoints").mkdir(parents=True, exist_ok=True)
        (job.folder / "exports").mkdir(exist_ok=True)
    except OSError as error:
        message = f"The run folder {job.folder} cannot be made ({error.strerror}); choose another place."
        raise RunError(message) from error
    save_job(job)
    return run


def _reopened(run: Run, job: Job) -> Run:
    if run.status == "running" and (run.folder / "worker.json").exists():
        raise RunError(f"The run {run.folder.name} is being trained already; stop it before you resume it.")
    if not run.can_resume:
        raise RunError(f"The run {run.folder.name} has no checkpoint to resume from; train it as a new run.")
    (run.folder / "stop").unlink(missing_ok=True)
    save_job(job)
    run.expect_worker()
    return run


def _refuse_taken(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise RunError(f"{folder} is a file; a run needs a folder of its own.")
    names = {entry.name for entry in folder.iterdir()}
    if "events.jsonl" in names or "worker.json" in names:
        raise RunError(f"The folder {folder} holds a run already; resume it, or choose another folder.")
    if names - {"job.json", "project.netloom", "checkpoints", "exports", "stop", "log.txt", "lock", "notes.json"}:
        raise RunError(f"The folder {folder} holds other files; a run needs a folder of its own.")


def find_runs(beside: Path) -> list[Run]:
    """The runs of a project file, or all in a folder (itself, its subfolders, its NAME-runs folders), oldest first."""
    beside = beside.absolute()
    if beside.is_file():
        return _runs_in([beside.parent / f"{beside.stem}-runs"])
    if (beside / "job.json").is_file():
        return [Run(beside)]
    return _runs_in([beside, *sorted(beside.glob("*-runs"))])


def _runs_in(folders: Sequence[Path]) -> list[Run]:
    found = [job.parent for folder in folders for job in sorted(folder.glob("*/job.json"))]
    return [Run(folder) for folder in dict.fromkeys(found)]


def begin_a_line(path: Path) -> None:
    """Cut off a last line that was only half written, so that the next event begins a line of its own."""
    if not path.exists():
        return
    with path.open("r+b") as file:
        content = file.read()
        file.truncate(content.rfind(b"\n") + 1)


def _read(text: str) -> Timed | None:
    try:
        return parse(text)
    except ValueError:
        return None
