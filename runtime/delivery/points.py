"""The points that a model of patches answers for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runtime.data.catalogue import Catalogue, DataError, DataSet
from runtime.data.label_records import BY_POINTS
from runtime.data.points.cases import pointed
from runtime.data.points.choice import chosen_points
from runtime.data.taken import Patch
from runtime.delivery.contract import InputContract


def points_of(
    dataset: DataSet,
    catalogue: Catalogue,
    wanted: InputContract,
    table: str,
    on_note: Callable[[str], None] | None = None,
) -> DataSet:
    """The images of a folder taken apart into patches round the points of a table, without classes.

    `table` is looked for in the folder and where the program runs; "" finds one in the folder. `on_note` is told of
    what cannot be used. Raises DataError when there is none, or none of its points can be used.
    """
    folder = Path(dataset.folder)
    chosen = chosen_points(folder, f"{BY_POINTS}:{table}" if table else "")
    if chosen is None:
        raise DataError(
            f"This model answers for points, and {folder} holds no table named candidates.csv or points.csv; name the "
            "table of points (--points TABLE)."
        )
    found = pointed(dataset, catalogue, chosen, Patch(wanted.patch, wanted.patch_unit), labelled=False)
    if on_note is not None:
        for note in found.warnings:
            on_note(note)
    return found
