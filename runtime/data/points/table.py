"""A table of points as it is written: the image that each row names, its coordinates, and what it is. No torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runtime.data.catalogue import DataError
from runtime.data.label_columns import LABEL_NAMES, number_of, path_column
from runtime.data.label_paths import PathIndex
from runtime.data.label_table import Table, read_table

_AXES = {
    "x": ("x", "coordx", "coord_x", "x_mm", "x_px", "center_x", "centre_x", "cx", "column", "col"),
    "y": ("y", "coordy", "coord_y", "y_mm", "y_px", "center_y", "centre_y", "cy", "row"),
    "z": ("z", "coordz", "coord_z", "z_mm", "z_px", "center_z", "centre_z", "cz", "slice", "frame"),
}
_IN_MM = frozenset({"coordx", "coord_x", "x_mm"})  # coordX as LUNA16 has it
_FINDINGS = ("finding_id", "lesion_id", "nodule_id", "annotation_id")
_RADII = {"radius": 1.0, "radius_mm": 1.0, "diameter": 0.5, "diameter_mm": 0.5}
_PATIENTS = ("patient", "patient_id", "patientid", "patient id", "subject", "subject_id")
_PARTS = ("split", "part", "subset", "set", "partition")
_NO_BOXES = frozenset({"w", "h", "width", "height", "xmin", "xmax", "x_max", "x2"})  # such a table is one of boxes


@dataclass(frozen=True, slots=True)
class Row:
    """One point: what its cells say."""

    line: int
    image: str
    at: tuple[float, ...]  # x, y or x, y, z
    label: str = ""
    finding: str = ""  # which finding of its image it lies on, where a column says so
    radius: float | None = None
    patient: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class PointTable:
    """A table of points."""

    name: str
    rows: tuple[Row, ...]
    unread: tuple[tuple[int, str], ...]  # lines without a place, and why
    in_mm: bool  # whether places are millimetres in the patient; else pixels
    radius_in_mm: bool
    label: str  # the name of the column that says what a point is; "" where there is none
    how: str  # how it was read
    warnings: tuple[str, ...] = ()


def holds_points(path: Path) -> bool:
    """Whether a file is a table with columns of coordinates, and not one of boxes."""
    try:
        table = read_table(path)
    except DataError:
        return False
    names = {name.casefold() for name in table.columns}
    return all(names & {*_AXES[axis]} for axis in "xy") and not names & _NO_BOXES


def read_points(path: Path, index: PathIndex, column: str = "", encoding: str = "") -> PointTable:
    """Reads a table of points; `index` knows the images, `column` names the one that says what a point is ("" finds
    it). Raises DataError for a table without coordinates, or none of whose cells names an image."""
    table = read_table(path, encoding)
    columns = _Columns(table, index, column)
    rows: list[Row] = []
    unread: list[tuple[int, str]] = []
    for cells, line in zip(table.rows, table.lines, strict=True):
        places = [number_of(cells[at]) for at in columns.axes]
        lacking = [table.columns[at] for at, place in zip(columns.axes, places, strict=True) if place is None]
        if lacking:
            unread.append((line, f"has no number in column {' and '.join(lacking)}"))
        else:
            rows.append(columns.row(cells, line, tuple(place for place in places if place is not None)))
    named = table.columns
    return PointTable(
        table.name, tuple(rows), tuple(unread),
        in_mm=named[columns.axes[0]].casefold() in _IN_MM,
        radius_in_mm=columns.radius is not None and named[columns.radius].casefold().endswith("_mm"),
        label="" if columns.label is None else named[columns.label],
        how=table.how, warnings=table.warnings,
    )  # fmt: skip


class _Columns:
    """Which column is which."""

    def __init__(self, table: Table, index: PathIndex, label: str) -> None:
        self._table = table
        axes = [self._found(_AXES[axis]) for axis in "xyz"]
        if axes[0] is None or axes[1] is None:
            raise DataError(
                f"{table.name} has no columns x and y (and z for volumes): its columns are {', '.join(table.columns)}."
            )
        self.axes = [axis for axis in axes if axis is not None]
        self.image, _ = path_column(table, index)
        if self.image is None:
            raise DataError(
                f"No row of {table.name} names an image of the folder: its first row is {', '.join(table.rows[0])}. It "
                "needs a column with the path, the file name or the series (SeriesInstanceUID) of each point's image."
            )
        self.label = self._named(label) if label else self._found(LABEL_NAMES)
        self.finding = self._found(_FINDINGS)
        self.radius = self._found(tuple(_RADII))
        self.patient, self.part = self._found(_PATIENTS), self._found(_PARTS)
        if self.patient == self.image:
            self.patient = None

    def row(self, cells: Sequence[str], line: int, at: tuple[float, ...]) -> Row:
        def cell(column: int | None) -> str:
            return "" if column is None else cells[column].strip()

        radius = number_of(cell(self.radius))
        if self.radius is not None and radius is not None:
            radius *= _RADII[self._table.columns[self.radius].casefold()]
        return Row(
            line, cell(self.image), at, cell(self.label), cell(self.finding), radius, cell(self.patient),
            cell(self.part),
        )  # fmt: skip

    def _found(self, names: Sequence[str]) -> int | None:
        folded = [name.casefold() for name in self._table.columns]
        return next((folded.index(name) for name in names if name in folded), None)

    def _named(self, label: str) -> int:
        found = self._found((label.casefold(),))
        if found is None:
            raise DataError(
                f"{self._table.name} has no column “{label}”; its columns are {', '.join(self._table.columns)}."
            )
        return found
