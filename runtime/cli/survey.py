"""What the Data workspace is told of a folder, as records: progress, small pictures as they come, and the data set."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from runtime.attach import TYPES, learned
from runtime.cli.survey_early import early_pictures
from runtime.cli.survey_looks import look_records
from runtime.cli.survey_pictures import pictures
from runtime.cli.survey_records import case_records, file_records, series_records, trait_records
from runtime.data.catalogue import Catalogue, DataError, DataSet
from runtime.data.corrections import corrected, corrections_in
from runtime.data.labels import read_dataset
from runtime.data.scan import scan
from runtime.data.table_cases import asked_in, read_table_cases
from runtime.data.taken import Taken
from runtime.data.warning_record import DataWarning
from runtime.data.warnings_data import data_warnings

_EVERY = 50  # files between two words of progress
_Told = queue.Queue[dict[str, Any] | Future[Catalogue]]


def survey_folder(
    folder: Path,
    labels: str,
    patients: str,
    thumbnails: Path | None,
    most: int,
    taken: Taken | None = None,
    mended: Sequence[str] = (),
    pixels: bool = False,
    table: Mapping[str, Any] | None = None,
) -> Iterator[dict[str, Any]]:
    """Records with a `record` name: progress, folder, series, files, cases, dataset or problem, traits, thumbnail; with
    `pixels` also looks, for which every case is decoded.

    A file is read as a table of numbers, as the settings `table` of a source node ask. `mended` are corrections by hand
    as a source node stores them: the findings are those of the corrected data, the cases are told as found. Nothing is
    raised for bad data.
    """
    if folder.is_file():
        yield from _table_records(folder, table or {})
        return
    try:
        catalogue = yield from _scanned(folder, thumbnails)
    except DataError as error:
        yield {"record": "problem", "problems": list(error.problems)}
        return
    yield _folder_record(catalogue)
    yield from series_records(catalogue)
    yield from file_records(catalogue)
    try:
        dataset = read_dataset(folder, labels, catalogue, patients, taken=taken)
    except DataError as error:
        yield {"record": "problem", "problems": list(error.problems)}
        return
    yield from case_records(dataset)
    yield _dataset_record(replace(dataset, findings=_findings(dataset, catalogue, mended)), patients)
    yield from trait_records(catalogue)
    if thumbnails is not None:
        yield from pictures(dataset, catalogue, thumbnails, most)
    if pixels:
        yield from look_records(dataset)
    yield {"record": "done"}


def _table_records(file: Path, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A table of numbers: which columns and rows are taken, and why others are not."""
    try:
        dataset = read_table_cases(file, asked_in(settings))
    except DataError as error:
        yield {"record": "problem", "problems": list(error.problems)}
        return
    yield {"record": "folder", "files": 1, "skipped": [], "problems": []}
    yield from case_records(dataset)
    yield {**_dataset_record(dataset, ""), "columns": list(dataset.columns), "settings": {**learned(dataset)}}
    yield {"record": "done"}


def _findings(dataset: DataSet, catalogue: Catalogue, mended: Sequence[str]) -> tuple[DataWarning, ...]:
    """The warnings about the data as they are used: with what was mended by hand."""
    corrections = corrections_in(list(mended))
    if not corrections.labels and not corrections.left_out:
        return dataset.findings
    try:
        return data_warnings(corrected(dataset, corrections), catalogue)
    except DataError:
        return dataset.findings  # nothing would be left: the cases say so


def _scanned(folder: Path, thumbnails: Path | None) -> Generator[dict[str, Any], None, Catalogue]:
    """Tell of the scan while it goes on, with the first small pictures; returns the catalogue. Raises DataError."""
    told: _Told = queue.Queue()
    over = threading.Event()
    with ThreadPoolExecutor(2) as reader:
        reader.submit(scan, folder, lambda done, total: _tick(told, done, total)).add_done_callback(told.put)
        if thumbnails is not None:
            reader.submit(early_pictures, folder, thumbnails, told.put, over)
        while isinstance(said := told.get(), dict):
            yield said
        over.set()
    return said.result()


def _tick(told: _Told, done: int, total: int) -> None:
    if done % _EVERY == 0 or done == total:
        told.put({"record": "progress", "what": "Reading headers", "done": done, "total": total})


def _folder_record(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "record": "folder",
        "files": catalogue.files,
        "skipped": [{"path": item.path, "reason": item.reason} for item in catalogue.skipped],
        "problems": list(catalogue.problems),
    }


def _dataset_record(dataset: DataSet, patients: str) -> dict[str, Any]:
    """The data set as the window shows it, and the settings a source node gets with it."""
    groups: dict[str, set[str]] = {name: set() for name in dataset.classes}
    parts: dict[str, int] = {}
    by_patient: dict[str, int] = {}
    for sample in dataset.samples:
        if sample.label in groups:
            groups[sample.label].add(sample.patient)
        if sample.part:
            parts[sample.part] = parts.get(sample.part, 0) + 1
        by_patient[sample.patient] = by_patient.get(sample.patient, 0) + 1
    counts = dataset.counts() if dataset.label == "class" else {}
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
        "mask_values": list(dataset.mask_values),
        "parts": parts,
        "size": list(dataset.size),
        "sizes": len({sample.size for sample in dataset.samples}),
        "channels": dataset.channels,
        "said": list(dataset.said),
        "warnings": list(dataset.warnings),
        "skipped": [{"path": item.path, "reason": item.reason} for item in dataset.skipped],
        "findings": [asdict(finding) for finding in dataset.findings],
        "source": TYPES[dataset.kind],
        "settings": {**learned(dataset), "patients": patients},
    }
