"""Measuring a trained run on a part of its data, or on another folder."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from runtime.checkpoint import load_checkpoint
from runtime.data.batches import Part as Batches
from runtime.data.catalogue import DataError, Part
from runtime.data.units import unit_shown
from runtime.device import seed_epoch, usable_device
from runtime.errors import RunError, file_error
from runtime.evaluation.calibration import fitted_temperature
from runtime.evaluation.cases import named_cases
from runtime.evaluation.gathered import SCORED, Drawn, Rebuilt, Scored, without_labels
from runtime.evaluation.gathered_boxes import Framed
from runtime.evaluation.grid import fits_at, spacings_of
from runtime.evaluation.intervals import Interval
from runtime.evaluation.kept import MaskFile, save_evaluation
from runtime.evaluation.measured import Measured
from runtime.evaluation.measuring import at_operating_point, confusion_of, measured
from runtime.evaluation.openings import note_opening
from runtime.evaluation.operating_point import Temperature, load_operating_point, load_temperature, save_temperature
from runtime.evaluation.overlap import volume_unit
from runtime.evaluation.positive import asked_in, positive_of
from runtime.evaluation.rebuilt import span_of
from runtime.evaluation.record import Cases, Evaluation, stem_of
from runtime.evaluation.remarks import of_distances, of_patients
from runtime.evaluation.subgroups import group_values, subgroups_of
from runtime.evaluation.subject import Subject
from runtime.events import Event, Preparing, Warned
from runtime.learner import Learner, load_weights
from runtime.nameless import Nameless
from runtime.plan import FittedSize
from runtime.runs import Run
from runtime.steps import Pass
from runtime.throttle import Throttle

Gatherer = Scored | Drawn | Framed | Rebuilt

SEED = 0  # of the resampling of patients: the same cases always have the same intervals
_LEAKS = ("better than they are",)  # how the split warns of cases on both sides, see runtime.data.split
_WITHOUT_LABELS = (
    "This network learns without labels, so there is no right or wrong to count: its own losses and metrics are shown."
)
_AS_DRAWN = (
    "What losses and metrics of the drawing give is counted over all cases at once, not for each patient, so nothing "
    "says how sure it is."
)
_PORTS = {"classification": "classes", "segmentation": "masks", "regression": "numbers", "several labels": "labels"}


def evaluate(
    run: Run,
    part: Part | None = None,
    data: Path | Mapping[str, Path] | None = None,
    on_event: Callable[[Event], None] | None = None,
    by: Sequence[str] = (),
    on_name: Callable[[str, str], None] | None = None,
    salt: str = "",
) -> Evaluation:
    """Measure the best epoch of a run on a part of its data (test), or on every labelled case of another folder.

    `data` are folders by source where the run learned from several; their cases are matched as in training. Another
    folder is judged with the run's own class order; with a `part`, only its cases of that part count. `by` are
    columns of tables or DICOM elements: the results of their groups are given too; `on_name(pseudonym, name)` is told
    of names that stand as a pseudonym. `salt` is that of the hashes, the run's own unless given.

    Writes what `runtime.evaluation.record` describes into the run folder. The test part of the run's own data is
    counted as opened (`runtime.evaluation.openings`). The validation part fits the temperature. Raises RunError, as
    InputError when the data cannot be judged, and DataError for a column that does not fit.
    """
    try:
        subject = Subject(run, part, data, on_event or (lambda event: None))
        return _Evaluator(subject, by, on_name, salt or subject.split.salt).run_all()
    except OSError as error:
        raise RunError(file_error(error)) from error


class _Evaluator:
    def __init__(
        self, subject: Subject, by: Sequence[str], on_name: Callable[[str, str], None] | None, salt: str
    ) -> None:
        self.subject = subject
        self.folder = subject.run.folder
        self.external = subject.data is not None
        self.stem = stem_of(subject.part, self.external)
        self.task = str(subject.meaning.task or "")
        self.classes = subject.meaning.classes
        self.asked = "" if subject.place is None else asked_in(subject.analysis, subject.place)
        self.salt = salt
        self.warnings = subject.warnings
        chosen, dataset = subject.chosen, subject.dataset
        self.columns = {name: group_values(dataset, name, chosen, salt, on_name) for name in dict.fromkeys(by)}
        self.known_spacing = False

    def run_all(self) -> Evaluation:
        subject = self.subject
        learner, epoch = self._learner()
        cases, confusion = self._gathered(learner)
        cases = replace(cases, columns=self.columns)
        temperature = self._temperature(cases, epoch)
        found = self._measured(cases, temperature)
        metrics = self._defined({**found.metrics, **_as_drawn(learner.results(), found.metrics)})
        point = load_operating_point(self.folder, epoch)
        unknown = subject.unknown_patients
        self.warnings[:0] = [*of_patients(unknown, len(cases)), *self._leaks(), *of_distances(cases, self.classes)]
        positive = positive_of(self.task, self.classes, self.asked)
        record = Evaluation(
            part=subject.part,
            cases=len(cases),
            patients=len(set(subject.groups)),
            metrics=metrics,
            classes=self.classes,
            confusion=confusion,
            task=self.task,
            epoch=epoch,
            intervals={name: found.intervals.get(name) or Interval(found.patients, note=_AS_DRAWN) for name in metrics},
            unknown_classes=subject.unknown,
            warnings=tuple(dict.fromkeys(map(Nameless(subject.found), self.warnings))),
            unknown_patients=unknown,
            external=self.external,
            opened=note_opening(self.folder, epoch) if self.stem == "test" else 0,
            salt=self.salt,
            temperature=temperature,
            operating_points=() if point is None else at_operating_point(cases, self.classes, point),
            subgroups=subgroups_of(cases, lambda own: self._measured(own, temperature)),
            positive=self.classes[positive] if positive is not None else "",
            seed=SEED,
            **self._units(),
        )
        save_evaluation(self.folder, self.stem, record, cases)
        return record

    def _measured(self, cases: Cases, temperature: float | None) -> Measured:
        return measured(cases, self.task, self.classes, temperature, SEED, self.asked)

    def _defined(self, metrics: dict[str, float]) -> dict[str, float]:
        undefined = sorted(name for name, value in metrics.items() if not math.isfinite(value))
        if undefined:
            self.warnings.append(f"Not defined for these cases: {', '.join(undefined)}.")
        return {name: value for name, value in metrics.items() if math.isfinite(value)}

    def _leaks(self) -> list[str]:
        """What the run was told of cases that are on both sides of its split."""
        if self.external:
            return []
        told = (event.message for event, _ in self.subject.run.events() if isinstance(event, Warned))
        return [text for text in told if any(mark in text for mark in _LEAKS)]

    def _learner(self) -> tuple[Learner, int]:
        training = self.subject.run.job.training
        learner = Learner(self.subject.analysis, self.subject.source, usable_device(training.device), 1)
        state, warnings = load_checkpoint(self.folder / "checkpoints", "best")
        load_weights(learner.network, state)
        self.warnings.extend(warnings)
        return learner, int(state.facts["epoch"])

    def _gathered(self, learner: Learner) -> tuple[Cases, tuple[tuple[int, ...], ...]]:
        """What the network answers for each case, and the confusion matrix."""
        named = named_cases(self.subject.dataset, self.subject.chosen, self.salt)
        if self.subject.place is None:
            self._pass(learner, None)
            self.warnings.append(_WITHOUT_LABELS)
            return without_labels(named), ()
        if self.task == "image":
            rebuilt = Rebuilt(span_of(self.subject.analysis, self.subject.place))
            self._pass(learner, rebuilt)
            return rebuilt.cases(named), ()
        if self.task != "segmentation":
            gatherer = Framed(self._ways()) if self.task == "detection" else SCORED[self.task]()
            self._pass(learner, gatherer)
            cases = gatherer.cases(named)
            return cases, confusion_of(cases, len(self.classes)) if self.task == "classification" else ()
        masks = MaskFile(self.folder, self.stem, [str(name) for name in named["case"]])
        drawn, whole = Drawn(len(self.classes), self._spacings(), masks.add), False
        try:
            self._pass(learner, drawn)
            whole = True
        finally:
            masks.close(whole)
        return drawn.cases(named), tuple(tuple(int(count) for count in row) for row in drawn.confusion)

    def _pass(self, learner: Learner, gatherer: Gatherer | None) -> None:
        """Every case once through the network."""
        subject, training = self.subject, self.subject.run.job.training
        seed_epoch(training.seed, 0)  # noise that is drawn is the same each time
        own = subject.material
        batches = Batches(own.cached, own.labels, subject.chosen, learner.device, beside=own.beside)
        learner.begin(learning=False)
        done, due = 0, Throttle()
        for batch in batches.batches(training.batch):
            if due.due():
                subject.on_event(Preparing("Answering cases", done, len(subject.chosen)))
            done += training.batch
            passed = learner.measure(batch)
            if gatherer is None or subject.place is None:
                continue
            answer = passed.at(*subject.place)
            if isinstance(gatherer, Rebuilt):
                self._compare(gatherer, answer, passed)
                continue
            lying = passed.masks.get(subject.source)
            target = lying if self.task in ("segmentation", "detection") else getattr(batch, _PORTS[self.task])
            if target is None:
                raise RunError("The data have no labels of the kind that this output learned.", subject.source)
            gatherer.add(answer, target)

    def _compare(self, gatherer: Rebuilt, answer: Tensor, passed: Pass) -> None:
        subject = self.subject
        if subject.wanted is not None:
            made = answer.sigmoid() if subject.meaning.activation == "sigmoid" else answer
            poorer = None if subject.poorer is None else passed.at(*subject.poorer)
            gatherer.add(made, passed.at(*subject.wanted), poorer)

    def _fits(self) -> tuple[FittedSize, ...]:
        """The steps by which pixels came to the size that the answer lies on."""
        subject = self.subject
        if subject.place is None:
            return ()
        return fits_at(subject.analysis, subject.source, subject.place)

    def _ways(self) -> list[tuple[tuple[int, ...], tuple[FittedSize, ...]]]:
        """The size of each case, and the steps from there to what the boxes lie on."""
        fits = self._fits()
        samples = [self.subject.dataset.samples[index] for index in self.subject.chosen]
        resampled = [(FittedSize(one.resampled, "stretch"),) if one.resampled else () for one in samples]
        return [(one.size, (*first, *fits)) for one, first in zip(samples, resampled, strict=True)]

    def _spacings(self) -> list[tuple[float, ...] | None]:
        subject = self.subject
        try:
            found = spacings_of(subject.dataset, subject.chosen, self._fits())
        except DataError as error:
            raise RunError(f"The spacing of the images cannot be read: {error}") from error
        self.known_spacing = all(one is not None for one in found)
        return found

    def _units(self) -> dict[str, Any]:
        """What numbers and distances are in."""
        if self.task == "regression":
            source = self.subject.analysis.facts[self.subject.source].type
            return {"unit": unit_shown(source, self.subject.dataset.unit)}
        if self.task != "segmentation":
            return {}
        axes = len(self.subject.material.cached.images.shape) - 2
        return {
            "distance_unit": "mm" if self.known_spacing else "pixels",
            "volume_unit": volume_unit(axes, self.known_spacing),
        }

    def _temperature(self, cases: Cases, epoch: int) -> float | None:
        """The temperature of this epoch: fitted here on the validation part, read for every other."""
        if cases.scores is None or cases.truth is None:
            return None
        if self.stem == "validation":
            fitted = Temperature(fitted_temperature(cases.scores, cases.truth), len(cases), epoch)
            save_temperature(self.folder, fitted)
            return fitted.value
        kept = load_temperature(self.folder, epoch)
        if kept is None:
            self.warnings.append(
                "Probabilities are not calibrated yet: evaluate the validation part first, which fits their "
                "temperature, and then this part."
            )
        return None if kept is None else kept.value


def _as_drawn(results: Mapping[str, float], own: Mapping[str, float]) -> dict[str, float]:
    """What the losses and metrics of the drawing say; with another name where it is not the measure so called here."""
    return {
        name if math.isclose(own.get(name, value), value, rel_tol=1e-5, abs_tol=1e-7) else f"{name}_as_drawn": value
        for name, value in results.items()
    }
