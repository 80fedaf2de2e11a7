"""The facts of one file for the catalogue, from its header alone."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID

from runtime.data import images, volumes
from runtime.data.catalogue import FileKind, Found
from runtime.data.dicom import channels_of, scales
from runtime.data.faults import FileFault, check_budget
from runtime.data.geometry import Plane, planes_of, spacing_of
from runtime.data.header import (
    class_name,
    frames_declared,
    is_encapsulated,
    open_dicom,
    quietly,
    syntax_name,
    text,
    whole,
    written,
)
from runtime.data.marks import Marks, marks_of, moments_in, purpose_of
from runtime.data.raw_values import tag_of
from runtime.data.remarks import PROGRAMS, remarks
from runtime.data.sniff import Content

_TAGS: list[str | int] = [
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "Modality", "ImageType",
    "InstanceNumber", "Rows", "Columns", "NumberOfFrames", "SamplesPerPixel", "PhotometricInterpretation",
    "BitsAllocated", "BitsStored", "PixelRepresentation", "PixelSpacing", "ImagerPixelSpacing",
    "ImagePositionPatient", "ImageOrientationPatient", "RescaleSlope", "RescaleIntercept", "BurnedInAnnotation",
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "FrameOfReferenceUID", "EchoTime",
    "AcquisitionNumber", "TemporalPositionIdentifier", "TriggerTime", "DiffusionBValue", "FrameIncrementPointer",
    "LossyImageCompression", "PresentationIntentType", "Manufacturer", "ManufacturerModelName", "WindowWidth",
    "PixelPaddingValue", "SequenceOfUltrasoundRegions", "ModalityLUTSequence", 0x60000010,  # rows of an overlay
]  # fmt: skip
_KNOWN = [tag_of(tag)[0] if isinstance(tag, str) else BaseTag(tag) for tag in _TAGS]
# Objects that hold pixels but are no images of a patient: labels, doses, presentation states.
_NO_IMAGES = ("Segmentation", "RT Dose", "Presentation State", "Color Palette", "Waveform", "Encapsulated", "Raw Data")
_LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"  # Label Map Segmentation, newer than the dictionary
_PIXEL_GROUP = 0x7FE0


@dataclass(frozen=True, slots=True)
class Facts:
    """A found file with what only the series table needs."""

    found: Found
    instance_uid: str = ""
    planes: tuple[Plane, ...] = ()
    marks: tuple[Marks, ...] = ()  # of each frame
    frame_of_reference: str = ""
    purpose: str = ""  # see runtime.data.marks
    moments: bool = False  # the frames follow each other in time
    native: str = ""  # the transfer syntax, when the pixels are not compressed
    pixels_at: int = 0  # where the pixels begin in the file, bytes; 0 where that is not known


def facts_of(folder: Path, path: str, content: Content) -> Facts:
    """Read the header of one file below `folder`. Raises FileFault and OSError for files that are not to be used."""
    place = folder / path
    with quietly():
        dicom = content.kind == "dicom"
        facts = _dicom(place, path, content.bare) if dicom else Facts(_plain(place, path, content.kind))
    state = os.stat(place)
    return replace(facts, found=replace(facts.found, bytes=state.st_size, modified_ns=state.st_mtime_ns))


def _plain(place: Path, path: str, kind: FileKind) -> Found:
    if kind == "volume":
        volume = volumes.describe(place)
        return Found(path, kind, volume.channels, volume.size, spacing_mm=volume.spacing_mm, notes=volume.notes)
    picture = images.describe(place)
    size, frames = picture.size, picture.frames
    return Found(path, kind, picture.channels, size, frames=frames, top=picture.top, notes=picture.notes)


def _dicom(place: Path, path: str, bare: bool) -> Facts:
    with place.open("rb") as file:
        program = not bare and file.read(4).startswith(PROGRAMS)
        dataset = open_dicom(file, bare, header_only=True, tags=_KNOWN)
        _refuse_other_objects(dataset)
        rows, columns, frames, channels = _sides(dataset)
        start = 0
        deflated = "Deflated" in syntax_name(dataset)
        if not deflated:  # the reader has unpacked a deflated file elsewhere, so the place in it says nothing
            start = _refuse_cut(file, dataset, rows * columns * frames * (whole(dataset, "SamplesPerPixel") or 1))
    if channels == 1:
        scales(dataset, frames)  # an empty or zero slope is found now, not when training begins
    notes: list[str] = []
    planes = planes_of(dataset, frames, notes)
    spacing = spacing_of(dataset, notes)
    notes.extend(remarks(dataset, bare, program))
    found = Found(
        path,
        "dicom",
        channels,
        (rows, columns),
        frames=frames,
        patient=text(dataset, "PatientID"),
        study=text(dataset, "StudyInstanceUID"),
        series=text(dataset, "SeriesInstanceUID"),
        modality=text(dataset, "Modality"),
        spacing_mm=spacing,
        position_mm=planes[0].along if planes else None,
        instance=_instance(dataset, notes),
        scanner=" ".join(filter(None, (text(dataset, "Manufacturer"), text(dataset, "ManufacturerModelName")))),
        bits=whole(dataset, "BitsStored") or whole(dataset, "BitsAllocated") or 0,
        lossy=text(dataset, "LossyImageCompression") == "01",
        intent=text(dataset, "PresentationIntentType"),
        notes=tuple(notes),
    )
    return Facts(
        found,
        text(dataset, "SOPInstanceUID"),
        planes,
        marks_of(dataset, frames),
        text(dataset, "FrameOfReferenceUID"),
        purpose_of(dataset),
        moments_in(dataset),
        "" if is_encapsulated(dataset) or deflated else text(dataset.file_meta, "TransferSyntaxUID"),
        start,
    )


def _refuse_other_objects(dataset: Dataset) -> None:
    name = class_name(dataset) or UID(text(dataset.file_meta, "MediaStorageSOPClassUID")).name
    if "Media Storage Directory" in name or "DirectoryRecordSequence" in dataset:
        raise FileFault("is the index of a DICOM medium (DICOMDIR); its images are read from their own files")
    if name == _LABEL_MAP or any(word in name for word in _NO_IMAGES):
        raise FileFault(f"is a DICOM object of the kind '{name}', not an image")
    if "Rows" not in dataset or "Columns" not in dataset:
        kind = f" of the kind '{name}'" if name else ""
        raise FileFault(f"is a DICOM object{kind} without an image")
    if "MOSAIC" in (written(dataset, "ImageType") or ""):
        raise FileFault(
            "is a mosaic (many slices on one sheet), which is not taken apart; export the slices one by one"
        )


def _sides(dataset: Dataset) -> tuple[int, int, int, int]:
    """Rows, columns, frames, channels. Raises FileFault for what cannot be an image or is too large."""
    rows, columns, frames = whole(dataset, "Rows") or 0, whole(dataset, "Columns") or 0, frames_declared(dataset)
    if rows < 1 or columns < 1:
        raise FileFault(f"says it has {rows}×{columns} pixels")
    channels = channels_of(dataset)
    check_budget(f"{rows}×{columns} pixels × {frames} frames", rows, columns, frames, channels)
    return rows, columns, frames, channels


def _refuse_cut(file: BinaryIO, dataset: Dataset, values: int) -> int:
    """Where the pixels begin. Raises FileFault for a file without them, or with fewer than its header promises."""
    here = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(here)
    head = file.read(12)
    little = dataset.original_encoding[1] is not False
    order = "little" if little else "big"
    if len(head) < 8 or int.from_bytes(head[:2], order) != _PIXEL_GROUP:  # type: ignore[arg-type]
        raise FileFault(f"is a DICOM object of the kind '{class_name(dataset)}' without pixel data")
    start = here + (8 if dataset.original_encoding[0] else 12)
    if is_encapsulated(dataset):
        return start
    needed = (values * (whole(dataset, "BitsAllocated") or 8) + 7) // 8
    if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422":
        needed = needed * 2 // 3
    if end - here - 8 < needed:
        raise FileFault(f"ends too early: its pixels need {needed} bytes, and {max(end - here - 8, 0)} are there")
    return start


def _instance(dataset: Dataset, notes: list[str]) -> int | None:
    try:
        return whole(dataset, "InstanceNumber")
    except FileFault as fault:
        notes.append(f"{fault}; it is left out")
        return None
