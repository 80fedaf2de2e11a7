"""A learner that learns with others: gradients are added up before each step, measures before they are read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

import torch
from torch import Tensor

from runtime.analysis import Analysis
from runtime.data.batches import Batch, Labels, Part, Stored, Walk, spans
from runtime.data.cache import CachedImages
from runtime.errors import RunError
from runtime.learner import Learner
from runtime.pullers import Puller
from runtime.ranks import Ranks
from runtime.stepping import Stepping, Turn


def shared_spans(count: int, size: int, world: int) -> list[tuple[int, int]]:
    """Where batches begin and end, so that each process has two cases of the last one, for batch normalisation."""
    found = spans(count, size)
    while len(found) > 1 and found[-1][1] - found[-1][0] < 2 * world:
        last = found.pop()
        found[-1] = (found[-1][0], last[1])
    return found


class SharedStepping(Stepping):
    """Turns in which each process counts as much as it has cases of a batch."""

    def __init__(self, ranks: Ranks, counts: Sequence[int], accumulate: int) -> None:
        super().__init__(counts, accumulate)
        shares = [len(range(ranks.rank, count, ranks.world)) / count for count in counts]
        turns = zip(self.turns, shares, strict=True)
        self.turns = [Turn(turn.step, turn.share * share, turn.complete) for turn, share in turns]


class SharedPart(Part):
    """The cases of a part of which each process takes every n-th of each batch."""

    def __init__(
        self, ranks: Ranks, size: int, cached: CachedImages, labels: Labels, cases: tuple[int, ...],
        device: torch.device, often: bool = False, beside: Mapping[str, Stored] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self._ranks = ranks
        if len(cases) < ranks.world:
            raise RunError(f"{ranks.world} processes cannot share {len(cases)} cases; start fewer, or add cases.")
        self._spans = shared_spans(len(cases), size, ranks.world)
        super().__init__(cached, labels, cases, device, often, beside)

    def __len__(self) -> int:
        """The cases that this process sees in an epoch."""
        return sum(len(range(start + self._ranks.rank, end, self._ranks.world)) for start, end in self._spans)

    @property
    def seen(self) -> tuple[int, ...]:
        """Those of them that are measured here, where they are not learned from in another order."""
        own = [range(start + self._ranks.rank, end, self._ranks.world) for start, end in self._spans]
        return tuple(self.cases[place] for places in own for place in places)

    def batches(self, size: int, walk: Walk | None = None) -> Iterator[Batch]:
        """Its share of the cases along the walk given (else each once); `size` was settled when it was made."""
        walk = self._walk_through() if walk is None else walk
        own = (slice(start + self._ranks.rank, end, self._ranks.world) for start, end in self._spans)
        return self._along([walk.taken(which) for which in own])


class SharedLearner(Learner):
    """The network of each process is the same before and after every step."""

    def __init__(self, ranks: Ranks, analysis: Analysis, source: str, device: torch.device, steps: int) -> None:
        self._ranks = ranks
        super().__init__(analysis, source, device, steps)
        ranks.alike(self._numbers())

    def begin(self, learning: bool) -> None:
        """As `Learner.begin`; what is measured is one network, with the running statistics of the first process."""
        super().begin(learning)
        if not learning:
            self._ranks.alike(self.network.buffers())

    def results(self) -> dict[str, float]:
        """As `Learner.results`, over the cases of all processes."""
        self.tally.settle()
        cases = torch.tensor([float(self.tally.cases)], dtype=torch.float64, device=self.device)
        self._ranks.total([self.tally.sums, cases])
        self.tally.cases = int(cases.item())
        for metric in self.metrics:
            self._ranks.total(metric.module.buffers())
            for listed in _lists(metric.module):
                listed[:] = [self._ranks.gathered(torch.cat(listed))] if listed else []
        return super().results()

    def _change(self, step: int, turn: Sequence[Puller], seen: dict[int, Tensor] | None) -> None:
        if not self._watches_each_step:
            self._ranks.largest(self._bad)
        self._ranks.total(gradient for puller in turn for gradient in puller.taken)
        super()._change(step, turn, seen)

    def _numbers(self) -> Iterator[Tensor]:
        yield from (parameter.detach() for parameter in self.network.parameters())
        yield from self.network.buffers()


def _lists(module: torch.nn.Module) -> list[list[Tensor]]:
    """What a metric collects case by case; its buffers are sums."""
    return [value for name, value in sorted(vars(module).items()) if isinstance(value, list) and name != "training"]
