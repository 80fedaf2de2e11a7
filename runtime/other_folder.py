"""Another folder in the place of a source's own, as an external test reads it."""

from __future__ import annotations

from pathlib import Path

from nodes.roles import DataSource
from runtime.analysis import Analysis
from runtime.attach import labels_in
from runtime.data.catalogue import DataError, DataSet
from runtime.data.labels import read_dataset
from runtime.errors import RunError
from runtime.taking import taken_in


def other_dataset(analysis: Analysis, source: str, folder: Path) -> DataSet:
    """The folder as the source's settings say, with its choice of labels as far as that fits. Raises RunError."""
    kind = analysis.facts[source].type
    if not isinstance(kind, DataSource):
        raise RunError("The project reads no folder.", source)
    try:
        labels = labels_in(analysis.graph.nodes[source], folder)
        patients = str(getattr(kind, "patients", ""))
        mended = tuple(getattr(kind, "corrections", ()))
        return read_dataset(folder, labels=labels, patients=patients, corrections=mended, taken=taken_in(kind))
    except DataError as error:
        raise RunError(f"{folder} cannot be used: {error}", source) from error
