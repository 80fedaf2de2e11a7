"""Which column of a table is which: paths, labels, patient, part of the data. Found by content first, then by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from runtime.data.catalogue import DataError
from runtime.data.label_folders import part_of_word
from runtime.data.label_paths import PathIndex, shared_folders
from runtime.data.label_table import Table

LABEL_NAMES = ("label", "labels", "class", "target", "diagnosis")
_PATIENT_NAMES = ("patient", "patient_id", "patientid", "patient id", "subject", "subject_id", "case_id")
_PART_NAMES = ("split", "part", "subset", "fold", "set", "partition", "dataset")
_PATH_NAMES = ("path", "file", "filename", "file_name", "image", "image_path", "filepath", "name")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}((\.\d{3})+,|(,\d{3})+\.)\d+")  # 1.234,5 and 1,234.5
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "?"})
MOST_INTEGER_CLASSES = 20
_YES_NO = {
    **dict.fromkeys(("1", "1.0", "1,0", "yes", "y", "true", "t", "positive", "pos", "present", "x", "ja", "oui"), True),
    **dict.fromkeys(("0", "0.0", "0,0", "no", "n", "false", "f", "negative", "neg", "absent", "nein", "non"), False),
}
_JOINTS = ("|", ";", "+", ",")  # between several labels in one cell, the surest first


@dataclass(frozen=True, slots=True)
class Columns:
    """Indexes of the columns that are used; None where the table has no such column."""

    path: int | None
    patient: int | None
    part: int | None
    label: int
    others: tuple[str, ...]  # names of the columns that are not used
    several: tuple[int, ...] = ()  # columns of yes and no for several labels, or of numbers; `label` is the first


def number_of(cell: str) -> float | None:
    """The number in a cell, with decimal point or decimal comma; None when the cell holds none."""
    text = cell.strip()
    if _THOUSANDS.fullmatch(text):
        text = text.replace(text[max(text.rfind("."), text.rfind(","))], "#")
        return float(text.replace(".", "").replace(",", "").replace("#", "."))
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def is_missing(cell: str) -> bool:
    """Whether a cell among numbers says that there is no value."""
    return cell.strip().casefold() in _MISSING


def are_numbers(cells: Sequence[str]) -> bool:
    """Whether labels are a number to predict rather than a class: numbers only, with many different values."""
    texts = [cell.strip() for cell in cells if not is_missing(cell)]
    if not texts or any(re.fullmatch(r"0\d+", text) for text in texts):
        return False
    numbers = [number_of(text) for text in texts]
    values = {number for number in numbers if number is not None}
    if None in numbers:
        return False
    if any(value != int(value) for value in values):
        return len(values) > 2
    return len(values) > MOST_INTEGER_CLASSES or (len(values) > 10 and len(values) * 2 > len(texts))


def path_column(table: Table, index: PathIndex) -> tuple[int | None, int]:
    """The column whose cells name the most different images or folders, and how many rows of it name one."""
    best: tuple[int, bool, int] | None = None
    for number, name in enumerate(table.columns):
        cells = table.column(number)
        shared = shared_folders(cells)
        named = {cell for cell in set(cells) if cell and index.find(cell, shared)}
        score = (len(named), name.casefold() in _PATH_NAMES, -number)
        if named and (best is None or score > best):
            best = score
    if best is None:
        return None, 0
    number = -best[2]
    cells = table.column(number)
    shared = shared_folders(cells)
    return number, sum(bool(cell and index.find(cell, shared)) for cell in cells)


def find_columns(table: Table, path: int | None, wanted: str = "") -> Columns:
    """The columns of a table whose path column is known. `wanted` names the column of labels, "" to find it.

    Raises DataError when no column is left for the labels, or the one named does not exist.
    """
    taken = {path}
    patient = _named(table, _PATIENT_NAMES, taken)
    taken.add(patient)
    part = _part_column(table, taken)
    taken.add(part)
    several = _several(table, taken, wanted)
    label = several[0] if several else _wanted(table, wanted) if wanted else _label_column(table, taken)
    used = {*taken, label, *several}
    others = tuple(name for number, name in enumerate(table.columns) if number not in used)
    return Columns(
        path, patient if patient not in (label, *several) else None, part if part not in (label, *several) else None,
        label, others, several,
    )  # fmt: skip


def _several(table: Table, taken: set[int | None], wanted: str) -> tuple[int, ...]:
    """Two or more columns: those that are named (A,B,C), of yes and no or of numbers; else all of yes and no where they
    are most of what is left and no column is named like labels; else, in a table named like labels, all that is left
    where that is numbers."""
    folded = [name.casefold() for name in table.columns]
    if wanted:
        if "," not in wanted or wanted.casefold() in folded:
            return ()
        return tuple(_wanted(table, name.strip()) for name in wanted.split(",") if name.strip())
    if _named(table, LABEL_NAMES, taken) is not None:
        return ()
    left = [number for number in range(len(table.columns)) if number not in taken and table.columns[number]]
    found = tuple(number for number in left if is_yes_or_no(table.column(number)))
    if len(found) > 1 and len(found) * 2 > len(left):
        return found
    numbers = [number for number in left if are_numbers(table.column(number))]
    named = table.name.casefold().startswith("label")
    return tuple(left) if named and len(left) > 1 and numbers == left else ()


def is_yes_or_no(cells: Sequence[str]) -> bool:
    """Whether a column says nothing but yes and no; gaps are allowed."""
    words = {cell.casefold() for cell in cells if not is_missing(cell)}
    return bool(words) and all(yes_or_no(word) is not None for word in words)


def yes_or_no(cell: str) -> bool | None:
    """What a cell says; None when it says neither yes nor no."""
    return _YES_NO.get(cell.strip().casefold())


def doubtful_numbers(table: Table, column: int) -> list[str]:
    """Warnings of a column that is nearly one of numbers, or whose numbers may be meant otherwise."""
    cells = [cell for cell in table.column(column) if not is_missing(cell)]
    words = sorted({cell for cell in cells if number_of(cell) is None})
    different = {number_of(cell) for cell in cells} - {None}
    name = f"Column '{table.columns[column]}' of {table.name}"
    if words and len(different) > 2 * len(words):
        return [f"{name} holds numbers, but also {', '.join(words[:5])}: it is taken for classes; mend these cells."]
    commas = [cell for cell in cells if "," in cell and "." not in cell]
    points = [cell for cell in cells if "." in cell and "," not in cell]
    if words or not commas or not points:
        return []
    return [f"{name} mixes decimal points and commas: {commas[0]} is read as {number_of(commas[0]):g}."]


def _wanted(table: Table, wanted: str) -> int:
    folded = [name.casefold() for name in table.columns]
    if wanted.casefold() not in folded:
        raise DataError(f"{table.name} has no column '{wanted}': its columns are {', '.join(table.columns)}.")
    return folded.index(wanted.casefold())


def _named(table: Table, names: Sequence[str], taken: set[int | None]) -> int | None:
    folded = [name.casefold() for name in table.columns]
    for name in names:
        if name in folded and folded.index(name) not in taken:
            return folded.index(name)
    return None


def _part_column(table: Table, taken: set[int | None]) -> int | None:
    """A column named `split` or so whose cells name parts; a column of fold numbers is none."""
    for name in _PART_NAMES:
        number = _named(table, (name,), taken)
        if number is None:
            continue
        cells = [cell for cell in table.column(number) if cell]
        if cells and sum(part_of_word(cell) is not None for cell in cells) * 2 > len(cells):
            return number
    return None


def _label_column(table: Table, taken: set[int | None]) -> int:
    named = _named(table, LABEL_NAMES, taken)
    if named is not None:
        return named
    left = [number for number in range(len(table.columns)) if number not in taken and table.columns[number]]
    left = left or [number for number in range(len(table.columns)) if number not in taken]
    if not left:
        raise DataError(
            f"{table.name} has no column of labels: its columns are {', '.join(table.columns)}. Add one, named label."
        )
    return next((number for number in left if _looks_like_labels(table.column(number))), left[0])


def _looks_like_labels(cells: Sequence[str]) -> bool:
    different = {cell for cell in cells if cell}
    return len(different) >= 2 and (are_numbers(cells) or len(different) * 2 <= len(cells))


def is_named_like_labels(table: Table, path: int | None) -> bool:
    """Whether a table clearly is one of labels: a column named label, or a file labels.csv with one column left."""
    if _named(table, LABEL_NAMES, {path}) is not None:
        return True
    taken = {path, _named(table, _PATIENT_NAMES, {path}), _part_column(table, {path})}
    if table.name.casefold().startswith("label") and _several(table, taken, ""):
        return True
    left = [name for number, name in enumerate(table.columns) if number not in taken and name]
    return table.name.casefold().startswith("label") and len(left) == 1


def joint_of(cells: Sequence[str]) -> str:
    """The sign between several labels in one cell, such as | in "Mass|Effusion"; "" when cells hold one label each.

    A sign counts when every label that it cuts out stands alone in another cell, or comes back in another combination.
    """
    for sign in _JOINTS:
        different = {cell for cell in cells if cell}
        joined = {cell for cell in different if sign in cell}
        if not joined or are_numbers(cells):
            continue
        pieces = [piece for cell in different for piece in pieces_of(cell, sign)]
        tally = {piece: pieces.count(piece) for piece in pieces}
        again = sum(tally[piece] > 1 for cell in joined for piece in pieces_of(cell, sign))
        if again * 2 > sum(len(pieces_of(cell, sign)) for cell in joined):
            return sign
    return ""


def pieces_of(cell: str, sign: str) -> tuple[str, ...]:
    """The labels in one cell, each once, sorted."""
    return tuple(sorted({piece.strip() for piece in cell.split(sign) if piece.strip()}))
