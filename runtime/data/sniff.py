"""What a file is, judged by its first bytes and never by its name."""

from __future__ import annotations

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from runtime.data.arrays import are_arrays, is_idx
from runtime.data.catalogue import FileKind
from runtime.data.faults import FileFault
from runtime.data.signal_text import is_signal_text
from runtime.data.signal_wfdb import IS_SAMPLES, belongs_to_header, is_wfdb_header

HEAD = 1024  # bytes looked at
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"BM", b"GIF87a", b"GIF89a")
_OTHERS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "is a zip archive; unpack it first"),
    (b"7z\xbc\xaf", "is a 7z archive; unpack it first"),
    (b"Rar!", "is a RAR archive; unpack it first"),
    (b"%PDF", "is a PDF document, not an image"),
    (b"MZ", "is a Windows program, not an image"),
    (b"\x7fELF", "is a Linux program, not an image"),
    (b"\0\0\0\x0cjP  ", "is a JPEG 2000 picture outside DICOM, which is not read; save it as PNG or TIFF"),
    (b"\x89HDF", "is an HDF5 file, which is not read"),
    (b"\xd0\xcf\x11\xe0", "is an Office or thumbnail database file, not an image"),
)
_NAMES: dict[str, str] = {
    ".ds_store": "is a folder file of macOS, not an image",
    "thumbs.db": "is a thumbnail file of Windows, not an image",
    "desktop.ini": "is a folder file of Windows, not an image",
    "autorun.inf": "is a start file of a medium, not an image",
    "dicomdir": "is the index of a DICOM medium (DICOMDIR); its images are read from their own files",
}
_TEXTS: dict[str, str] = {
    ".csv": "is a table (CSV), not an image",
    ".tsv": "is a table (TSV), not an image",
    ".json": "is a JSON text, not an image",
    ".xml": "is an XML text, not an image",
    ".html": "is a web page, not an image",
    ".py": "is a program text, not an image",
}
_EXPLICIT_VR = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT OB OW PN SH SL SQ SS ST TM UI UL UN US UT".split())


@dataclass(frozen=True, slots=True)
class Content:
    """What the first bytes say: the kind of image file, and for DICOM whether its preamble is missing."""

    kind: FileKind
    bare: bool = False  # DICOM without the 128-byte preamble


def refused_by_name(name: str) -> str | None:
    """Why a file is skipped before it is opened: hidden files and the known neighbours of images."""
    lowered = name.lower()
    if lowered in _NAMES:
        return _NAMES[lowered]
    if name.startswith("._"):
        return "is a side file of macOS, not an image"
    if name.startswith("."):
        return "is a hidden file (its name begins with a dot)"
    return None


def content_of(path: Path) -> Content:
    """The kind of an image file. Raises FileFault, with the reason in words, for everything that is no image."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        raise FileFault("is empty (0 bytes)")
    if head[128:132] == b"DICM":
        return Content("dicom")
    if head.startswith(_PICTURES):
        return Content("image")
    if are_arrays(head, path.name) or (head.startswith(b"\x1f\x8b") and is_idx(_unpacked(path))):
        return Content("image")
    if _is_nifti(_unpacked(path) if head.startswith(b"\x1f\x8b") else head):
        return Content("volume")
    if belongs_to_header(path):
        raise FileFault(IS_SAMPLES)
    if _begins_like_dicom(head):
        return Content("dicom", bare=True)
    if _is_text(head) and (is_signal_text(head) or is_wfdb_header(head, path.name)):
        return Content("signal")
    raise FileFault(_other(head, path.name))


def no_image(path: Path) -> str:
    """What a text with a signal is where the folder holds images."""
    with path.open("rb") as file:
        return _other(file.read(HEAD), path.name)


def _unpacked(path: Path) -> bytes:
    """The first bytes inside a gzip file."""
    try:
        with gzip.open(path, "rb") as file:
            return file.read(HEAD)
    except (OSError, EOFError, zlib.error) as error:
        raise FileFault("is a damaged gzip archive") from error


def _is_nifti(head: bytes) -> bool:
    if head[344:348] == b"ni1\0":
        raise FileFault("is half of a NIfTI pair (.hdr/.img); save the volume as one .nii file")
    return head[344:348] == b"n+1\0" or head[4:8] == b"n+2\0"


def _begins_like_dicom(head: bytes) -> bool:
    """Whether the bytes look like the first element of a data set: group 0002 or 0008, then a VR or a small length."""
    if len(head) < 8 or head[:2] not in (b"\x02\0", b"\x08\0", b"\0\x02", b"\0\x08"):
        return False
    order: Literal["little", "big"] = "little" if head[1] == 0 else "big"
    element, length = int.from_bytes(head[2:4], order), int.from_bytes(head[4:8], order)
    return element < 0x3000 and (head[4:6] in _EXPLICIT_VR or length < 0x1000)


def _other(head: bytes, name: str) -> str:
    if head.startswith(b"PK\x03\x04") and name.casefold().endswith((".xlsx", ".xlsm")):
        return "is a table (Excel), not an image"
    for magic, reason in _OTHERS:
        if head.startswith(magic):
            return reason
    if head.startswith(b"\x1f\x8b"):
        return "is a gzip archive without a NIfTI volume; unpack it first"
    if _is_text(head):
        return _TEXTS.get(PurePosixPath(name).suffix.lower(), "is a text, not an image")
    return "is not an image that can be read (DICOM, PNG, JPEG, TIFF, BMP, GIF, NIfTI or NumPy)"


def _is_text(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 27 for byte in head)
