"""Attaching a folder to a source node: what was learned of the data becomes settings; analysis reads no file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nodes.roles import Condition, DataSource
from nodes.spec import find
from runtime.data.catalogue import DataError, DataSet
from runtime.data.corrections import corrections_in
from runtime.data.label_records import BY_TAG, WORDS
from runtime.data.split import divide
from runtime.data.split_columns import values_for
from runtime.data.split_how import How, how_of
from runtime.data.split_kept import KeptSides, as_setting, in_setting, merged, recorded
from runtime.data.table_choice import readings
from runtime.graph import Graph, Json, Node
from runtime.taking import as_settings, taken_of

TYPES: Mapping[str, str] = {"dicom": "dicom_folder", "image": "image_folder", "volume": "image_folder"}
"""Kind of the files -> id of the source node that reads them."""


def attach(graph: Graph, node_id: str, dataset: DataSet) -> Mapping[str, Json]:
    """The settings that the source node gets with this data set: its folder, and what was learned of it.

    Raises DataError when the node does not read files of this kind.
    """
    node = graph.nodes[node_id]
    wanted = TYPES[dataset.kind]
    if node.type != wanted:
        raise DataError(
            f"“{node.name}” does not read the files in {dataset.folder} ({dataset.kind}); "
            f"use a {_title(wanted)} node for them."
        )
    return keeping_parts(node, {**learned(dataset), "kept_parts": _kept_parts(dataset, how_of(graph.training))})


def keeping_parts(node: Node, settings: Mapping[str, Json]) -> Mapping[str, Json]:
    """New settings for a source node that keep the sides on which its cases were before: none ever changes sides."""
    kept = merged(in_setting(node.settings.get("kept_parts")), in_setting(settings.get("kept_parts")))
    return {**settings, "kept_parts": [*as_setting(kept)]}


def _kept_parts(dataset: DataSet, *ways: How) -> list[Json]:
    """The sides of the cases in a usual division and in these others; without those that these data do not allow."""
    records: list[KeptSides] = []
    for how in dict.fromkeys((How(), *ways)):
        try:
            division = divide(dataset, how, values_for(dataset, how), compare_files=False)
        except DataError:
            continue  # training says why, and what to do
        records.append(recorded(how.name, division.sides))
    return [*as_setting(records)]


def learned(dataset: DataSet) -> Mapping[str, Json]:
    """What a source node stores of a data set."""
    by_name = dataset.counts() if dataset.label in ("class", "labels", "boxes") else {}
    counts = [by_name[name] for name in dataset.classes] if by_name else list(dataset.pixel_counts)
    return {
        "folder": dataset.folder,
        "labels": dataset.labels,
        "label": dataset.label,
        "classes": list(dataset.classes),
        "counts": [*counts],
        "channels": dataset.channels,
        "found_size": list(dataset.size),
        "images": len(dataset.samples),
        "most_boxes": dataset.most_boxes,
        "named_patients": len({sample.patient for sample in dataset.samples} - {""}),
        "groups": list(dataset.groups()),
        "choices": list(dataset.choices),
        "fingerprint": dataset.fingerprint,
        "modality": dataset.modality,
        "found_unit": dataset.unit,
        "top": dataset.top,
        "kept_parts": _kept_parts(dataset),
        **as_settings(dataset.taken),
    }


def data_sources(graph: Graph) -> tuple[str, ...]:
    """The ids of the nodes that read a folder, in order of creation."""
    kinds = {node_id: find(node.type) for node_id, node in graph.nodes.items()}
    return tuple(node_id for node_id, kind in kinds.items() if kind is not None and issubclass(kind, DataSource))


def sources_in_use(graph: Graph) -> tuple[str, ...]:
    """The nodes that read a folder and lead somewhere, in order of creation; all that read one where none does."""
    found, starts = data_sources(graph), {wire.source for wire in graph.wires}
    return tuple(source for source in found if source in starts) or found


def labelling_sources(graph: Graph) -> tuple[str, ...]:
    """The nodes that read a folder and give the graph more than images: what it learns. A label that the graph is only
    given (`nodes.roles.Condition`) is not learned."""
    starts = {wire.source for wire in graph.wires if wire.output != "image" and not _is_condition(graph, wire.target)}
    return tuple(source for source in data_sources(graph) if source in starts)


def _is_condition(graph: Graph, node_id: str) -> bool:
    kind = find(graph.nodes[node_id].type) if node_id in graph.nodes else None
    return kind is not None and issubclass(kind, Condition)


def learns_labels(graph: Graph) -> bool:
    """Whether the graph takes labels from its data; a generator and an autoencoder learn from images alone."""
    return bool(labelling_sources(graph))


def reattach(graph: Graph, folder: Path) -> Graph:
    """The graph with another folder in its data source, read as a data set; the project itself stays as it is.

    A table named by the old labels setting is looked for in the new folder; if it is not there, labels are found anew.
    Raises DataError when the graph has no data source or several, and when the folder cannot be used.
    """
    from runtime.data.labels import read_dataset  # reads headers with pydicom, which is slow to import

    sources = data_sources(graph)
    if len(sources) != 1:
        count = "no node that reads" if not sources else f"{len(sources)} nodes that read"
        raise DataError(f"A folder can replace the data of a project with one source; this one has {count} a folder.")
    node = graph.nodes[sources[0]]
    dataset = read_dataset(
        folder,
        labels=labels_in(node, folder),
        patients=str(node.settings.get("patients", "")),
        corrections=corrections_in(node.settings.get("corrections")).as_setting(),
        taken=taken_of(node.settings),
    )
    moved = replace(node, type=TYPES[dataset.kind])
    graph = replace(graph, nodes={**graph.nodes, node.id: moved})
    settings = {**node.settings, **attach(graph, node.id, dataset)}
    return replace(graph, nodes={**graph.nodes, node.id: replace(moved, settings=settings)})


def labels_in(node: Node, folder: Path) -> str:
    """The node's choice of labels as far as it can be meant for another folder: "" where nothing has that name.

    A table is looked for by its path, a folder of masks by its name at any depth, such as patient/masks.
    """
    wanted = str(node.settings.get("labels", ""))
    if wanted in ("", *WORDS) or wanted.startswith(BY_TAG):
        return wanted
    if any((folder / file).exists() for file, _, _ in readings(wanted)):
        return wanted
    low = wanted.casefold()
    return wanted if any(low == below.casefold() for _, folders, _ in os.walk(folder) for below in folders) else ""


def _title(type_id: str) -> str:
    kind = find(type_id)
    return kind.title if kind is not None else type_id
