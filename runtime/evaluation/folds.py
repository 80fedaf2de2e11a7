"""Cross-validation: runs queued one after the other, so that each case is judged once by a network that never saw it.

The folder of such a queue holds `folds.json` (its plan), a run folder for each fold, and, when all are done,
`evaluation-pooled.*` as `runtime.evaluation.record` describes: the test cases of all runs together, with intervals over
patients. A queue that was cut off goes on where it stood. No torch.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from runtime.data.catalogue import DataError, DataSet
from runtime.data.split import divide
from runtime.data.split_columns import column_values, values_for
from runtime.data.split_how import how_of
from runtime.data.wording import counted
from runtime.errors import InputError, RunError, file_error
from runtime.evaluation.cases import pooled
from runtime.evaluation.kept import save_evaluation
from runtime.evaluation.measured import Measured
from runtime.evaluation.measuring import measured
from runtime.evaluation.record import Cases, Evaluation, load_cases
from runtime.evaluation.subgroups import MOST_VALUES, subgroups_of
from runtime.graph import Graph
from runtime.job import Job, make_job
from runtime.store import write_safely

POOLED = "pooled"
FEWEST_FOLDS = 3
BEFORE_THE_PLAN = frozenset({"project.netloom", "queue.json", "worker.json", "stop", "log.txt"})
"""What may lie in the folder of a queue (`runtime.evaluation.fold_queue`) before its plan is made."""
MOST_GROUPS = 50  # runs of a queue: a column with more values names no sites
PLAN = "folds.json"


@dataclass(frozen=True, slots=True)
class Fold:
    """One run of the queue: the folder's name, and the training settings that say which cases it is tested on."""

    name: str
    division: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Folds:
    """The plan of a queue. `column` is left out value by value, "" for k folds; `salt` is that of all hashes."""

    folder: Path
    column: str
    salt: str
    runs: tuple[Fold, ...]

    @property
    def groups(self) -> tuple[str, ...]:
        """The columns by which the pooled results are given too."""
        return (self.column,) if self.column and len(self.runs) <= MOST_VALUES else ()


def planned_folds(folder: Path, dataset: DataSet, k: int = 0, column: str = "") -> Folds:
    """The plan for k folds, or for leaving out each value of a column (a table's, or a DICOM element) in turn; that of
    the folder where it holds the same one already.

    Raises RunError where the folder holds something else, DataError for a column that does not fit.
    """
    runs = _by_column(dataset, column) if column else _by_number(k)
    try:
        kept = kept_plan(folder)
        if kept is not None and kept.runs != runs:
            raise RunError(f"{folder} holds folds that were made otherwise; choose another folder.")
        if kept is not None:
            return kept
        if folder.exists() and {entry.name for entry in folder.iterdir()} - BEFORE_THE_PLAN:
            raise RunError(f"{folder} holds other files; folds need a folder of their own.")
        plan = Folds(folder, column, secrets.token_hex(16), runs)
        content = {"format": 1, "column": column, "salt": plan.salt, "runs": [asdict(run) for run in runs]}
        folder.mkdir(parents=True, exist_ok=True)
        write_safely(folder / PLAN, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    except OSError as error:
        raise RunError(file_error(error)) from error
    return plan


def _by_number(k: int) -> tuple[Fold, ...]:
    if k < FEWEST_FOLDS:
        raise InputError([f"{k} folds were asked for; {FEWEST_FOLDS} or more fit: one tests, one validates."])
    return tuple(Fold(f"fold-{fold}", {"folds": k, "fold": fold}) for fold in range(1, k + 1))


def _by_column(dataset: DataSet, column: str) -> tuple[Fold, ...]:
    values = column_values(dataset, column)
    found = sorted({values[sample.path] for sample in dataset.samples if values.get(sample.path)})
    if not 2 <= len(found) <= MOST_GROUPS:
        raise DataError(
            f"“{column}” has {counted(len(found), 'value')} in these data; leaving out one after the other needs 2 to "
            f"{MOST_GROUPS}."
        )
    held = ({"split": "column", "split_column": column, "held_out": value} for value in found)
    return tuple(Fold(f"left-out-{number}", division) for number, division in enumerate(held, start=1))


def kept_plan(folder: Path) -> Folds | None:
    """The plan that a folder holds; None when there is none yet. Raises RunError when it is damaged."""
    path = folder / PLAN
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        runs = tuple(Fold(str(run["name"]), dict(run["division"])) for run in content["runs"])
        return Folds(folder, str(content["column"]), str(content["salt"]), runs)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError) as error:
        raise RunError(f"{path} is damaged: it is no plan of folds as this program writes it.") from error


