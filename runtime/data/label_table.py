"""Reading a table of labels (CSV, TSV, Excel) as text: nothing is turned into a number here, so 007 and NA survive."""

from __future__ import annotations

import codecs
import csv
import io
import re
from dataclasses import dataclass, replace
from pathlib import Path

from runtime.data.catalogue import DataError
from runtime.data.label_workbook import is_workbook, read_sheet
from runtime.data.wording import counted

ENDINGS = frozenset({".csv", ".tsv", ".tab", ".xlsx", ".xlsm"})
"""File names of tables that are looked at without being asked for."""

_SEPARATORS = (",", ";", "\t", "|")
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_LOOK = 50  # rows looked at to find the separator
# Windows-1252 has no character for five bytes; where it fails, Asian encodings are tried, and Latin 1 never fails.
_ENCODINGS = (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"), ("shift_jis", "Shift-JIS"), ("gb18030", "GB 18030"),
              ("latin-1", "Latin 1"))  # fmt: skip
_HIGH = re.compile(rb"[\x80-\xff]+")
_HANGUL = range(0xAC00, 0xD7A4)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: one name per column, every row as long as the header."""

    name: str  # the file's name, for messages
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]  # the line of each row in the file, from 1
    warnings: tuple[str, ...] = ()
    how: str = ""  # how it was read: "Windows-1252, separated by semicolon", or the sheet of a workbook

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


def preview(path: Path, most: int = 10) -> Preview:
    """The first `most` rows of a table as read. Raises DataError as read_table does."""
    table = read_table(path)
    return Preview(table.columns, table.rows[:most], len(table.rows), table.how, table.warnings)


def read_table(path: Path) -> Table:
    """Reads a CSV, TSV or Excel file (.xlsx: the first sheet with rows).

    Text may be UTF-8 (with or without BOM), UTF-16, UTF-32, Windows-1252 or -1251, Korean, Shift-JIS, GB 18030 or
    Latin 1, separated by comma, semicolon, tab or vertical bar. Raises DataError when the file cannot be read or holds
    fewer than two rows or columns.
    """
    raw = _bytes(path)
    if is_workbook(raw):
        rows, how, warnings = read_sheet(path.name, raw)
        return replace(_table(path.name, rows), how=how, warnings=warnings)
    text, encoding = _decoded(path.name, raw)
    if not text.strip():
        raise DataError(f"{path.name} is empty: it needs a header line and one line per image.")
    text, separator = _separator(text, path.name)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=False)
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error as error:
        raise DataError(f"{path.name} cannot be read as a table: {error}.") from error
    how = f"{encoding}, separated by {_WORDS.get(separator, repr(separator))}"
    return replace(_table(path.name, rows), how=how)


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


def _decoded(name: str, raw: bytes) -> tuple[str, str]:
    """The text, and the name of its encoding."""
    for encoding, title in _encodings(raw):
        try:
            return raw.decode(encoding), title
        except UnicodeDecodeError:
            continue
    raise DataError(f"{name} is no text in a known encoding: save it as CSV in UTF-8.")


def _encodings(raw: bytes) -> tuple[tuple[str, str], ...]:
    if raw.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return (("utf-32", "UTF-32"),)
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (("utf-16", "UTF-16"),)
    head = raw[:400]
    if head[1::2].count(0) * 3 > len(head):
        return (("utf-16-le", "UTF-16"),)
    if head[0::2].count(0) * 3 > len(head):
        return (("utf-16-be", "UTF-16"),)
    if b"\0" in head:
        return ()
    return (_ENCODINGS[0], *_of_other_scripts(raw), *_ENCODINGS[1:])


def _of_other_scripts(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The encoding of text in another script, which Windows-1252 would read as nonsense; () for Western text.

    Western letters above ASCII stand among letters of ASCII; those of other scripts stand among themselves.
    """
    runs = [found.span() for found in _HIGH.finditer(raw)]
    touching = sum(raw[start - 1 : start].isalpha() or raw[end : end + 1].isalpha() for start, end in runs)
    if not runs or touching * 5 > len(runs) or sum(end - start for start, end in runs) < 2 * len(runs):
        return ()
    high = b"".join(raw[start:end] for start, end in runs)
    if sum(byte >= 0xC0 or byte in b"\xa8\xb8" for byte in high) * 100 >= 97 * len(high):
        return (("cp1251", "Windows-1251"),)
    try:
        korean = high.decode("euc_kr")
        if all(ord(sign) in _HANGUL for sign in korean):
            return (("cp949", "Korean (CP949)"),)
        high.decode("gb2312")
    except UnicodeDecodeError:
        return ()
    return (("gb18030", "GB 18030"),)


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
