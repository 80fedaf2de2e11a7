"""The files and cases of a folder as records for the window, some hundreds in each, and what scanners made them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from runtime.cli.scan_report import series_record
from runtime.data.catalogue import Catalogue, DataSet, Found, Sample, Stack
from runtime.data.taken import Point
from runtime.data.turning import before_turn

T = TypeVar("T")
_AT_ONCE = 400
_MADE_BY = ("Manufacturer", "ManufacturerModelName")
_TOLD = {"series_name": "SeriesDescription", "study_name": "StudyDescription", "day": "StudyDate"}


def series_records(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """All series with their stacks, each with its verdict and its slices in order."""
    for some in _chunks(catalogue.series):
        yield {"record": "series", "series": [series_record(row, _stack) for row in some]}


def file_records(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """All files that were found, as the tree of the window shows them."""
    for some in _chunks(catalogue.found):
        yield {"record": "files", "files": [_file(item) for item in some]}


def case_records(dataset: DataSet) -> Iterator[dict[str, Any]]:
    """All cases with their labels, in the order of the data set."""
    for some in _chunks(dataset.samples):
        yield {"record": "cases", "cases": [_case(sample) for sample in some]}


def trait_records(catalogue: Catalogue) -> Iterator[dict[str, Any]]:
    """What the header of one file of each series (of each folder, for plain images) says of how it was made."""
    first: dict[str, Found] = {}
    for item in catalogue.found:
        first.setdefault(series_key(item), item)
    traits = ((key, _traits(Path(catalogue.folder), item)) for key, item in first.items())
    for some in _chunks(traits):
        yield {"record": "traits", "traits": {key: value for key, value in some if value}}


def series_key(item: Found) -> str:
    """What a file's series is known by: its UID, or the folder of a plain image ("." for the outermost)."""
    return item.series or item.path.rpartition("/")[0] or "."


def _chunks(found: Sequence[T] | Iterator[T]) -> Iterator[list[T]]:
    rest = iter(found)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "name": stack.name,
        "verdict": stack.verdict,
        "reason": stack.reason,
        "no_volume": stack.no_volume,
        "rows": stack.rows,
        "columns": stack.columns,
        "spacing_mm": stack.spacing_mm,
        "slices": [[item.path, item.frame, item.position_mm] for item in stack.slices],
    }


def _file(item: Found) -> dict[str, Any]:
    return {
        "path": item.path,
        "kind": item.kind,
        "channels": item.channels,
        "size": list(item.size),
        "frames": item.frames,
        "patient": item.patient,
        "study": item.study,
        "series": series_key(item),
        "modality": item.modality,
        "spacing": list(item.spacing_mm) if item.spacing_mm else None,
        "position": item.position_mm,
        "instance": item.instance,
        "scanner": item.scanner,
        "bits": item.bits or max(item.top, 0).bit_length(),
        "notes": list(item.notes),
        **({"leads": list(item.leads)} if item.leads else {}),
    }


def _case(sample: Sample) -> dict[str, Any]:
    return {
        "key": sample.key,
        "path": sample.path,
        "frame": sample.frame,
        "channels": sample.channels,
        "size": list(sample.size),
        "resampled": list(sample.resampled),
        "group": sample.group,
        "patient": sample.patient,
        "part": sample.part,
        "label": sample.label,
        "number": sample.number,
        **({"numbers": list(sample.numbers)} if sample.numbers else {}),
        "mask": sample.mask,
        "labels": list(sample.labels) if sample.labels is not None else None,
        "boxes": [asdict(box) for box in sample.boxes] if sample.boxes is not None else None,
        **(_point(sample, sample.point) if sample.point else {}),
        **({"values": [None if math.isnan(value) else value for value in sample.values]} if sample.values else {}),
    }


def _point(sample: Sample, point: Point) -> dict[str, Any]:
    """Where a patch lies; of a volume made of slices also its turn, and which slice the point is on."""
    told: dict[str, Any] = {"point": {"at": list(point.at), "image": list(point.image)}}
    if len(point.at) == 3 and sample.slices and not sample.resampled:
        place = round(before_turn(point.at, sample.size, point.image, sample.turn)[0][0])
        told |= {"turn": sample.turn, "slices": sample.slices[place : place + 1]}
    return told


def _traits(folder: Path, item: Found) -> dict[str, Any]:
    """Maker, model and bits of a series; {} where its header says nothing."""
    from runtime.data.faults import READ_ERRORS, FileFault

    try:
        if item.kind == "dicom":
            return _dicom_traits(folder / item.path)
    except FileFault:
        return {}
    except READ_ERRORS:
        return {}
    return {"bits": max(item.top, 1).bit_length()} if item.top else {}


def _dicom_traits(place: Path) -> dict[str, Any]:
    from runtime.data.header import is_bare, open_dicom, quietly, text, whole

    with quietly(), place.open("rb") as file:
        tags = ["BitsStored", *_MADE_BY, *_TOLD.values()]
        dataset = open_dicom(file, is_bare(place), header_only=True, tags=tags)
        maker, model = (text(dataset, name) for name in _MADE_BY)
        made = " ".join(dict.fromkeys(part for part in (maker, model) if part))
        told = {name: text(dataset, keyword) for name, keyword in _TOLD.items()}
        return {"scanner": made, "bits": whole(dataset, "BitsStored"), **told}
