"""An evaluation as the pages show it: its record, its cases, and what may be asked of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.units import units_each
from runtime.analysis import analyse
from runtime.data.catalogue import PARTS, Part
from runtime.errors import RunError
from runtime.evaluation.box_hits import Hits
from runtime.evaluation.folds import POOLED, answered_by
from runtime.evaluation.grid import fits_at
from runtime.evaluation.judged import judged_output
from runtime.evaluation.openings import openings
from runtime.evaluation.operating_point import OperatingPoint, load_operating_point
from runtime.evaluation.points import point_hits
from runtime.evaluation.record import Array, Cases, Evaluation, load_cases, load_record
from runtime.evaluation.thresholds import Ranked
from runtime.files import ProjectError
from runtime.graph import Graph
from runtime.leading import lead_of
from runtime.plan import FittedSize, fits_of
from runtime.runs import Run
from runtime.splits import load_split

WITH_CLASSES = ("classification", "several labels")
Fits = tuple[FittedSize, ...]
_OVERLAPS = ("dice", "iou", "hausdorff", "true_volume", "found_volume")


@dataclass(frozen=True, slots=True)
class Asked:
    """Which evaluation of which run is to be read."""

    folder: Path
    stem: str


@dataclass(frozen=True, eq=False)
class Measured:
    """One evaluation of a run."""

    folder: Path
    stem: str
    record: Evaluation
    cases: Cases
    homes: Mapping[str, Path] = field(default_factory=dict)  # of pooled folds: the run folder that answered a case

    @cached_property
    def as_dict(self) -> Mapping[str, Any]:
        """The record as `netloom evaluate --json` prints it."""
        return self.record.as_dict()

    @property
    def of_one_network(self) -> bool:
        """Whether one network answered for the data of its own run."""
        return not self.record.external and self.stem != POOLED

    def home_of(self, case: int) -> Path:
        """The folder of the run whose network answered a case."""
        return self.homes.get(str(self.cases.case[case]), self.folder)

    def masks_of(self, case: int) -> tuple[Path, str]:
        """Where the masks of a case lie: the run folder, and the STEM of the evaluation."""
        return self.home_of(case), "test" if self.stem == POOLED else self.stem

    @property
    def has_classes(self) -> bool:
        """Whether cases have classes or labels with probabilities."""
        return self.record.task in WITH_CLASSES and self.cases.probabilities is not None

    @cached_property
    def point_hits(self) -> Hits | None:
        """Cases that are points as hits and false positives; None for other cases."""
        return point_hits(self.cases, self.record.classes) if self.record.task == "classification" else None

    def ranked(self, place: int) -> Ranked:
        """The cases by their probability of one class or label. Only where there are classes."""
        return Ranked(self.probability(place), self.having(place), self.cases.patient)

    def probability(self, place: int) -> NDArray[np.float64]:
        """(N,) of one class or label."""
        found = self.cases.probabilities
        return np.zeros(len(self.cases)) if found is None else np.asarray(found[:, place], np.float64)

    def having(self, place: int, answered: bool = False) -> NDArray[np.bool_]:
        """(N,) which cases have a class or label, or are answered to have it."""
        found = self.cases.predicted if answered else self.cases.truth
        if found is None:
            return np.zeros(len(self.cases), np.bool_)
        return np.asarray(found[:, place] > 0 if found.ndim == 2 else found == place)

    @cached_property
    def overlaps(self) -> Mapping[str, NDArray[np.float64]]:
        """(N, K) tables of a segmentation: Dice, IoU, Hausdorff distance, true and found volume; {} else."""
        held = self.cases.overlaps
        return {name: held[name] for name in _OVERLAPS if name in held}

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each number of a regression."""
        count = max(1, len(self.record.classes))
        return units_each(self.record.unit, count) or ("",) * count

    def said(self, case: int, answered: bool = False) -> str:
        """What is true of a case, or answered, in words; "" for masks."""
        found = self.cases.predicted if answered else self.cases.truth
        if found is None or self.record.task not in (*WITH_CLASSES, "regression"):
            return ""
        if self.record.task == "regression":
            told = zip(found.reshape(len(found), -1)[case], self.units, strict=True)
            return "; ".join(with_unit(float(number), unit) for number, unit in told)
        classes = self.record.classes
        if found.ndim == 1:
            return classes[int(found[case])]
        return "; ".join(name for name, has in zip(classes, found[case], strict=True) if has) or "–"


@dataclass(frozen=True)
class Reading:
    """What lies in a run folder of one evaluation; `why` says what could not be read."""

    measured: Measured | None = None
    why: str = ""
    counts: Mapping[Part, int] = field(default_factory=dict)  # cases of each part of the run
    opened: int = 0  # how often its test part was measured
    validated: bool = True  # its validation part was measured
    groups: tuple[str, ...] = ()  # the columns by which that was
    point: OperatingPoint | None = None
    source_fits: Fits = ()  # what brought images to the size of their source
    output_fits: Fits = ()  # what brought them to the grid of the answers


def read_measured(asked: Asked) -> Reading:
    """Everything of one evaluation; for a thread of its own, so it raises nothing."""
    folder = asked.folder
    try:
        if asked.stem == POOLED:
            return _read_pooled(folder)
        split = load_split(folder)
        counts = {part: len(split.parts[part]) for part in PARTS}
        opened, record = openings(folder), load_record(folder, asked.stem)
        validated, groups = _validated(folder)
        if record is None:
            return Reading(None, "", counts, opened, validated, groups)
        measured = Measured(folder, asked.stem, record, load_cases(folder, asked.stem))
        point = load_operating_point(folder, record.epoch)
        return Reading(measured, "", counts, opened, validated, groups, point, *_fits_of(Run(folder).job.graph))
    except (RunError, ProjectError) as error:
        return Reading(why=str(error))


def _validated(folder: Path) -> tuple[bool, tuple[str, ...]]:
    """Whether the validation part was measured, and by which columns; another part may be read where that cannot."""
    try:
        record = load_record(folder, "validation")
    except RunError:
        return False, ()
    return record is not None, tuple(dict.fromkeys(one.column for one in record.subgroups)) if record else ()


def _read_pooled(folder: Path) -> Reading:
    """The results of all folds of a cross-validation; no network of theirs is the one that answers."""
    record = load_record(folder, POOLED)
    if record is None:
        return Reading(why=f"{folder} holds no results of all folds; let the cross-validation go on.")
    measured = Measured(folder, POOLED, record, load_cases(folder, POOLED), answered_by(folder))
    first = next(iter(measured.homes.values()))  # all folds train one drawing
    source_fits, output_fits = _fits_of(Run(first).job.graph)
    return Reading(measured, source_fits=source_fits, output_fits=output_fits)


def _fits_of(graph: Graph) -> tuple[Fits, Fits]:
    """What brings images to the size of the source that leads, and to the grid of the output that is judged."""
    analysis = analyse(graph)
    source, judged = lead_of(analysis), judged_output(analysis)
    return fits_of(analysis, source), fits_at(analysis, source, judged[1]) if judged is not None else ()


def with_unit(value: float, unit: str) -> str:
    """A number with its unit, four significant digits."""
    return f"{value:.4g} {unit}".strip()


def spelled_amount(value: float) -> str:
    """A length, area or volume as people read it: thousands apart, never with a power of ten."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", "\N{NARROW NO-BREAK SPACE}")
    return f"{value:.3g}"


def worst_first(error: Array, places: Array) -> Array:
    """Places of cases, the greatest error first; equal ones in their order."""
    return np.asarray(places)[np.argsort(-np.asarray(error)[places], kind="stable")]
