"""Opening a DICOM file safely, and getters for its header that never raise on a badly written value."""

from __future__ import annotations

import logging
import math
import warnings
import zlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TypeAlias

from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import _read_file_meta_info, read_preamble
from pydicom.tag import BaseTag
from pydicom.uid import UID, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from runtime.data.faults import BUDGET_BYTES, READ_ERRORS, FileFault, in_words
from runtime.data.header_plain import PlainHeader
from runtime.data.raw_values import is_there, plain_number, plain_text, tag_of

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_RATIO = 200  # unpacked to packed bytes; more is a decompression bomb
Header: TypeAlias = Dataset | PlainHeader


# pydicom tells a warning twice, by `warnings` and to this logger; its words may hold what stands in a patient's file.
logging.getLogger("pydicom").setLevel(logging.ERROR)


def quietly() -> AbstractContextManager[object]:
    """Badly written values are judged by the getters below; the warnings of pydicom about them are not shown."""
    return warnings.catch_warnings(action="ignore")


def open_dicom(
    file: BinaryIO, bare: bool, header_only: bool, tags: Sequence[str] | Sequence[BaseTag] | None = None
) -> Dataset:
    """The data set in `file`, its transfer syntax guessed where none is written; the file stays at the pixel element.

    `bare`: the file has no preamble. `header_only`: stop before the pixels. Raises FileFault.
    """
    _refuse_bomb(file, bare)
    file.seek(0)
    wanted = None if tags is None else [tag if isinstance(tag, BaseTag) else tag_of(tag)[0] for tag in tags]
    try:
        dataset = dcmread(file, force=bare, stop_before_pixels=header_only, specific_tags=wanted)
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error
    if bare and not ("SOPClassUID" in dataset and "Rows" in dataset):
        raise FileFault("is not an image: no DICOM preamble, and no image header either")
    _complete_meta(dataset)
    return dataset


def class_of(path: Path) -> str:
    """The SOPClassUID of a file with a preamble; "" when it does not say. Raises FileFault (bombs too) and OSError."""
    with quietly(), path.open("rb") as file:
        return text(open_dicom(file, False, header_only=True, tags=["SOPClassUID"]), "SOPClassUID")


def _complete_meta(dataset: Dataset) -> None:
    """Write down the transfer syntax that the reader found where the file names none."""
    if not hasattr(dataset, "file_meta"):
        dataset.file_meta = FileMetaDataset()
    if text(dataset.file_meta, "TransferSyntaxUID"):
        return
    dataset.syntax_guessed = True
    implicit, little = dataset.original_encoding
    explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit


def _refuse_bomb(file: BinaryIO, bare: bool) -> None:
    """Unpack a deflated data set in small pieces first: the reader itself would unpack all of it into memory."""
    file.seek(0)
    if _DEFLATED not in file.read(65536):
        return
    file.seek(0)
    try:
        read_preamble(file, bare)
        meta = _read_file_meta_info(file)
        if text(meta, "TransferSyntaxUID").encode() != _DEFLATED:
            return
        packed, unpacked = _measure(file)
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error
    if unpacked > BUDGET_BYTES or (unpacked > 2**24 and unpacked > _RATIO * packed):
        raise FileFault(
            f"is a compressed file that unpacks from {packed} bytes to more than {unpacked // 2**20} MiB; "
            f"it is not opened"
        )


def _measure(file: BinaryIO) -> tuple[int, int]:
    """Bytes of the packed rest of the file, and how many it unpacks to (counted up to the budget)."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    packed = unpacked = 0
    while block := file.read(65536):
        packed += len(block)
        while block and not inflate.eof:
            unpacked += len(inflate.decompress(block, 2**20))
            block = inflate.unconsumed_tail
            if unpacked > BUDGET_BYTES:
                return packed, unpacked
    return packed, unpacked


def holds(dataset: Header, keyword: str) -> bool:
    """Whether the header has the element, empty or not."""
    return keyword in dataset if isinstance(dataset, PlainHeader) else is_there(dataset, keyword)


def written(dataset: Header, keyword: str) -> str | None:
    """A text-coded value (DS, IS, CS, UI) exactly as written; None when the element is absent, "" when it is empty."""
    if isinstance(dataset, PlainHeader):
        plain = dataset.get(keyword)
        return None if plain is None else str(plain)
    if not is_there(dataset, keyword):
        return None
    value = dataset.get_item(tag_of(keyword)[0]).value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip(" \0")
    if isinstance(value, (list, tuple)) or type(value).__name__ == "MultiValue":
        return "\\".join(str(item) for item in value)
    return str(value).strip(" \0")


def text(dataset: Header, keyword: str) -> str:
    """A text in the file's character set; bytes that do not fit it show as replacement characters."""
    if isinstance(dataset, PlainHeader):
        return str(dataset.get(keyword, ""))
    plain = plain_text(dataset, keyword)
    if plain is not None:
        return plain
    try:
        value = dataset.get(keyword)
    except READ_ERRORS:
        return written(dataset, keyword) or ""
    return "" if value is None else str(value).strip(" \0")


