"""Where DICOM images lie: planes in patient coordinates (millimetres), and the pixel spacing."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pydicom.dataset import Dataset

from runtime.data.faults import READ_ERRORS, FileFault
from runtime.data.header import Header, items, numbers, whole

Vector = tuple[float, float, float]
_FAULTS: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
_CENTIMETRES = 3  # PhysicalUnitsXDirection


@dataclass(frozen=True, slots=True)
class Plane:
    """One image plane: its normal, its corner (mm), and the direction in which its columns follow each other."""

    normal: Vector
    corner: Vector
    across: Vector

    @property
    def down(self) -> Vector:
        """The direction in which its rows follow each other."""
        (a, b, c), (d, e, f) = self.normal, self.across
        return (b * f - c * e, c * d - a * f, a * e - b * d)

    @property
    def along(self) -> float:
        """The distance of the plane from the origin of the patient's coordinates, mm."""
        return sum(a * b for a, b in zip(self.normal, self.corner, strict=True))


def planes_of(dataset: Header, frames: int, notes: list[str]) -> tuple[Plane, ...]:
    """The plane of every frame; () when the file gives none. What is badly written is added to `notes`."""
    try:
        groups = items(dataset, "PerFrameFunctionalGroupsSequence")
        shared = items(dataset, "SharedFunctionalGroupsSequence")
        planes = [_plane_in(groups[index : index + 1] + shared) for index in range(min(frames, max(len(groups), 1)))]
        # Some scanners write empty groups into ordinary single-frame files.
        if not any(planes):
            planes = [_plane(dataset, dataset)]
    except FileFault as fault:
        notes.append(f"{fault}; its place in the patient is not known")
        return ()
    return tuple(plane for plane in planes if plane) if all(planes) else ()


def _plane_in(groups: list[Dataset]) -> Plane | None:
    """The plane that the frame's own group, or the shared one, describes."""
    position = [item for group in groups for item in items(group, "PlanePositionSequence")]
    orientation = [item for group in groups for item in items(group, "PlaneOrientationSequence")]
    return _plane(orientation[0], position[0]) if position and orientation else None


def _plane(orientation: Header, position: Header) -> Plane | None:
    cosines = numbers(orientation, "ImageOrientationPatient")
    corner = numbers(position, "ImagePositionPatient")
    if len(cosines) != 6 or len(corner) != 3:
        return None
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    normal = (b * f - c * e, c * d - a * f, a * e - b * d)
    length = math.hypot(*normal)
    if length < 0.5:
        return None
    width = math.hypot(a, b, c)
    return Plane(
        (normal[0] / length, normal[1] / length, normal[2] / length),
        (corner[0], corner[1], corner[2]),
        (a / width, b / width, c / width),
    )


def spacing_of(dataset: Header, notes: list[str]) -> tuple[float, float] | None:
    """Millimetres between rows and between columns; None when the file does not say."""
    groups = items(dataset, "PerFrameFunctionalGroupsSequence")[:1] + items(dataset, "SharedFunctionalGroupsSequence")
    places: list[Header] = [dataset, *(item for group in groups for item in items(group, "PixelMeasuresSequence"))]
    for keyword in ("PixelSpacing", "ImagerPixelSpacing"):
        for place in places:
            try:
                values = numbers(place, keyword)
            except FileFault as fault:
                notes.append(f"{fault}; its pixel spacing is not known")
                continue
            if len(values) == 2 and min(values) > 0:
                if keyword == "ImagerPixelSpacing":
                    notes.append("gives its spacing at the detector, not in the patient (magnification is not known)")
                return values[0], values[1]
    return _ultrasound(dataset)


def _ultrasound(dataset: Header) -> tuple[float, float] | None:
    """The spacing that the only region of an ultrasound image gives; None for several regions or other units."""
    regions = items(dataset, "SequenceOfUltrasoundRegions")
    if len(regions) != 1:
        return None
    try:
        units = [whole(regions[0], f"PhysicalUnits{axis}Direction") for axis in "XY"]
        sides = [abs(float(regions[0].get(f"PhysicalDelta{axis}") or 0)) * 10 for axis in "YX"]
    except _FAULTS:
        return None
    return (sides[0], sides[1]) if units == [_CENTIMETRES] * 2 and min(sides) > 0 else None
