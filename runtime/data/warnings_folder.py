"""Warnings about a folder that is only looked at: what its headers tell, and its labels where they cost no decoding."""

from __future__ import annotations

from pathlib import Path

from runtime.data.catalogue import Catalogue, DataError
from runtime.data.label_records import may_be_mask
from runtime.data.labels import read_dataset
from runtime.data.warning_record import DataWarning
from runtime.data.warnings_data import burned_in_by_header


def folder_warnings(folder: Path, catalogue: Catalogue) -> tuple[DataWarning, ...]:
    """What is to be known of a scanned folder; () where it holds no image.

    A folder with masks is judged by its headers alone, because its masks would have to be decoded.
    """
    if not catalogue.found:
        return ()
    if not any(may_be_mask(item.path) for item in catalogue.found):
        try:
            return read_dataset(folder, catalogue=catalogue).findings
        except DataError:
            pass  # labels that do not fit are a matter of the data set, not of the scan
    return burned_in_by_header({item.path: item for item in catalogue.found})
