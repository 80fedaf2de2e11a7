"""DICOM structure sets (RTSTRUCT): regions drawn as contours in the patient, filled on the slices they lie on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from runtime.data.faults import READ_ERRORS, FileFault, in_words
from runtime.data.header import items, numbers, open_dicom, quietly, text, whole
from runtime.data.mask_names import MaskName
from runtime.data.places import SAME_MM, Grid, Place, place_of

Mask = NDArray[np.int32]
CLASS = "1.2.840.10008.5.1.4.1.1.481.3"
_FILLED = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})


@dataclass(frozen=True)
class Contour:
    """One closed line: the region it belongs to, the image it was drawn on ("" when not said), its points in mm."""

    region: int
    instance: str
    points: NDArray[np.float64]  # (N, 3)

    def lies_on(self, place: Place, frame: int) -> bool:
        """Whether every point lies in the plane of a frame, and no other image is named."""
        if self.instance and self.instance != place.instance:
            return False
        distance = place.grids[frame].distance(self.points)
        return distance is not None and float(np.abs(distance).max()) <= SAME_MM


@dataclass(frozen=True)
class Structures:
    """What a structure set holds."""

    regions: tuple[tuple[int, str], ...]  # number and name
    contours: tuple[Contour, ...]
    series: frozenset[str]  # SeriesInstanceUID of the images it was drawn on
    references: frozenset[str]  # FrameOfReferenceUID
    unfilled: int  # points and open lines, which have no inside


@lru_cache(maxsize=4)
def structures_of(path: Path) -> Structures:
    """The regions and contours of a structure set. Raises FileFault and OSError."""
    try:
        with quietly(), path.open("rb") as file:
            return _read(open_dicom(file, False, header_only=True))
    except FileFault:
        raise
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error


def _read(dataset: Dataset) -> Structures:
    names = {
        whole(item, "ROINumber") or 0: text(item, "ROIName") or f"region {whole(item, 'ROINumber')}"
        for item in items(dataset, "StructureSetROISequence")
    }
    contours: list[Contour] = []
    unfilled = 0
    for region in items(dataset, "ROIContourSequence"):
        number = whole(region, "ReferencedROINumber") or 0
        for item in items(region, "ContourSequence"):
            values = numbers(item, "ContourData")
            if text(item, "ContourGeometricType") not in _FILLED or len(values) < 9 or len(values) % 3:
                unfilled += 1
                continue
            on = [text(image, "ReferencedSOPInstanceUID") for image in items(item, "ContourImageSequence")]
            contours.append(Contour(number, on[0] if len(on) == 1 else "", np.array(values).reshape(-1, 3)))
    drawn = {contour.region for contour in contours}
    frames = items(dataset, "ReferencedFrameOfReferenceSequence")
    series = [
        text(row, "SeriesInstanceUID")
        for frame in frames
        for study in items(frame, "RTReferencedStudySequence")
        for row in items(study, "RTReferencedSeriesSequence")
    ]
    references = [text(frame, "FrameOfReferenceUID") for frame in frames]
    return Structures(
        tuple((number, name) for number, name in names.items() if number in drawn),
        tuple(contours),
        frozenset(uid for uid in series if uid),
        frozenset(uid for uid in references if uid),
        unfilled,
    )


def mask_of_image(name: MaskName) -> Mask:
    """The mask of one image as classes, int32 (rows, columns); with `covered` (2, rows, columns). Raises FileFault.

    A pixel belongs to a region when its centre lies inside an odd number of the region's contours on the slice, so that
    a contour within another is a hole. Where regions overlap, the one named last wins.
    """
    said = structures_of(Path(name.file))
    place = place_of(Path(name.image))
    grid = place.grids[name.frame]
    mask = np.zeros((grid.rows, grid.columns), np.int32)
    cover = np.zeros_like(mask)
    for number, value in name.values:
        area = np.zeros(mask.shape, np.bool_)
        for contour in said.contours:
            if contour.region == number and contour.lies_on(place, name.frame):
                area ^= filled(contour.points, grid)
        mask[area] = value
        cover += area
    return np.stack([mask, cover]) if name.covered else mask


def filled(points: NDArray[np.float64], grid: Grid) -> NDArray[np.bool_]:
    """The pixels whose centres lie inside a closed line of points (N, 3) in mm, by the even-odd rule."""
    pixels = grid.pixels(points)
    if pixels is None:
        raise FileFault("the image does not say where it lies in the patient (position, orientation, spacing)")
    flips = np.zeros((grid.rows, grid.columns + 1), np.int64)
    for (y0, x0), (y1, x1) in zip(pixels, np.roll(pixels, -1, axis=0), strict=True):
        low, high = sorted((y0, y1))
        # A row is crossed where its centre lies at or above the lower end and below the upper one.
        rows = np.arange(max(int(np.ceil(low)), 0), min(int(np.ceil(high)), grid.rows))
        if rows.size:
            crossed = x0 + (rows - y0) * (x1 - x0) / (y1 - y0)
            np.add.at(flips, (rows, np.clip(np.ceil(crossed), 0, grid.columns).astype(int)), 1)
    inside: NDArray[np.bool_] = np.cumsum(flips[:, :-1], axis=1) % 2 == 1
    return inside
