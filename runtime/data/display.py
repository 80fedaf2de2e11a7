"""How an image is to be shown, from its header: unit, windows, spacing, and which side of the patient lies where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydicom.dataset import Dataset

from runtime.data import volumes
from runtime.data.catalogue import FileKind
from runtime.data.dicom import scales, stored_range
from runtime.data.faults import FileFault
from runtime.data.geometry import spacing_of
from runtime.data.header import frames_declared, is_bare, items, numbers, open_dicom, quietly, text, whole

_LEAST_PART = 0.3  # of a direction, for a letter of its own in an oblique one
_AXES = (("L", "R"), ("P", "A"), ("H", "F"))  # where the patient's coordinates grow and shrink
_PLANES = ("axial", "coronal", "sagittal")
_PLANE_LETTERS = {"axial": ("R", "L", "A", "P"), "coronal": ("R", "L", "H", "F"), "sagittal": ("A", "P", "H", "F")}
_UNITS = {"BQML": "Bq/ml", "CNTS": "counts", "GML": "g/ml", "PROPCNTS": "counts"}


@dataclass(frozen=True, slots=True)
class Display:
    """`letters` are left, right, top and bottom of the picture; `spacing_mm` is from row to row, column to column."""

    unit: str = ""
    windows: tuple[tuple[float, float, str], ...] = ()  # centre, width, what the file calls it
    spacing_mm: tuple[float, float] | None = None
    letters: tuple[str, str, str, str] | None = None
    notes: tuple[str, ...] = ()


def planes(kind: FileKind) -> tuple[str, ...]:
    """The planes in which a file of this kind can be looked at."""
    return _PLANES if kind == "volume" else ()


def display_of(path: Path, kind: FileKind, frame: int = 0, plane: str = "axial") -> Display:
    """What is known of one frame, or of one plane of a volume. Raises FileFault and OSError."""
    if kind == "dicom":
        with quietly(), path.open("rb") as file:
            return _of_dicom(open_dicom(file, is_bare(path), header_only=True), frame)
    if kind == "volume":
        return _of_volume(volumes.describe(path), plane)
    return Display()


def letters_of(cosines: Sequence[float]) -> tuple[str, str, str, str] | None:
    """Left, right, top, bottom from ImageOrientationPatient; None when it is no orientation."""
    if len(cosines) != 6:
        return None
    right, bottom = _direction(cosines[:3]), _direction(cosines[3:])
    left, top = _direction([-part for part in cosines[:3]]), _direction([-part for part in cosines[3:]])
    return (left, right, top, bottom) if all((left, right, top, bottom)) else None


def _direction(way: Sequence[float]) -> str:
    """The letters of a direction, the strongest first: "L", "PF"."""
    parts = sorted(zip(way, _AXES, strict=True), key=lambda part: -abs(part[0]))
    return "".join(names[part < 0] for part, names in parts if abs(part) >= _LEAST_PART)


def _of_volume(volume: volumes.Volume, plane: str) -> Display:
    axis = _PLANES.index(plane)
    spacing = volume.spacing_mm
    sides = [side for place, side in enumerate(spacing) if place != axis] if spacing else []
    known = not any("no orientation" in note for note in volume.notes)
    letters = _PLANE_LETTERS[plane] if known else None
    return Display("", (), (sides[0], sides[1]) if sides else None, letters, volume.notes)


def _of_dicom(dataset: Dataset, frame: int) -> Display:
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")[frame : frame + 1]
    groups += items(dataset, "SharedFunctionalGroupsSequence")
    notes: list[str] = []
    return Display(
        unit_of(dataset),
        _windows(dataset, groups, frame, notes),
        spacing_of(dataset, notes),
        _letters(dataset, groups, notes),
        tuple(notes),
    )


def unit_of(dataset: Dataset) -> str:
    """The unit of the real values: "HU" for CT, what RescaleType or Units name otherwise; "" when nothing is said."""
    named = text(dataset, "RescaleType").upper()
    if text(dataset, "Modality") == "CT" and named in ("", "HU", "US"):
        return "HU"
    units = text(dataset, "Units").upper()
    return "HU" if named == "HU" else _UNITS.get(units, "") or ("" if named == "US" else named.lower())


def _letters(dataset: Dataset, groups: list[Dataset], notes: list[str]) -> tuple[str, str, str, str] | None:
    places = [item for group in groups for item in items(group, "PlaneOrientationSequence")]
    for place in (*places, dataset):
        try:
            letters = letters_of(numbers(place, "ImageOrientationPatient"))
        except FileFault as fault:
            notes.append(f"{fault}; its orientation is not known")
            return None
        if letters is not None:
            return letters
    return None


def _windows(
    dataset: Dataset, groups: list[Dataset], frame: int, notes: list[str]
) -> tuple[tuple[float, float, str], ...]:
    """The file's own windows in real values, those of the frame before those of the file."""
    places = [item for group in groups for item in items(group, "FrameVOILUTSequence")] or [dataset]
    found: list[tuple[float, float, str]] = []
    try:
        for place in places:
            centres, widths = numbers(place, "WindowCenter"), numbers(place, "WindowWidth")
            names = text(place, "WindowCenterWidthExplanation").strip("[]").replace("'", "").split(", ")
            for index, (centre, width) in enumerate(zip(centres, widths, strict=False)):
                called = names[index] if index < len(names) else ""
                if width >= 1:
                    found.append((_turned(dataset, centre, frame), width, called))
    except FileFault as fault:
        notes.append(f"{fault}; its window is not used")
    return tuple(dict.fromkeys(found))


def _turned(dataset: Dataset, centre: float, frame: int) -> float:
    """The centre of a window in an image that was inverted because its bright is low (MONOCHROME1)."""
    if text(dataset, "PhotometricInterpretation") != "MONOCHROME1" or items(dataset, "ModalityLUTSequence"):
        return centre
    import numpy as np

    low, high = stored_range(dataset, np.dtype("i4" if whole(dataset, "PixelRepresentation") else "u4"))
    slope, intercept = scales(dataset, max(frames_declared(dataset), frame + 1))[frame]
    return (low + high) * slope + 2 * intercept - centre
