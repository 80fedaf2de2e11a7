"""The header of a file as rows to be read: tag, name, kind, value, and whether it may tell who the patient is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nibabel
from PIL import ExifTags, Image
from pydicom.datadict import dictionary_description, dictionary_has_tag
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from runtime.data.catalogue import FileKind
from runtime.data.faults import READ_ERRORS, FileFault, in_words
from runtime.data.header import is_bare, open_dicom, quietly
from runtime.data.signal_files import signal_of
from runtime.data.sniff import content_of

_LONGEST = 400  # characters of a value
_DEEPEST = 6
_MOST = 20_000  # rows
_HARMLESS_OF_PATIENT = frozenset({0x00100040, 0x00101010, 0x00101020, 0x00101030})  # sex, age, height, weight
_TELLING = frozenset(
    {
        0x00080014, 0x00080018, 0x00080050, 0x00080058, 0x00080080, 0x00080081, 0x00081010, 0x00081040, 0x00081155,
        0x00180012, 0x00181000, 0x00181002, 0x00181030, 0x0020000D, 0x0020000E, 0x00200010, 0x00200052, 0x00200200,
        0x00204000, 0x00321032, 0x00321033, 0x00324000, 0x00380010, 0x00380300, 0x00380400, 0x00400241, 0x00400242,
        0x00400253, 0x00400254, 0x00401001, 0x00402016, 0x00402017, 0x0040A123, 0x00880140, 0x00020003, 0x00081030,
        0x0008103E, 0x00081080, 0x00081084,
    }
)  # fmt: skip
_TELLING_KINDS = frozenset({"PN", "DA", "DT", "TM", "UC", "UR", "LT", "UT", "ST"})
_TELLING_FIELDS = frozenset({"descrip", "db_name", "aux_file", "intent_name"})


@dataclass(frozen=True, slots=True)
class HeaderRow:
    """One element; `identifier` says that it, or an item below it, may name the patient, the place or the day."""

    tag: str
    name: str
    vr: str
    value: str
    identifier: bool = False
    private: bool = False
    rows: tuple[HeaderRow, ...] = ()


def header_rows(path: Path, kind: FileKind) -> list[HeaderRow]:
    """The header of a file, sequences with their items below them; pixels are not read. Raises FileFault, OSError."""
    if kind == "dicom" or (kind == "signal" and content_of(path).kind == "dicom"):
        with quietly(), path.open("rb") as file:
            dataset = open_dicom(file, is_bare(path), header_only=True)
            return [*_rows(dataset.file_meta, 0), *_rows(dataset, 0)][:_MOST]
    if kind == "signal":
        return list(_text_rows(path))
    return list(_volume_rows(path) if kind == "volume" else _image_rows(path))


def as_record(row: HeaderRow) -> dict[str, Any]:
    """The row, and those below it, as JSON."""
    return asdict(row)


def tells_who(tag: int, vr: str) -> bool:
    """Whether an element may tell who or where the patient is: by the basic profile of DICOM PS3.15, and all dates."""
    if BaseTag(tag).is_private:
        return True
    group = tag >> 16
    patient = group == 0x0010 and tag not in _HARMLESS_OF_PATIENT
    return patient or tag in _TELLING or vr in _TELLING_KINDS or group in (0x0032, 0x4008)


def _rows(dataset: Dataset, depth: int) -> Iterator[HeaderRow]:
    for tag in sorted(dataset.keys()):
        yield _row(dataset, BaseTag(tag), depth)


def _row(dataset: Dataset, tag: BaseTag, depth: int) -> HeaderRow:
    shown = f"({tag.group:04X},{tag.element:04X})"
    name = dictionary_description(tag) if dictionary_has_tag(tag) else ""
    try:
        element = dataset[tag]
        vr, name = str(element.VR), name or str(element.name).strip("[]")
        if vr == "SQ":
            return _sequence(shown, name, tag, list(element.value or []), depth)
        value = _spelled(element.value)
    except READ_ERRORS as error:
        raw = dataset.get_item(tag)
        vr, value = str(getattr(raw, "VR", "") or ""), f"({in_words(error)}) {_spelled(getattr(raw, 'value', ''))}"
    return HeaderRow(shown, name, vr, value, tells_who(tag, vr), bool(tag.is_private))


def _sequence(shown: str, name: str, tag: BaseTag, found: list[Dataset], depth: int) -> HeaderRow:
    below = []
    for index, item in enumerate(found if depth < _DEEPEST else ()):
        inner = tuple(_rows(item, depth + 1))
        below.append(HeaderRow("", f"Item {index + 1}", "", f"{len(inner)} elements", rows=inner))
    count = f"{len(found)} item{'' if len(found) == 1 else 's'}"
    return HeaderRow(shown, name, "SQ", count, False, bool(tag.is_private), tuple(below))


def _spelled(value: Any) -> str:
    """A value on one line, cut where it is too long to be read."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"{len(value)} bytes" if len(value) > 32 else value.hex(" ")
    several = isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue"
    said = "\\".join(str(part) for part in value) if several else str(value)
    said = " ".join(said.split())
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]} … ({len(said)} characters)"


def _volume_rows(path: Path) -> Iterator[HeaderRow]:
    try:
        image: Any = nibabel.load(path)
        header = image.header
        for name in header:
            value = header[name]
            said = value.tobytes().rstrip(b"\0").decode("latin-1") if value.dtype.kind == "S" else _numbers(value)
            yield HeaderRow("", str(name), str(value.dtype), said, str(name) in _TELLING_FIELDS)
        for place, line in enumerate(image.affine, 1):
            yield HeaderRow("", f"affine, row {place}", "mm", "  ".join(f"{part:.6g}" for part in line))
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error
    except nibabel.filebasedimages.ImageFileError as error:
        raise FileFault(in_words(error)) from error


def _numbers(value: Any) -> str:
    found = value.reshape(-1).tolist()
    return "  ".join(f"{part:.6g}" if isinstance(part, float) else str(part) for part in found)


def _image_rows(path: Path) -> Iterator[HeaderRow]:
    try:
        with path.open("rb") as file, Image.open(file, formats=("PNG", "JPEG", "TIFF", "BMP", "GIF")) as image:
            yield HeaderRow("", "Format", "", str(image.format or ""))
            yield HeaderRow("", "Size", "px", f"{image.width} × {image.height} (columns × rows)")
            yield HeaderRow("", "Pixels", "", str(image.mode))
            for key, value in image.info.items():
                if key not in ("exif", "icc_profile"):
                    yield HeaderRow("", str(key), "", _spelled(value), isinstance(value, str))
            for tag, value in image.getexif().items():
                yield HeaderRow(f"{tag:04X}", ExifTags.TAGS.get(tag, ""), "EXIF", _spelled(value), True)
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error


def _text_rows(path: Path) -> Iterator[HeaderRow]:
    signal = signal_of(path)
    leads, samples = signal.values.shape
    yield HeaderRow("", "Leads", "", ", ".join(signal.leads) or str(leads))
    yield HeaderRow("", "Samples", "", str(samples))
    yield HeaderRow("", "Sampling rate", "", f"{signal.rate_hz:g} Hz" if signal.rate_hz else "not said")
