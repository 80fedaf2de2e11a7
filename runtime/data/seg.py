"""DICOM segmentations (SEG): what each frame outlines, and the mask of one image put together from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from runtime.data import dicom
from runtime.data.faults import FileFault
from runtime.data.header import is_bare, items, open_dicom, quietly, text, whole
from runtime.data.mask_names import MaskName
from runtime.data.places import SAME_MM, Grid, Place, grid_of, place_of

Mask = NDArray[np.int32]
CLASSES = frozenset({"1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7"})
"""Segmentation Storage and Label Map Segmentation Storage."""


@dataclass(frozen=True)
class Outline:
    """One frame: the segment it shows (0 in a label map, where pixels say it), the image it was drawn on, its grid."""

    segment: int
    instance: str  # SOPInstanceUID of the image; "" when the frame names none
    frame: int | None  # frame of that image, from 0; None when it is not said
    grid: Grid


@dataclass(frozen=True)
class Segmentation:
    """The header of a segmentation."""

    segments: tuple[tuple[int, str], ...]  # number and label
    outlines: tuple[Outline, ...]
    series: frozenset[str]  # SeriesInstanceUID of the images it belongs to
    reference: str
    fractional: int  # the value that stands for all of a pixel; 0 when pixels are only in or out
    label_map: bool

    def drawn_on(self, place: Place, frame: int) -> tuple[int, ...]:
        """The frames that belong to one frame of an image: those that name it, else those that lie in its plane."""
        named = tuple(
            index
            for index, outline in enumerate(self.outlines)
            if outline.instance and outline.instance == place.instance and outline.frame in (None, frame)
        )
        if named:
            return named
        return tuple(
            index
            for index, outline in enumerate(self.outlines)
            if not outline.instance and lies_in(outline.grid, place.grids[frame])
        )


def lies_in(one: Grid, other: Grid) -> bool:
    """Whether two grids lie in one plane of the patient, as far as both say where they lie."""
    if one.corner is None or one.ways is None or other.ways is None:
        return False
    distance = other.distance(one.corner[None])
    return distance is not None and abs(float(distance[0])) <= SAME_MM and one.mismatch(other, "") == ""


@lru_cache(maxsize=4)
def segmentation_of(path: Path) -> Segmentation:
    """The header of a SEG file. Raises FileFault and OSError."""
    with quietly(), path.open("rb") as file:
        dataset = open_dicom(file, is_bare(path), header_only=True)
        segments = tuple(
            (whole(item, "SegmentNumber") or 0, text(item, "SegmentLabel") or f"segment {whole(item, 'SegmentNumber')}")
            for item in items(dataset, "SegmentSequence")
        )
        label_map = text(dataset, "SegmentationType") == "LABELMAP"
        if not segments:
            raise FileFault("is a segmentation without segments")
        frames = whole(dataset, "NumberOfFrames") or 1
        outlines = tuple(_outline(dataset, frame, label_map) for frame in range(frames))
        fractional = text(dataset, "SegmentationType") == "FRACTIONAL"
        return Segmentation(
            tuple((number, label) for number, label in segments if number or not label_map),
            outlines,
            frozenset(_series(dataset)),
            text(dataset, "FrameOfReferenceUID"),
            (whole(dataset, "MaximumFractionalValue") or 255) if fractional else 0,
            label_map,
        )


def _series(dataset: Dataset) -> list[str]:
    named = [text(item, "SeriesInstanceUID") for item in items(dataset, "ReferencedSeriesSequence")]
    return [uid for uid in named if uid]


def _outline(dataset: Dataset, frame: int, label_map: bool) -> Outline:
    own = items(dataset, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    groups = [*own, *items(dataset, "SharedFunctionalGroupsSequence")]
    named = [item for group in groups for item in items(group, "SegmentIdentificationSequence")]
    number = next((whole(item, "ReferencedSegmentNumber") for item in named), None)
    if number is None and not label_map:
        raise FileFault(f"does not say which segment its frame {frame + 1} shows")
    derived = [item for group in groups for item in items(group, "DerivationImageSequence")]
    sources = [item for one in derived for item in items(one, "SourceImageSequence")]
    single = sources[0] if len(sources) == 1 else None
    at = whole(single, "ReferencedFrameNumber") if single is not None else None
    instance = text(single, "ReferencedSOPInstanceUID") if single is not None else ""
    return Outline(number or 0, instance, at - 1 if at else None, grid_of(dataset, frame))


def mask_of_image(name: MaskName) -> Mask:
    """The mask of one image as classes, int32 (rows, columns); with `covered` (2, rows, columns). Raises FileFault.

    Where segments overlap, the one named last wins. Pixels of a fractional segmentation count from one half on.
    """
    said = segmentation_of(Path(name.file))
    place = place_of(Path(name.image))
    grid = place.grids[name.frame]
    mask = np.zeros((grid.rows, grid.columns), np.int32)
    cover = np.zeros_like(mask)
    frames = said.drawn_on(place, name.frame)
    if frames:
        pixels = _pixels(Path(name.file))
        for number, value in name.values:
            area = _area(said, frames, pixels, number, grid)
            mask[area] = value
            cover += area
    return np.stack([mask, cover]) if name.covered else mask


def _area(
    said: Segmentation, frames: Sequence[int], pixels: NDArray[Any], number: int, grid: Grid
) -> NDArray[np.bool_]:
    area = np.zeros((grid.rows, grid.columns), np.bool_)
    for index in frames:
        outline = said.outlines[index]
        if not said.label_map and outline.segment != number:
            continue
        fault = outline.grid.mismatch(grid, "the image")
        if fault:
            raise FileFault(f"frame {index + 1} {fault}")
        shown = pixels[index] == number if said.label_map else pixels[index] >= max(said.fractional, 1) / 2
        area |= shown
    return area


@lru_cache(maxsize=2)
def _pixels(path: Path) -> NDArray[Any]:
    return dicom.stored_values(path)
