"""Who the cases of an evaluation are: salted hashes, and the way back to a data set that lies here. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import DataSet, Sample
from runtime.evaluation.record import BELOW, DIGITS, Cases
from runtime.splits import hashed

Array = NDArray[Any]


def case_name(salt: str, text: str) -> str:
    """The hash that stands for a case (by its key) or a patient (by its group) in an evaluation."""
    return hashed(salt, text)[:DIGITS]


def named_cases(dataset: DataSet, chosen: Sequence[int], salt: str) -> dict[str, Any]:
    """`case`, `patient` and `patient_known` of some samples, and `points` of those that are, as `Cases` holds them."""
    samples = [dataset.samples[index] for index in chosen]
    return {
        "case": np.array([case_name(salt, sample.key) for sample in samples], f"<U{DIGITS}"),
        "patient": np.array([case_name(salt, sample.group) for sample in samples], f"<U{DIGITS}"),
        "patient_known": np.array([bool(sample.patient) for sample in samples], np.bool_),
        "points": _points(samples, salt),
    }


def _points(samples: Sequence[Sample], salt: str) -> dict[str, Array]:
    """Which image and finding each point lies on; {} of cases that are no points."""
    points = [sample.point for sample in samples if sample.point is not None]
    if len(points) < len(samples):
        return {}
    return {
        "image": np.array([case_name(salt, sample.image_key) for sample in samples], f"<U{DIGITS}"),
        "finding": np.array([point.finding for point in points], np.int32),
        "missed": np.array([point.missed for point in points], np.int32),
    }


def indexes_of(dataset: DataSet, cases: Cases, salt: str) -> list[int | None]:
    """The place of each case among the samples of a data set; None for one that is not there."""
    places = {case_name(salt, sample.key): index for index, sample in enumerate(dataset.samples)}
    return [places.get(str(case)) for case in cases.case]


def pooled(parts: Sequence[Cases]) -> Cases:
    """The cases of several evaluations of one task, one after the other."""
    first = parts[0]

    def joined(name: str) -> Any:
        arrays = [getattr(one, name) for one in parts]
        return None if any(array is None for array in arrays) else np.concatenate(arrays)

    def below(name: str) -> dict[str, Array]:
        keys = [key for key in getattr(first, name) if all(key in getattr(one, name) for one in parts)]
        return {key: np.concatenate(_as_many([getattr(one, name)[key] for one in parts])) for key in keys}

    plain = (
        "case", "patient", "patient_known", "error", "correct", "confidence", "scores", "probabilities", "truth",
        "predicted",
    )  # fmt: skip
    nested: dict[str, Any] = {name: below(name) for name in BELOW}
    return Cases(**{name: joined(name) for name in plain}, **nested)


def _as_many(tables: Sequence[Array]) -> list[Array]:
    """Lists of boxes (N, boxes, 5 or 6) made as long as the longest, with rows that are none (class -1)."""
    if tables[0].ndim != 3:
        return [*tables]
    most, wide = max(table.shape[1] for table in tables), tables[0].shape[2]
    none = np.zeros(wide)
    none[0 if wide == 5 else -1] = -1
    return [
        np.concatenate([table, np.broadcast_to(none, (len(table), most - table.shape[1], wide))], axis=1)
        for table in tables
    ]
