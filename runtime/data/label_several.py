"""Several labels for each image from a table: columns of yes and no, or a list in one cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.data.catalogue import DataError
from runtime.data.label_columns import Columns, is_missing, joint_of, pieces_of, yes_or_no
from runtime.data.label_paths import listed
from runtime.data.label_table import Table
from runtime.data.wording import counted


@dataclass(frozen=True, slots=True)
class Several:
    """What the rows that belong to images say: the labels of each image, or its one class where all rows name one."""

    classes: tuple[str, ...]
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # path -> its labels, in order of `classes`
    single: Mapping[str, str] = field(default_factory=dict)  # path -> its class
    said: str = ""
    warnings: tuple[str, ...] = ()


def several_of(table: Table, columns: Columns, given: Mapping[str, int]) -> Several | None:
    """Several labels, where the table has them: None when it has one label for each image.

    Columns of yes and no with exactly one yes in every row are classes. Raises DataError when a column that the user
    names says something else than yes or no.
    """
    if columns.several:
        return _by_columns(table, columns, given)
    sign = joint_of(table.column(columns.label))
    return _by_cells(table, columns, given, sign) if sign else None


def _by_columns(table: Table, columns: Columns, given: Mapping[str, int]) -> Several:
    names = tuple(table.columns[number] for number in columns.several)
    for number in columns.several:
        _refuse_other_words(table, number)
    sets: dict[str, tuple[str, ...]] = {}
    gaps: list[str] = []
    for path, row in given.items():
        said = [yes_or_no(table.rows[row][number]) for number in columns.several]
        if None in said:
            gaps.append(path)
            continue
        sets[path] = tuple(name for name, yes in zip(names, said, strict=True) if yes)
    warnings: tuple[str, ...] = ()
    if gaps:
        count = "1 image has" if len(gaps) == 1 else f"{len(gaps)} images have"
        warnings = (f"{count} an empty cell among the labels in {table.name}: {listed(gaps)}.",)
    shown = f"columns {listed(names)} of {table.name}"
    if sets and all(len(found) == 1 for found in sets.values()):
        single = {path: found[0] for path, found in sets.items()}
        return Several(
            names, single=single, said=f"Classes are the {shown}: one yes for each image.", warnings=warnings
        )
    said_of = f"Labels are the {shown}: {counted(len(names), 'label')}, each yes or no for each image."
    return Several(names, sets, said=said_of, warnings=warnings)


def _refuse_other_words(table: Table, number: int) -> None:
    odd = sorted({cell for cell in table.column(number) if not is_missing(cell) and yes_or_no(cell) is None})
    if odd:
        raise DataError(
            f"Column '{table.columns[number]}' of {table.name} says {listed(odd)}, which is neither yes nor no: "
            "several labels need columns of 1 and 0 (or yes and no), several numbers columns of numbers; leave a cell "
            "empty where it is not known."
        )


def _by_cells(table: Table, columns: Columns, given: Mapping[str, int], sign: str) -> Several:
    cells = {path: table.rows[row][columns.label] for path, row in given.items()}
    sets = {path: pieces_of(cell, sign) for path, cell in cells.items() if cell}
    classes = tuple(sorted({name for names in sets.values() for name in names}))
    said = (
        f"Labels are taken from column '{table.columns[columns.label]}' of {table.name}: "
        f"{counted(len(classes), 'label')}, of which an image may have several "
        f"(cells such as '{_example(cells.values(), sign)}')."
    )
    return Several(classes, sets, said=said)


def _example(cells: object, sign: str) -> str:
    return next(cell for cell in cells if sign in cell)  # type: ignore[attr-defined,no-any-return]
