"""A folder into which files come, answered one after the other as long as somebody watches; each file once.

What was answered stands in `answered.jsonl` below the output folder, a line for each file, written before anything else
is told of it. Whoever watches again goes on after it; `predictions.csv` is made of it anew, so that a crash in the
middle of a row leaves nothing half.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.data.catalogue import DataError, Skipped
from runtime.data.faults import FileFault
from runtime.data.walk import walk
from runtime.delivery.answers import Row
from runtime.delivery.predict import predict_folder
from runtime.delivery.prediction_files import cells_of, columns_of
from runtime.delivery.predictors import Predictor
from runtime.errors import RunError, file_error
from runtime.runs import begin_a_line
from runtime.store import write_safely

TABLE = "predictions.csv"
STOP = "stop"
_JOURNAL = "answered.jsonl"
_FORMAT = 1
_EVERY_S = 1.0  # between two looks
_AT_ONCE = 16
_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
Stamp = tuple[int, int]  # size and time of change


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one file: its rows, in the columns of the table."""

    path: str
    rows: tuple[Row, ...]


def watch(
    model: Predictor, folder: Path, out: Path, stopped: Callable[[], bool], wait: Callable[[float], object]
) -> Iterator[Answered]:
    """Answer every file that is below `folder` or comes there, as soon as it no longer grows, until `stopped`.

    A file is taken when two looks, a second apart, find it alike; those that were answered before are not looked at
    again, also by a later call. `wait` lets so many seconds pass, and may return earlier. Tables and masks go into
    `out`. Raises DataError when the folder is gone, RunError when `out` holds answers of another model or cannot be
    written, or when the model needs several files for one answer.
    """
    _refuse_assembled(model)
    answers = _Answers(model, out)
    before: dict[str, Stamp] = {}
    while not stopped():
        now = _new_files(folder, out, answers.known)
        ready = sorted(path for path, stamp in now.items() if before.get(path) == stamp)
        before = now
        while ready and not stopped():
            yield from _answer(model, folder, ready[:_AT_ONCE], answers, stopped)
            ready = ready[_AT_ONCE:]
        if not stopped():
            wait(_EVERY_S)


def _refuse_assembled(model: Predictor) -> None:
    for entry in model.contract.inputs:
        if entry.patch:
            raise RunError(
                "This model answers for points of a table, and a watched folder gives images; predict a whole folder "
                "with a table of points instead."
            )
        if entry.take not in ("as found", "slices"):
            raise RunError(
                f"This model answers for {entry.take} put together from several files, and a watched folder gives "
                "one file after the other; predict a whole folder instead."
            )


def _answer(
    model: Predictor, folder: Path, paths: Sequence[str], answers: _Answers, stopped: Callable[[], bool]
) -> Iterator[Answered]:
    """Each file of a group as soon as all its rows are known; one that is stopped in the middle is left for later."""
    waiting = dict.fromkeys(paths)
    current, rows = "", list[Row]()
    for row in predict_folder(model, folder, cancelled=stopped, files=paths):
        path = row.path if row.path in waiting else row.path.rpartition("#")[0]
        if current and path != current:
            yield answers.keep(current, rows)
            waiting.pop(current)
            rows = []
        current = path
        rows.append(row)
    if stopped():
        return
    for path in [current] * bool(current) + [path for path in waiting if path != current]:
        yield answers.keep(path, rows if path == current else [])


def _new_files(folder: Path, out: Path, known: Mapping[str, object]) -> dict[str, Stamp]:
    """Size and time of the files that were not answered yet; what the watch itself writes is none of them."""
    root, own = Path(os.path.realpath(folder)), Path(os.path.realpath(out))
    if not root.is_dir():
        raise DataError(f"There is no folder {folder} any more; name one that is there.")
    found = {}
    for path in walk(root):
        if isinstance(path, Skipped) or path in known or path.casefold().endswith(_UNFINISHED):
            continue
        if path.rpartition("/")[2].startswith(".") or own in (root / path).parents:
            continue
        try:
            facts = (root / path).stat()
        except OSError:
            continue  # gone meanwhile
        found[path] = (facts.st_size, facts.st_mtime_ns)
    return found


class _Answers:
    """The journal and the table."""

    def __init__(self, model: Predictor, out: Path) -> None:
        self._out = out
        self._outputs = model.contract.outputs
        self._head = {"format": _FORMAT, "model": hashlib.sha256(model.contract.text().encode()).hexdigest()}
        self.known: dict[str, list[list[str]]] = {}
        try:
            out.mkdir(parents=True, exist_ok=True)
            self._read()
            rows = [columns_of(self._outputs), *(row for kept in self.known.values() for row in kept)]
            write_safely(out / TABLE, _csv(rows).encode("utf-8"))
        except OSError as error:
            raise RunError(file_error(error)) from error

    def keep(self, path: str, rows: Sequence[Row]) -> Answered:
        """Write down what came of a file."""
        try:
            cells = [cells_of(row, self._out / "pictures", self._out) for row in rows]
            self._append(_JOURNAL, json.dumps({"path": path, "rows": cells}, ensure_ascii=False) + "\n")
            self._append(TABLE, _csv(cells))
        except OSError as error:
            raise RunError(file_error(error)) from error
        except FileFault as fault:
            raise RunError(f"{path} was changed while it was predicted: it {fault}; watch again.") from fault
        self.known[path] = cells
        return Answered(path, tuple(rows))

    def _read(self) -> None:
        journal = self._out / _JOURNAL
        begin_a_line(journal)
        lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
        try:
            head: Any = json.loads(lines[0]) if lines else self._head
            entries: list[Any] = [json.loads(line) for line in lines[1:]]
            self.known = {entry["path"]: entry["rows"] for entry in entries}
        except (ValueError, TypeError, KeyError) as error:
            raise RunError(f"{journal} is damaged; choose another folder for the answers.") from error
        if head != self._head:
            raise RunError(f"{self._out} holds the answers of another model; choose another folder for these.")
        if not lines:
            self._append(_JOURNAL, json.dumps(self._head) + "\n")

    def _append(self, name: str, text: str) -> None:
        with (self._out / name).open("a", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def _csv(rows: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
