"""What was read of a file as a row of plain values and back: for the index of scans, and between processes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from runtime.data.catalogue import Found, Skipped
from runtime.data.facts import Facts
from runtime.data.geometry import Plane
from runtime.data.marks import Marks

Row = list[Any]
_FOUND = tuple(entry.name for entry in fields(Found))
_PATH, _KIND = _FOUND.index("path"), _FOUND.index("kind")
_KINDS = ("dicom", "image", "volume", "signal")
_MARKS = tuple(entry.name for entry in fields(Marks))


def to_row(judged: Facts | Skipped) -> Row:
    """Lists, texts and numbers alone, as JSON holds them."""
    if isinstance(judged, Skipped):
        return [judged.path, judged.reason]
    return [
        [getattr(judged.found, name) for name in _FOUND],
        judged.instance_uid,
        [[plane.normal, plane.corner, plane.across] for plane in judged.planes],
        [[getattr(marks, name) for name in _MARKS] for marks in judged.marks],
        judged.frame_of_reference,
        judged.purpose,
        judged.moments,
        judged.native,
        judged.pixels_at,
        judged.no_image,
    ]


def from_row(row: Row, grouped: bool = True) -> Facts | Skipped:
    """The file that a row tells of; not `grouped`, without what only tells where it lies among others. Raises
    ValueError, TypeError or LookupError for what is no such row."""
    if len(row) == 2:
        return Skipped(str(row[0]), str(row[1]))
    found, uid, planes, marks, frame, purpose, moments, native, pixels_at, no_image = row
    said: list[Any] = [tuple(value) if type(value) is list else value for value in found]
    if len(said) != len(_FOUND) or said[_KIND] not in _KINDS or type(said[_PATH]) is not str:
        raise ValueError("no file")
    if not grouped:
        return Facts(Found(*said), no_image=str(no_image))
    return Facts(
        Found(*said),
        str(uid),
        tuple(Plane(*(_vector(part) for part in plane)) for plane in planes),
        tuple(Marks(*map(str, entry)) for entry in marks),
        str(frame),
        str(purpose),
        bool(moments),
        str(native),
        int(pixels_at),
        str(no_image),
    )


def _vector(part: list[float]) -> tuple[float, float, float]:
    x, y, z = part
    return float(x), float(y), float(z)
