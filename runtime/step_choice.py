"""How the steps of a training are run: plainly, or by compiled code where that was measured to be faster."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

import torch

from runtime.checkpoint import State
from runtime.compiled import FAILURES, Runner, Way, cannot_compile
from runtime.data.batches import Batch, Part
from runtime.errors import RunError
from runtime.events import Noted
from runtime.graph import Training
from runtime.job import Job
from runtime.learner import Learner
from runtime.store import write_safely

_LEAST_S: Mapping[str, float] = {"cpu": 1800.0, "cuda": 300.0}
"""Seconds of plain steps that have to lie ahead for trials to be made. Compiling takes from ten seconds (LeNet) to
about a minute: 3 % of half an hour, which the least gain that is taken (5 %) wins back. On a GPU small networks wait
for launches, which CUDA graphs take away: a gain of a fifth, which is little there, wins a minute of five back."""
_LEAST_BATCHES = 200  # with fewer not even one plain step is timed: each would have to take seconds
_GAIN = 1.05  # how much faster than plain a way has to be; less lies in the noise of measuring
_ROUNDS, _ROUND_S = 5, 0.05
_FILE = "step.json"
_WORDS: Mapping[Way, str] = {
    "plain": "as it is",
    "compiled": "compiled",
    "graphs": "compiled with CUDA graphs",
}
_UNLIKE, _SMALL = 0.1, 0.01  # share by which the loss after the same few steps may differ: dropout in graphs draws anew

_FAILURES: tuple[type[Exception], ...] = (*FAILURES, RunError)

Agree = Callable[[bool], bool]


@dataclass(frozen=True, slots=True)
class Choice:
    """The way that is taken, milliseconds of a step by way as they were measured, and why others failed."""

    way: Way = "plain"
    ms: Mapping[Way, float] = field(default_factory=dict)
    failed: Mapping[Way, str] = field(default_factory=dict)

    def words(self) -> str:
        """The choice and its reason as one sentence; "" where nothing was tried."""
        if len(self.ms) + len(self.failed) < 2:
            return ""
        told = [f"{ms:.3g} ms {_WORDS[way]}" for way, ms in self.ms.items()]
        told += [f"it cannot be run {_WORDS[way]} ({reason})" for way, reason in self.failed.items()]
        return f"A training step of this network takes {'; '.join(told)}: it is trained {_WORDS[self.way]}."


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is sure to be trained: so many batches, in not more than so many seconds."""

    batches: int
    seconds: float

    @staticmethod
    def of(training: Training, done: int, batches: int, seconds: float) -> Ahead:
        """After `done` epochs of `batches`; where patience may end a training early, only that much is sure."""
        left = training.epochs - done
        return Ahead((min(left, training.patience + 1) if training.patience else left) * batches, seconds)


def settled(job: Job, learner: Learner, part: Part, size: int, ahead: Ahead, agree: Agree) -> Iterator[Noted]:
    """Let the learner run its network in the way that the run began with; a new run measures which is the fastest.

    Trials are made on the first batch, of `size`, of the training part. The choice is told and kept in the run folder.
    """
    way = kept_way(job.folder)
    if agree(not (job.resume or job.repeats)):
        training = job.training
        walk = part.walk(training.seed, 1, training.sampling == "balanced")
        batch = next(part.batches(size, walk)).copied()
        choice = choose(learner, batch, ahead, agree)
        keep_choice(job.folder, choice)
        way = choice.way
        if choice.words():
            yield Noted(choice.words())
    learner.runner = Runner(learner.network, way, learner.device)


def choose(learner: Learner, batch: Batch, ahead: Ahead, agree: Agree) -> Choice:
    """The fastest way to train this learner, measured on a batch with copies of it.

    Neither the learner nor a random state is changed. `agree` tells the answer that counts for all processes; each
    measures alone. Where too little lies `ahead` the way is plain, and nothing is tried.
    """
    if not agree(ahead.batches >= _LEAST_BATCHES):
        return Choice()
    device = learner.device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        trials = _Trials(learner, batch)
        trials.time("plain")
        plain_s = trials.ms.get("plain", 0.0) / 1000
        if agree(min(plain_s * ahead.batches, ahead.seconds) >= _LEAST_S[device.type]):
            _try_all(trials, _candidates(learner))
    fastest = trials.fastest()
    way: Way = next((way for way in get_args(Way) if agree(way == fastest)), "plain")
    return Choice(way, trials.ms, trials.failed)


def _try_all(trials: _Trials, ways: Sequence[Way]) -> None:
    try:
        for way in ways:
            trials.time(way)
    finally:
        torch.compiler.reset()  # lets go of the copies, and of memory that graphs hold


