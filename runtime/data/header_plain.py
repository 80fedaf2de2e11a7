"""The header of an ordinary DICOM file without pydicom: the values that judging needs, plainly written, and no others.

The getters of `header` read it as they read a pydicom data set. Whatever is not plain (other encodings, several texts,
sequences that judging would look into) is left to the long way.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

from pydicom._dicom_dict import DicomDictionary
from pydicom.charset import python_encoding
from pydicom.tag import BaseTag
from pydicom.uid import AllTransferSyntaxes, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from runtime.data.dicom_walk import ANY, CHARACTER_SET, REFUSED, Unplain, Walked, walk_header
from runtime.data.raw_values import ESCAPE, tag_of

OVERLAY_ROWS = 0x60000010
_TEXTS = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PatientID", "Modality",
    "PhotometricInterpretation", "BurnedInAnnotation", "FrameOfReferenceUID", "EchoTime", "AcquisitionNumber",
    "TemporalPositionIdentifier", "TriggerTime", "LossyImageCompression", "PresentationIntentType", "Manufacturer",
    "ManufacturerModelName",
)  # fmt: skip
_WRITTEN = (
    "ImageType", "PixelSpacing", "ImagerPixelSpacing", "ImagePositionPatient", "ImageOrientationPatient",
    "RescaleSlope", "RescaleIntercept", "WindowWidth",
)  # fmt: skip
_TWO_BYTES = ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "BitsStored", "PixelRepresentation")
_WHOLE = ("InstanceNumber", "NumberOfFrames")
_DOUBLES = ("DiffusionBValue",)
_LOOKED_INTO = (
    "SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence", "SequenceOfUltrasoundRegions",
    "ModalityLUTSequence", "FrameIncrementPointer",
)  # fmt: skip
_THERE: dict[int, str | int] = {int(tag_of("PixelPaddingValue")[0]): "PixelPaddingValue", OVERLAY_ROWS: OVERLAY_ROWS}
_TEXT, _AS_WRITTEN, _NUMBER, _DIGITS, _DOUBLE = range(5)
_FORMS = {
    int(tag_of(keyword)[0]): (keyword, form)
    for form, keywords in enumerate((_TEXTS, _WRITTEN, _TWO_BYTES, _WHOLE, _DOUBLES))
    for keyword in keywords
}
_WANTED = {
    **{tag: tag_of(keyword)[1].encode() for tag, (keyword, _) in _FORMS.items()},
    **dict.fromkeys(_THERE, ANY),
    **{int(tag_of(keyword)[0]): REFUSED for keyword in _LOOKED_INTO},
    CHARACTER_SET: b"CS",
}
READ_TAGS = [BaseTag(tag) for tag in _WANTED]  # what the long way reads too, and no more
_SYNTAXES = {
    uid.encode(): uid != ImplicitVRLittleEndian
    for uid in AllTransferSyntaxes
    if uid not in (DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian)
}
_MOST_DIGITS = 9
_FLOAT64 = Struct("<d")


class PlainHeader(dict[str | int, str | int]):
    """Plain values by keyword: text without padding, or a whole number; "" for what only has to be there."""

    __slots__ = ("file_meta",)
    file_meta: PlainHeader


def plain_header(head: bytes) -> tuple[PlainHeader, Walked]:
    """The header in the first bytes of a file. Raises Unplain; TooShort where more bytes may help."""
    walked = walk_header(head, _SYNTAXES, _WANTED, _may_be_sequence)
    header = PlainHeader()
    for tag, raw in walked.values.items():
        if tag in _FORMS:
            keyword, form = _FORMS[tag]
            header[keyword] = _value(raw, form)
        elif tag in _THERE:
            header[_THERE[tag]] = ""
        elif not _is_known(raw):
            raise Unplain
    header.file_meta = _file_meta(walked.syntax, walked.stored_class)
    return header, walked


@lru_cache(maxsize=256)
def _file_meta(syntax: bytes, stored_class: bytes) -> PlainHeader:
    return PlainHeader(TransferSyntaxUID=_value(syntax, _TEXT), MediaStorageSOPClassUID=_value(stored_class, _TEXT))


def _value(raw: bytes, form: int) -> str | int:
    if form == _NUMBER:
        if len(raw) != 2:
            raise Unplain
        return raw[0] | raw[1] << 8
    if form == _DOUBLE:
        return _double(raw)
    if form == _AS_WRITTEN:
        return raw.decode("latin-1").strip(" \0")
    if not raw.isascii() or b"\\" in raw or ESCAPE in raw:
        raise Unplain
    text = raw.decode("ascii").strip(" \0")
    if form == _TEXT or not text:
        return text
    if not text.isdigit() or len(text) > _MOST_DIGITS:
        raise Unplain
    return int(text)


def _double(raw: bytes) -> str:
    if len(raw) not in (0, 8):
        raise Unplain
    return str(_FLOAT64.unpack(raw)[0]) if raw else ""


@lru_cache(maxsize=256)
def _is_known(character_sets: bytes) -> bool:
    """Whether pydicom knows the character sets that a file names; plain texts are the same in all of them."""
    names = character_sets.decode("latin-1").rstrip(" \0").split("\\")
    return all(name.strip() in python_encoding for name in names)


def _may_be_sequence(tag: int) -> bool:
    """Whether an element of unknown length can only be a sequence, or is a private one."""
    entry = DicomDictionary.get(tag)
    return entry is None or entry[0] == "SQ"
