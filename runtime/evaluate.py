"""Measuring a trained run on a part of its data, or on another folder."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from runtime.analysis import Analysis, Meaning, analyse
from runtime.attach import labels_in, learns_labels, sources_in_use
from runtime.checkpoint import load_checkpoint
from runtime.data.batches import Part as Cases
from runtime.data.cache import CachedImages
from runtime.data.catalogue import PARTS, DataError, DataSet, Part
from runtime.data.labels import read_dataset
from runtime.data.matched import Matched, matched
from runtime.data.wording import counted, tally
from runtime.device import seed_epoch, usable_device
from runtime.errors import InputError, RunError, file_error
from runtime.events import Event, Warned
from runtime.leading import lead_of
from runtime.learner import Learner, load_weights
from runtime.material import Material, labels_of, prepared, read_cases, with_counts
from runtime.measures import Classes, Findings, Numbers, Pixels, Several
from runtime.nameless import Nameless, nameless_by_source
from runtime.plan import Place
from runtime.runs import Run
from runtime.splits import SavedSplit, hashed, load_split
from runtime.store import write_safely
from runtime.taking import taken_in

_MEASURES: dict[str, type[Classes] | type[Several] | type[Pixels] | type[Numbers]] = {
    "classification": Classes,
    "segmentation": Pixels,
    "regression": Numbers,
    "several labels": Several,
}
_LEAKS = ("better than they are",)  # how the split warns of cases on both sides, see runtime.data.split
_WITHOUT_LABELS = (
    "This network learns without labels, so there is no right or wrong to count: its own losses and metrics are shown."
)
_PORTS = {"classification": "classes", "segmentation": "masks", "regression": "numbers", "several labels": "labels"}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a run is on some cases. `confusion`: rows are true classes, columns predicted (pixels for masks)."""

    part: str
    cases: int
    patients: int
    metrics: dict[str, float]
    classes: tuple[str, ...]
    confusion: list[list[int]]
    task: str = ""
    epoch: int = 0
    intervals: dict[str, dict[str, Any]] = field(default_factory=dict)
    unknown_classes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    unknown_patients: int = 0  # cases of which the patient is not known; each counts as a patient of its own

    def as_dict(self) -> dict[str, Any]:
        """As `netloom evaluate --json` prints it."""
        return asdict(self)


def evaluate(
    run: Run, part: Part | None = None, data: Path | None = None, on_event: Callable[[Event], None] | None = None
) -> Evaluation:
    """Measure the best epoch of a run on a part of its data (test), or on every labelled case of another folder.

    Another folder is judged with the run's own class order; with a `part`, only its cases of that part count. Writes
    RUN/evaluation-PART.json, and a table of all cases beside it (cases under their salted hash). Raises RunError, as
    InputError when the data cannot be judged.
    """
    try:
        return _Evaluator(run, part, data, on_event or (lambda event: None)).run_all()
    except OSError as error:
        raise RunError(file_error(error)) from error


