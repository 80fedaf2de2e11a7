"""Labels from a table: which row belongs to which image, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from runtime.data.catalogue import DataError, Found, Part
from runtime.data.label_columns import (
    Columns,
    are_numbers,
    find_columns,
    is_missing,
    is_named_like_labels,
    number_of,
    path_column,
)
from runtime.data.label_folders import part_of_word
from runtime.data.label_paths import PathIndex, shared_folders
from runtime.data.label_table import Table, read_table

SHOWN = 20  # names listed in a message; the number of the others is said
_ENOUGH = 0.9  # share of the images that a table must name to be used unasked


@dataclass(frozen=True, slots=True)
class TableLabels:
    """What a table says about the images, by path."""

    kind: Literal["class", "number"]
    labels: Mapping[str, str]
    numbers: Mapping[str, float]
    patients: Mapping[str, str]
    parts: Mapping[str, Part]
    said: tuple[str, ...]
    warnings: tuple[str, ...]


def listed(names: Sequence[str]) -> str:
    """The first names of a list, and how many more there are."""
    text = ", ".join(names[:SHOWN])
    return f"{text} and {len(names) - SHOWN} more" if len(names) > SHOWN else text


def find_table(folder: Path, images: Sequence[Found]) -> Path | None:
    """The one table in the folder that clearly labels these images, or None when there is none or more than one."""
    index = PathIndex(folder, (item.path for item in images))
    fitting = [path for path in sorted(folder.iterdir()) if _fits(path, index, len(images))]
    return fitting[0] if len(fitting) == 1 else None


def _fits(path: Path, index: PathIndex, images: int) -> bool:
    if path.suffix.casefold() not in {".csv", ".tsv"} or not path.is_file():
        return False
    try:
        table = read_table(path)
    except DataError:
        return False
    column, _ = path_column(table, index)
    if column is None or not is_named_like_labels(table, column):
        return False
    cells = table.column(column)
    shared = shared_folders(cells)
    named = {name for cell in set(cells) if cell for name in index.find(cell, shared)}
    return len(named) >= _ENOUGH * images


def table_labels(folder: Path, path: Path, column: str, images: Sequence[Found]) -> TableLabels:
    """Reads a table and gives its rows to the images. `column` names the column of labels ("" to find it).

    Raises DataError when no row names an image or two rows contradict each other.
    """
    table = read_table(path)
    index = PathIndex(folder, (item.path for item in images))
    where, _ = path_column(table, index)
    columns = find_columns(table, where, column)
    rows = _rows_of_images(table, columns, index, images)
    given = _assign(table, columns, rows)
    numbers = are_numbers(table.column(columns.label))
    warnings = [
        *_lookalikes(table, columns, numbers),
        *table.warnings,
        *_unmatched_rows(table, columns, rows),
        *_unknown_parts(table, columns),
    ]
    labels: dict[str, str] = {}
    values: dict[str, float] = {}
    for name, row in given.items():
        cell = table.rows[row][columns.label]
        value = number_of(cell)
        if numbers and value is not None and not is_missing(cell):
            values[name] = value
        elif not numbers and cell:
            labels[name] = cell
    return TableLabels(
        kind="number" if numbers else "class",
        labels=labels,
        numbers=values,
        patients=_cells(table, columns.patient, given),
        parts=_parts(table, columns, given),
        said=_said(table, columns, numbers, len({*labels.values()})),
        warnings=tuple(warnings),
    )


def _rows_of_images(table: Table, columns: Columns, index: PathIndex, images: Sequence[Found]) -> list[tuple[str, ...]]:
    """For each row the images it names: by path, or by patient when the table has no paths."""
    if columns.path is not None:
        cells = table.column(columns.path)
        shared = shared_folders(cells)
        return [index.find(cell, shared) if cell else () for cell in cells]
    by_patient: dict[str, list[str]] = {}
    for item in images:
        if item.patient:
            by_patient.setdefault(item.patient, []).append(item.path)
    if columns.patient is not None:
        rows = [tuple(by_patient.get(cell, ())) for cell in table.column(columns.patient)]
        if any(rows):
            return rows
    raise DataError(
        f"No row of {table.name} names an image of the folder: its first row is {', '.join(table.rows[0])}, an image "
        f"is {images[0].path}. The table needs a column with the path or the name of each image."
    )


def _assign(table: Table, columns: Columns, rows: Sequence[tuple[str, ...]]) -> dict[str, int]:
    """The row of each image. The same image twice is fine as long as both rows say the same."""
    given: dict[str, int] = {}
    clashes: list[str] = []
    for number, names in enumerate(rows):
        for name in names:
            first = given.setdefault(name, number)
            if _meaning(table, columns, first) != _meaning(table, columns, number):
                clashes.append(f"{name} (lines {table.lines[first]} and {table.lines[number]})")
    if clashes:
        raise DataError(
            f"{table.name} contradicts itself for {len(clashes)} images: {listed(clashes)}. Keep one line for each "
            "image."
        )
    return given


def _meaning(table: Table, columns: Columns, row: int) -> tuple[str, ...]:
    cells = table.rows[row]
    return tuple(cells[index] for index in (columns.label, columns.patient, columns.part) if index is not None)


def _cells(table: Table, column: int | None, given: Mapping[str, int]) -> dict[str, str]:
    if column is None:
        return {}
    return {name: table.rows[row][column] for name, row in given.items() if table.rows[row][column]}


def _parts(table: Table, columns: Columns, given: Mapping[str, int]) -> dict[str, Part]:
    cells = _cells(table, columns.part, given)
    return {name: part for name, cell in cells.items() if (part := part_of_word(cell)) is not None}


def _lookalikes(table: Table, columns: Columns, numbers: bool) -> list[str]:
    """Classes that differ only in upper and lower case: most likely one class, written in two ways."""
    folded: dict[str, set[str]] = {}
    for cell in table.column(columns.label):
        folded.setdefault(cell.casefold(), set()).add(cell)
    alike = [" and ".join(sorted(words)) for words in folded.values() if len(words) > 1]
    if numbers or not alike:
        return []
    return [f"{table.name} has classes that differ only in upper and lower case: {listed(sorted(alike))}."]


def _unmatched_rows(table: Table, columns: Columns, rows: Sequence[tuple[str, ...]]) -> list[str]:
    column = columns.path if columns.path is not None else columns.patient
    names = [
        cells[column or 0] or f"line {line}"
        for cells, line, named in zip(table.rows, table.lines, rows, strict=True)
        if not named
    ]
    return [f"{len(names)} rows of {table.name} name no image of the folder: {listed(names)}."] if names else []


def _unknown_parts(table: Table, columns: Columns) -> list[str]:
    if columns.part is None:
        return []
    odd = [cell for cell in table.column(columns.part) if part_of_word(cell) is None]
    if not odd:
        return []
    words = listed(sorted({cell or "(empty)" for cell in odd}))
    return [
        f"{len(odd)} rows of {table.name} name no part of the data in column {table.columns[columns.part]}: {words}; "
        "train, validation and test are understood."
    ]


def _said(table: Table, columns: Columns, numbers: bool, classes: int) -> tuple[str, ...]:
    what = "a number" if numbers else f"{classes} classes"
    said = [f"Labels are taken from column '{table.columns[columns.label]}' of {table.name}: {what}."]
    if columns.path is not None:
        said.append(f"Images are named by column '{table.columns[columns.path]}'.")
    else:
        said.append(f"Images are found by the patient in column '{table.columns[columns.patient or 0]}'.")
    if columns.patient is not None and columns.path is not None:
        said.append(f"Patients are named by column '{table.columns[columns.patient]}'.")
    if columns.part is not None:
        said.append(f"Parts of the data are named by column '{table.columns[columns.part]}'.")
    if columns.others:
        said.append(f"Columns that are not used: {listed(columns.others)}.")
    return tuple(said)
