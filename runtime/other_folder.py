"""Another folder in the place of a source's own, as an external test reads it."""

from __future__ import annotations

from pathlib import Path

from nodes.roles import DataSource
from runtime.analysis import Analysis
from runtime.data.catalogue import DataError, DataSet
from runtime.errors import RunError
from runtime.source_data import dataset_at


def other_dataset(analysis: Analysis, source: str, folder: Path) -> DataSet:
    """The folder as the source's settings say, with its choice of labels as far as that fits. Raises RunError."""
    if not isinstance(analysis.facts[source].type, DataSource):
        raise RunError("The project reads no folder.", source)
    try:
        return dataset_at(analysis.graph.nodes[source], folder)
    except DataError as error:
        raise RunError(f"{folder} cannot be used: {error}", source) from error
