"""Reads what is known of runs in a process of its own: two hundred runs do not stop the window."""

from __future__ import annotations

from collections import deque
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from designer.process import CommandProcess, End
from designer.runs.model import RunsModel
from runtime.run_facts import from_record


class RunsReader(QObject):
    """One process at a time; what is asked for meanwhile waits."""

    ended = Signal(object)  # End of the last process

    def __init__(self, runs: RunsModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._waiting: deque[Path] = deque()
        self._process: CommandProcess | None = None

    @property
    def reading(self) -> bool:
        """Whether something is still to come."""
        return self._process is not None

    def read(self, place: Path) -> None:
        """Read the runs of a project file, or one run folder."""
        if place not in self._waiting:
            self._waiting.append(place)
        self._next()

    def close_down(self) -> None:
        """The window is closing, or another project comes."""
        self._waiting.clear()
        if self._process is not None:
            self._process.abandon()
            self._process = None

    def _next(self) -> None:
        if self._process is not None or not self._waiting:
            return
        self._process = CommandProcess(["runs", str(self._waiting.popleft()), "--lines"], self)
        self._process.record.connect(self._on_record)
        self._process.ended.connect(self._on_end)
        self._process.start()

    def _on_record(self, record: dict[str, object]) -> None:
        try:
            self._runs.take(from_record(record))
        except TypeError:
            return  # a line that is no run

    def _on_end(self, end: End) -> None:
        if self._process is not None:
            self._process.deleteLater()
        self._process = None
        self.ended.emit(end)
        self._next()
