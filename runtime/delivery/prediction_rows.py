"""Rows of a table that a model is applied to: its columns as the model's contract names them."""

from __future__ import annotations

from pathlib import Path

from runtime.data.catalogue import Catalogue, DataSet, Found
from runtime.data.table_cases import Asked, read_table_cases
from runtime.delivery.contract import InputContract


def rows_for(place: Path, wanted: InputContract) -> tuple[DataSet, Catalogue]:
    """The rows of a table as the cases of an input, and as what a folder would hold. Raises DataError for a table that
    lacks a column of the model, or holds text in one.
    """
    dataset = read_table_cases(place, Asked(wanted.columns, leaves_out=wanted.missing != "mean"))
    found = tuple(Found(sample.path, "table", sample.channels, ()) for sample in dataset.samples)
    files = len(found) + len(dataset.skipped)
    return dataset, Catalogue(dataset.folder, files, found, dataset.skipped, ())
