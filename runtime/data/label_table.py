"""Reading a table of labels (CSV, TSV) as text: nothing is turned into a number here, so 007 and NA survive."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from pathlib import Path

from runtime.data.catalogue import DataError

_SEPARATORS = (",", ";", "\t")
_LOOK = 50  # rows looked at to find the separator


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: one name per column, every row as long as the header."""

    name: str  # the file's name, for messages
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # the line of each row in the file, from 1
    warnings: tuple[str, ...] = ()

    def column(self, index: int) -> list[str]:
        """The cells of one column."""
        return [row[index] for row in self.rows]


def read_table(path: Path) -> Table:
    """Reads a CSV or TSV file: UTF-8 (with or without BOM), UTF-16 or Windows-1252; separated by comma, semicolon or
    tab.

    Raises DataError when the file cannot be read or holds fewer than two rows or columns.
    """
    text = _decode(path)
    if not text.strip():
        raise DataError(f"{path.name} is empty: it needs a header line and one line per image.")
    text, separator = _separator(text, path.name)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as a table: {error}.") from error
    rows = [(line, row) for line, row in rows if any(row)]
    if len(rows) < 2:
        raise DataError(f"{path.name} holds no rows of labels: it needs a header line and one line per image.")
    return _table(path.name, rows)


def _table(name: str, rows: list[tuple[int, list[str]]]) -> Table:
    header = rows[0][1]
    while header and not header[-1]:
        header.pop()
    width = len(header)
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
            f"{len(odd)} lines of {name} do not have {width} cells like its header and are not used (lines {shown}): "
            "a cell that contains the separator has to stand in quotes.",
        )
    return Table(name, tuple(header), tuple(kept), tuple(lines), warnings)


def _decode(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    for encoding in _encodings(raw):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise DataError(f"{path.name} is no text in UTF-8, UTF-16 or Windows-1252: save it as CSV in UTF-8.")


def _encodings(raw: bytes) -> tuple[str, ...]:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    head = raw[:400]
    if head[1::2].count(0) * 3 > len(head):
        return ("utf-16-le",)
    if head[0::2].count(0) * 3 > len(head):
        return ("utf-16-be",)
    return ("utf-8-sig", "cp1252") if b"\0" not in head else ()


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
