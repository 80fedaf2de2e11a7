"""A table of numbers as a data set: a case for each row, with the columns that are taken. No torch."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nodes.tables import asked_text
from runtime.data.catalogue import DataError, DataSet, LabelKind, Part, Sample, Skipped
from runtime.data.label_columns import are_numbers, is_missing, is_yes_or_no, number_of, yes_or_no
from runtime.data.label_folders import part_of_word
from runtime.data.label_paths import listed
from runtime.data.label_table import Table, read_table
from runtime.data.units import unit_of
from runtime.data.wording import counted

_CASES = (
    "path", "file", "filename", "file_name", "image", "image_path", "filepath", "case", "case_id", "name", "id",
    "patient", "patient_id", "patientid", "patient id", "subject", "subject_id",
)  # fmt: skip
_PATIENTS = ("patient", "patient_id", "patientid", "patient id", "subject", "subject_id")
_PARTS = ("split", "part", "subset", "set", "partition")
_LARGEST = 3.4e38  # float32


@dataclass(frozen=True, slots=True)
class Asked:
    """What a source asks of its table: names of columns ("" and () to find them), what becomes of missing numbers."""

    columns: tuple[str, ...] = ()
    cases: str = ""
    labels: str = ""
    patients: str = ""
    leaves_out: bool = False  # cases in which a number is missing

    def words(self) -> str:
        """What is asked of all but the columns, in words."""
        return asked_text(self.cases, self.labels, self.patients, "leave out" if self.leaves_out else "mean")


def asked_in(settings: Mapping[str, Any]) -> Asked:
    """What the settings of a source node ask; the columns that were taken before stay the columns."""
    columns = settings.get("columns") or settings.get("found_columns") or ()
    names = {name: str(settings.get(name, "")).strip() for name in ("cases", "labels", "patients")}
    return Asked(tuple(map(str, columns)), **names, leaves_out=settings.get("missing") == "leave out")


def read_table_cases(path: Path, asked: Asked) -> DataSet:
    """The rows of a table as cases whose `values` are the numbers of its columns, NaN where one is missing.

    A case is named by its column, else by its line. What is not taken, columns and rows, is told with its reason
    (`said`, `skipped`). Raises DataError for a file that is no table, a column that is not there or holds text where
    numbers are asked for, and when no row is left.
    """
    path = path.absolute()
    if path.is_dir():
        raise DataError(f"{path} is a folder; choose the table itself (a CSV, TSV or Excel file).")
    if not path.is_file():
        raise DataError(f"There is no file {path}; choose a table (CSV, TSV or Excel).")
    return _Reading(path, read_table(path), asked).dataset()


class _Reading:
    def __init__(self, path: Path, table: Table, asked: Asked) -> None:
        self.path, self.table, self.asked = path, table, asked
        self.label = self._named(asked.labels, "to learn") if asked.labels else None
        self.part = self._part()
        self.patient = self._named(asked.patients, "of patients") if asked.patients else self._found(_PATIENTS)
        self.case = self._named(asked.cases, "of cases") if asked.cases else self._found(_CASES)
        self.left: list[str] = []  # columns that are not taken, and why
        self.columns = [self._numeric(name) for name in asked.columns] or self._all_numeric()
        self.yes_and_no = {index for index in self.columns if _says_yes_and_no(self.table.column(index))}

    def dataset(self) -> DataSet:
        kind, samples, skipped = self._samples()
        names = tuple(self.table.columns[index] for index in self.columns)
        classes = tuple(sorted({sample.label for sample in samples if sample.label is not None}))
        named = {sample.patient for sample in samples} - {""}
        digest = hashlib.sha256(repr((names, sorted(samples, key=lambda sample: sample.path))).encode()).hexdigest()
        return DataSet(
            folder=str(self.path), kind="table", samples=samples, label=kind, classes=classes, channels=len(names),
            size=(), fingerprint=digest, labels=self.asked.labels, columns=names, label_files=(str(self.path),),
            asked=self.asked.words(),
            said=(self._how(), f"{counted(len(samples), 'case')}, {counted(len(named), 'patient')} named.", *self.left),
            warnings=(*self.table.warnings, *self._gaps(samples, names)), skipped=tuple(skipped),
            unit=unit_of(self.asked.labels) if kind == "number" else "",
        )  # fmt: skip

    # Columns

    def _index(self, name: str) -> int | None:
        folded = [column.casefold() for column in self.table.columns]
        return folded.index(name.casefold()) if name.casefold() in folded else None

    def _named(self, name: str, what: str = "") -> int:
        found = self._index(name)
        if found is None:
            has = ", ".join(self.table.columns)
            raise DataError(f"{self.path.name} has no column “{name}”{what and ' ' + what}; its columns are {has}.")
        return found

    def _found(self, names: Sequence[str]) -> int | None:
        return next((found for name in names if (found := self._index(name)) is not None), None)

    def _part(self) -> int | None:
        found = self._found(_PARTS)
        says = found is not None and all(map(part_of_word, self.table.column(found)))
        return found if says else None

    def _numeric(self, name: str) -> int:
        index = self._named(name)
        cells = self.table.column(index)
        for line, cell in zip(self.table.lines, () if is_yes_or_no(cells) else cells, strict=False):
            if not is_missing(cell) and number_of(cell) is None:
                raise DataError(
                    f"The column “{name}” of {self.path.name} is to be numbers, but holds “{cell[:40]}” in line {line};"
                    " write a number there (or yes and no in the whole column), or leave the column out."
                )
        return index

    def _all_numeric(self) -> list[int]:
        """The columns that hold numbers, or yes and no, and are not used otherwise; the others are told."""
        uses = {self.label: "is what is learned", self.part: "names the parts", self.patient: "names the patient"}
        uses |= {self.case: "names the case"}
        taken = []
        for index, name in enumerate(self.table.columns):
            reason = uses.get(index) or _not_taken(self.table.column(index))
            if reason:
                self.left.append(f"The column “{name}” is not taken: it {reason}.")
            else:
                taken.append(index)
        if not taken:
            raise DataError(f"{self.path.name} has no column of numbers. {' '.join(self.left)}")
        return taken

    # Rows

    def _samples(self) -> tuple[LabelKind, tuple[Sample, ...], list[Skipped]]:
        labels = [] if self.label is None else self.table.column(self.label)
        kind: LabelKind = "" if self.label is None else "number" if are_numbers(labels) else "class"
        names = [self._name(row, line) for row, line in zip(self.table.rows, self.table.lines, strict=True)]
        tally = Counter(names)
        samples, skipped = [], []
        for name, row in zip(names, self.table.rows, strict=True):
            sample = self._sample(name, row, kind)
            reason = f"stands in {tally[name]} rows of the table" if tally[name] > 1 else self._unusable(sample, kind)
            if reason:
                skipped.append(Skipped(name, reason))
            else:
                samples.append(sample)
        if not samples:
            raise DataError(f"No row of {self.path.name} can be used: {skipped[0].path} {skipped[0].reason}.")
        return kind, tuple(sorted(samples, key=lambda sample: sample.path)), list(dict.fromkeys(skipped))

    def _name(self, row: Sequence[str], line: int) -> str:
        cell = row[self.case].strip().replace("\\", "/") if self.case is not None else ""
        return cell or f"line {line}"

    def _sample(self, name: str, row: Sequence[str], kind: LabelKind) -> Sample:
        patient = row[self.patient].strip() if self.patient is not None else ""
        part: Part | None = part_of_word(row[self.part]) if self.part is not None else None
        told = row[self.label].strip() if self.label is not None else ""
        known = told and not is_missing(told)
        return Sample(
            path=name, frame=0, channels=len(self.columns), size=(), group=patient or name, patient=patient, part=part,
            label=told if known and kind == "class" else None,
            number=number_of(told) if known and kind == "number" else None,
            values=tuple(_value(row[index], index in self.yes_and_no) for index in self.columns),
        )  # fmt: skip

    def _unusable(self, sample: Sample, kind: LabelKind) -> str:
        if (kind == "class" and sample.label is None) or (kind == "number" and sample.number is None):
            return f"has nothing in the column “{self.asked.labels}”, which is to be learned"
        empty = [self.table.columns[index] for index, value in zip(self.columns, sample.values, strict=True)
                 if math.isnan(value)]  # fmt: skip
        if empty and self.asked.leaves_out:
            return f"has no number in {listed(empty)}"
        return "has a number that is too large" if any(abs(value) > _LARGEST for value in sample.values) else ""

    # What is told

    def _how(self) -> str:
        case = "its line" if self.case is None else f"the column “{self.table.columns[self.case]}”"
        told = listed([f"“{self.table.columns[index]}”" for index in sorted(self.yes_and_no)])
        numbered = f" In {told}, yes counts as 1 and no as 0." if told else ""
        return f"{self.table.name} was read as {self.table.how}; a case is named by {case}.{numbered}"

    def _gaps(self, samples: Sequence[Sample], names: Sequence[str]) -> list[str]:
        missing = [sum(math.isnan(sample.values[at]) for sample in samples) for at in range(len(names))]
        told = [f"{name} in {counted(count, 'case')}" for name, count in zip(names, missing, strict=True) if count]
        return [f"Numbers are missing: {listed(told)}; the mean of the training part stands for them."] if told else []


def _value(cell: str, yes_and_no: bool) -> float:
    """The number in a cell, 1 for yes and 0 for no in a column that says these; NaN where none stands there."""
    found = None if is_missing(cell) else yes_or_no(cell) if yes_and_no else number_of(cell)
    return math.nan if found is None else float(found)


def _no_numbers(cells: Sequence[str]) -> str:
    """Why a column holds no numbers; "" when it does."""
    told = [cell for cell in cells if not is_missing(cell)]
    if not told:
        return "is empty"
    text = next((cell for cell in told if number_of(cell) is None), "")
    return f"holds text, such as “{text[:40]}”" if text else ""


def _says_yes_and_no(cells: Sequence[str]) -> bool:
    return is_yes_or_no(cells) and bool(_no_numbers(cells))


def _not_taken(cells: Sequence[str]) -> str:
    """Why a column that was not asked for is left; a word that stands in all rows (f for female?) is no yes or no."""
    said = {yes_or_no(cell) for cell in cells if not is_missing(cell)}
    return "" if said == {True, False} else _no_numbers(cells)
