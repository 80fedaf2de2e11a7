"""Where an image lies in the patient, so that outlines drawn in millimetres find their pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from runtime.data.faults import FileFault
from runtime.data.header import is_bare, items, numbers, open_dicom, quietly, text, whole

Floats = NDArray[np.float64]
SAME_MM = 0.5  # how far a plane or a corner may lie beside another and still be the same
_SAME_SHARE = 0.01  # of the spacing
_SAME_WAY = 0.01  # difference of direction cosines

TAGS = [
    "SOPClassUID", "SOPInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "Rows", "Columns", "NumberOfFrames",
    "PixelSpacing", "ImagePositionPatient", "ImageOrientationPatient", "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """The pixels of one frame in the patient: corner, directions and spacing in mm; None where a file does not say."""

    rows: int
    columns: int
    corner: Floats | None = None
    ways: Floats | None = None  # (2, 3): along the columns' index, along the rows' index
    spacing: tuple[float, float] | None = None  # between rows, between columns

    @property
    def normal(self) -> Floats | None:
        """The direction in which the slices follow each other."""
        return None if self.ways is None else np.cross(self.ways[0], self.ways[1])

    def distance(self, points: Floats) -> Floats | None:
        """How far points (N, 3) lie from the plane, mm; None where the plane is not known."""
        if self.normal is None or self.corner is None:
            return None
        distances: Floats = (points - self.corner) @ self.normal
        return distances

    def pixels(self, points: Floats) -> Floats | None:
        """Points (N, 3) in mm as (row, column), the centre of the first pixel being (0, 0)."""
        if self.corner is None or self.ways is None or self.spacing is None:
            return None
        aside = points - self.corner
        return np.stack([aside @ self.ways[1] / self.spacing[0], aside @ self.ways[0] / self.spacing[1]], axis=1)

    def mismatch(self, other: Grid, whose: str) -> str:
        """What differs from another grid, with both values; "" when the pixels of both lie on each other.

        `whose` names the other grid. What one of both does not say cannot differ.
        """
        if (self.rows, self.columns) != (other.rows, other.columns):
            return f"has {self.rows} x {self.columns} pixels and {whose} {other.rows} x {other.columns}"
        if self.spacing and other.spacing and not np.allclose(self.spacing, other.spacing, rtol=_SAME_SHARE):
            return f"has a spacing of {_mm(self.spacing)} mm and {whose} {_mm(other.spacing)} mm"
        if self.ways is not None and other.ways is not None and np.abs(self.ways - other.ways).max() > _SAME_WAY:
            return f"is oriented as {_way(self.ways)} and {whose} as {_way(other.ways)}"
        if self.corner is not None and other.corner is not None:
            limit = max(SAME_MM, 0.5 * max(self.spacing or (0.0,)))
            if float(np.linalg.norm(self.corner - other.corner)) > limit:
                return f"lies at ({_mm(self.corner)}) mm and {whose} at ({_mm(other.corner)}) mm"
        return ""


@dataclass(frozen=True)
class Place:
    """An image file: its identity, and the grid of each frame."""

    instance: str
    series: str
    reference: str  # FrameOfReferenceUID, "" when the file does not say
    grids: tuple[Grid, ...]


def place_of(path: Path) -> Place:
    """Where the frames of a DICOM image lie. Raises FileFault and OSError."""
    with quietly(), path.open("rb") as file:
        dataset = open_dicom(file, is_bare(path), header_only=True, tags=TAGS)
        frames = whole(dataset, "NumberOfFrames") or 1
        return Place(
            text(dataset, "SOPInstanceUID"),
            text(dataset, "SeriesInstanceUID"),
            text(dataset, "FrameOfReferenceUID"),
            tuple(grid_of(dataset, frame) for frame in range(frames)),
        )


def grid_of(dataset: Dataset, frame: int) -> Grid:
    """The grid of one frame: from its own functional group, else the shared one, else the file."""
    own = items(dataset, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    groups = [*own, *items(dataset, "SharedFunctionalGroupsSequence")]
    corner = _first(dataset, groups, "PlanePositionSequence", "ImagePositionPatient", 3)
    cosines = _first(dataset, groups, "PlaneOrientationSequence", "ImageOrientationPatient", 6)
    spacing = _first(dataset, groups, "PixelMeasuresSequence", "PixelSpacing", 2)
    return Grid(
        whole(dataset, "Rows") or 0,
        whole(dataset, "Columns") or 0,
        np.array(corner) if corner else None,
        np.array(cosines).reshape(2, 3) if cosines else None,
        (spacing[0], spacing[1]) if spacing and min(spacing) > 0 else None,
    )


def _first(
    dataset: Dataset, groups: Sequence[Dataset], sequence: str, keyword: str, count: int
) -> tuple[float, ...] | None:
    places = [item for group in groups for item in items(group, sequence)]
    for place in (*places, dataset):
        try:
            found = numbers(place, keyword)
        except FileFault:
            continue
        if len(found) == count:
            return found
    return None


def _mm(values: Sequence[float] | Floats) -> str:
    return ", ".join(f"{float(value):.4g}" for value in values)


def _way(ways: Floats) -> str:
    return "\\".join(f"{value:.2f}" for value in ways.ravel())
