"""Reads the cases of a run beside the window: its folder may lie on a slow disk."""

from __future__ import annotations

import gc
from pathlib import Path

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance

from runtime.seen_cases import SeenCases, read_cases


class CasesReader(QObject):
    """One file at a time; of what is asked for meanwhile, the last. `came` is emitted on the window's thread.

    While it reads, Python's collector rests: it may run in whichever thread allocates, and a widget that it frees
    outside of the window's thread ends the program.
    """

    came = Signal(object, object)  # the folder, and SeenCases
    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._wanted: Path | None = None
        self._reading = False
        self._done.connect(self._on_done)

    def read(self, folder: Path) -> None:
        """Read the file of this run folder; returns at once."""
        self._wanted = folder
        self._next()

    def close_down(self) -> None:
        """The window is closing; nobody is told any more."""
        self._wanted = None
        self.blockSignals(True)
        self._pool.waitForDone()
        self._rested()

    def _next(self) -> None:
        if self._wanted is None or self._reading:
            return
        folder, self._wanted = self._wanted, None
        self._reading = True
        gc.disable()
        self._pool.start(_Read(folder, self._done))

    def _rested(self) -> None:
        if self._reading:
            self._reading = False
            gc.enable()

    def _on_done(self, folder: Path, found: SeenCases) -> None:
        self._rested()
        self.came.emit(folder, found)
        self._next()


class _Read(QRunnable):
    def __init__(self, folder: Path, done: SignalInstance) -> None:
        super().__init__()
        self._folder = folder
        self._done = done

    def run(self) -> None:
        """On a thread of the pool."""
        self._done.emit(self._folder, read_cases(self._folder))
