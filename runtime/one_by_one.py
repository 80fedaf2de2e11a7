"""`python -P -m runtime.one_by_one RUN`: the cases of a failed run one by one on the processor, and which one fails.

A process of its own: where a GPU stopped at a wrong index, the process that used it can compute nothing more on it, and
what it says does not tell the case. The answer is a line of JSON, null where no case alone is to blame.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch

from runtime.analysis import Analysis, analyse
from runtime.before_training import sound
from runtime.checkpoint import load_checkpoint
from runtime.data.batches import Batch, Part
from runtime.data.catalogue import DataError, Parts
from runtime.data.matched import Matched
from runtime.errors import RunError
from runtime.events import Batch as Told
from runtime.events import Epoch, Started
from runtime.job import Job
from runtime.learner import Learner, load_weights
from runtime.material import Material, material_of, read_cases, usable_parts
from runtime.nameless import Nameless
from runtime.part_counts import training_counts, with_counts
from runtime.repeating import parts_again
from runtime.runs import Run

_MOST_S = 60.0  # for trying cases; reading the data comes before
_FAULTS = (RuntimeError, IndexError, ValueError, RunError)
_CPU = torch.device("cpu")


@dataclass(frozen=True, slots=True)
class Found:
    """The case that fails: its number for the run folder, the files that it is made of, and why it fails."""

    number: str
    files: tuple[str, ...]
    why: str


def find(run: Run, seconds: float = _MOST_S) -> Found | None:
    """The first case that the network cannot be judged on while others can, looked for over so many seconds.

    Those that the run had not yet got through come first. Raises RunError or DataError when the data cannot be read.
    """
    cases, material, parts, analysis = _read(run.job)
    learner = Learner(analysis, material.source, _CPU, 1)
    if run.can_resume:
        load_weights(learner.network, load_checkpoint(run.folder / "checkpoints", "last")[0])
    learner.begin(learning=False)
    end = time.monotonic() + seconds
    faulty: tuple[Batch, str] | None = None
    sound_ones = 0
    for batch in _in_order(run, material, parts):
        fault = _fault(learner, batch, {one.source: len(one.dataset.classes) for one in material.all()})
        if fault and faulty is None:
            faulty = batch, fault
        sound_ones += not fault
        if faulty and sound_ones:
            break
        if time.monotonic() > end:
            return None
    if faulty is None or not sound_ones:
        return None  # none fails, or all do: then no case is to blame
    batch, why = faulty
    samples = [one.dataset.samples[batch.of(one.source).cases[0]] for one in material.all()]
    files = tuple(path for sample in samples for path in (sample.path, sample.mask) if path)
    return Found(Nameless(cases.found[cases.lead])(samples[0].path), files, why)


def _read(job: Job) -> tuple[Matched, Material, Parts, Analysis]:
    """The data as the run reads them, its parts as written down, and its graph without 16 bits and own kernels."""
    graph = replace(job.graph, training=replace(job.training, precision="float32", compile="off", accumulate=1))
    analysis = sound(replace(job, graph=graph))
    cases = read_cases(analysis)
    material = material_of(analysis, cases)
    parts = usable_parts(parts_again(job.folder, cases), material)
    material = material.in_parts(parts)
    return cases, material, parts, with_counts(analyse(graph), training_counts(material, parts))


def _in_order(run: Run, material: Material, parts: Parts) -> Iterator[Batch]:
    """Each case alone: what was to come in the epoch, then the validation part, then what came before."""
    training, epoch, done = run.job.training, 1, 0
    for event, _ in run.events():
        match event:
            case Started():
                epoch, done = event.resumed_after + 1, 0
            case Told():
                epoch, done = event.epoch, event.batch * training.batch * training.processes
            case Epoch():
                epoch, done = event.epoch + 1, 0
    part = partial(Part, material.cached, material.labels, device=_CPU, beside=material.beside)
    learned = part(cases=parts.train)
    walk = learned.walk(training.seed, epoch, training.sampling == "balanced")
    yield from learned.batches(1, walk.taken(slice(done, None)))
    yield from part(cases=parts.validation).batches(1)
    yield from learned.batches(1, walk.taken(slice(done)))


def _fault(learner: Learner, batch: Batch, classes: Mapping[str, int]) -> str:
    """Why the network cannot be judged on a case, "" when it can."""
    try:
        learner.measure(batch)
        learner.tally.settle()  # a metric may be what fails
    except _FAULTS as error:
        return _outside(batch, classes) or (str(error).strip() or type(error).__name__).splitlines()[0][:200]
    return ""


def _outside(batch: Batch, classes: Mapping[str, int]) -> str:
    """A class of the case that there is not, in words; `classes` are how many there are by source."""
    for source, count in classes.items():
        own = batch.of(source)
        for what, indexes in (("mask", own.masks), ("label", own.classes)):
            if indexes is None or not count:
                continue
            wrong = indexes[(indexes < 0) | (indexes >= count)].tolist()
            if wrong:
                return f"its {what} holds the class number {wrong[0]}, where 0 to {count - 1} are known"
    return ""


def main(words: Sequence[str]) -> int:
    """Write what was found; gives the exit status, 1 when the data cannot be read."""
    try:
        found = find(Run(Path(words[0])))
    except (RunError, DataError, OSError):
        return 1
    told = None if found is None else {"number": found.number, "files": found.files, "why": found.why}
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
