"""Training: a generator of events that ends with Finished, or raises RunError."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from runtime.analysis import Analysis
from runtime.before_training import refuse_hopeless, sound, told_of_data, told_of_pixels, watched
from runtime.case_choice import chosen_cases
from runtime.checkpoint import State, load_checkpoint
from runtime.data.catalogue import PARTS, DataError, Parts
from runtime.data.faults import Cancelled
from runtime.data.matched import Matched
from runtime.data.wording import counted
from runtime.device import device_name, settle, whole_memory, without_denormals
from runtime.errors import DataChanged, GraphError, InputError, NotFinite, RunError
from runtime.events import Batch, Epoch, Event, Finished, Started, Warned
from runtime.file_watch import FileWatch
from runtime.job import Job
from runtime.keeper import Best, Keeper, best_of
from runtime.liveness import show_life
from runtime.material import Material, prepared, usable_parts
from runtime.nameless import nameless_by_source
from runtime.observer import Observer
from runtime.part_counts import training_counts, with_counts
from runtime.parting import divided
from runtime.refused_data import cases_for
from runtime.splits import check_split, save_split
from runtime.standardising import learn_scales
from runtime.step_choice import Ahead, settled
from runtime.throttle import Throttle
from runtime.time_limit import TimeLimit
from runtime.ways import Ways
from runtime.weights.starting import begun

ALONE = Ways()


class _Stopped(Exception):
    """The user asked to stop."""


def train(job: Job, ways: Ways = ALONE) -> Iterator[Event]:
    """Train a job in its run folder (made by `create_run`), one event after the other.

    Closing the generator ends the training at the next event, and RUN/stop within a fraction of a second; both keep
    the best epoch on disk. Raises RunError (GraphError for an unsound graph) when it cannot go on.
    """
    with without_denormals():
        yield from _Training(job, ways).events()


class _Training:
    def __init__(self, job: Job, ways: Ways) -> None:
        self.job = job
        self.ways = ways
        self.throttle = Throttle()
        self.began = time.monotonic()
        self.limit = TimeLimit(job.training.minutes)
        self.done = 0  # whole epochs
        self.best = Best()  # of an earlier start
        self.seen_undefined: set[str] = set()
        self.told: set[str] = set()  # warnings of the learner
        self.nameless: Callable[[str], str] = str  # until the names of the files are known

    def events(self) -> Iterator[Event]:
        try:
            yield from self._prepared()
        except (_Stopped, Cancelled):
            which = f"epoch {self.done + 1}" if self.done else "the first epoch"
            yield self._finished(self.best, stopped=True, reason=f"It was stopped before {which}.")
            return
        except DataError as error:
            raise InputError([self.nameless(problem) for problem in error.problems]) from error
        try:
            yield from self._epochs()
        finally:
            # Also when the training failed or the generator was closed: the best epoch is not lost.
            for _ in self.keeper.flush(wait=False):
                pass

    # Before the first epoch

    def _prepared(self) -> Iterator[Event]:
        analysis = sound(self.job)
        self.device = self.ways.device(self.job.training.device)
        settle(self.device)
        cases = cases_for(self.job.folder, analysis)
        self.names = nameless_by_source(cases.found, {one: node.name for one, node in analysis.graph.nodes.items()})
        self.nameless = self.names[cases.lead]
        self.files = [FileWatch(dataset, self.names[source]) for source, dataset in cases.of.items()]
        parts, self.kept = divided(self.job, cases)
        refuse_hopeless(analysis, cases, parts, self.job.training.batch, whole_memory(self.device))
        saved, damages = self._saved()
        yield self._started(analysis, parts)
        yield from (Warned(text) for text in damages)
        yield from self._warned(told_of_data(analysis, cases, parts))
        analysis, start = begun(self.job, analysis)
        material: Material | None = None
        for item in prepared(analysis, cases, self._asked_to_stop, self.names):
            if isinstance(item, Material):
                material = item
            else:
                yield item
        if material is None:
            raise RunError("The images were not decoded.", cases.lead)
        yield from self._warned(told_of_pixels(material, parts))
        self._divide(analysis, cases, material, parts := usable_parts(parts, material))
        if saved is not None:
            self.learner.restore(saved)
            self.keeper.restore(saved)
        else:
            learn_scales(self.learner, self.training, self.batch, self.ways.total, material, parts.train)
            if start is not None:
                start.put(self.learner.network)
                yield from (Warned(text) for text in start.report.sentences())
        if self.job.training.compile == "auto":
            ahead = Ahead.of(self.job.training, self.done, self.batches, self.limit.left())
            yield from settled(self.job, self.learner, self.training, self.batch, ahead, self.ways.agree)

    def _warned(self, told: Iterable[tuple[str, str]]) -> Iterator[Event]:
        """What is to be known of sources, without the names of their files."""
        for source, text in told:
            yield Warned(self.names[source](text), source)

    def _divide(self, analysis: Analysis, cases: Matched, material: Material, parts: Parts) -> None:
        material = material.in_parts(parts)
        counts = training_counts(material, parts)
        self._keep_split(cases, parts, counts)
        self.ways.divided()
        analysis = with_counts(analysis, counts)
        if analysis.errors:
            raise GraphError(analysis.errors)
        part = partial(self.ways.part, material.cached, material.labels, beside=material.beside)
        self.training = part(cases=parts.train, device=self.device, often=True)
        self.validation = part(cases=parts.validation, device=self.device, often=True)
        self.batch = self.job.training.batch * self.ways.world
        counts_of_batches = [end - start for start, end in self.ways.spans(len(parts.train), self.batch)]
        self.batches = len(counts_of_batches)
        self.stepping = self.ways.stepping(counts_of_batches, self.job.training.accumulate)
        self.learner = self.ways.learner(analysis, material.source, self.device, self.stepping.steps)
        shown = chosen_cases(material, self.validation.seen, self.job.training.seed, self.nameless)
        self.observer = Observer(self.learner, self.job, shown)
        self.keeper = Keeper(self.job.folder, *watched(self.job.training.watch, self.learner), self.ways.save)

    def _started(self, analysis: Analysis, parts: Parts) -> Started:
        batches = len(self.ways.spans(len(parts.train), self.job.training.batch * self.ways.world))
        cases: dict[str, int] = {part: len(parts.of(part)) for part in PARTS}
        return Started(
            self.job.training.epochs, batches, device_name(self.device, self.ways.world), analysis.parameters, cases,
            parts.how, resumed_after=self.done,
        )  # fmt: skip

    def _keep_split(self, cases: Matched, parts: Parts, counts: Mapping[str, Sequence[float]]) -> None:
        """Write the split of a new run; a resumed one must have the data and the parts that it began with."""
        if not self.job.resume and not self.job.repeats:
            save_split(self.job.folder, cases, parts, counts, [self.kept])
            return
        check_split(self.job.folder, cases, parts)

    def _saved(self) -> tuple[State | None, tuple[str, ...]]:
        """The checkpoint to go on from, and what is to be said of damaged ones."""
        if not self.job.resume:
            return None, ()
        state, warnings = load_checkpoint(self.job.folder / "checkpoints", "last")
        self.done, self.best = int(state.facts["epoch"]), best_of(state)
        return state, warnings

    # The epochs

    def _epochs(self) -> Iterator[Event]:
        training = self.job.training
        reason = ""
        self.first = self.done
        self.began = time.monotonic()
        try:
            yield from self.keeper.prepare(self.learner.state)
            for epoch in range(self.done + 1, training.epochs + 1):
                yield from self._epoch(epoch)
                for files in self.files:
                    files.check(self.job.folder, epoch)
                self.limit.note_epoch()
                if epoch < training.epochs and self.ways.agree(self.limit.reached()):
                    reason = self.limit.reason
                    break
                waited = epoch - max(self.keeper.best.epoch, 1)
                if training.patience and waited >= training.patience and epoch < training.epochs:
                    reason = f"{self.keeper.watched} did not get better for {counted(training.patience, 'epoch')}."
                    break
        except DataChanged:
            yield from self.keeper.finish(self.done, self.learner.state)
            raise
        except _Stopped:
            self.observer.end()
            yield from self.keeper.flush()
            reason = f"It was stopped in epoch {self.done + 1}. {self.keeper.unwritten}".strip()
            yield self._finished(self.keeper.best, stopped=True, reason=reason)
            return
        self.observer.end()
        yield from self.keeper.finish(self.done, self.learner.state)
        lost = self.keeper.unwritten
        yield self._finished(self.keeper.best, stopped=bool(lost), reason=lost or reason)

    def _epoch(self, epoch: int) -> Iterator[Event]:
        began = time.monotonic()
        self.learner.at_epoch(epoch)
        self.ways.seed_epoch(self.job.training.seed, epoch)
        yield from self._learned(epoch)
        if self.learner.warning and self.learner.warning not in self.told:
            self.told.add(self.learner.warning)
            yield Warned(self.learner.warning)
        metrics = {f"train_{name}": value for name, value in self.learner.results().items()}
        self._measured()
        self.learner.check_weights()
        metrics |= {f"validation_{name}": value for name, value in self.learner.results().items()}
        loss = metrics["validation_loss"]
        if not math.isfinite(loss) or not math.isfinite(metrics["train_loss"]):
            raise NotFinite(
                f"The loss is not a finite number any more after epoch {epoch}; the best epoch and the last checkpoint "
                "before it were kept. Lower the learning rate."
            )
        yield from self._undefined(metrics)
        rate = self.learner.rate
        self.learner.after_epoch(loss)
        metrics = {name: value for name, value in metrics.items() if math.isfinite(value)}
        best = self.keeper.is_better(metrics)
        if best:
            self.keeper.note_best(epoch, metrics, self.learner.weights())
        self.done = epoch
        yield from self.observer.events(epoch)
        yield Epoch(epoch, metrics, time.monotonic() - began, self._remaining(epoch), best, rate)
        yield from self.keeper.note_epoch(epoch, self.learner.state)

    def _learned(self, epoch: int) -> Iterator[Event]:
        self.learner.begin(learning=True)
        self.observer.begin()
        seen = 0
        walk = self.training.walk(self.job.training.seed, epoch, self.job.training.sampling == "balanced")
        for number, batch in enumerate(self.training.batches(self.batch, walk)):
            turn = self.stepping.turns[number]
            step = (epoch - 1) * self.stepping.steps + turn.step
            look = self.observer.look(epoch) if number + 1 == self.batches else None
            self.learner.learn(batch, step, turn.share, turn.complete, look)
            seen += batch.count
            if self.ways.agree(self.throttle.due()):
                self._stop_if_asked()
                self.learner.check()
                left = self._remaining(epoch - 1 + (number + 1) / self.batches)
                loss = self.learner.last_loss
                if math.isfinite(loss):
                    yield Batch(epoch, number + 1, self.batches, loss, left)
        self.learner.check()
        self.observer.learned(seen)
        if seen != len(self.training):
            raise RunError(f"Epoch {epoch} saw {seen} of {len(self.training)} cases; this is a mistake in the program.")

    def _measured(self) -> None:
        """Measure the validation part."""
        self.learner.begin(learning=False)
        seen = 0
        for batch in self.validation.batches(self.batch):
            self.observer.measured(batch, self.learner.measure(batch))
            seen += batch.count
            if self.ways.agree(self.throttle.due()):
                self._stop_if_asked()
        if seen != len(self.validation):
            raise RunError(f"{seen} of {len(self.validation)} validation cases were seen; a mistake in the program.")

    def _undefined(self, metrics: dict[str, float]) -> Iterator[Event]:
        """Say once of each metric that it is not defined for the cases of its part."""
        missing = sorted(name for name, value in metrics.items() if not math.isfinite(value))
        fresh = [name for name in missing if name not in self.seen_undefined]
        self.seen_undefined.update(fresh)
        if fresh:
            yield Warned(f"Not defined for the cases of this part, and so not shown: {', '.join(fresh)}.")

    def _remaining(self, epochs: float) -> float | None:
        """Seconds to the end, from the pace so far."""
        done = epochs - self.first
        if done <= 0:
            return None
        left = (time.monotonic() - self.began) / done * (self.job.training.epochs - epochs)
        return round(min(left, self.limit.left()), 1)

    def _finished(self, best: Best, stopped: bool, reason: str) -> Finished:
        return Finished(self.done, best.epoch, best.metrics or {}, stopped, reason)

    def _asked_to_stop(self) -> bool:
        return (self.job.folder / "stop").exists()

    def _stop_if_asked(self) -> None:
        show_life(self.job.folder)
        if self.ways.agree(self._asked_to_stop()):
            raise _Stopped
