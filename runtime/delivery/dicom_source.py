"""What DICOM objects made from an image take over from it: patient, study, and where each frame lies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.valuerep import DA, TM

from runtime.data.faults import FileFault
from runtime.data.header import is_bare, open_dicom, quietly, text
from runtime.data.places import grid_of
from runtime.errors import RunError

_NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
_EMPTY = (
    "PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyID", "StudyDate", "StudyTime",
    "AccessionNumber", "ReferringPhysicianName",
)  # fmt: skip
_DATES: dict[str, Callable[[str], object]] = {"PatientBirthDate": DA, "StudyDate": DA, "StudyTime": TM}


@dataclass(frozen=True)
class Plane:
    """Where a mask of one slice lies: mm in DICOM's axes (left, back, head)."""

    corner: tuple[float, ...]
    ways: tuple[float, ...]  # six direction cosines: along a row, then along a column
    spacing: tuple[float, float]  # between rows, between columns
    rows: int
    columns: int


def header_of(path: Path) -> Dataset:
    """The header of a DICOM image, with all that an object of the same study needs. Raises RunError."""
    try:
        with quietly(), path.open("rb") as file:
            dataset = open_dicom(file, is_bare(path), header_only=True)
            list(dataset)  # every value is read here: pydicom wonders at those that a scanner wrote badly
            missing = [keyword for keyword in _NEEDED if not text(dataset, keyword)]
    except FileFault as fault:
        raise RunError(f"{path.name} {fault}.") from fault
    except OSError as error:
        raise RunError(f"{path.name} could not be read: {error.strerror or error}.") from error
    if missing:
        raise RunError(f"{path.name} has no {missing[0]}, so no DICOM object can refer to it; write another format.")
    for keyword in _EMPTY:
        if keyword not in dataset:
            setattr(dataset, keyword, "")
    _without_dates_that_are_none(dataset)
    return dataset


def _without_dates_that_are_none(dataset: Dataset) -> None:
    """An anonymised date such as 00000000 is left empty, which it may be."""
    for keyword, kind in _DATES.items():
        try:
            kind(text(dataset, keyword))
        except ValueError:
            setattr(dataset, keyword, "")


def plane_of(dataset: Dataset, frame: int) -> Plane:
    """Where a frame lies. Raises RunError when the file does not say."""
    with quietly():
        grid = grid_of(dataset, frame)
    if grid.corner is None or grid.ways is None or grid.spacing is None or not text(dataset, "FrameOfReferenceUID"):
        raise RunError(
            "An image does not say where it lies in the patient, so no DICOM segmentation can lie on it; write PNG or "
            "NIfTI."
        )
    return Plane(_floats(grid.corner), _floats(grid.ways.ravel()), grid.spacing, grid.rows, grid.columns)


def planes_of_affine(affine: Sequence[Sequence[float]], size: Sequence[int]) -> tuple[list[Plane], float]:
    """The slices of a volume (slices, rows, columns) with this affine (column, row, slice to mm, right, front, head),
    and the step between them, mm."""
    matrix = np.array(affine, float)
    matrix[:2] *= -1  # to left, back, head
    steps = [float(np.linalg.norm(matrix[:3, axis])) for axis in range(3)]
    ways = np.concatenate([matrix[:3, 0] / steps[0], matrix[:3, 1] / steps[1]])
    planes = [
        Plane(_floats(matrix[:3, 3] + number * matrix[:3, 2]), _floats(ways), (steps[1], steps[0]), size[1], size[2])
        for number in range(size[0])
    ]
    return planes, steps[2]


def _floats(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
