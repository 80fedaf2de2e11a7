"""Reading a table of labels (CSV, TSV, Excel) as text: nothing is turned into a number here, so 007 and NA survive."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from runtime.data.catalogue import DataError
from runtime.data.label_encodings import decoded
from runtime.data.label_workbook import is_workbook, read_sheet
from runtime.data.wording import counted

ENDINGS = frozenset({".csv", ".tsv", ".tab", ".xlsx", ".xlsm"})
"""File names of tables that are looked at without being asked for."""

_SEPARATORS = (",", ";", "\t", "|")
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_LOOK = 50  # rows looked at to find the separator


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: one name per column, every row as long as the header."""

    name: str  # the file's name, for messages
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # the line of each row in the file, from 1
    warnings: tuple[str, ...] = ()
    how: str = ""  # how it was read: "Windows-1252, separated by semicolon", or the sheet of a workbook
    guessed: bool = False  # whether another encoding would fit its bytes too

    def column(self, index: int) -> list[str]:
        """The cells of one column."""
        return [row[index] for row in self.rows]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a table as they were read, for a look before it is used."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int  # rows in all
    how: str
    warnings: tuple[str, ...] = ()


def preview(path: Path, most: int = 10, encoding: str = "") -> Preview:
    """The first `most` rows of a table as read. Raises DataError as read_table does."""
    table = read_table(path, encoding)
    return Preview(table.columns, table.rows[:most], len(table.rows), table.how, table.warnings)


def read_table(path: Path, encoding: str = "") -> Table:
    """Reads a CSV, TSV or Excel file (.xlsx: the first sheet with rows).

    Text may be UTF-8 (with or without BOM), UTF-16, UTF-32, of Windows, DOS or Mac in Western, Cyrillic or Greek
    letters, KOI8-R, Korean, Shift-JIS, GB 18030 or Latin 1, separated by comma, semicolon, tab or vertical bar;
    `encoding` names the one to read it in, "" to find it. Raises DataError when the file cannot be read, or holds fewer
    than two rows or columns.
    """
    raw = _bytes(path)
    if is_workbook(raw):
        rows, how, warnings = read_sheet(path.name, raw)
        return replace(_table(path.name, rows), how=how, warnings=warnings)
    text, title = decoded(path.name, raw, encoding)
    if not text.strip():
        raise DataError(f"{path.name} is empty: it needs a header line and one line per image.")
    text, separator = _separator(text, path.name)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as a table: {error}.") from error
    how = f"{title}, separated by {_WORDS.get(separator, repr(separator))}"
    return replace(_table(path.name, rows), how=how, guessed=not encoding and not title.startswith("UTF"))


def _table(name: str, found: list[tuple[int, list[str]]]) -> Table:
    rows = [(line, row) for line, row in found if any(row)]
    if len(rows) < 2:
        raise DataError(f"{name} holds no rows of labels: it needs a header line and one line per image.")
    header = rows[0][1]
    while header and not header[-1]:
        header.pop()
    width = len(header)
    if width < 2:
        raise DataError(f"{name} has only one column: it needs one column of image paths and one of labels.")
    kept: list[tuple[str, ...]] = []
    lines: list[int] = []
    odd: list[int] = []
    for line, row in rows[1:]:
        if any(row[width:]) or len(row) < width - 1:
            odd.append(line)
            continue
        kept.append(tuple((row + [""] * width)[:width]))
        lines.append(line)
    warnings: tuple[str, ...] = ()
    if odd:
        shown = ", ".join(map(str, odd[:20])) + (" ..." if len(odd) > 20 else "")
        warnings = (
            f"{counted(len(odd), 'line')} of {name} {'does' if len(odd) == 1 else 'do'} not have {width} cells like "
            f"its header and {'is' if len(odd) == 1 else 'are'} not used (lines {shown}): a cell that contains the "
            "separator has to stand in quotes.",
        )
    return Table(name, tuple(header), tuple(kept), tuple(lines), warnings)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error.strerror or error}.") from error


def _separator(text: str, name: str) -> tuple[str, str]:
    """The text without Excel's `sep=;` line, and the separator that gives the most rows of one common width."""
    first, _, rest = text.partition("\n")
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        return rest, first.strip()[4]
    if first.rstrip("\r").casefold() == "sep=\t":
        return rest, "\t"
    best = max(_SEPARATORS, key=lambda separator: _fit(text, separator))
    if _fit(text, best) == 0:
        raise DataError(
            f"{name} has only one column: it needs one column of image paths and one of labels, separated by comma, "
            "semicolon or tab."
        )
    return text, best


def _fit(text: str, separator: str) -> int:
    """How many of the first rows have as many cells as the header (0 when the header has one cell)."""
    lines = text.splitlines()[:_LOOK]
    try:
        widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
    except csv.Error:
        return 0
    if not widths or widths[0] < 2:
        return 0
    return sum(width == widths[0] for width in widths)