class _Evaluator:
    def __init__(self, run: Run, part: Part | None, data: Path | None, on_event: Callable[[Event], None]) -> None:
        self.run = run
        self.data = data
        self.on_event = on_event
        self.wanted: Part | None = part if data is not None else part or "test"
        self.part: str = part or ("test" if data is None else "all")
        self.split: SavedSplit = load_split(run.folder)
        plain = analyse(run.job.graph)
        self.source = lead_of(plain)
        self.analysis: Analysis = with_counts(plain, self.split.counts)
        self.takes_labels = learns_labels(plain.graph)
        self.meaning, self.place = self._output()
        self.warnings: list[str] = []
        self.unknown: tuple[str, ...] = ()

    def run_all(self) -> Evaluation:
        cases = self._cases()
        dataset = cases.cases
        material = self._material(cases)
        chosen = self._chosen(dataset, material)
        learner, epoch = self._learner()
        found = self._measured(learner, material, chosen)
        groups = [dataset.samples[index].group for index in chosen]
        unknown = sum(not dataset.samples[index].patient for index in chosen)
        self.warnings[:0] = [*_of_patients(unknown, len(chosen)), *self._leaks()]
        metrics = {**found.metrics, **learner.results()}
        undefined = sorted(name for name, value in metrics.items() if not math.isfinite(value))
        if undefined:
            self.warnings.append(f"Not defined for these cases: {', '.join(undefined)}.")
        evaluation = Evaluation(
            part=self.part,
            cases=len(chosen),
            patients=len(set(groups)),
            metrics={name: value for name, value in metrics.items() if math.isfinite(value)},
            classes=self.meaning.classes,
            confusion=found.confusion,
            task=self.meaning.task or "",
            epoch=epoch,
            intervals={name: asdict(interval) for name, interval in found.intervals.items()},
            unknown_classes=self.unknown,
            warnings=tuple(dict.fromkeys(map(Nameless(cases.found[cases.lead]), self.warnings))),
            unknown_patients=unknown,
        )
        self._write(evaluation, found, dataset, chosen)
        return evaluation

    def _leaks(self) -> list[str]:
        """What the run was told of cases that are on both sides of its split."""
        if self.data is not None:
            return []
        told = (event.message for event, _ in self.run.events() if isinstance(event, Warned))
        return [text for text in told if any(mark in text for mark in _LEAKS)]

    def _output(self) -> tuple[Meaning, Place | None]:
        """The output that is judged: the first one whose scores a loss compares with labels.

        None for a network that learns without labels: only its own losses and metrics can be measured.
        """
        for node_id, meaning in self.analysis.meanings.items():
            if meaning.task in _MEASURES:
                wire = self.analysis.graph.wires_into(node_id)[0]
                return meaning, (wire.source, wire.output)
        if not self.takes_labels:
            return Meaning(), None
        raise RunError(
            "No output of this project is compared with labels, so it cannot be evaluated; draw the wire to Output "
            "from where the loss takes its prediction."
        )

    def _cases(self) -> Matched:
        if self.data is None:
            return self._own_data()
        sources = sources_in_use(self.analysis.graph)
        names = {source: self.analysis.graph.nodes[source].name for source in sources}
        if len(sources) > 1:
            learned = f"This run learned from several folders ({', '.join(names.values())}), and one was named"
            raise InputError([f"{learned}; measure it on a part of its own data, or apply it with `netloom predict`."])
        return matched({self.source: self._dataset(self.data)}, names)

    def _dataset(self, data: Path) -> DataSet:
        kind = self.analysis.facts[self.source].type
        try:
            labels = labels_in(self.analysis.graph.nodes[self.source], data)
            patients = str(getattr(kind, "patients", ""))
            mended = tuple(getattr(kind, "corrections", ()))
            dataset = read_dataset(data, labels=labels, patients=patients, corrections=mended, taken=taken_in(kind))
        except DataError as error:
            raise RunError(f"{data} cannot be evaluated: {error}") from error
        label = getattr(kind, "label", "")
        if self.takes_labels and dataset.label != label:
            told = f"a {dataset.label} for each case" if dataset.label else "no labels that could be used"
            raise InputError(
                [
                    f"{data} has {told}, but the run learned from a {label or 'folder without labels'}; choose a "
                    "folder with labels of that kind, laid out and named as the run's own.",
                    *dataset.warnings,
                ]
            )
        own = self.meaning.classes if self.takes_labels else dataset.classes
        self.unknown = tuple(name for name in dataset.classes if name not in own)
        if self.unknown:
            names = ", ".join(self.unknown)
            self.warnings.append(f"The run does not know {names}; cases of these classes are left out.")
        return dataset

    def _own_data(self) -> Matched:
        cases = read_cases(self.analysis)
        dataset = cases.cases
        if dataset.fingerprint != self.split.fingerprint:
            changed = "Files or labels of the data changed since the run began; those that are there now are measured"
            gone = sum(len(self.split.parts[part]) - len(self.split.indexes(dataset, part)) for part in PARTS)
            missing = f", without {counted(gone, 'case')} no longer there" if gone else ""
            self.warnings.append(f"{changed}{missing}.")
        return cases

    def _material(self, cases: Matched) -> Material:
        found: Material | None = None
        nodes = self.analysis.graph.nodes
        names = nameless_by_source(cases.found, {source: nodes[source].name for source in cases.found})
        try:
            for item in prepared(self.analysis, cases, names=names):
                if isinstance(item, Material):
                    found = item
                else:
                    self.on_event(item)
        except DataError as error:
            raise RunError(str(error)) from error
        if found is None:
            raise RunError("The images were not decoded.", self.source)
        for one in found.all():
            if one.cached.failed:
                count, reasons = counted(len(one.cached.failed), "case"), "; ".join(tally(one.cached.failed))
                self.warnings.append(names[one.source](f"{count} could not be read: {reasons}."))
        cached = self._in_own_classes(found.dataset, found.cached)
        return replace(found, cached=cached, labels=labels_of(found.dataset, self.meaning.classes))

    def _in_own_classes(self, dataset: DataSet, cached: CachedImages) -> CachedImages:
        """Masks of another folder in the class order of the run."""
        if cached.masks is None or not self.takes_labels or dataset.classes == self.meaning.classes:
            return cached
        places = {name: place for place, name in enumerate(self.meaning.classes)}
        order = np.array([places.get(name, -1) for name in dataset.classes], np.int16)
        masks = order[cached.masks]
        usable = tuple(index for index in cached.usable if masks[index].min() >= 0)
        return replace(cached, masks=masks, usable=usable)

    def _chosen(self, dataset: DataSet, material: Material) -> tuple[int, ...]:
        usable = set.intersection(*(set(one.cached.usable) for one in material.all()))
        if self.data is None and self.wanted is not None:
            indexes = self.split.indexes(dataset, self.wanted)
        else:
            samples = enumerate(dataset.samples)
            indexes = tuple(index for index, sample in samples if self.wanted in (None, sample.part))
        known = {None, *(self.meaning.classes if self.takes_labels else dataset.classes)}
        chosen = tuple(index for index in indexes if index in usable and dataset.samples[index].label in known)
        if not chosen:
            where = f"the {self.part} part" if self.wanted else str(self.data)
            raise InputError([f"There is no case in {where} that could be evaluated; choose another part or folder."])
        return chosen

    def _learner(self) -> tuple[Learner, int]:
        learner = Learner(self.analysis, self.source, usable_device(self.run.job.training.device), 1)
        state, warnings = load_checkpoint(self.run.folder / "checkpoints", "best")
        load_weights(learner.network, state)
        self.warnings.extend(warnings)
        return learner, int(state.facts["epoch"])

    def _measured(self, learner: Learner, material: Material, chosen: tuple[int, ...]) -> Findings:
        task = str(self.meaning.task)
        measures = None if self.place is None else _MEASURES[task](self.meaning)
        seed_epoch(self.run.job.training.seed, 0)  # noise that is drawn is the same each time
        cases = Cases(material.cached, material.labels, chosen, learner.device, beside=material.beside)
        learner.begin(learning=False)
        for batch in cases.batches(self.run.job.training.batch):
            passed = learner.measure(batch)
            if measures is None or self.place is None:
                continue
            target = passed.masks.get(self.source) if task == "segmentation" else getattr(batch, _PORTS[task])
            if target is None:
                raise RunError("The data have no labels of the kind that this output learned.", self.source)
            measures.add(passed.at(*self.place), target)
        if measures is None:
            self.warnings.append(_WITHOUT_LABELS)
            return Findings(rows=[[] for _ in chosen])
        return measures.findings([material.dataset.samples[index].group for index in chosen])

    def _write(self, evaluation: Evaluation, found: Findings, dataset: DataSet, chosen: tuple[int, ...]) -> None:
        text = json.dumps({"format": 1, **evaluation.as_dict()}, indent=1, ensure_ascii=False, allow_nan=False)
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["case", *found.columns])
        for index, row in zip(chosen, found.rows, strict=True):
            writer.writerow([hashed(self.split.salt, dataset.samples[index].key)[:16], *row])
        stem = self.run.folder / f"evaluation-{self.part}"
        try:
            write_safely(stem.with_suffix(".json"), (text + "\n").encode("utf-8"))
            write_safely(stem.with_suffix(".csv"), table.getvalue().encode("utf-8"))
        except OSError as error:
            raise RunError(f"The evaluation could not be written to {self.run.folder}: {error.strerror}.") from error


def _of_patients(unknown: int, cases: int) -> list[str]:
    """That the patients of the cases are not known, which makes intervals narrower than they should be."""
    if not unknown:
        return []
    of = "these cases" if unknown == cases else f"{counted(unknown, 'case')} of {cases}"
    return [
        f"The patients of {of} are not known, so each image counts as its own patient: the intervals are per image and "
        "may be too narrow."
    ]
