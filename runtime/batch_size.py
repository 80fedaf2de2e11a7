"""The batch size that suits a network and a device: what is told to fit is tried with real training steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from nodes.wires import Target
from runtime.analysis import Analysis, analyse
from runtime.attach import sources_in_use
from runtime.data.batches import Batch
from runtime.device import free_memory, is_out_of_memory, memory_message
from runtime.errors import OutOfMemory, RunError
from runtime.learner import Learner
from runtime.memory import forecast

_SHARE = 0.7  # of the free memory that a step may take by its forecast
_GAIN = 1.05  # how much faster, image for image, a larger batch has to be
_STEPS_AN_EPOCH = 16  # that a batch leaves at least: with fewer, a network learns little from an epoch
_MOST_S = 10.0  # a trial step that takes longer is the last

Trial = Callable[[int], float]
"""Seconds of one training step on a batch of so many images. Raises OutOfMemory."""
Tell = Callable[[int, float], None]
"""Is told of each size that was tried, and of cases a second with it."""


@dataclass(frozen=True, slots=True)
class FoundBatch:
    """The batch size found, the largest that is known to fit, and cases a second by the sizes that were tried."""

    batch: int
    largest: int
    tried: dict[int, float]

    def words(self) -> str:
        """The finding as a sentence."""
        pace = self.tried.get(self.batch)
        shown = "" if pace is None else f", {pace:,.0f} cases a second while it was tried"
        return f"A batch of {self.batch} was chosen{shown}; one of {self.largest} fits into memory."


def _untold(_batch: int, _pace: float) -> None:
    pass


def find_batch(
    analysis: Analysis, source: str, device: torch.device, cases: int, tell: Tell = _untold
) -> FoundBatch:
    """The batch size for training on `cases` images: of the powers of two that fit, the fastest one.

    Sizes grow while they fit by forecast into most of the free memory and leave 16 steps in an epoch; each is tried by
    real steps on random images, and of sizes that are about as fast (5 %) the smallest is taken. Raises OutOfMemory
    when not even a batch of 2 fits, NodeFailure.
    """
    room = _SHARE * free_memory(device)
    needs = forecast(analysis, 1)
    told = int((room - needs.parameters) // max(needs.activations_per_image, 1))
    return chosen(_trial(analysis, source, device), told, cases, tell)


def chosen(trial: Trial, told: int, cases: int, tell: Tell = _untold) -> FoundBatch:
    """The fastest size by trial among those that fit by forecast (`told`). Raises OutOfMemory."""
    tried: dict[int, float] = {}
    largest, batch = 0, 2
    best = 0.0
    waited = 0
    while batch <= max(2, min(told, cases // _STEPS_AN_EPOCH)) and waited < 2:
        try:
            seconds = trial(batch)
        except OutOfMemory:
            if not tried:
                raise
            told = batch - 1
            break
        tried[batch], largest = batch / max(seconds, 1e-9), batch
        tell(batch, tried[batch])
        waited = 0 if tried[batch] > best * _GAIN else waited + 1
        best = max(best, tried[batch])
        if seconds > _MOST_S:
            break
        batch *= 2
    fastest = max(tried.values())
    size = min(size for size, pace in tried.items() if pace * _GAIN >= fastest)
    return FoundBatch(size, max(largest, told), tried)


def _trial(analysis: Analysis, source: str, device: torch.device) -> Trial:
    """Real steps of the network as it will be trained, on random images; the network is thrown away afterwards."""
    training = replace(analysis.graph.training, accumulate=1, compile="off")
    analysis = analyse(replace(analysis.graph, training=training))
    learner = Learner(analysis, source, device, 1)
    learner.begin(learning=True)

    def trial(count: int) -> float:
        try:
            batch = random_batch(analysis, source, count, device)
            learner.learn(batch, 0)
            _wait(device)
            began = time.perf_counter()
            learner.learn(batch, 0)
            _wait(device)
        except (RuntimeError, MemoryError, RunError) as error:
            if _ran_out(error):
                raise OutOfMemory(memory_message(device, count)) from error
            raise
        return time.perf_counter() - began

    return trial


def _ran_out(error: BaseException | None) -> bool:
    """Whether this error, or one that it was made of, is that memory ran out."""
    return error is not None and (is_out_of_memory(error) or _ran_out(error.__cause__))


def random_batch(analysis: Analysis, source: str, count: int, device: torch.device) -> Batch:
    """Random images from 0 to 1 of the shape of a source and of those beside it, with labels of every kind that they
    offer, all of class 0."""
    others = [other for other in sources_in_use(analysis.graph) if other != source]
    beside = {other: _random_of(analysis, other, count, device) for other in others}
    return replace(_random_of(analysis, source, count, device), beside=beside)


def _random_of(analysis: Analysis, source: str, count: int, device: torch.device) -> Batch:
    outputs = analysis.facts[source].outputs
    shape = analysis.facts[source].shape or (1,)
    numbers = max(1, _classes(outputs["number"].value)) if "number" in outputs else 1
    labels: dict[str, Tensor] = {
        "class": torch.zeros(count, dtype=torch.int64, device=device),
        "number": torch.zeros(count, numbers, device=device),
        "mask": torch.zeros(count, *shape[1:], dtype=torch.int64, device=device),
        "labels": torch.zeros(count, _classes(outputs["labels"].value) if "labels" in outputs else 1, device=device),
    }
    given = {name: labels[name] if name in outputs else None for name in labels}
    images = torch.rand(count, *shape, device=device)
    cases = tuple(range(count))
    return Batch(images, given["class"], given["number"], given["mask"], cases, labels=given["labels"])


def _classes(target: object) -> int:
    return len(target.classes) if isinstance(target, Target) else 1


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
