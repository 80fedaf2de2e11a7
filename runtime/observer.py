"""What is told of each epoch beside its metrics: pace, device, answers, layers. It changes nothing of the training."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from functools import partial

from torch import Tensor

from runtime.answer_facts import AnswerFacts
from runtime.case_facts import CaseFacts
from runtime.case_generated import GeneratedFacts, generates
from runtime.compile import Pass
from runtime.data.batches import Batch
from runtime.device_load import DeviceLoad
from runtime.events import Observed
from runtime.job import Job
from runtime.layer_facts import LayerFacts
from runtime.learner import Learner, Look


class Observer:
    """Told by the training what happens in an epoch: `begin`, `look`, `learned`, `measured` of each batch, `events`; at
    last `end`. `cases` are the names of the validation cases that are shown, by their indexes."""

    def __init__(self, learner: Learner, job: Job, cases: Mapping[int, str]) -> None:
        self._epochs = job.training.epochs
        self._answers = AnswerFacts(learner)
        self._layers = LayerFacts(learner, job.folder)
        output = generates(learner)
        self._cases: CaseFacts | GeneratedFacts = CaseFacts(learner, job.folder, self._epochs, cases)
        if output is not None:
            self._cases = GeneratedFacts(learner, job.folder, self._epochs, job.training.seed, output)
        self._device = DeviceLoad(learner.device)
        self._began = time.monotonic()
        self._pace: float | None = None
        self._beside = 0.0  # seconds of this epoch that went into looking

    def begin(self) -> None:
        """An epoch begins."""
        self._answers.begin()
        self._layers.begin()
        self._cases.begin()
        self._began, self._beside = time.monotonic(), 0.0

    def look(self, epoch: int) -> Look | None:
        """What wants to see the gradients of the epoch's last step; None where that is not due."""
        if not self._layers.due(last=epoch == self._epochs):
            return None
        return partial(self._looked, epoch)

    def _looked(self, epoch: int, gradients: Mapping[int, Tensor]) -> None:
        began = time.monotonic()
        self._layers.look(gradients, epoch)
        self._beside = time.monotonic() - began

    def learned(self, cases: int) -> None:
        """All cases were learned from, and the device is done with them."""
        seconds = time.monotonic() - self._began - self._beside
        self._pace = float(f"{cases / seconds:.4g}") if seconds > 0 else None

    def measured(self, batch: Batch, passed: Pass) -> None:
        """A batch of the validation part was measured."""
        self._answers.take(batch, passed)
        self._cases.take(batch, passed)

    def events(self, epoch: int) -> Iterator[Observed]:
        """What was seen."""
        self._cases.look(epoch, last=epoch == self._epochs)
        predicted, true = self._answers.shares()
        memory, whole = self._device.memory()
        layers = self._layers
        yield Observed(
            epoch, self._pace, memory, whole, self._device.load(), predicted, true,
            layers.weights(), layers.gradients, layers.still, layers.moved(),
        )  # fmt: skip

    def end(self) -> None:
        """No epoch follows: what was seen of the last one is kept."""
        self._cases.end()
