"""Writing an evaluation into the run folder: the record, the cases, a table for people, and masks. No torch."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from runtime.errors import RunError, file_error
from runtime.evaluation.detection import box_counts
from runtime.evaluation.record import FORMAT, Cases, Evaluation, record_file
from runtime.spreadsheet import safe_cell
from runtime.store import write_safely

Array = NDArray[Any]


def save_evaluation(folder: Path, stem: str, record: Evaluation, cases: Cases) -> None:
    """Write `evaluation-STEM.json`, `.npz` and `.csv`. Raises RunError when they cannot be written."""
    text = json.dumps({"format": FORMAT, **record.as_dict()}, indent=1, ensure_ascii=False, allow_nan=False)
    path = record_file(folder, stem)
    try:
        write_safely(path.with_suffix(".npz"), _packed(cases))
        write_safely(path.with_suffix(".csv"), case_table(record, cases).encode("utf-8"))
        write_safely(path, (text + "\n").encode("utf-8"))
    except OSError as error:
        raise RunError(file_error(error)) from error


def _packed(cases: Cases) -> bytes:
    arrays: dict[str, Array] = {}
    for name in (one.name for one in fields(Cases)):
        value = getattr(cases, name)
        if isinstance(value, dict):
            arrays |= {f"{name}:{key}": array for key, array in value.items()}
        elif value is not None:
            arrays[name] = value
    content = io.BytesIO()
    np.savez_compressed(content, allow_pickle=False, **arrays)
    return content.getvalue()


def case_table(record: Evaluation, cases: Cases) -> str:
    """The cases as CSV, without paths and names: what is true, what was answered, how sure and how wrong."""
    columns, rows = _own_columns(record, cases)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    after = ["patient", "correct", "confidence", "error", *cases.columns]
    writer.writerow([safe_cell(name) for name in ("case", *columns, *after)])
    for place, row in enumerate(rows):
        about = [cases.patient[place], int(cases.correct[place]), _short(cases.confidence[place])]
        groups = [safe_cell(str(values[place])) for values in cases.columns.values()]
        writer.writerow([cases.case[place], *row, *about, _short(cases.error[place]), *groups])
    return table.getvalue()


def _own_columns(record: Evaluation, cases: Cases) -> tuple[list[str], list[list[Any]]]:
    """The columns that a task has, and their cells."""
    names = [safe_cell(name) for name in record.classes]
    if record.task == "segmentation":
        what = [name for name in cases.overlaps if name != "right"]
        columns = [f"{measure}:{name}" for measure in what for name in record.classes]
        values = np.concatenate([cases.overlaps[measure] for measure in what], axis=1)
        return columns, [[_short(value) for value in row] for row in values]
    if record.task == "detection":
        return ["true_boxes", "found_boxes", "right_boxes"], [list(row) for row in box_counts(cases)]
    if record.task == "image":
        rows = zip(*cases.likeness.values(), strict=True)
        return [*cases.likeness], [[_short(value) for value in row] for row in rows]
    if cases.truth is None or cases.predicted is None:
        return [], [[] for _ in range(len(cases))]
    if cases.probabilities is None and cases.truth.ndim == 2:
        columns = [f"{what}:{name}" for name in record.classes for what in ("true", "predicted")]
        pairs = np.stack([cases.truth, cases.predicted], axis=2).reshape(len(cases), -1)
        return columns, [[float(value) for value in row] for row in pairs]
    if cases.probabilities is None:
        return ["true", "predicted"], [[float(one), float(two)] for one, two in _pairs(cases.truth, cases.predicted)]
    shares = [[round(float(value), 6) for value in row] for row in cases.probabilities]
    if record.task == "classification":
        told = [[names[int(one)], names[int(two)]] for one, two in _pairs(cases.truth, cases.predicted)]
    else:
        told = [[_listed(names, one), _listed(names, two)] for one, two in _pairs(cases.truth, cases.predicted)]
    columns = ["true", "predicted", *(f"p:{name}" for name in record.classes)]
    return columns, [[*words, *row] for words, row in zip(told, shares, strict=True)]


def _pairs(first: Array, second: Array) -> list[tuple[Any, Any]]:
    return list(zip(first, second, strict=True))


def _listed(names: Sequence[str], has: Array) -> str:
    return "; ".join(name for name, there in zip(names, has, strict=True) if there)


def _short(value: float) -> str | float:
    return "" if value != value else round(float(value), 6)


class MaskFile:
    """Writes `evaluation-STEM-masks.npz` case by case, so that all masks need never lie in memory together."""

    def __init__(self, folder: Path, stem: str, names: Sequence[str]) -> None:
        self._path = folder / f"evaluation-{stem}-masks.npz"
        self._part = self._path.with_name(f".{self._path.name}.part")
        self._names = names
        self._zip: zipfile.ZipFile | None = None

    def add(self, place: int, true: Array, found: Array) -> None:
        """Keep the masks (*size) of one case, class indexes. Raises RunError."""
        try:
            if self._zip is None:
                self._zip = zipfile.ZipFile(self._part, "w", zipfile.ZIP_DEFLATED)
            for what, mask in (("true", true), ("found", found)):
                small = mask.astype(np.uint8 if mask.max(initial=0) < 256 else np.int16)
                with self._zip.open(f"{self._names[place]}-{what}.npy", "w", force_zip64=True) as entry:
                    _write(entry, small)
        except OSError as error:
            raise RunError(file_error(error)) from error

    def close(self, whole: bool) -> None:
        """Give the file its name, or take it away when not all was measured. Raises RunError."""
        if self._zip is None:
            return
        try:
            self._zip.close()
            if whole:
                self._part.replace(self._path)
        except OSError as error:
            raise RunError(file_error(error)) from error
        finally:
            self._part.unlink(missing_ok=True)


def _write(entry: IO[bytes], mask: Array) -> None:
    np.lib.format.write_array(entry, np.ascontiguousarray(mask), allow_pickle=False)
