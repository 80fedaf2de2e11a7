"""Reads files on a thread beside the window: they may lie on a slow disk."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, SignalInstance


class Beside(QObject):
    """One reading at a time; of what is asked for meanwhile, the last. `came` is emitted on the window's thread.

    While it reads, Python's collector rests: it may run in whichever thread allocates, and a widget that it frees
    outside of the window's thread ends the program.
    """

    came = Signal(object, object)  # what was asked, and what was read
    _done = Signal(object, object)

    def __init__(self, read: Callable[[Any], object], parent: QObject | None = None) -> None:
        """`read` is called on a thread of its own with what was asked; it must touch no widget, and not raise."""
        super().__init__(parent)
        self._read = read
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._wanted: object = None
        self._reading = False
        self._done.connect(self._on_done)

    @property
    def reading(self) -> bool:
        """Whether something is still to come."""
        return self._reading

    def ask(self, what: object) -> None:
        """Read this; returns at once."""
        self._wanted = what
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
        what, self._wanted = self._wanted, None
        self._reading = True
        _Collector.rest()
        self._pool.start(_Task(self._read, what, self._done))

    def _rested(self) -> None:
        if self._reading:
            self._reading = False
            _Collector.go_on()

    def _on_done(self, what: object, found: object) -> None:
        self._rested()
        self._next()
        self.came.emit(what, found)


class _Task(QRunnable):
    def __init__(self, read: Callable[[Any], object], what: object, done: SignalInstance) -> None:
        super().__init__()
        self._read = read
        self._what = what
        self._done = done

    def run(self) -> None:
        """On a thread of the pool."""
        self._done.emit(self._what, self._read(self._what))


class _Collector:
    """Python's collector, which rests as long as anybody reads. Called on the window's thread alone."""

    _resting = 0

    @classmethod
    def rest(cls) -> None:
        """One more reads."""
        cls._resting += 1
        gc.disable()

    @classmethod
    def go_on(cls) -> None:
        """One less reads."""
        cls._resting -= 1
        if not cls._resting:
            gc.enable()
