"""The data set that a source node stands for, read as its settings say. No torch."""

from __future__ import annotations

import os
from pathlib import Path

from nodes.roles import DataSource
from nodes.spec import find
from runtime.data.catalogue import Catalogue, DataSet
from runtime.data.corrections import corrections_in
from runtime.data.label_records import BY_POINTS, BY_TAG, WORDS
from runtime.data.table_cases import asked_in, read_table_cases
from runtime.data.table_choice import readings
from runtime.graph import Node
from runtime.taking import taken_in, taken_of


def dataset_of(source: DataSource, catalogue: Catalogue | None = None) -> DataSet:
    """The source's folder or table as a data set; `catalogue` is what a scan of it found, to spare a second one.

    Raises DataError when it cannot be used.
    """
    if source.tabular:
        settings = {entry.name: getattr(source, entry.name) for entry in source.settings()}
        return read_table_cases(Path(str(settings["folder"])), asked_in(settings))
    from runtime.data.labels import read_dataset  # reads headers with pydicom, which is slow to import

    return read_dataset(
        Path(str(getattr(source, "folder", ""))),
        labels=str(getattr(source, "labels", "")),
        catalogue=catalogue,
        patients=str(getattr(source, "patients", "")),
        corrections=tuple(getattr(source, "corrections", ())),
        taken=taken_in(source),
    )


def dataset_at(node: Node, place: Path) -> DataSet:
    """What a source node reads, where it lies elsewhere: a folder, or the table of a node that reads one.

    A table of labels named by the settings is looked for there; if it is not, labels are found anew. Raises DataError.
    """
    from runtime.data.labels import read_dataset  # reads headers with pydicom, which is slow to import

    kind = find(node.type)
    if kind is not None and issubclass(kind, DataSource) and kind.tabular:
        return read_table_cases(place, asked_in(node.settings))
    return read_dataset(
        place,
        labels=labels_in(node, place),
        patients=str(node.settings.get("patients", "")),
        corrections=corrections_in(node.settings.get("corrections")).as_setting(),
        taken=taken_of(node.settings),
    )


def labels_in(node: Node, folder: Path) -> str:
    """The node's choice of labels as far as it can be meant for another folder: "" where nothing has that name.

    A table is looked for by its path, a folder of masks by its name at any depth, such as patient/masks.
    """
    wanted = str(node.settings.get("labels", ""))
    if wanted in ("", *WORDS) or wanted.startswith(BY_TAG):
        return wanted
    if wanted.startswith(f"{BY_POINTS}:"):
        name = wanted.removeprefix(f"{BY_POINTS}:")
        told = [file for file, _, _ in readings(name)] + [name.rpartition("+")[0]]
        return wanted if any(file and (folder / file).is_file() for file in told) else BY_POINTS
    if any((folder / file).exists() for file, _, _ in readings(wanted)):
        return wanted
    low = wanted.casefold()
    return wanted if any(low == below.casefold() for _, folders, _ in os.walk(folder) for below in folders) else ""
