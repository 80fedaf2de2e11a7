"""How the cases are to be divided, and what a division gives in numbers: records without torch, for every view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.data.catalogue import Part, Parts
from runtime.graph import SplitBy, Training

Shares = tuple[float, float, float]
USUAL: Shares = (0.70, 0.15, 0.15)
STUDY = "StudyInstanceUID"


@dataclass(frozen=True, slots=True)
class How:
    """What is kept together, in which shares, from which seed; with folds or a group held out where asked for."""

    by: SplitBy = "patient"
    seed: int = 0
    shares: Shares = USUAL
    column: str = ""  # for by = "column"
    held_out: str = ""  # the value of that column whose cases are the test part
    folds: int = 0
    fold: int = 1

    @property
    def values_column(self) -> str:
        """The column whose values have to be read for this division (`split_columns.column_values`), "" for none."""
        return {"study": STUDY, "column": self.column}.get(self.by, "")

    @property
    def name(self) -> str:
        """Names the assignment of cases to sides; the folds of one division have the same, because they share it."""
        shares = "-".join(f"{share:g}" for share in self.shares)
        what = f"{self.folds} folds" if self.folds else shares
        words = (self.by, self.column, self.held_out, f"seed {self.seed}", what)
        return " ".join(filter(None, words)).replace("\t", " ")


def how_of(training: Training) -> How:
    """The division that the training settings ask for."""
    return How(
        by=training.split,
        seed=training.seed,
        shares=training.parts,
        column=training.split_column,
        held_out=training.held_out,
        folds=training.folds,
        fold=training.fold,
    )


@dataclass(frozen=True, slots=True)
class PartCounts:
    """What a division gives, or why there is none: counts by part, and cases per class and part."""

    how: str  # "by patient, seed 0: 8 / 2 / 2 patients"
    cases: Mapping[Part, int]
    groups: Mapping[Part, int]  # what is kept together: patients, studies, sites, images
    patients: Mapping[Part, int]  # named patients
    classes: tuple[str, ...]
    by_class: Mapping[Part, tuple[int, ...]]  # cases of each class, in class order
    warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = field(default=())  # why the data cannot be divided so; the counts are then all 0
    parts: Parts | None = None  # which case is where, by its place in the data set
    fingerprint: str = ""  # of that data set
