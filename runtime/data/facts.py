"""The facts of one file for the catalogue, from its header alone."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pydicom.dataset import Dataset

from runtime.data import images, volumes
from runtime.data.catalogue import FileKind, Found
from runtime.data.dicom import channels_of, scales
from runtime.data.dicom_walk import TooShort, Unplain
from runtime.data.faults import FileFault, check_budget
from runtime.data.geometry import Plane, planes_of, spacing_of
from runtime.data.header import (
    Header,
    class_name,
    frames_declared,
    holds,
    is_encapsulated,
    name_of,
    open_dicom,
    quietly,
    syntax_name,
    text,
    whole,
    written,
)
from runtime.data.header_plain import READ_TAGS, plain_header
from runtime.data.marks import Marks, marks_of, moments_in, purpose_of
from runtime.data.remarks import PROGRAMS, remarks
from runtime.data.signal_dicom import found_waveform
from runtime.data.signal_files import found_text
from runtime.data.sniff import Content, no_image

# Objects that hold pixels but are no images of a patient: labels, doses, presentation states.
_NO_IMAGES = ("Segmentation", "RT Dose", "Presentation State", "Color Palette", "Waveform", "Encapsulated", "Raw Data")
_LABEL_MAP = "1.2.840.10008.5.1.4.1.1.66.7"  # Label Map Segmentation, newer than the dictionary
_PIXEL_GROUP = 0x7FE0
_UNDEFINED = 0xFFFFFFFF  # the length of compressed pixels
_HEAD, _LONG_HEAD = 2**14, 2**19  # bytes read at first, and more of them where a header is longer
# Opening something that is no file (a pipe) must not wait for a writer.
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


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
    no_image: str = ""  # of a signal: why it is not used where the folder holds images


class _Pixels(NamedTuple):
    """Where the pixel element begins in a file, and its value, how long it is, and where the file ends; bytes."""

    element: int
    start: int
    length: int  # of the value
    end: int


def facts_of(folder: Path, path: str, content: Content) -> Facts:
    """Read the header of one file below `folder`. Raises FileFault and OSError for files that are not to be used."""
    place = folder / path
    with quietly():
        dicom = content.kind == "dicom"
        facts = _dicom(place, path, content.bare) if dicom else _plain(place, path, content.kind)
    state = os.stat(place)
    return replace(facts, found=replace(facts.found, bytes=state.st_size, modified_ns=state.st_mtime_ns))


def facts_at_once(place: str, path: str) -> Facts:
    """What `facts_of` says of the ordinary DICOM file at `place`, without pydicom and several times as fast.

    Raises Unplain for files that only the long way can judge, and otherwise as `facts_of`.
    """
    file = os.open(place, _OPEN)
    try:
        state = os.fstat(file)
        if not stat.S_ISREG(state.st_mode):
            raise Unplain
        head = os.read(file, _HEAD)
        try:
            header, walked = plain_header(head)
        except TooShort:
            if len(head) < _HEAD:
                raise
            head += os.read(file, _LONG_HEAD)
            header, walked = plain_header(head)
    finally:
        os.close(file)
    if _is_waveform(header):
        raise Unplain
    pixels = _Pixels(walked.element, walked.start, walked.length, state.st_size)
    return _judged(header, path, _sides(header), pixels, program=head.startswith(PROGRAMS), state=state)


def _plain(place: Path, path: str, kind: FileKind) -> Facts:
    if kind == "signal":
        return Facts(found_text(place, path), no_image=no_image(place))
    if kind == "volume":
        volume = volumes.describe(place)
        return Facts(Found(path, kind, volume.channels, volume.size, spacing_mm=volume.spacing_mm, notes=volume.notes))
    picture = images.describe(place)
    size, frames = picture.size, picture.frames
    return Facts(Found(path, kind, picture.channels, size, frames=frames, top=picture.top, notes=picture.notes))


def _dicom(place: Path, path: str, bare: bool) -> Facts:
    with place.open("rb") as file:
        program = not bare and file.read(4).startswith(PROGRAMS)
        dataset = open_dicom(file, bare, header_only=True, tags=READ_TAGS)
        if _is_waveform(dataset):
            found = found_waveform(place, path, bare)
            reason = f"is a DICOM object of the kind '{class_name(dataset)}', not an image"
            return Facts(found, text(dataset, "SOPInstanceUID"), no_image=reason)
        sides = _sides(dataset)
        # The reader has unpacked a deflated file elsewhere, so the place in it says nothing.
        pixels = None if "Deflated" in syntax_name(dataset) else _pixels_in(file, dataset)
    return _judged(dataset, path, sides, pixels, bare=bare, program=program)


def _judged(
    dataset: Header,
    path: str,
    sides: tuple[int, int, int, int],
    pixels: _Pixels | None,
    *,
    bare: bool = False,
    program: bool = False,
    state: os.stat_result | None = None,
) -> Facts:
    """All that a header says. `pixels`: None for a deflated file. Raises FileFault."""
    rows, columns, frames, channels = sides
    notes: list[str] = []
    if pixels is not None and not is_encapsulated(dataset):
        needed = _bytes_needed(dataset, rows * columns * frames)
        _refuse_cut(pixels, needed)
        notes += _unused(pixels, frames, needed)
    if channels == 1:
        scales(dataset, frames)  # an empty or zero slope is found now, not when training begins
    planes = planes_of(dataset, frames, notes)
    spacing = spacing_of(dataset, notes)
    notes.extend(remarks(dataset, bare, program))
    found = _found(dataset, path, sides, planes, spacing, state, notes)
    return Facts(
        found,
        text(dataset, "SOPInstanceUID"),
        planes,
        marks_of(dataset, frames),
        text(dataset, "FrameOfReferenceUID"),
        purpose_of(dataset),
        moments_in(dataset),
        "" if is_encapsulated(dataset) or pixels is None else text(dataset.file_meta, "TransferSyntaxUID"),
        0 if pixels is None else pixels.start,
    )


def _found(
    dataset: Header,
    path: str,
    sides: tuple[int, int, int, int],
    planes: tuple[Plane, ...],
    spacing: tuple[float, ...] | None,
    state: os.stat_result | None,
    notes: list[str],
) -> Found:
    """The file for the catalogue; what is wrong with its number is added to the notes."""
    rows, columns, frames, channels = sides
    return Found(
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
        bytes=0 if state is None else state.st_size,
        modified_ns=0 if state is None else state.st_mtime_ns,
        scanner=" ".join(filter(None, (text(dataset, "Manufacturer"), text(dataset, "ManufacturerModelName")))),
        bits=whole(dataset, "BitsStored") or whole(dataset, "BitsAllocated") or 0,
        lossy=text(dataset, "LossyImageCompression") == "01",
        intent=text(dataset, "PresentationIntentType"),
        notes=tuple(notes),
    )


def _refuse_other_objects(dataset: Header) -> None:
    name = class_name(dataset) or name_of(text(dataset.file_meta, "MediaStorageSOPClassUID"))
    if "Media Storage Directory" in name or "DirectoryRecordSequence" in dataset:
        raise FileFault("is the index of a DICOM medium (DICOMDIR); its images are read from their own files")
    if _is_no_image(name):
        raise FileFault(f"is a DICOM object of the kind '{name}', not an image")
    if not holds(dataset, "Rows") or not holds(dataset, "Columns"):
        kind = f" of the kind '{name}'" if name else ""
        raise FileFault(f"is a DICOM object{kind} without an image")
    if "MOSAIC" in (written(dataset, "ImageType") or ""):
        raise FileFault(
            "is a mosaic (many slices on one sheet), which is not taken apart; export the slices one by one"
        )


def _is_waveform(dataset: Header) -> bool:
    return "Waveform" in class_name(dataset)


@lru_cache(maxsize=256)
def _is_no_image(name: str) -> bool:
    return name == _LABEL_MAP or any(word in name for word in _NO_IMAGES)


def _sides(dataset: Header) -> tuple[int, int, int, int]:
    """Rows, columns, frames, channels. Raises FileFault for what cannot be an image or is too large."""
    _refuse_other_objects(dataset)
    rows, columns, frames = whole(dataset, "Rows") or 0, whole(dataset, "Columns") or 0, frames_declared(dataset)
    if rows < 1 or columns < 1:
        raise FileFault(f"says it has {rows}×{columns} pixels")
    channels = channels_of(dataset)
    check_budget(f"{rows}×{columns} pixels × {frames} frames", rows, columns, frames, channels)
    return rows, columns, frames, channels


def _pixels_in(file: BinaryIO, dataset: Dataset) -> _Pixels:
    """The pixel element at which the reader has stopped. Raises FileFault for a file without one."""
    here = file.tell()
    end = file.seek(0, os.SEEK_END)
    file.seek(here)
    head = file.read(12)
    little = dataset.original_encoding[1] is not False
    order = "little" if little else "big"
    if len(head) < 8 or int.from_bytes(head[:2], order) != _PIXEL_GROUP:  # type: ignore[arg-type]
        raise FileFault(f"is a DICOM object of the kind '{class_name(dataset)}' without pixel data")
    start = here + (8 if dataset.original_encoding[0] else 12)
    return _Pixels(here, start, int.from_bytes(head[start - here - 4 : start - here], order), end)  # type: ignore[arg-type]


def _bytes_needed(dataset: Header, places: int) -> int:
    """Bytes of the uncompressed pixels that the header promises."""
    values = places * (whole(dataset, "SamplesPerPixel") or 1)
    needed = (values * (whole(dataset, "BitsAllocated") or 8) + 7) // 8
    return needed * 2 // 3 if text(dataset, "PhotometricInterpretation") == "YBR_FULL_422" else needed


def _refuse_cut(pixels: _Pixels, needed: int) -> None:
    """Raises FileFault for a file with fewer pixels than its header promises."""
    there = pixels.end - pixels.element - 8
    if there < needed:
        raise FileFault(f"ends too early: its pixels need {needed} bytes, and {max(there, 0)} are there")


def _unused(pixels: _Pixels, frames: int, needed: int) -> list[str]:
    """That there are more frames than the header counts."""
    there = pixels.length * frames // needed if needed else frames
    if pixels.length == _UNDEFINED or there <= frames:
        return []
    return [f"holds {there} frames, but its header counts {frames}; the others are left out"]


def _instance(dataset: Header, notes: list[str]) -> int | None:
    try:
        return whole(dataset, "InstanceNumber")
    except FileFault as fault:
        notes.append(f"{fault}; it is left out")
        return None
