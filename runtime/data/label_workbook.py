"""Reading a sheet of an Excel workbook (.xlsx) as text, as it would look when saved as CSV."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from runtime.data.catalogue import DataError

_MOST_BYTES = 256 * 2**20  # of a workbook when it is unpacked
_OLD = b"\xd0\xcf\x11\xe0"  # Excel 97 to 2003
Rows = list[tuple[int, list[str]]]  # the line of each row, from 1, and its cells


def is_workbook(raw: bytes) -> bool:
    """Whether these bytes are a workbook of any age, which is no text."""
    return raw.startswith((b"PK\x03\x04", _OLD))


def read_sheet(name: str, raw: bytes) -> tuple[Rows, str, tuple[str, ...]]:
    """The rows of the first sheet that holds two or more, how they were read, and a warning of sheets not used.

    A formula counts with the value that was saved with it. Raises DataError for a file that is no .xlsx workbook.
    """
    if raw.startswith(_OLD):
        raise DataError(f"{name} is a workbook of Excel 97 to 2003, which is not read: save it as .xlsx or CSV.")
    _refuse_bomb(name, raw)
    sheets = _sheets(name, raw)
    filled = [(title, rows) for title, rows in sheets if sum(any(row) for _, row in rows) > 1]
    if not filled:
        raise DataError(f"{name} holds no rows of labels: it needs a header line and one line per image.")
    title, rows = filled[0]
    others = [other for other, _ in filled[1:]]
    told: tuple[str, ...] = ()
    if others:
        told = (f"{name} has several sheets with rows; '{title}' is used, and not {', '.join(others)}.",)
    return rows, f"Excel, sheet {title}", told


def _refuse_bomb(name: str, raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            inside = {entry.filename for entry in archive.infolist()}
            total = sum(entry.file_size for entry in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise DataError(f"{name} is a damaged workbook: {error}. Save it again as .xlsx or CSV.") from error
    if "xl/workbook.xml" not in inside:
        raise DataError(f"{name} is a zip archive, but no Excel workbook: save the table as .xlsx or CSV.")
    if total > _MOST_BYTES:
        raise DataError(f"{name} unpacks to {total // 2**20} MiB, which is too much for a table: save it as CSV.")


def _sheets(name: str, raw: bytes) -> list[tuple[str, Rows]]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        with warnings.catch_warnings(action="ignore"):  # of extensions that openpyxl leaves out, such as colours
            book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
            try:
                return [(sheet.title, _rows(sheet.iter_rows(values_only=True))) for sheet in book.worksheets]
            finally:
                book.close()
    except (InvalidFileException, KeyError, ValueError, TypeError, AttributeError, OSError, SyntaxError) as error:
        raise DataError(f"{name} cannot be read as an Excel workbook ({error}): save it again, or as CSV.") from error


def _rows(found: Iterable[Sequence[object]]) -> Rows:
    return [(line, [_text(cell) for cell in row]) for line, row in enumerate(found, start=1)]


def _text(cell: object) -> str:
    """A cell as a person reads it: whole numbers without a point, no time of day where a date has none."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
        return cell.date().isoformat()
    if isinstance(cell, date | datetime):
        return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
    return str(cell).strip()
