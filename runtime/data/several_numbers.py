"""Several numbers for each image, from columns of a table that are named together (FILE.csv:age,weight). No torch."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runtime.data.catalogue import DataError, DataSet
from runtime.data.label_columns import Columns, is_missing, is_yes_or_no, number_of
from runtime.data.label_paths import listed
from runtime.data.label_table import Table
from runtime.data.units import unit_of


@dataclass(frozen=True, slots=True)
class SeveralNumbers:
    """What the rows that belong to images say: all numbers of each image, in the order of their names."""

    classes: tuple[str, ...]  # their names
    numbers: Mapping[str, tuple[float, ...]]  # by path
    units: str  # one for each, separated by commas; "" where no name tells one
    said: str
    warnings: tuple[str, ...]


def several_numbers_of(table: Table, columns: Columns, given: Mapping[str, int]) -> SeveralNumbers | None:
    """The numbers in the columns that are named together; None where they all say yes and no, or hold words.

    An image without a value in one of them is left out, and told. Raises DataError for a column without any number
    among others that have them.
    """
    cells = {number: table.column(number) for number in columns.several}
    if not cells or all(map(is_yes_or_no, cells.values())) or not any(map(_holds_numbers, cells.values())):
        return None
    _refuse_words(table, cells)
    names = tuple(table.columns[number] for number in columns.several)
    numbers: dict[str, tuple[float, ...]] = {}
    gaps: list[str] = []
    for path, row in given.items():
        found = [_value(table.rows[row][number]) for number in columns.several]
        known = tuple(value for value in found if value is not None)
        if len(known) == len(found):
            numbers[path] = known
        else:
            gaps.append(path)
    units = [unit_of(name) for name in names]
    return SeveralNumbers(
        names, numbers, ", ".join(units) if any(units) else "",
        f"{len(names)} numbers are learned together, the columns {listed(names)} of {table.name}.",
        (_told_gaps(table, gaps),) if gaps else (),
    )  # fmt: skip


def spreads_of(dataset: DataSet) -> tuple[float, ...]:
    """The standard deviation of each of several numbers over all samples; () for one number and other labels."""
    if dataset.label != "number" or not dataset.classes:
        return ()
    columns = zip(*(sample.numbers for sample in dataset.samples), strict=True)
    return tuple(float(f"{statistics.pstdev(column):.6g}") for column in columns)


def spoken(numbers: Sequence[float]) -> str:
    """Several numbers as one text, “54; 71.5”."""
    return "; ".join(f"{number:.6g}" for number in numbers)


def numbers_in(text: str, count: int) -> tuple[float, ...] | None:
    """The numbers in such a text; None where it does not hold so many."""
    found = [number_of(piece) for piece in text.split(";")]
    known = tuple(number for number in found if number is not None)
    return known if len(known) == len(found) == count else None


def _holds_numbers(cells: Sequence[str]) -> bool:
    """Whether a column holds numbers that are no findings: tables of findings write -1 for uncertain beside 1 and 0."""
    numbers = [number_of(cell) for cell in cells if not is_missing(cell)]
    return bool(numbers) and None not in numbers and not set(numbers) <= {-1, 0, 1}


def _value(cell: str) -> float | None:
    return None if is_missing(cell) else number_of(cell)


def _refuse_words(table: Table, cells: Mapping[int, Sequence[str]]) -> None:
    for number, column in cells.items():
        known = [cell for cell in column if not is_missing(cell)]
        odd = sorted({cell for cell in known if number_of(cell) is None})
        if odd or not known:
            holds = f"holds {listed(odd)}" if odd else "is empty"
            raise DataError(
                f"Column '{table.columns[number]}' of {table.name} {holds}, but the columns named with it hold "
                "numbers: several numbers are learned from columns of numbers alone; name others, or mend these cells."
            )


def _told_gaps(table: Table, gaps: Sequence[str]) -> str:
    have, are = ("1 image lacks", "is") if len(gaps) == 1 else (f"{len(gaps)} images lack", "are")
    return f"{have} one of the numbers in {table.name} and {are} left out: {listed(gaps)}."
