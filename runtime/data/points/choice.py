"""Which tables hold the points and the findings of a folder: `points`, `points:FILE` or `points:FILE+FINDINGS`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from runtime.data.catalogue import DataError
from runtime.data.label_paths import listed
from runtime.data.label_records import BY_POINTS
from runtime.data.label_table import ENDINGS
from runtime.data.points.table import holds_points
from runtime.data.table_choice import table_in

_POINTS = ("candidates", "points")  # how the names of tables begin that are taken unasked
_FINDINGS = ("findings", "annotations")


@dataclass(frozen=True, slots=True)
class ChosenPoints:
    """The table of points, the column that says what they are, its encoding, and the table of true findings."""

    table: Path
    column: str = ""
    encoding: str = ""
    findings: Path | None = None
    wanted: str = ""  # the choice as it is stored; "" where it was found unasked

    def files(self, folder: Path) -> tuple[str, ...]:
        """The tables that lie in the folder, relative to it."""
        paths = [path.absolute() for path in (self.table, self.findings) if path is not None]
        return tuple(path.relative_to(folder).as_posix() for path in paths if path.is_relative_to(folder))


def chosen_points(folder: Path, wanted: str) -> ChosenPoints | None:
    """The points that this choice of labels means; None where it means something else.

    Unasked ("") a table is taken that is named candidates or points and has columns of coordinates. Raises DataError
    when the table named is not there, or when several could be meant.
    """
    if wanted and wanted != BY_POINTS and not wanted.startswith(f"{BY_POINTS}:"):
        return None
    if wanted.startswith(f"{BY_POINTS}:"):
        return _named(folder, wanted)
    tables = [path for path in _tables(folder) if not wanted or holds_points(path)]
    if not wanted:
        tables = [path for path in tables if _begins(path, _POINTS) and holds_points(path)]
    tables = [path for path in tables if not _begins(path, _FINDINGS)]
    if len(tables) == 1:
        return ChosenPoints(tables[0], findings=_beside(folder), wanted=wanted)
    if not wanted:
        return None
    if not tables:
        raise DataError(
            f"There is no table of points in {folder}: it needs columns x and y, and one that names images."
        )
    names = [path.name for path in tables]
    raise DataError(f"There are several tables of points: {listed(names)}. Name one, such as points:{names[0]}.")


def _named(folder: Path, wanted: str) -> ChosenPoints:
    said = wanted.removeprefix(f"{BY_POINTS}:").strip()
    path, column, encoding = table_in(folder, said)
    findings = _beside(folder)
    if path is None and "+" in said:
        first, _, second = said.rpartition("+")
        path, column, encoding = table_in(folder, first)
        findings = table_in(folder, second)[0]
        if findings is None:
            raise DataError(f"There is no table {second} in {folder}; name the table of the true findings.")
    if path is None:
        raise DataError(f"There is no table {said} in {folder}; name the table of points.")
    return ChosenPoints(path, column, encoding, None if findings == path else findings, wanted)


def _beside(folder: Path) -> Path | None:
    """The one table of findings in the folder."""
    found = [path for path in _tables(folder) if _begins(path, _FINDINGS) and holds_points(path)]
    return found[0] if len(found) == 1 else None


def _tables(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.iterdir()) if path.suffix.casefold() in ENDINGS and path.is_file()]


def _begins(path: Path, words: tuple[str, ...]) -> bool:
    return path.name.casefold().startswith(words)
