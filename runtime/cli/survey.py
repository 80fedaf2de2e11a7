"""What the Data workspace is told of a folder, as records: progress, small pictures as they come, and the data set."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from runtime.attach import TYPES, learned
from runtime.cli.data import catalogue_record
from runtime.cli.survey_pictures import pictures
from runtime.data.catalogue import Catalogue, DataError, DataSet
from runtime.data.labels import read_dataset
from runtime.data.scan import scan

_EVERY = 50  # files between two words of progress


def survey_folder(
    folder: Path, labels: str, patients: str, thumbnails: Path | None, most: int
) -> Iterator[dict[str, Any]]:
    """Records with a `record` name: progress, folder, dataset or problem, thumbnail. Nothing is raised for bad data."""
    told: queue.Queue[tuple[int, int] | Future[Catalogue]] = queue.Queue()
    with ThreadPoolExecutor(1) as reader:
        reader.submit(scan, folder, lambda done, total: _tick(told, done, total)).add_done_callback(told.put)
        while isinstance(said := told.get(), tuple):
            yield {"record": "progress", "what": "Reading headers", "done": said[0], "total": said[1]}
    try:
        catalogue = said.result()
    except DataError as error:
        yield {"record": "problem", "problems": list(error.problems)}
        return
    yield {"record": "folder", **catalogue_record(catalogue)}
    try:
        dataset = read_dataset(folder, labels, catalogue, patients)
    except DataError as error:
        yield {"record": "problem", "problems": list(error.problems)}
        return
    yield _dataset_record(dataset, patients)
    if thumbnails is not None:
        yield from pictures(dataset, catalogue, thumbnails, most)
    yield {"record": "done"}


def _tick(told: queue.Queue[tuple[int, int] | Future[Catalogue]], done: int, total: int) -> None:
    if done % _EVERY == 0 or done == total:
        told.put((done, total))


def _dataset_record(dataset: DataSet, patients: str) -> dict[str, Any]:
    """The data set as the window shows it, and the settings a source node gets with it."""
    groups: dict[str, set[str]] = {name: set() for name in dataset.classes}
    parts: dict[str, int] = {}
    for sample in dataset.samples:
        if sample.label in groups:
            groups[sample.label].add(sample.patient)
        if sample.part:
            parts[sample.part] = parts.get(sample.part, 0) + 1
    counts = dataset.counts() if dataset.label == "class" else {}
    by_patient: dict[str, int] = {}
    for sample in dataset.samples:
        by_patient[sample.patient] = by_patient.get(sample.patient, 0) + 1
    return {
        "record": "dataset",
        "kind": dataset.kind,
        "label": dataset.label,
        "cases": len(dataset.samples),
        "patients": by_patient,
        "classes": [
            {"name": name, "cases": counts.get(name, 0), "patients": len(groups[name] - {""})}
            for name in dataset.classes
        ],
        "parts": parts,
        "size": list(dataset.size),
        "sizes": len({sample.size for sample in dataset.samples}),
        "channels": dataset.channels,
        "said": list(dataset.said),
        "warnings": list(dataset.warnings),
        "skipped": [{"path": item.path, "reason": item.reason} for item in dataset.skipped],
        "source": TYPES[dataset.kind],
        "settings": {**learned(dataset), "patients": patients},
    }
