"""Recognising labels that this version does not read: box files (Pascal VOC, COCO), DICOM SEG and RTSTRUCT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runtime.data.catalogue import Catalogue, Found
from runtime.data.label_paths import stem_of

_HEAD = 65536  # bytes looked at
_OUTLINES = ("Segmentation Storage", "'1.2.840.10008.5.1.4.1.1.66.7'", "RT Structure Set Storage")


def unread_labels(folder: Path, catalogue: Catalogue, images: Sequence[Found]) -> list[str]:
    """One sentence for each sort of labels that lies in the folder and is not read."""
    warnings = []
    boxes = box_warning(folder, catalogue, images)
    if boxes:
        warnings.append(boxes)
    outlines = [item.path for item in catalogue.skipped if any(word in item.reason for word in _OUTLINES)]
    if outlines:
        warnings.append(
            f"The folder holds {len(outlines)} DICOM segmentations or structure sets, such as {outlines[0]}; "
            "they are not read by this version: save them as mask images in a folder named masks."
        )
    return warnings


def box_warning(folder: Path, catalogue: Catalogue, images: Sequence[Found]) -> str:
    """A sentence when box files lie in the folder, "" when not: this version reads no box labels."""
    stems = {stem_of(item.path.rsplit("/", 1)[-1]).casefold() for item in images}
    names = [item.path for item in catalogue.skipped]
    xml = [name for name in names if name.casefold().endswith(".xml")]
    matching = [name for name in xml if stem_of(name.rsplit("/", 1)[-1]).casefold() in stems]
    if matching and _holds(folder / matching[0], b"<annotation", b"<bndbox"):
        return _sentence(f"{len(matching)} Pascal VOC files, such as {matching[0]}")
    for name in (name for name in names if name.casefold().endswith(".json")):
        if _holds(folder / name, b'"images"', b'"annotations"'):
            return _sentence(f"a COCO file, {name}")
    return ""


def _sentence(what: str) -> str:
    return f"The folder holds boxes ({what}); labels of boxes are not read by this version, so they are not used."


def _holds(path: Path, *words: bytes) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return (
        any(word in head for word in words)
        if path.suffix.casefold() == ".json"
        else all(word in head for word in words)
    )
