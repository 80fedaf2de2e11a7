"""Single header elements of many DICOM files, as text: columns to split by, and what may go with a class."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from pydicom.datadict import dictionary_has_tag, keyword_for_tag, tag_for_keyword
from pydicom.tag import Tag

from runtime.data.faults import READ_ERRORS, Cancelled, FileFault
from runtime.data.header import is_bare, open_dicom, quietly, text

_UNREAD: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
_BASE = ("SOPClassUID", "Rows")  # what tells an image where a file has no preamble


def keyword_of(name: str) -> str:
    """The DICOM keyword that a user means by a keyword (StationName) or a tag (0008,1010); "" for anything else."""
    if tag_for_keyword(name) is not None:
        return name
    digits = name.strip("() ").replace(",", "").replace(" ", "")
    if len(digits) != 8:
        return ""
    try:
        tag = Tag(digits)
    except ValueError:
        return ""
    return keyword_for_tag(tag) if dictionary_has_tag(tag) else ""


def read_tags(
    folder: Path,
    paths: Iterable[str],
    keywords: Collection[str],
    on_progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> dict[str, Mapping[str, str]]:
    """The elements by path, "" where a file has none; files that cannot be read are left out.

    Raises Cancelled when `cancelled` answers True.
    """
    found: dict[str, Mapping[str, str]] = {}
    wanted = sorted({*keywords, *_BASE})
    listed = list(paths)
    with quietly():
        for number, path in enumerate(listed, start=1):
            if cancelled is not None and cancelled():
                raise Cancelled("Reading headers was stopped.")
            try:
                found[path] = _tags(folder / path, wanted, keywords)
            except _UNREAD:
                continue  # the decoder tells what is wrong with such a file
            if on_progress is not None:
                on_progress(number, len(listed))
    return found


def _tags(path: Path, wanted: list[str], keywords: Collection[str]) -> dict[str, str]:
    bare = is_bare(path)
    with path.open("rb") as file:
        dataset = open_dicom(file, bare, header_only=True, tags=wanted)
    return {keyword: text(dataset, keyword) for keyword in keywords}
