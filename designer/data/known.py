"""What a survey tells of a folder, as a data set; and what a source node learns of it once labels were mended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from designer.data.survey import Found, sample_of
from runtime.data.catalogue import DataError, DataSet
from runtime.data.corrections import Corrections, case_code, corrected, corrections_in
from runtime.data.several_numbers import spreads_of


def learned_labels(dataset: DataSet) -> dict[str, Any]:
    """Those of a source's settings that change when labels are mended."""
    by_name = dataset.counts() if dataset.label in ("class", "labels", "boxes") else {}
    return {
        "classes": list(dataset.classes),
        "counts": [by_name[name] for name in dataset.classes] if by_name else list(dataset.pixel_counts),
        "spreads": list(spreads_of(dataset)),
        "images": len(dataset.samples),
        "named_patients": len({sample.patient for sample in dataset.samples} - {""}),
        "groups": list(dataset.groups()),
        "fingerprint": dataset.fingerprint,
    }


def effective(found: Found, held: object) -> Mapping[str, Any]:
    """What a source node learns of a folder whose labels were mended as it holds them."""
    corrections = corrections_in(held)
    if not found.settings or not found.cases or not (corrections.labels or corrections.left_out):
        return found.settings
    try:
        return {**found.settings, **learned_labels(corrected(dataset_of(found), corrections))}
    except DataError:
        return found.settings


def dataset_of(found: Found) -> DataSet:
    """The data set that the survey tells of, as far as labels and parts go."""
    told, settings = found.dataset, found.settings
    made = found.samples if len(found.samples) == len(found.cases) else map(sample_of, found.cases)
    return DataSet(
        folder=str(settings.get("folder") or found.folder),
        kind=told["kind"],
        samples=tuple(made),
        label=told["label"],
        classes=tuple(settings.get("classes", ())),
        channels=int(told.get("channels", 1)),
        size=tuple(told.get("size", ())),
        fingerprint=str(settings.get("fingerprint", "")),
        labels=str(settings.get("labels", "")),
        modality=str(settings.get("modality", "")),
        top=int(settings.get("top", 0)),
        mask_values=tuple(told.get("mask_values", ())),
        columns=tuple(told.get("columns", ())),
        pixel_counts=tuple(settings.get("counts", ())) if told["label"] == "mask" else (),
    )


def still_meant(found: Found, held: Corrections, images: object) -> bool:
    """Whether corrections made in another folder are meant for this one: as many cases, all of them known."""
    codes = {case_code(str(case["key"])) for case in found.cases}
    as_many = len(found.cases) - len(held.left_out & codes) == images
    return as_many and {*held.labels, *held.left_out} <= codes
