"""The index of a DICOM medium (DICOMDIR): never an image, but it says which files ought to be there."""

from __future__ import annotations

from pathlib import Path

from runtime.data.faults import READ_ERRORS, FileFault
from runtime.data.header import items, open_dicom, quietly


def missing_files(place: Path) -> list[str]:
    """The files that the index names and that do not lie below its own folder, as it spells them.

    A name that leads out of the folder counts as missing and is not followed. [] for an index that cannot be read.
    """
    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    try:
        with quietly(), place.open("rb") as file:
            index = open_dicom(file, False, header_only=True, tags=["DirectoryRecordSequence"])
            records = items(index, "DirectoryRecordSequence")
            named = [record.get("ReferencedFileID") for record in records]
    except errors:
        return []
    missing = []
    for name in filter(None, named):
        parts = [name] if isinstance(name, str) else [str(part) for part in name]
        if not _is_below(place.parent, parts):
            missing.append("/".join(parts))
    return missing


def _is_below(folder: Path, parts: list[str]) -> bool:
    """Whether the file is there; media are often copied with their names in small letters."""
    if any(part in ("", ".", "..") or "/" in part or "\\" in part or ":" in part for part in parts):
        return False
    return any((folder.joinpath(*spelled)).is_file() for spelled in (parts, [part.lower() for part in parts]))
