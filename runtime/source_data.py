"""The data set that a source node stands for, read as its settings say. No torch."""

from __future__ import annotations

from pathlib import Path

from nodes.roles import DataSource
from runtime.data.catalogue import Catalogue, DataSet
from runtime.taking import taken_in


def dataset_of(source: DataSource, catalogue: Catalogue | None = None) -> DataSet:
    """The source's folder as a data set; `catalogue` is what a scan of it found, to spare a second one.

    Raises DataError when it cannot be used.
    """
    from runtime.data.labels import read_dataset  # reads headers with pydicom, which is slow to import

    return read_dataset(
        Path(str(getattr(source, "folder", ""))),
        labels=str(getattr(source, "labels", "")),
        catalogue=catalogue,
        patients=str(getattr(source, "patients", "")),
        corrections=tuple(getattr(source, "corrections", ())),
        taken=taken_in(source),
    )
