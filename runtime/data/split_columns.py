"""The values of a column to split by, for each image: from a table in the folder, else from the DICOM headers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from runtime.data.catalogue import DataError, DataSet
from runtime.data.label_columns import path_column
from runtime.data.label_paths import PathIndex, shared_folders
from runtime.data.label_table import Table, read_table
from runtime.data.split_how import How
from runtime.data.table_choice import table_in

_NAMES = frozenset({"patientid", "patientname", "otherpatientids", "patientbirthdate"})


def column_values(dataset: DataSet, column: str, use: str = "to split by") -> dict[str, str]:
    """What the column says of each image, by path; "" where it says nothing.

    Tables in the folder (and the label table, wherever it lies) are looked at first, then the element of the DICOM
    headers with this keyword or tag. `use` says in messages what it is for. Raises DataError when there is no such
    column and no such element, and for elements that name a patient.
    """
    if column.casefold() in _NAMES:
        raise DataError(f"{column} names the patient: split by patient, which keeps all images of a patient together.")
    paths = sorted({sample.path for sample in dataset.samples})
    index: PathIndex | None = None
    seen: list[str] = []
    for table in _tables(dataset):
        seen += table.columns
        number = _number(table, column)
        if number is None:
            continue
        index = index or PathIndex(Path(dataset.folder), paths)
        found = _of_table(table, index, number)
        if found:
            return {path: found.get(path, "") for path in paths}
    if dataset.kind == "dicom":
        from runtime.data.case_tags import keyword_of, read_tags  # brings pydicom, which a table does not need

        keyword = keyword_of(column)
        if keyword:
            tags = read_tags(Path(dataset.folder), paths, [keyword])
            return {path: tags[path][keyword] if path in tags else "" for path in paths}
    raise DataError(_unknown(dataset, column, seen, use))


def table_columns(dataset: DataSet) -> dict[str, dict[str, str]]:
    """Every column of the tables in the folder that says something of each image, by path; no names of patients."""
    paths = sorted({sample.path for sample in dataset.samples})
    index: PathIndex | None = None
    found: dict[str, dict[str, str]] = {}
    for table in _tables(dataset):
        index = index or PathIndex(Path(dataset.folder), paths)
        for number, column in enumerate(table.columns):
            if column.casefold() not in _NAMES and column not in found:
                values = _of_table(table, index, number)
                if all(values.get(path) for path in paths):
                    found[column] = values
    return found


def values_for(dataset: DataSet, how: How) -> dict[str, str]:
    """The values of the column that a division needs, by path. Raises DataError when there is no such column."""
    return column_values(dataset, how.values_column) if how.values_column else {}


def _unknown(dataset: DataSet, column: str, seen: list[str], use: str) -> str:
    tables = f"the columns of its tables are {', '.join(dict.fromkeys(seen))}" if seen else "it holds no table"
    tags = ", and DICOM has no element of that name" if dataset.kind == "dicom" else ""
    return f"There is no column “{column}” {use} in {dataset.folder}: {tables}{tags}."


def _tables(dataset: DataSet) -> Iterator[Table]:
    """The label table, then the others at the top of the folder; those that cannot be read as a table are passed by."""
    folder = Path(dataset.folder)
    named, _, encoding = table_in(folder, dataset.labels)
    places = [named] if named is not None else []
    places += sorted(path for path in folder.iterdir() if path.suffix.casefold() in {".csv", ".tsv"})
    for path in dict.fromkeys(places):
        if path.suffix.casefold() not in {".csv", ".tsv"} or not path.is_file():
            continue
        try:
            yield read_table(path, encoding if path == named else "")
        except DataError:
            continue


def _number(table: Table, column: str) -> int | None:
    folded = [name.casefold() for name in table.columns]
    return folded.index(column.casefold()) if column.casefold() in folded else None


def _of_table(table: Table, index: PathIndex, number: int) -> dict[str, str]:
    place, _ = path_column(table, index)
    if place is None:
        return {}
    cells = table.column(place)
    shared = shared_folders(cells)
    found: dict[str, str] = {}
    for cell, value in zip(cells, table.column(number), strict=True):
        for path in index.find(cell, shared) if cell else ():
            found[path] = value
    return found
