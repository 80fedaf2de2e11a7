"""The process that decodes what the viewer shows: asked and answered without waiting, replaced when it hangs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QProcess, QTemporaryDir, QTimer

from designer.process import PROGRAM_FOLDER, command_line, environment

_LIMIT_MS = 90_000  # for one answer; the decoder's own limit is shorter
_KILL_AFTER_MS = 3000

Answer = Mapping[str, Any]
Told = Callable[[Answer], None]


class PixelServer(QObject):
    """Runs `netloom pixels` (or another command that answers lines) from the first question on.

    Every question is answered exactly once, or forgotten.
    """

    def __init__(self, parent: QObject | None = None, command: str = "pixels") -> None:
        super().__init__(parent)
        self._command = command
        self._folder = QTemporaryDir()
        self._process: QProcess | None = None
        self._waiting: dict[int, Told] = {}
        self._last = 0
        self._output = b""
        self._watch = QTimer(self, interval=_LIMIT_MS, singleShot=True)
        self._watch.timeout.connect(self._on_late)

    def ask(self, request: Mapping[str, Any], told: Told) -> int:
        """Ask; `told` is called later with the answer, which holds `error` where there is none. Gives its number."""
        self._last += 1
        self._waiting[self._last] = told
        process = self._process or self._start()
        process.write(json.dumps({"id": self._last, **request}).encode() + b"\n")
        if not self._watch.isActive():
            self._watch.start()
        return self._last

    def forget(self, numbers: list[int]) -> None:
        """Nobody waits for these answers any more; their arrays are removed when they come."""
        for number in numbers:
            if number in self._waiting:
                self._waiting[number] = _drop

    def close_down(self) -> None:
        """End the process; nobody is told."""
        self._waiting.clear()
        self._watch.stop()
        process, self._process = self._process, None
        if process is not None:
            process.blockSignals(True)
            process.kill()
            process.waitForFinished(_KILL_AFTER_MS)
            process.deleteLater()

    def _start(self) -> QProcess:
        process = QProcess(self)
        process.setProgram(sys.executable)
        process.setArguments(command_line(self._command, self._folder.path()))
        process.setWorkingDirectory(str(PROGRAM_FOLDER))
        process.setEnvironment([f"{name}={value}" for name, value in environment().items()])
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(lambda: self._on_end(process))
        process.errorOccurred.connect(lambda _error: self._on_end(process))
        process.start()
        self._process, self._output = process, b""
        return process

    def _read(self) -> None:
        if self._process is None:
            return
        self._output += bytes(self._process.readAllStandardOutput().data())
        *lines, self._output = self._output.split(b"\n")
        for line in lines:
            self._watch.stop()
            answer = json.loads(line)
            told = self._waiting.pop(int(answer["id"]), _drop)
            if self._waiting:
                self._watch.start()
            told(answer)

    def _on_late(self) -> None:
        self._fail(self.tr("Reading this file took too long, and was ended."))

    def _on_end(self, process: QProcess) -> None:
        if process is self._process:
            self._fail(self.tr("The process that reads images ended unexpectedly; choose the image again."))

    def _fail(self, reason: str) -> None:
        """All that waits is answered with the reason; the next question starts a new process."""
        waiting = dict(self._waiting)
        self.close_down()
        for told in waiting.values():
            told({"error": reason})


def taken(written: Mapping[str, Any]) -> NDArray[Any]:
    """The array that an answer names; its file is removed."""
    file = Path(str(written["file"]))
    array = np.fromfile(file, np.dtype(str(written["dtype"]))).reshape([int(side) for side in written["shape"]])
    file.unlink(missing_ok=True)
    return array


def _drop(answer: Answer) -> None:
    for name in ("image", "mask"):
        if name in answer:
            Path(str(answer[name]["file"])).unlink(missing_ok=True)
