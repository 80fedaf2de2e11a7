"""The patients and parts of the data that a table of points names for its images. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runtime.data.catalogue import DataError, Found, Part
from runtime.data.label_folders import part_of_word
from runtime.data.label_paths import shared_folders
from runtime.data.points.choice import ChosenPoints
from runtime.data.points.places import ImageIndex
from runtime.data.points.table import read_points


def persons_of(chosen: ChosenPoints, folder: Path, images: Sequence[Found]) -> tuple[dict[str, str], dict[str, Part]]:
    """By the path of a file its patient, and its part, as far as the table says so. Raises DataError when it names
    several for one image: all points of an image belong to one side of a split."""
    index = ImageIndex(folder, images)
    table = read_points(chosen.table, index, chosen.column, chosen.encoding)
    shared = shared_folders([row.image for row in table.rows])
    patients: dict[str, str] = {}
    parts: dict[str, Part] = {}
    for row in table.rows:
        part = part_of_word(row.part) if row.part else None
        for path in index.find(row.image, shared) if row.patient or part else ():
            other = patients.setdefault(path, row.patient) if row.patient else row.patient
            side = parts.setdefault(path, part) if part else part
            if (other, side) != (row.patient, part):
                raise DataError(
                    f"{table.name} names “{other or side}” for {path} and, in line {row.line}, “{row.patient or part}”;"
                    " an image has one patient and lies in one part of the data."
                )
    return patients, parts