def job_of(plan: Folds, fold: Fold, graph: Graph, more: Mapping[str, Any]) -> Job:
    """The job of one run; `more` are further training settings. Raises RunError for settings that do not fit."""
    return make_job(graph, plan.folder / fold.name, more={**more, **fold.division})


def check_division(plan: Folds, dataset: DataSet, graph: Graph) -> int:
    """How many cases will be judged. Raises DataError, with every reason, when the data cannot be divided so: better
    before the first run than after hours."""
    judged: set[int] = set()
    problems: list[str] = []
    for fold in plan.runs:
        how = how_of(job_of(plan, fold, graph, {}).training)
        try:
            parts = divide(dataset, how, values_for(dataset, how), compare_files=False).parts
        except DataError as error:
            problems += [f"{fold.name}: {problem}" for problem in error.problems]
            continue
        judged |= set(parts.test)
    if problems:
        raise DataError(*problems)
    return len(judged)


def pool(plan: Folds, records: Sequence[Evaluation], of: int) -> Evaluation:
    """Put the test cases of all runs together, measure them, and write `evaluation-pooled.*`; `of` cases there are.

    A case that several runs were tested on counts once, by the first. Raises RunError when the runs are not alike.
    """
    first = records[0]
    if any((one.task, one.classes) != (first.task, first.classes) for one in records):
        raise RunError("The runs of the folds do not answer the same question, so they cannot be pooled.")
    parts = [load_cases(plan.folder / fold.name, "test") for fold in plan.runs]
    warnings = [text for one in records for text in one.warnings]
    together = _once(pooled(_comparable(parts, records, warnings)))
    if len(together) < of:
        warnings.append(f"{counted(of - len(together), 'case')} of {of} were in the test part of no run.")
    place = first.positive_place
    asked = "" if place is None else first.classes[place]

    def judged(cases: Cases) -> Measured:
        return measured(cases, first.task, first.classes, None, first.seed, asked)

    found = judged(together)
    record = replace(
        first,
        part=POOLED,
        cases=len(together),
        patients=len(np.unique(together.patient)),
        metrics={name: value for name, value in found.metrics.items() if np.isfinite(value)},
        intervals={name: one for name, one in found.intervals.items() if np.isfinite(found.metrics[name])},
        confusion=_summed(records),
        epoch=0,
        warnings=tuple(dict.fromkeys(warnings)),
        unknown_patients=int((~together.patient_known).sum()),
        opened=0,
        temperature=None,
        operating_points=(),
        subgroups=subgroups_of(together, judged),
        positive=asked,
        folds=tuple(one.metrics for one in records),
    )
    save_evaluation(plan.folder, POOLED, record, together)
    return record


def answered_by(folder: Path) -> dict[str, Path]:
    """The run folder whose test part a pooled case is from, by the case's hash. Raises RunError."""
    plan = kept_plan(folder)
    runs = [plan.folder / fold.name for fold in plan.runs] if plan is not None else []
    return {str(case): run for run in reversed(runs) for case in load_cases(run, "test").case}


def _once(cases: Cases) -> Cases:
    _, places = np.unique(cases.case, return_index=True)
    return cases.chosen(np.sort(places))


def _summed(records: Sequence[Evaluation]) -> tuple[tuple[int, ...], ...]:
    tables = [np.array(one.confusion) for one in records if one.confusion]
    return tuple(tuple(int(count) for count in row) for row in np.sum(tables, axis=0)) if tables else ()


def _comparable(parts: Sequence[Cases], records: Sequence[Evaluation], warnings: list[str]) -> list[Cases]:
    """The parts, without distances and volumes where they are not in one unit."""
    if len({(one.distance_unit, one.volume_unit) for one in records}) == 1:
        return list(parts)
    warnings.append(
        "The spacing is not known in all folds: distances and volumes have no common unit, and are left out."
    )
    kept = []
    for part in parts:
        gone = {name: part.overlaps[name] * np.nan for name in ("hausdorff", "true_volume", "found_volume")}
        kept.append(replace(part, overlaps={**part.overlaps, **gone}))
    return kept
