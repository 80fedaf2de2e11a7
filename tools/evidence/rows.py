"""The rows of the table: which template is trained on what, for how long, and what is to be reached."""

from __future__ import annotations

from dataclasses import dataclass

STEP = "practice"
"""The data of templates that are only shown to take a step: too large to be trained on two cores."""


@dataclass(frozen=True)
class Row:
    """One training. `measure` is a key of `netloom evaluate --json`, "" where a step is all that is shown."""

    template: str
    data: str  # a name in data.py
    epochs: int
    measure: str = ""
    least: float = 0.0  # what is to be reached
    part: str = "test"
    options: tuple[str, ...] = ()  # of `netloom train`


TRAINED = (
    Row("lenet", "digits", 3, "accuracy", 0.97, options=("--split", "image")),
    Row("image-classifier", "t1-t2", 6, "accuracy", 0.98),
    Row("ordered-grades", "discs", 15, "weighted_kappa", 0.85, options=("--split", "image")),
    Row("u-net", "hippocampus", 60, "mean_dice", 0.80),
    Row("u-net-pieces", "nuclei", 60, "mean_dice", 0.85, options=("--split", "image")),
    Row("cyclegan", "t1-and-t2", 1),  # a step, as of the others without a figure, but from two folders
)


def rows(templates: list[str]) -> list[Row]:
    """A row for each template: its training, or one step on practice data."""
    trained = {row.template: row for row in TRAINED}
    return [trained.get(name, Row(name, STEP, 1)) for name in templates]
