"""What a network answers for a few validation cases, epoch after epoch: taken from what validation computes anyway."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import torch
from torch import Tensor

from runtime.case_answers import Cut, answer_of, cut_of, kept, picture_of, truth_of
from runtime.case_judge import Shown, shown_by
from runtime.compile import Pass
from runtime.data.batches import Batch
from runtime.learner import Learner
from runtime.seen_cases import SeenCase, SeenHistory
from runtime.throttle import Seldom

RATIO = 300  # answers are written when the last writing lies this many times its own duration back
_LEAST_S = 1.0  # between two writings, too


def rarely() -> Seldom:
    """How rarely what is seen in epochs is written."""
    return Seldom(RATIO, _LEAST_S)


class CaseFacts:
    """Follows these cases (names by index in the data set). Answers stay on the device until they are written, which
    is seldom; the newest are written when no epoch follows."""

    def __init__(self, learner: Learner, folder: Path, planned: int, names: Mapping[int, str]) -> None:
        self._planned = planned
        self._names = names
        self._history = SeenHistory(folder)
        self._seldom = rarely()
        self._shown = shown_by(learner)
        self._cuts: dict[int, Cut] = {}
        self._cases: dict[int, SeenCase] = {}  # what is the same in every epoch
        self._begun = False
        self._taken: dict[int, Tensor] = {}
        self._pending: tuple[int, dict[int, Tensor]] | None = None

    def begin(self) -> None:
        """An epoch begins."""
        self._taken = {}

    @torch.no_grad()
    def take(self, batch: Batch, passed: Pass) -> None:
        """Keep what was answered for those of the cases that are in this measured batch."""
        if self._shown is None or self._names.keys().isdisjoint(batch.cases):
            return
        prediction, target = self._shown.judge.compared(batch, passed)
        for place, case in enumerate(batch.cases):
            if case in self._names:
                if case not in self._cases:
                    self._meet(self._shown, case, batch.of(self._shown.source).images[place], target[place])
                self._taken[case] = kept(self._shown.task, prediction[place].float(), self._cuts[case])

    def look(self, epoch: int, last: bool) -> None:
        """The epoch is measured: write it down if that is due, or the last chance."""
        if self._taken:
            self._pending = (epoch, self._taken)
            if last or self._seldom.due:
                self.end()

    def end(self) -> None:
        """Write what waits to be written."""
        if self._pending is None or self._shown is None:
            return
        epoch, taken = self._pending
        self._pending = None
        order = [case for case in self._names if case in taken]
        with self._seldom.doing(), suppress(OSError):  # a full disk is told of by the checkpoints, which matter
            if not self._begun:
                self._begun = True
                cases = [self._cases[case] for case in order]
                self._history.begin(self._shown.task, self._shown.classes, self._planned, cases, self._shown.unit)
            self._history.add(epoch, [answer_of(self._shown.task, taken[case], self._cuts[case]) for case in order])
            self._history.write()

    def _meet(self, shown: Shown, case: int, image: Tensor, target: Tensor) -> None:
        """A case is seen for the first time; here the device is waited for."""
        fitted = shown.fitted(image)
        cut = self._cuts[case] = cut_of(shown.task, target, shown.squeezes, tuple(fitted.shape[1:]))
        picture, at = picture_of(fitted, cut.slice, shown.middle)
        truth = truth_of(shown.task, target, cut)
        self._cases[case] = SeenCase(self._names[case], picture, truth, at)
