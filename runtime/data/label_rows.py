"""Labels from a table: which row belongs to which image, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from runtime.data.catalogue import DataError, Found, Part
from runtime.data.label_columns import (
    Columns,
    are_numbers,
    doubtful_numbers,
    find_columns,
    is_missing,
    is_named_like_labels,
    number_of,
    path_column,
)
from runtime.data.label_folders import part_of_word
from runtime.data.label_paths import PathIndex, listed, shared_folders
from runtime.data.label_several import Several, several_of
from runtime.data.label_table import ENDINGS, Table, read_table
from runtime.data.several_numbers import SeveralNumbers, several_numbers_of
from runtime.data.units import unit_of
from runtime.data.wording import Naming, counted, naming

_ENOUGH = 0.9  # share of the images that a table must name to be used unasked


@dataclass(frozen=True, slots=True)
class TableLabels:
    """What a table says about the images, by path."""

    kind: Literal["class", "labels", "number"]
    labels: Mapping[str, str]
    numbers: Mapping[str, float]
    patients: Mapping[str, str]
    parts: Mapping[str, Part]
    said: tuple[str, ...]
    warnings: tuple[str, ...]
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    unit: str = ""  # of the numbers, as the name of their column tells it
    several: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # several numbers, named by `classes`


def find_table(folder: Path, images: Sequence[Found]) -> Path | None:
    """The one table in the folder that clearly labels these images, or None when there is none or more than one."""
    fitting = [path for path, why in _judged(folder, images) if not why]
    return fitting[0] if len(fitting) == 1 else None


def tables_aside(folder: Path, images: Sequence[Found]) -> list[str]:
    """The tables in the folder that name some of these images and are not taken unasked, one sentence each."""
    judged = [(path.name, why) for path, why in _judged(folder, images)]
    fitting = [name for name, why in judged if not why]
    told = [(name, why or f"{listed(fitting)} fit alike") for name, why in judged if why or len(fitting) > 1]
    return [f"The table {name} is not used: {why}; --labels {name} takes it." for name, why in told]


def _judged(folder: Path, images: Sequence[Found]) -> list[tuple[Path, str]]:
    """The tables that name some of these images, and why each does not clearly label them; "" where it does."""
    index = PathIndex(folder, (item.path for item in images))
    own = {item.path for item in images}  # a signal may be such a text itself
    tables = [path for path in sorted(folder.iterdir()) if path.suffix.casefold() in ENDINGS and path.is_file()]
    tables = [path for path in tables if path.name not in own]
    judged = ((path, _why_not(path, index, len(images))) for path in tables)
    return [(path, why) for path, why in judged if why is not None]


def _why_not(path: Path, index: PathIndex, images: int) -> str | None:
    """Why a table does not clearly label the images; "" when it does, None when it names none of them."""
    try:
        table = read_table(path)
    except DataError:
        return None
    column, _ = path_column(table, index)
    if column is None:
        return None
    cells = table.column(column)
    shared = shared_folders(cells)
    named = {name for cell in set(cells) if cell for name in index.find(cell, shared)}
    if not named:
        return None
    if len(named) < _ENOUGH * images:
        return f"it names {len(named)} of {counted(images, 'image')}"
    return "" if is_named_like_labels(table, column) else "none of its columns is named like labels"


def table_labels(
    folder: Path, path: Path, column: str, images: Sequence[Found], encoding: str = ""
) -> TableLabels:
    """Reads a table and gives its rows to the images. `column` names the column of labels, `encoding` how its text is
    written ("" to find either).

    Raises DataError when no row names an image or two rows contradict each other.
    """
    table = read_table(path, encoding)
    index = PathIndex(folder, (item.path for item in images))
    where, _ = path_column(table, index)
    columns = find_columns(table, where, column)
    rows = _rows_of_images(table, columns, index, images)
    given, warnings = _assign(table, columns, rows)
    warnings += [*table.warnings, *_unmatched_rows(table, columns, rows), *_unknown_parts(table, columns)]
    patients, parts = _cells(table, columns.patient, given), _parts(table, columns, given)
    several = several_numbers_of(table, columns, given) or several_of(table, columns, given)
    if several is not None:
        return _several(table, columns, several, (patients, parts), warnings)
    numbers = are_numbers(table.column(columns.label))
    labels, values = _values(table, columns, given, numbers)
    return TableLabels(
        kind="number" if numbers else "class",
        labels=labels,
        numbers=values,
        patients=patients,
        parts=parts,
        said=_said(table, columns, _label_said(table, columns, numbers, len({*labels.values()}))),
        warnings=(*_lookalikes(table, columns, numbers), *doubtful_numbers(table, columns.label), *warnings),
        classes=tuple(sorted(set(labels.values()))),
        unit=unit_of(table.columns[columns.label]) if numbers else "",
    )


def _values(
    table: Table, columns: Columns, given: Mapping[str, int], numbers: bool
) -> tuple[dict[str, str], dict[str, float]]:
    """The class or the number of each image."""
    labels: dict[str, str] = {}
    values: dict[str, float] = {}
    for name, row in given.items():
        cell = table.rows[row][columns.label]
        value = number_of(cell)
        if numbers and value is not None and not is_missing(cell):
            values[name] = value
        elif not numbers and cell:
            labels[name] = cell
    return labels, values


def _several(
    table: Table,
    columns: Columns,
    several: Several | SeveralNumbers,
    found: tuple[Mapping[str, str], Mapping[str, Part]],
    warnings: Sequence[str],
) -> TableLabels:
    said, told = _said(table, columns, several.said), (*several.warnings, *warnings)
    if isinstance(several, SeveralNumbers):
        return TableLabels(
            "number", {}, {}, *found, said, told, classes=several.classes, unit=several.units, several=several.numbers
        )
    kind: Literal["class", "labels"] = "class" if several.single else "labels"
    return TableLabels(kind, several.single, {}, *found, said, told, sets=several.sets, classes=several.classes)


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


def _assign(table: Table, columns: Columns, rows: Sequence[tuple[str, ...]]) -> tuple[dict[str, int], list[str]]:
    """The row of each image, and a warning of repeated rows. The same image twice is fine as long as both rows say
    the same; images in rows that contradict each other are listed in the error."""
    given: dict[str, int] = {}
    clashes: list[str] = []
    again: list[str] = []
    for number, names in enumerate(rows):
        for name in names:
            first = given.setdefault(name, number)
            if _meaning(table, columns, first) != _meaning(table, columns, number):
                clashes.append(f"{name} ({_clash(table, columns, first, number)})")
            elif first != number:
                again.append(name)
    if clashes:
        told = f"{table.name} contradicts itself for {counted(len(clashes), 'image')}"
        way = "Keep one line for each image."
        raise DataError(Naming(f"{told}: {listed(clashes)}. {way}", f"{told}. {way}"))
    if not again:
        return given, []
    told = "1 image" if len(set(again)) == 1 else f"{len(set(again))} images"
    return given, [
        f"{table.name} names {told} more than once, each time with the same label: {listed(sorted(set(again)))}."
    ]


def _clash(table: Table, columns: Columns, first: int, second: int) -> str:
    """The two lines, and what they say where they differ."""
    one, other = _meaning(table, columns, first), _meaning(table, columns, second)
    a, b = next((a, b) for a, b in zip(one, other, strict=True) if a != b)
    return f"lines {table.lines[first]} and {table.lines[second]}: '{a}' and '{b}'"


def _meaning(table: Table, columns: Columns, row: int) -> tuple[str, ...]:
    cells = table.rows[row]
    used = (*(columns.several or (columns.label,)), columns.patient, columns.part)
    return tuple(cells[index] for index in used if index is not None)


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
    name = "name" if len(names) > 1 else "names"
    told = f"{counted(len(names), 'row')} of {table.name} {name} no image of the folder"
    return [naming(told, listed(names))] if names else []


def _unknown_parts(table: Table, columns: Columns) -> list[str]:
    if columns.part is None:
        return []
    odd = [cell for cell in table.column(columns.part) if part_of_word(cell) is None]
    if not odd:
        return []
    words = listed(sorted({cell or "(empty)" for cell in odd}))
    told = f"{len(odd)} rows of {table.name} name no part of the data in column {table.columns[columns.part]}"
    understood = "train, validation and test are understood."
    return [Naming(f"{told}: {words}; {understood}", f"{told}; {understood}")]


def _label_said(table: Table, columns: Columns, numbers: bool, classes: int) -> str:
    what = "a number" if numbers else f"{classes} classes"
    return f"Labels are taken from column '{table.columns[columns.label]}' of {table.name}: {what}."


def _said(table: Table, columns: Columns, labels: str) -> tuple[str, ...]:
    said = [labels]
    if table.guessed:
        said.append(
            f"The text of {table.name} is read as {table.how.partition(', ')[0]}; if letters look wrong, name its "
            "encoding (--encoding)."
        )
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
