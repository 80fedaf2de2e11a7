"""What a division would give: files are read by a process that can be ended, the counting is done beside the window."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QTemporaryDir, QThreadPool, QTimer, Signal

from designer.process import CommandProcess, End
from runtime.data.catalogue import DataSet
from runtime.data.split_how import How, PartCounts
from runtime.data.split_kept import KeptSides
from runtime.data.split_preview import preview

_WAIT_MS = 60  # while a slider is moved
_Column = tuple[str, str]  # fingerprint of the data, and the column


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: which data, divided how, with which sides kept."""

    number: int
    dataset: DataSet
    how: How
    kept: Sequence[KeptSides]
    values: Mapping[str, str]


class SplitCounts(QObject):
    """Counts the newest question only; `counted` comes on the window's thread."""

    counted = Signal(object)  # PartCounts
    reading = Signal()  # files have to be read before it can be counted
    _done = Signal(int, object)  # number, PartCounts

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._folder = QTemporaryDir()
        self._number = 0
        self._next: tuple[DataSet, How, Sequence[KeptSides]] | None = None
        self._known: tuple[_Column, Mapping[str, str]] = (("", ""), {})
        self._reader: tuple[_Column, CommandProcess] | None = None
        self._wait = QTimer(self, interval=_WAIT_MS, singleShot=True)
        self._wait.timeout.connect(self._start)
        self._done.connect(self._on_done)

    def ask(self, dataset: DataSet, how: How, kept: Sequence[KeptSides]) -> None:
        """Count this soon."""
        self._next = (dataset, how, kept)
        self._number += 1
        self._wait.start()

    def close_down(self) -> None:
        """End what is read, wait for what is counted, which takes a moment; nobody is told."""
        self._number += 1
        self._wait.stop()
        self._end_reading()
        self._pool.waitForDone()

    def _start(self) -> None:
        if self._next is None:
            return
        dataset, how, kept = self._next
        column = (dataset.fingerprint, how.values_column)
        if how.values_column and self._known[0] != column:
            self._read(dataset, column)
            return
        self._end_reading()
        values = self._known[1] if how.values_column else {}
        self._pool.start(_Count(Asked(self._number, dataset, how, kept, values), self._done))

    def _read(self, dataset: DataSet, column: _Column) -> None:
        """Have the column read, unless that is under way."""
        if self._reader is not None and self._reader[0] == column:
            return
        self._end_reading()
        asked = {"folder": dataset.folder, "kind": dataset.kind, "labels": dataset.labels, "column": column[1],
                 "paths": sorted({sample.path for sample in dataset.samples})}  # fmt: skip
        file = Path(self._folder.path()) / "asked.json"
        file.write_text(json.dumps(asked), encoding="utf-8")
        process = CommandProcess(["column-values", str(file)], self)
        self._reader = (column, process)
        process.record.connect(lambda record: self._on_read(column, record))
        process.ended.connect(self._on_end)
        self.reading.emit()
        process.start()

    def _on_read(self, column: _Column, record: Mapping[str, Any]) -> None:
        if record.get("record") == "values":
            self._known = (column, record["values"])
        else:
            self._tell_problems(record.get("problems", ()))

    def _on_end(self, end: End) -> None:
        column = self._reader[0] if self._reader is not None else None
        self._end_reading()
        if not end.ok:
            self._tell_problems([end.message])
        elif column == self._known[0]:
            self._start()

    def _end_reading(self) -> None:
        if self._reader is not None:
            self._reader[1].abandon()
            self._reader[1].deleteLater()
            self._reader = None

    def _tell_problems(self, problems: Sequence[str]) -> None:
        self.counted.emit(PartCounts("", {}, {}, {}, (), {}, problems=tuple(problems)))

    def _on_done(self, number: int, counts: PartCounts) -> None:
        if number == self._number:
            self.counted.emit(counts)


class _Count(QRunnable):
    def __init__(self, asked: Asked, done: object) -> None:
        super().__init__()
        self._asked = asked
        self._done = done

    def run(self) -> None:
        """On a thread of the pool; no file is read."""
        asked = self._asked
        counts = preview(asked.dataset, asked.how, asked.values, asked.kept)
        self._done.emit(asked.number, counts)  # type: ignore[attr-defined]
