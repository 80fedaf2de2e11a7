"""A search as the window follows it: workers are processes that outlive the window; the study is read by another."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

from designer.process import CommandProcess, command_line, detached
from runtime.search.folder import Search

_WAIT_MS = 600
_LOOK_EVERY_MS = 3000


class SearchSession(QObject):
    """Starts workers, and tells the state of the study shortly after it changed."""

    told = Signal(object)  # what `netloom search --show --json` says
    changed = Signal()  # workers came or went

    def __init__(self, search: Search, project: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.search, self._project = search, project
        self._process: CommandProcess | None = None
        self._again = False
        self._workers = -1
        self._due = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._due.timeout.connect(self._ask)
        self._look = QTimer(self, interval=_LOOK_EVERY_MS)
        self._look.timeout.connect(self._on_look)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self._on_change)
        self._watcher.fileChanged.connect(self._on_change)

    @property
    def running(self) -> bool:
        """Whether a worker searches, or is about to."""
        return self.search.workers() > 0

    def follow(self) -> None:
        """Read what is there, and from now on what comes."""
        self._watcher.addPath(str(self.search.folder))
        self._look.start()
        self._ask()

    def start(self, workers: int, trials: int) -> None:
        """Search until there are so many trials. Raises OSError when a process cannot be started."""
        self.search.go_on()
        if trials != self.search.plan.trials:
            self.search.extend(trials)
        words = command_line("search", str(self._project), "--study", str(self.search.folder))
        for number in range(workers):
            with (self.search.folder / f"log-{number + 1}.txt").open("ab") as log:
                process = detached([sys.executable, *words], log)
            threading.Thread(target=process.wait, daemon=True).start()
        self.follow()

    def stop(self) -> None:
        """Ask the workers to stop."""
        self.search.ask_to_stop()
        self.changed.emit()

    def close_down(self) -> None:
        """Follow no longer; the workers go on."""
        self.blockSignals(True)
        self._due.stop()
        self._look.stop()
        if self._process is not None:
            self._process.abandon()
            self._process = None

    def _on_change(self, _path: str) -> None:
        journal = str(self.search.journal)
        if self.search.journal.exists() and journal not in self._watcher.files():
            self._watcher.addPath(journal)
        if not self._due.isActive():
            self._due.start()

    def _on_look(self) -> None:
        workers = self.search.workers()
        if workers != self._workers:
            self._workers = workers
            self.changed.emit()
            self._on_change("")

    def _ask(self) -> None:
        if self._process is not None:
            self._again = True
            return
        words = ["search", str(self._project), "--study", str(self.search.folder), "--show", "--json"]
        self._process = CommandProcess(words, self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()

    def _on_record(self, record: dict[str, Any]) -> None:
        self.told.emit(record)

    def _on_end(self, _end: object) -> None:
        self._process = None
        if self._again:
            self._again = False
            self._due.start()
