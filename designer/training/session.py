"""One training run as the window follows it: a detached worker writes events into the run folder, this reads them."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from designer.process import command_line, detached
from runtime.errors import RunError
from runtime.events import Event, Failed, Finished, parse
from runtime.graph import Graph
from runtime.job import make_job
from runtime.liveness import SILENT_S, sign_of_life
from runtime.processes import started_at
from runtime.runs import Run, create_run

_LOOK_EVERY_MS = 2000
_UNEXPECTED = "The training process ended unexpectedly."


class TrainingSession(QObject):
    """Follows a run. `happened` brings each event once, in order; `ended` comes exactly once, with the run."""

    happened = Signal(object)
    ended = Signal(object)
    silent = Signal(float)  # seconds without a sign of life, again and again while it is silent; 0 when it is not

    def __init__(self, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.run = run
        self.over = False
        self._at = 0
        self._worker = ""  # the mark of the process that was started from here
        self._pid = 0
        self._sign: object = None  # of life, and when it was seen first
        self._seen = time.monotonic()
        self._told_silent = False
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.read)
        self._watcher.fileChanged.connect(self.read)
        self._look = QTimer(self)
        self._look.setSingleShot(True)
        self._look.setInterval(_LOOK_EVERY_MS)
        self._look.timeout.connect(self._check_life)

    @staticmethod
    def begin(graph: Graph, folder: Path, parent: QObject | None = None) -> TrainingSession:
        """Write the run folder and start its worker; `follow` it then. Raises RunError or ProjectError."""
        session = TrainingSession(create_run(make_job(graph, folder)), parent)
        session._start([])
        return session

    @staticmethod
    def resume(run: Run, parent: QObject | None = None) -> TrainingSession:
        """Start a worker that goes on after the last checkpoint; `follow` it then. Raises RunError."""
        if not run.can_resume:
            raise RunError(f"The run {run.folder.name} has no checkpoint to go on from; train it anew.")
        session = TrainingSession(run, parent)
        session._at = run.events_file.stat().st_size if run.events_file.exists() else 0
        session._start(["--resume"])
        return session

    def follow(self) -> None:
        """Read what is there, and from now on what comes."""
        self._watcher.addPath(str(self.run.folder))
        self._look.start()
        self.read()

    def stop(self) -> None:
        """Ask the worker to stop; it keeps what it has learned, and says when it has stopped."""
        self.run.ask_to_stop()

    def kill(self) -> None:
        """End the worker at once; that it is gone is noticed as for one that was killed from elsewhere."""
        self.run.kill()
        self._check_life()

    def let_go(self) -> None:
        """Follow no longer; the worker goes on by itself."""
        self.over = True
        self._look.stop()
        self.blockSignals(True)
        watched = self._watcher.files() + self._watcher.directories()
        if watched:
            self._watcher.removePaths(watched)

    def read(self) -> None:
        """Pass on the events that were written since the last look."""
        if self.over:
            return
        events = self.run.events_file
        if events.exists() and str(events) not in self._watcher.files():
            self._watcher.addPath(str(events))
        for event in self._new_events():
            self.happened.emit(event)
            if self.over:
                return
            if isinstance(event, Finished | Failed) and self.run.status != "running":
                self._end()
                return

    def _new_events(self) -> list[Event]:
        try:
            with self.run.events_file.open("rb") as file:
                file.seek(self._at)
                content = file.read()
        except FileNotFoundError:
            return []
        whole = content[: content.rfind(b"\n") + 1]
        self._at += len(whole)
        return [event for event in map(_event, whole.decode("utf-8", "replace").splitlines()) if event is not None]

    def _start(self, more: list[str]) -> None:
        folder = self.run.folder
        words = command_line("train", str(folder / "project.netloom"), "--run", str(folder), *more)
        try:
            with (folder / "log.txt").open("ab") as log:
                process = detached([sys.executable, *words], log)
        except OSError as error:
            raise RunError(f"The training process could not be started: {error.strerror or error}.") from error
        self._pid = process.pid
        self._worker = started_at(process.pid)
        # Somebody has to wait for the process, or the system keeps its entry when it has ended.
        threading.Thread(target=process.wait, daemon=True).start()

    def _check_life(self) -> None:
        """Notice a worker that is gone without a word, and write that down in its run."""
        self.read()
        if self.over:
            return
        self._listen()
        gone = self._pid > 0 and started_at(self._pid) != self._worker and not self.run.has_worker
        status = self.run.status
        if status == "died":
            self.read()  # it may have written its last words between the two looks
            if not self.over:
                self.run.mark_died(f"{_UNEXPECTED} {self._advice()}")
                self.read()
        elif gone and not self.over:
            self.read()
            self._fail_before_the_start()
        if not self.over:
            self._look.start()

    def _listen(self) -> None:
        """Tell of a worker that gives no sign of life; the time is that of this window, which no clock can jump."""
        sign = sign_of_life(self.run.folder)
        if sign != self._sign:
            self._sign, self._seen = sign, time.monotonic()
        silent = time.monotonic() - self._seen
        if silent >= SILENT_S or self._told_silent:
            self._told_silent = silent >= SILENT_S
            self.silent.emit(silent if self._told_silent else 0.0)

    def _advice(self) -> str:
        if self.run.can_resume:
            return "It was killed, or the memory ran out. Resume it to go on after its last checkpoint."
        return "It was killed, or the memory ran out. It had no checkpoint yet, so it has to be trained anew."

    def _fail_before_the_start(self) -> None:
        """The worker refused the job, or could not even begin: its last words lie in the log."""
        if self.over:
            return
        words = last_words(self.run.folder / "log.txt")
        self.happened.emit(Failed(words or f"{_UNEXPECTED} It left no message.", log="log.txt"))
        self._end()

    def _end(self) -> None:
        if not self.over:
            self.over = True
            self._look.stop()
            self.ended.emit(self.run)


def _event(line: str) -> Event | None:
    try:
        return parse(line)[0]
    except ValueError:
        return None


def last_words(log: Path, since: int = 0) -> str:
    """What a worker said at last, in its own words; `since`: of what stands after so many bytes."""
    try:
        said = log.read_bytes()[since:].decode("utf-8", "replace")
        lines = [line.strip() for line in said.splitlines()]
    except OSError:
        return ""
    told = [line for line in lines if line and not line.startswith(("{", "Traceback", "File "))]
    return "\n".join(told[-5:])
