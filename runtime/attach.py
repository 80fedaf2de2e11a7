"""Attaching a folder to a source node: what was learned of the data becomes settings; analysis reads no file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nodes.roles import Condition, DataSource
from nodes.spec import find
from runtime.data.catalogue import DataError, DataSet
from runtime.data.several_numbers import spreads_of
from runtime.data.split import divide
from runtime.data.split_columns import values_for
from runtime.data.split_how import How, how_of
from runtime.data.split_kept import KeptSides, as_setting, in_setting, merged, recorded
from runtime.graph import Graph, Json, Node
from runtime.source_data import dataset_at
from runtime.taking import as_settings

TYPES: Mapping[str, str] = {
    "dicom": "dicom_folder", "image": "image_folder", "volume": "image_folder", "signal": "signals",
    "table": "table",
}  # fmt: skip
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
    if dataset.kind == "table":
        return _learned_of_table(dataset)
    if dataset.kind == "signal":
        return {**_learned_of_folder(dataset), "found_leads": [*dataset.leads], "found_rate": dataset.rate_hz}
    return {
        **_learned_of_folder(dataset),
        "most_boxes": dataset.most_boxes,
        "choices": list(dataset.choices),
        "top": dataset.top,
    }


def _learned_of_folder(dataset: DataSet) -> dict[str, Json]:
    by_name = dataset.counts() if dataset.label in ("class", "labels", "boxes") else {}
    counts = [by_name[name] for name in dataset.classes] if by_name else list(dataset.pixel_counts)
    return {
        "folder": dataset.folder,
        "labels": dataset.labels,
        "label": dataset.label,
        "classes": list(dataset.classes),
        "counts": [*counts],
        "spreads": [*spreads_of(dataset)],
        "channels": dataset.channels,
        "found_size": list(dataset.size),
        "images": len(dataset.samples),
        "named_patients": len({sample.patient for sample in dataset.samples} - {""}),
        "groups": list(dataset.groups()),
        "fingerprint": dataset.fingerprint,
        "modality": dataset.modality,
        "found_unit": dataset.unit,
        "kept_parts": _kept_parts(dataset),
        **as_settings(dataset.taken, dataset.kind, dataset.points),
    }


def _learned_of_table(dataset: DataSet) -> Mapping[str, Json]:
    counts = dataset.counts() if dataset.label == "class" else {}
    return {
        "folder": dataset.folder,
        "label": dataset.label,
        "classes": list(dataset.classes),
        "counts": [counts[name] for name in dataset.classes] if counts else [],
        "found_columns": list(dataset.columns),
        "read_as": dataset.asked,
        "gaps": sum(math.isnan(value) for sample in dataset.samples for value in sample.values),
        "images": len(dataset.samples),
        "named_patients": len({sample.patient for sample in dataset.samples} - {""}),
        "groups": list(dataset.groups()),
        "found_unit": dataset.unit,
        "fingerprint": dataset.fingerprint,
        "kept_parts": _kept_parts(dataset),
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


def reattach(graph: Graph, data: Path | Mapping[str, Path]) -> Graph:
    """The graph with other folders in its data sources, read as data sets; the project itself stays as it is.

    `data` are folders by source, or the folder of a graph with one source. A table named by the old labels setting is
    looked for in the new folder; if it is not there, labels are found anew. Raises DataError for one folder where the
    graph has no data source or several, and when a folder cannot be used.
    """
    if not isinstance(data, Path):
        for source, folder in data.items():
            graph = _moved(graph, source, folder)
        return graph
    sources = data_sources(graph)
    if len(sources) != 1:
        count = "no node that reads" if not sources else f"{len(sources)} nodes that read"
        raise DataError(f"A folder can replace the data of a project with one source; this one has {count} a folder.")
    return _moved(graph, sources[0], data)


def _moved(graph: Graph, source: str, folder: Path) -> Graph:
    node = graph.nodes[source]
    dataset = dataset_at(node, folder)
    moved = replace(node, type=TYPES[dataset.kind])
    graph = replace(graph, nodes={**graph.nodes, node.id: moved})
    settings = {**node.settings, **attach(graph, node.id, dataset)}
    return replace(graph, nodes={**graph.nodes, node.id: replace(moved, settings=settings)})


def _title(type_id: str) -> str:
    kind = find(type_id)
    return kind.title if kind is not None else type_id