def whole(dataset: Header, keyword: str) -> int | None:
    """A whole number; None when absent or empty. Raises FileFault that names the element for anything else."""
    if isinstance(dataset, PlainHeader):
        number = dataset.get(keyword, "")
        return None if number == "" else int(number)
    if not is_there(dataset, keyword):
        return None
    plain = plain_number(dataset, keyword)
    if plain is not None:
        return plain
    try:
        value = dataset.get(keyword)
        return None if value is None or str(value).strip(" \0") == "" else int(str(value).strip(" \0"))
    except READ_ERRORS as error:
        shown = written(dataset, keyword)
        raise FileFault(f"says {keyword} '{shown}', which is not a whole number") from error


def numbers(dataset: Header, keyword: str) -> tuple[float, ...]:
    """Decimal numbers (a decimal comma is understood); () when absent or empty. Raises FileFault for anything else."""
    shown = written(dataset, keyword)
    if not shown:
        return ()
    try:
        values = _decimals(shown)
    except ValueError as error:
        raise FileFault(f"says {keyword} '{shown}', which is not a number") from error
    if not all(math.isfinite(value) for value in values):
        raise FileFault(f"says {keyword} '{shown}', which is not a finite number")
    return values


@lru_cache(maxsize=8192)
def _decimals(shown: str) -> tuple[float, ...]:
    """The same orientation and spacing stand in all files of a series. Raises ValueError."""
    return tuple([float(part.strip().replace(",", ".")) for part in shown.split("\\")])


def items(dataset: Header, keyword: str) -> list[Dataset]:
    """The items of a sequence; [] when it is absent or damaged. Plain headers have none that is looked into."""
    if isinstance(dataset, PlainHeader) or not is_there(dataset, keyword):
        return []
    try:
        value = dataset.get(keyword)
    except READ_ERRORS:
        return []
    return list(value) if value else []


def frames_declared(dataset: Header) -> int:
    """NumberOfFrames, where missing, empty and zero mean one. Raises FileFault."""
    count = whole(dataset, "NumberOfFrames") or 1
    if count < 0:
        raise FileFault(f"says NumberOfFrames {count}")
    return count


def class_name(dataset: Header) -> str:
    """The name of the kind of object, such as "CT Image Storage"; the number itself for private kinds."""
    uid = text(dataset, "SOPClassUID")
    return name_of(uid) if uid else ""


@lru_cache(maxsize=256)
def name_of(uid: str) -> str:
    """The name of a UID; the UID itself where it has none."""
    with quietly():
        return UID(uid).name


@lru_cache(maxsize=256)
def _is_encapsulated(syntax: str) -> bool:
    with quietly():
        return bool(UID(syntax).is_encapsulated)


def is_encapsulated(dataset: Header) -> bool:
    """Whether the pixels are compressed. Raises FileFault for a transfer syntax that is none."""
    try:
        return _is_encapsulated(text(dataset.file_meta, "TransferSyntaxUID"))
    except ValueError as error:
        raise FileFault(f"names the transfer syntax '{syntax_name(dataset)}', which does not exist") from error


def syntax_name(dataset: Header) -> str:
    """The name of the transfer syntax."""
    return name_of(text(dataset.file_meta, "TransferSyntaxUID"))


def is_bare(path: Path) -> bool:
    """Whether a DICOM file lacks its preamble."""
    with path.open("rb") as file:
        return file.read(132)[128:] != b"DICM"
