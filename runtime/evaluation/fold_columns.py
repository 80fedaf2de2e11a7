"""Which columns of a data set may be left out value by value: sites, scanners, groups. No torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from runtime.data.catalogue import DataSet
from runtime.data.split_columns import table_columns
from runtime.evaluation.folds import MOST_GROUPS

_ELEMENTS = ("InstitutionName", "StationName", "Manufacturer", "ManufacturerModelName")
_FEWEST = 2  # images of a value, on average: a column that names each image is no group


def columns_to_leave_out(dataset: DataSet) -> Iterator[tuple[str, int]]:
    """Columns of tables, then elements of the DICOM headers, with the number of their values.

    The column of the classes themselves is not among them: nothing can be learned of a class that is left out.
    """
    paths = sorted({sample.path for sample in dataset.samples})
    for column, values in table_columns(dataset).items():
        if _fits(values, paths) and not _is_label(values, dataset):
            yield column, len(set(values.values()))
    if dataset.kind != "dicom":
        return
    from runtime.data.case_tags import read_tags  # brings pydicom, which a table does not need

    tags = read_tags(Path(dataset.folder), paths, _ELEMENTS)
    for element in _ELEMENTS:
        values = {path: found[element] for path, found in tags.items() if found[element]}
        if _fits(values, paths):
            yield element, len(set(values.values()))


def _fits(values: Mapping[str, str], paths: list[str]) -> bool:
    different = len(set(values.values()))
    return 2 <= different <= MOST_GROUPS and different * _FEWEST <= len(paths)


def _is_label(values: Mapping[str, str], dataset: DataSet) -> bool:
    """Whether each value stands for one class, and each class for one value."""
    pairs = {(values[sample.path], sample.label) for sample in dataset.samples if sample.label is not None}
    return bool(pairs) and len(pairs) == len({value for value, _ in pairs}) == len({label for _, label in pairs})
