"""Data sets of Neural Network Console: a CSV whose header names inputs (x:image) and answers (y:label)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runtime.data.catalogue import DataError, Found, LabelKind, Part, Skipped
from runtime.data.label_columns import number_of
from runtime.data.label_folders import part_of_word
from runtime.data.label_paths import listed
from runtime.data.label_records import Labelling, no_label_of
from runtime.data.label_table import Table, read_table
from runtime.data.wording import counted, naming

_COLUMN = re.compile(r"(?P<name>[A-Za-z]\w*?)(?:__(?P<index>\d+))?(?::(?P<says>.*))?")
_MOST_HEADS = 200  # tables looked at


@dataclass(frozen=True, slots=True)
class _Index:
    """One such table: its path, the column of images, those of answers by name, and its part."""

    path: str
    table: Table
    image: int
    answers: Mapping[str, tuple[int, ...]]
    part: Part | None


@dataclass
class _Rows:
    """The rows of all tables by image."""

    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    lines: dict[str, str] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    clashes: list[str] = field(default_factory=list)


def index_tables(folder: Path, names: Sequence[str], images: Sequence[Found]) -> list[str]:
    """The tables among these files (paths below the folder) that are such data sets and name an image."""
    known = {item.path for item in images}
    return [name for name in sorted(names)[:_MOST_HEADS] if _is_index(folder, name, known)]


def _is_index(folder: Path, name: str, known: set[str]) -> bool:
    try:
        with (folder / name).open("rb") as file:
            head = file.readline(4096).decode("utf-8-sig", "replace")
    except OSError:
        return False
    if not re.match(r"\s*\"?[A-Za-z]\w*?(__\d+)?:", head) and not re.match(r"\s*\"?x(__\d+)?\s*[,;\t]", head):
        return False
    try:
        found = _read(folder, name)
    except DataError:
        return False
    cells = found.table.column(found.image)
    return any(_placed(folder, name, cell) in known for cell in cells[:50])


def index_labels(folder: Path, names: Sequence[str], images: Sequence[Found], chosen: str) -> Labelling:
    """The labels of the images that the tables name; paths count from the folder of the table.

    Whole numbers are classes, other numbers a number to predict, several columns y__0, y__1 ... of 0 and 1 several
    labels (or a class, with one 1 in each row), paths of images masks. Tables named train, validation or test name the
    parts. Raises DataError for answers of other kinds and for images with two answers.
    """
    tables = [_read(folder, name) for name in names]
    wanted = {tuple(table.answers) for table in tables}
    if len(wanted) > 1:
        raise DataError(f"{listed(names)} have different answers: {listed([', '.join(one) for one in wanted])}.")
    rows = _Rows()
    known = {item.path for item in images}
    for table in tables:
        _collect(folder, table, known, rows)
    if rows.clashes:
        raise DataError(
            f"{listed(names)} give {counted(len(rows.clashes), 'image')} two answers: {listed(rows.clashes)}."
        )
    return _labelling(folder, tables, images, rows, chosen)


def _read(folder: Path, name: str) -> _Index:
    table = read_table(folder / name)
    columns: dict[str, list[int]] = {}
    for number, title in enumerate(table.columns):
        match = _COLUMN.fullmatch(title.strip().lstrip("#").strip())
        if match:
            columns.setdefault(match["name"], []).append(number)
    image = next((places[0] for title, places in columns.items() if title.startswith("x")), None)
    answers = {title: tuple(places) for title, places in columns.items() if title.startswith("y")}
    if image is None or not answers:
        raise DataError(f"{name} has no column x and y.")
    words = re.split(r"[\W_]+", Path(name).name)
    part = next((found for word in words if (found := part_of_word(word)) is not None), None)
    return _Index(name, table, image, answers, part)


def _placed(folder: Path, table: str, cell: str) -> str:
    """The path below the folder of a file that a cell names, from the folder of its table."""
    parts: list[str] = table.split("/")[:-1]
    for step in cell.strip().replace("\\", "/").split("/"):
        if step == "..":
            if not parts:
                return ""
            parts.pop()
        elif step not in ("", "."):
            parts.append(step)
    return "/".join(parts)


def _collect(folder: Path, index: _Index, known: set[str], rows: _Rows) -> None:
    columns = next(iter(index.answers.values()))
    for cells, line in zip(index.table.rows, index.table.lines, strict=True):
        path = _placed(folder, index.path, cells[index.image])
        if path not in known:
            rows.missing.append(cells[index.image] or f"{index.path} line {line}")
            continue
        answer = tuple(cells[number] for number in columns)
        place = f"{index.path} line {line}"
        if rows.answers.setdefault(path, answer) != answer or rows.parts.get(path, index.part) != index.part:
            rows.clashes.append(f"{path} ({rows.lines[path]} and {place})")
        rows.lines.setdefault(path, place)
        if index.part is not None:
            rows.parts[path] = index.part


def _labelling(folder: Path, tables: Sequence[_Index], images: Sequence[Found], rows: _Rows, chosen: str) -> Labelling:
    names = [table.path for table in tables]
    answer, columns = next(iter(tables[0].answers.items()))
    titles = tuple(tables[0].table.columns[number] for number in columns)
    masks = _masks(folder, tables[0].path, rows, images)
    kind, classes = ("mask", ()) if masks else _kind(answer, titles, rows)
    files = set(masks.values())
    kept = [item for item in images if item.path in rows.answers and item.path not in files]
    left = sorted(item.path for item in images if item.path not in rows.answers and item.path not in files)
    what = {
        "class": f"{len(classes)} classes",
        "labels": f"{len(classes)} labels",
        "number": "a number",
        "mask": "masks",
    }
    values = {path: rows.answers[path] for path in (item.path for item in kept)}
    return Labelling(
        kind=kind,
        images=kept,
        labels={path: _class(cells, classes) for path, cells in values.items()} if kind == "class" else {},
        sets={path: _set(cells, classes) for path, cells in values.items()} if kind == "labels" else {},
        numbers={path: number_of(cells[0]) or 0.0 for path, cells in values.items()} if kind == "number" else {},
        masks={path: mask for path, mask in masks.items() if path in values},
        parts=rows.parts,
        classes=classes,
        chosen=chosen,
        said=(f"Labels are taken from {listed(names)} (a data set of Neural Network Console): {what[kind]}.",),
        warnings=tuple(_warnings(names, list(tables[0].answers), rows, left)),
        skipped=tuple(Skipped(path, f"has no row in {listed(names)}") for path in left),
        files=tuple(names),
    )


def _warnings(names: Sequence[str], answers: Sequence[str], rows: _Rows, left: Sequence[str]) -> list[str]:
    """Rows without an image, images without a row, and answers that are not learned because the first one is."""
    warnings: list[str] = []
    if rows.missing:
        told = f"{counted(len(rows.missing), 'row')} of {listed(names)} name no image"
        warnings.append(naming(told, listed(rows.missing)))
    if left:
        warnings.append(no_label_of(left, listed(names), "row"))
    if len(answers) > 1:
        others = listed(answers[1:])
        warnings.append(f"{listed(names)} have several answers; {answers[0]} is learned, and not {others}.")
    return warnings


def _masks(folder: Path, table: str, rows: _Rows, images: Sequence[Found]) -> dict[str, str]:
    """The image that each answer names, where all answers do."""
    known = {item.path for item in images}
    found = {path: _placed(folder, table, cells[0]) for path, cells in rows.answers.items()}
    return found if found and all(mask in known for mask in found.values()) else {}


def _kind(answer: str, titles: Sequence[str], rows: _Rows) -> tuple[LabelKind, tuple[str, ...]]:
    numbers = {path: [number_of(cell) for cell in cells] for path, cells in rows.answers.items()}
    odd = sorted(path for path, found in numbers.items() if None in found)
    if odd:
        raise DataError(
            f"The answers in column {answer} of {counted(len(odd), 'image')} are no numbers: {listed(odd)} "
            f"('{rows.answers[odd[0]][0]}'). Numbers, and paths of mask images, can be learned."
        )
    flat = {value for found in numbers.values() for value in found if value is not None}
    if len(titles) > 1:
        if not flat <= {0.0, 1.0}:
            raise DataError(
                f"{answer} has {len(titles)} numbers for each image, which are not 0 and 1: one number, or columns of "
                f"0 and 1, can be learned. Name one column as labels ({titles[0]})."
            )
        single = all(found.count(1.0) == 1 for found in numbers.values())
        return ("class" if single else "labels"), tuple(titles)
    if all(value == int(value) for value in flat):
        return "class", tuple(str(int(value)) for value in sorted(flat))
    return "number", ()


def _class(cells: Sequence[str], classes: Sequence[str]) -> str:
    if len(cells) > 1:
        return classes[[number_of(cell) for cell in cells].index(1.0)]
    return str(int(number_of(cells[0]) or 0))


def _set(cells: Sequence[str], classes: Sequence[str]) -> tuple[str, ...]:
    return tuple(name for name, cell in zip(classes, cells, strict=True) if number_of(cell) == 1.0)
