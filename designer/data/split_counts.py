"""What a division would give, counted beside the window's thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QRunnable, QThreadPool, QTimer, Signal

from runtime.data.catalogue import DataError, DataSet
from runtime.data.split_columns import values_for
from runtime.data.split_how import How, PartCounts
from runtime.data.split_kept import KeptSides
from runtime.data.split_preview import preview

_WAIT_MS = 60  # while a slider is moved


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: which data, divided how, with which sides kept."""

    number: int
    dataset: DataSet
    how: How
    kept: Sequence[KeptSides]
    values: Mapping[str, str] | None


class SplitCounts(QObject):
    """Counts the newest question only; `counted` comes on the window's thread."""

    counted = Signal(object)  # PartCounts
    _done = Signal(int, str, object, object)  # number, column, its values, PartCounts

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._number = 0
        self._next: tuple[DataSet, How, Sequence[KeptSides]] | None = None
        self._values: tuple[str, str, Mapping[str, str]] = ("", "", {})  # fingerprint, column, values
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._start)
        self._done.connect(self._on_done)

    def ask(self, dataset: DataSet, how: How, kept: Sequence[KeptSides]) -> None:
        """Count this soon."""
        self._next = (dataset, how, kept)
        self._number += 1
        self._wait.start()

    def close_down(self) -> None:
        """Wait for what is being counted; nobody is told."""
        self._number += 1
        self._wait.stop()
        self._pool.waitForDone()

    def _start(self) -> None:
        if self._next is None:
            return
        dataset, how, kept = self._next
        print_, column, values = self._values
        known = values if how.values_column and (print_, column) == (dataset.fingerprint, how.values_column) else None
        self._pool.start(_Count(Asked(self._number, dataset, how, kept, known), self._done))

    def _on_done(self, number: int, column: str, values: Mapping[str, str], counts: PartCounts) -> None:
        if number != self._number or self._next is None:
            return
        if column and not counts.problems:
            self._values = (self._next[0].fingerprint, column, values)
        self.counted.emit(counts)


class _Count(QRunnable):
    def __init__(self, asked: Asked, done: object) -> None:
        super().__init__()
        self._asked = asked
        self._done = done

    def run(self) -> None:
        """On a thread of the pool: headers may be read for a column."""
        asked = self._asked
        values: Mapping[str, str] = {}
        try:
            values = values_for(asked.dataset, asked.how) if asked.values is None else asked.values
            counts = preview(asked.dataset, asked.how, values, asked.kept)
        except DataError as error:
            counts = PartCounts("", {}, {}, {}, (), {}, problems=error.problems)
        self._done.emit(asked.number, asked.how.values_column, values, counts)  # type: ignore[attr-defined]
