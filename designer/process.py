"""One command of the program run beside the window: JSON lines become records, failures become plain sentences."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

from runtime.lifeline import LIFELINE

PROGRAM_FOLDER = Path(__file__).resolve().parent.parent
_KILL_AFTER_MS = 3000
_AT_ONCE_S = 0.03
_SOME, _LONG_S = 50, 10.0  # a time is told from a fiftieth of the work on, or after so many seconds


@dataclass(frozen=True, slots=True)
class End:
    """How a command ended: `message` is what it said at last, or why it did not do what was asked."""

    ok: bool
    message: str = ""
    notes: tuple[str, ...] = ()  # what should be known before the result is believed
    stopped: bool = False


def command_line(*words: str) -> list[str]:
    """The arguments for this Python with which a command of the program is called."""
    return ["-P", "-m", "runtime.cli", *words]


def environment() -> dict[str, str]:
    """The environment of every process that the window starts; -P does not reach what these start in turn."""
    return {**os.environ, "PYTHONSAFEPATH": "1", "PYTHONIOENCODING": "utf-8"}


def detached(words: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process that outlives the window: a session of its own, and no pipe that could break."""
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=PROGRAM_FOLDER, env=environment(),
        start_new_session=sys.platform != "win32", creationflags=flags,
    )  # fmt: skip


class CommandProcess(QObject):
    """Runs `netloom WORDS`. `record` brings each JSON object of its output, `ended` comes exactly once."""

    record = Signal(object)
    ended = Signal(object)

    def __init__(self, words: Sequence[str], parent: QObject | None = None, lifeline: bool = False) -> None:
        """With `lifeline` the command, if it knows of such, ends when the window is gone, however that happens."""
        super().__init__(parent)
        self._output = b""
        self._lines: deque[bytes] = deque()
        self._finished: tuple[int, QProcess.ExitStatus] | None = None
        self._errors = b""
        self._told: list[str] = []
        self._stopped = False
        self._over = False
        self._later = QTimer(self, interval=0, singleShot=True)
        self._later.timeout.connect(self._work_off)
        self._process = QProcess(self)
        self._process.setProgram(sys.executable)
        self._process.setArguments(command_line(*words))
        self._process.setWorkingDirectory(str(PROGRAM_FOLDER))
        known = environment() | ({LIFELINE: "1"} if lifeline else {})
        self._process.setEnvironment([f"{name}={value}" for name, value in known.items()])
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._on_finished)
        self._process.errorOccurred.connect(self._on_error)

    @property
    def running(self) -> bool:
        """Whether it still works."""
        return not self._over

    def start(self) -> None:
        """Begin; returns at once."""
        self._process.start()

    def stop(self) -> None:
        """End it now; what it was doing is thrown away."""
        if self._over:
            return
        self._stopped = True
        self._process.kill()

    def abandon(self) -> None:
        """End it without a word to anybody: its window is going away."""
        self.blockSignals(True)
        self._stopped = self._over = True
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(_KILL_AFTER_MS)

    def _read(self) -> None:
        self._output += bytes(self._process.readAllStandardOutput().data())
        *lines, self._output = self._output.split(b"\n")
        self._lines += lines
        if not self._later.isActive():
            self._work_off()

    def _work_off(self) -> None:
        """Tell what came, for a moment: the window goes on between the pieces of much that comes at once."""
        until = time.monotonic() + _AT_ONCE_S
        while self._lines and not self._over:
            self._tell(self._lines.popleft())
            if time.monotonic() > until:
                break
        if self._lines and not self._over:
            self._later.start()
        elif self._finished is not None:
            self._close(*self._finished)

    def _tell(self, line: bytes) -> None:
        try:
            found = json.loads(line.decode("utf-8", "replace"))
        except ValueError:
            if line.strip():
                self._told.append(line.decode("utf-8", "replace").strip())
            return
        if isinstance(found, dict) and set(found) != {"error", "exit"}:  # a failure is told by `ended`
            self.record.emit(found)

    def _read_errors(self) -> None:
        self._errors += bytes(self._process.readAllStandardError().data())

    def _on_finished(self, code: int, how: QProcess.ExitStatus) -> None:
        self._finished = (code, how)
        self._output += b"\n"
        self._read()

    def _close(self, code: int, how: QProcess.ExitStatus) -> None:
        """All that was told is told."""
        self._finished = None
        self._read_errors()
        if self._stopped:
            self._end(End(False, self.tr("Stopped."), stopped=True))
        elif how is QProcess.ExitStatus.CrashExit:
            message = self.tr("The work ended unexpectedly: it was killed, or the memory ran out. Try it again.")
            self._end(End(False, message))
        else:
            lines = [line.strip() for line in self._errors.decode("utf-8", "replace").splitlines() if line.strip()]
            notes = tuple(line.removeprefix("Note: ") for line in lines if line.startswith("Note: "))
            said = self._told if code == 0 else [line for line in lines if not line.startswith("Note: ")]
            reason = "" if code == 0 else self.tr("It could not be done, and no reason was given.")
            self._end(End(code == 0, "\n".join(said) or reason, notes))

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:
            self._end(End(False, self.tr("The worker could not be started: %s.") % self._process.errorString()))

    def _end(self, end: End) -> None:
        if not self._over:
            self._over = True
            self.ended.emit(end)


class OneCommand(QObject):
    """A place for one command at a time: what it tells, and its end, whichever command it is."""

    record = Signal(object)
    ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process: CommandProcess | None = None

    @property
    def running(self) -> bool:
        """Whether a command is at work."""
        return self._process is not None

    def start(self, *words: str, lifeline: bool = False) -> bool:
        """Begin a command, unless one is at work."""
        if self._process is not None:
            return False
        self._process = CommandProcess(words, self, lifeline)
        self._process.record.connect(self.record)
        self._process.ended.connect(self._on_end)
        self._process.start()
        return True

    def stop(self) -> None:
        """End the command now; what it was doing is thrown away."""
        if self._process is not None:
            self._process.stop()

    def abandon(self) -> None:
        """End it without a word to anybody."""
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None

    def _on_end(self, end: End) -> None:
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        self.ended.emit(end)


class Remaining:
    """Says how long work will still take, from how far it has come."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def seconds(self, done: int, total: int) -> float | None:
        """Seconds left, None when it is too early to say."""
        passed = time.monotonic() - self._began
        enough = passed > 1 and (done * _SOME >= total or passed > _LONG_S)
        return passed / done * (total - done) if done and total and enough else None


def spoken(seconds: float | None) -> str:
    """A time as people say it: "about 2 min left"."""
    if seconds is None:
        return ""
    if seconds < 90:
        return f"about {max(1, round(seconds))} s left"
    if seconds < 5400:
        return f"about {round(seconds / 60)} min left"
    return f"about {seconds / 3600:.1f} h left"