def _candidates(learner: Learner) -> Sequence[Way]:
    """CUDA graphs write over the gradients of the pass before, so they go with one pass a step alone."""
    passes = max(len({puller.order for puller in learner.pullers}), learner.analysis.graph.training.accumulate)
    return ("compiled", "graphs") if learner.device.type == "cuda" and passes == 1 else ("compiled",)


class _Trials:
    """Ways that were measured (milliseconds) and those that failed (why), each on a copy of the learner."""

    def __init__(self, learner: Learner, batch: Batch) -> None:
        self.ms: dict[Way, float] = {}
        self.failed: dict[Way, str] = {}
        self._of = learner
        self._batch = batch
        self._device = learner.device
        self._state = _copied(learner.state())
        self._loss = 0.0  # after the first plain steps

    def time(self, way: Way) -> None:
        """Measure a way, or note why it failed."""
        self.failed[way] = "" if way == "plain" else cannot_compile(self._device, way)
        try:
            if not self.failed[way]:
                self._time(way)
                del self.failed[way]
        except _FAILURES as error:
            self.failed[way] = (" ".join(str(error).split()) or type(error).__name__)[:200].rstrip(".")

    def _time(self, way: Way) -> None:
        copy = Learner(self._of.analysis, self._of.source, self._device, self._of.steps)
        copy.restore(_copied(self._state))
        runners = {one: Runner(copy.network, one, self._device) for one in ("plain", way)}
        self._warm_up(copy, runners[way], way)
        for _ in range(_ROUNDS):  # in turn, so that what else the machine does strikes both
            for one, runner in runners.items():
                copy.runner = runner
                self.ms[one] = min(self.ms.get(one, math.inf), 1000 * _round(copy, self._batch))
        copy.check()

    def _warm_up(self, copy: Learner, runner: Runner, way: Way) -> None:
        """The first steps. Raises RunError when compiling failed, or the way learns something else than plain steps."""
        copy.runner = runner
        copy.begin(learning=True)
        torch.manual_seed(0)
        for _ in range(3):  # the first compiles; CUDA graphs are recorded with the second and replayed from the third
            copy.learn(self._batch, 0)
        if runner.reason:
            raise RunError(runner.reason)
        if way == "plain":
            self._loss = copy.last_loss
        elif not abs(copy.last_loss - self._loss) <= _UNLIKE * max(abs(self._loss), _SMALL):
            raise RunError(f"after the same steps its loss is {copy.last_loss:.4g} instead of {self._loss:.4g}")

    def fastest(self) -> Way:
        """Plain, unless another way was clearly faster."""
        plain = self.ms.get("plain", 0.0)
        ways = [way for way in get_args(Way) if way in self.ms]
        best: Way = min(ways, key=lambda way: self.ms[way], default="plain")
        return best if self.ms.get(best, 0.0) * _GAIN < plain else "plain"


def _copied(state: State) -> State:
    return State({name: tensor.clone() for name, tensor in state.tensors.items()}, state.facts)


def _round(learner: Learner, batch: Batch) -> float:
    """Seconds of a step, over as many as fill a round; on a GPU they are queued as in training."""
    spent, steps = _spent(learner, batch, 1), 1
    if spent < _ROUND_S:
        steps = math.ceil(_ROUND_S / max(spent, 1e-4))
        spent = _spent(learner, batch, steps)
    return spent / steps


def _spent(learner: Learner, batch: Batch, steps: int) -> float:
    began = time.perf_counter()
    for _ in range(steps):
        learner.learn(batch, 0)
    if learner.device.type == "cuda":
        torch.cuda.synchronize(learner.device)
    return time.perf_counter() - began


def keep_choice(folder: Path, choice: Choice) -> None:
    """Write RUN/step.json, so that a resumed or repeated run takes the same way."""
    content = {"format": 1, "way": choice.way, "ms": dict(choice.ms), "failed": dict(choice.failed)}
    write_safely(folder / _FILE, (json.dumps(content, indent=1) + "\n").encode("utf-8"))


def kept_way(folder: Path) -> Way:
    """The way that a run began with; plain where none was chosen. Raises RunError for a damaged file."""
    path = folder / _FILE
    if not path.exists():
        return "plain"
    try:
        way: Way = json.loads(path.read_text(encoding="utf-8"))["way"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path} is damaged; train a new run.") from error
    if way not in get_args(Way):
        raise RunError(f"{path} names the way “{way}”; this version knows {', '.join(get_args(Way))}.")
    return way
