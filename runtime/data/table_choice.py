"""A table as the choice of labels: FILE, FILE:COLUMN, and with the encoding to read it in FILE@ENCODING:COLUMN."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runtime.data.catalogue import DataError
from runtime.data.label_table import ENDINGS


def readings(wanted: str) -> Iterator[tuple[str, str, str]]:
    """The ways to take a choice apart, as (file, column, encoding), the plainest first: names may hold any sign."""
    name, colon, column = wanted.rpartition(":")
    whole = [(wanted, ""), *([(name, column)] if colon and name else [])]
    yield from ((text, named, "") for text, named in whole)
    for text, named in reversed(whole):
        file, at, encoding = text.rpartition("@")
        if at and file:
            yield file, named, encoding


def table_in(folder: Path, wanted: str) -> tuple[Path | None, str, str]:
    """The table that is meant, in the folder or where the program runs, with the column of labels and the encoding that
    the choice names ("" each where it names none); None where no such file is there."""
    for text, column, encoding in readings(wanted):
        for base in (folder, Path()):
            if text and (base / text).is_file():
                return base / text, column, encoding
    return None, "", ""


def chosen(name: str, column: str, encoding: str) -> str:
    """The choice in words."""
    return name + (f"@{encoding}" if encoding else "") + (f":{column}" if column else "")


def is_table(wanted: str) -> bool:
    """Whether a choice of labels names a table, as its file's ending says."""
    return any(Path(text).suffix.casefold() in ENDINGS for text, _, _ in readings(wanted))


def with_encoding(wanted: str, encoding: str) -> str:
    """The choice of a table, to be read in this encoding; "" finds it. Raises DataError for what is no table."""
    name, column = next(
        ((text, column) for text, column, _ in readings(wanted) if Path(text).suffix.casefold() in ENDINGS), ("", "")
    )
    if not name:
        raise DataError("An encoding is that of a table: name the table of labels too, such as --labels labels.csv.")
    return chosen(name, column, encoding)
