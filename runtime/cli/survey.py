"""What the Data workspace is told of a folder, as records: progress, small pictures as they come, and the data set."""

from __future__ import annotations

import queue
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from runtime.attach import TYPES, learned
from runtime.cli.data import catalogue_record
from runtime.data.catalogue import Catalogue, DataError, DataSet, FileKind
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
        yield from _thumbnails(dataset, catalogue, thumbnails, most)
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
        "channels": dataset.channels,
        "said": list(dataset.said),
        "warnings": list(dataset.warnings),
        "skipped": [{"path": item.path, "reason": item.reason} for item in dataset.skipped],
        "source": TYPES[dataset.kind],
        "settings": {**learned(dataset), "patients": patients},
    }


def _thumbnails(dataset: DataSet, catalogue: Catalogue, into: Path, most: int) -> Iterator[dict[str, Any]]:
    """Small pictures of cases spread over the data set, in supervised children like every other decoding."""
    from PIL import Image

    from runtime.data.pool import Failed, Request, decode
    from runtime.data.thumbnail import thumbnail

    into.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, FileKind] = {item.path: item.kind for item in catalogue.found}
    chosen = _spread([index for index, sample in enumerate(dataset.samples) if sample.frame == 0], most)
    samples = [dataset.samples[index] for index in chosen]
    requests = [Request(Path(dataset.folder) / sample.path, kinds[sample.path]) for sample in samples]
    for index, sample, answer in zip(chosen, samples, decode(requests), strict=True):
        if isinstance(answer, Failed):
            yield {"record": "unreadable", "path": sample.path, "reason": answer.reason}
            continue
        frame = answer.array[0]
        flat = frame if frame.ndim == 3 else frame[:, frame.shape[1] // 2]
        file = into / f"{index:06d}.png"
        Image.fromarray(thumbnail(flat)).save(file)
        truth = sample.label if sample.label is not None else sample.number
        yield {"record": "thumbnail", "path": sample.path, "file": str(file), "truth": truth, "patient": sample.patient}


def _spread(indexes: Sequence[int], most: int) -> list[int]:
    """At most so many, evenly over the whole, first and last among them."""
    if len(indexes) <= most:
        return list(indexes)
    return [indexes[round(step * (len(indexes) - 1) / max(most - 1, 1))] for step in range(most)]
