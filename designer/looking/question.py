"""A look inside asked of a process of its own; only the last question is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTemporaryDir, Signal

from designer.process import CommandProcess, End
from runtime.errors import RunError
from runtime.looking.record import Record, read_record


class Question(QObject):
    """Asks `netloom WORDS` for records of one kind, with their arrays if the command writes some.

    `answered` brings the Record, `failed` a sentence; `changed` comes when it begins or ends to be busy.
    """

    answered = Signal(object)
    failed = Signal(str)
    changed = Signal()

    def __init__(self, kind: str, writes: bool = True, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._writes = writes
        self._folder = QTemporaryDir()
        self._process: CommandProcess | None = None
        self._told: dict[str, Any] = {}

    @property
    def busy(self) -> bool:
        """Whether an answer is on its way."""
        return self._process is not None

    def ask(self, words: Sequence[str]) -> None:
        """Ask this, and forget what was asked before."""
        self.forget()
        self._told = {}
        out = ["--out", str(self._file())] if self._writes else []
        self._process = CommandProcess([*words, *out, "--json"], self)
        self._process.record.connect(self._take)
        self._process.ended.connect(self._on_end)
        self._process.start()
        self.changed.emit()

    def forget(self) -> None:
        """Give up what is on its way."""
        if self._process is not None:
            self._process.abandon()
            self._process.deleteLater()
            self._process = None
            self.changed.emit()

    def _file(self) -> Path:
        return Path(self._folder.path()) / f"{self._kind}.npz"

    def _take(self, told: Mapping[str, Any]) -> None:
        if told.get("record") == self._kind:
            self._told = dict(told)

    def _on_end(self, end: End) -> None:
        made, self._process = self._process, None
        if made is not None:
            made.deleteLater()
        self.changed.emit()
        if not end.ok:
            self.failed.emit(end.message)
            return
        try:
            record = read_record(self._file(), self._kind) if self._writes else self._plain()
        except RunError as error:
            self.failed.emit(str(error))
            return
        self.answered.emit(record)

    def _plain(self) -> Record:
        facts = {name: value for name, value in self._told.items() if name != "record"}
        if not facts:
            raise RunError(self.tr("There was no answer; try it again."))
        return Record(self._kind, facts)
