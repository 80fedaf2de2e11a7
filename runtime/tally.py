"""What a pass over a part adds up: losses by the number of cases, and metrics; short answers are counted many at once.

Counting a few numbers costs as much as counting thousands, so those of a batch wait until many can be counted together.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from runtime.data.batches import Batch
from runtime.judges import Judge
from runtime.steps import Pass

_TOGETHER = 64  # batches that are counted together
_SHORT = 4096  # numbers of a batch's answer, or of its truth, up to which it waits


class Tally:
    """Counts the batches of a pass with `note`; what is read of it (`sums`, `cases`, the metrics) is whole after
    `settle`. `begin` forgets all."""

    def __init__(self, losses: Sequence[Judge], metrics: Sequence[Judge], device: torch.device) -> None:
        self._losses = losses
        self._metrics = metrics
        self._device = device
        self.begin()

    def begin(self) -> None:
        """Begin with no case."""
        for metric in self._metrics:
            metric.module.reset()
        self.sums = torch.zeros(len(self._losses), dtype=torch.float64, device=self._device)  # each loss times cases
        self.cases = 0
        self._last: Sequence[Tensor] = ()
        self._forget()

    def _forget(self) -> None:
        self._values: list[Tensor] = []  # of all losses, batch after batch
        self._counts: list[int] = []
        self._waiting: dict[str, list[tuple[Tensor, Tensor]]] = {}

    def note(self, batch: Batch, passed: Pass, values: Sequence[Tensor]) -> None:
        """Count a batch with the values of its losses."""
        self._last = [value.detach() for value in values]
        self._values += self._last
        self._counts.append(batch.count)
        self.cases += batch.count
        for metric in self._metrics:
            prediction, target = metric.compared(batch, passed)
            # A target that is a tensor of the graph may lie in memory that the next batch uses again.
            if metric.is_label and max(prediction.numel(), target.numel()) <= _SHORT:
                self._waiting.setdefault(metric.node, []).append((prediction.detach(), target))
            else:
                metric.module.update(prediction.detach(), target)
        if len(self._counts) == _TOGETHER:
            self.settle()

    def settle(self) -> None:
        """Count what waits."""
        values, counts, waiting = self._values, self._counts, self._waiting
        self._forget()
        if values:
            cases = torch.tensor(counts, dtype=torch.float64).to(self._device, non_blocking=True)
            self.sums += cases @ torch.stack(values).double().view(len(counts), -1)
        for metric in self._metrics:
            if metric.node in waiting:
                predictions, targets = zip(*waiting[metric.node], strict=True)
                metric.module.update(torch.cat(predictions), torch.cat(targets))

    @property
    def last(self) -> Sequence[Tensor]:
        """The losses of the last batch."""
        return self._last

    def results(self) -> dict[str, float]:
        """The losses and metrics over all cases so far, by name; a metric that is not defined for them is nan."""
        self.settle()
        means = (self.sums / max(self.cases, 1)).tolist()
        weighted = sum(judge.weight * value for judge, value in zip(self._losses, means, strict=True))
        found = {"loss": float(weighted)}
        if len(self._losses) > 1:
            found |= {judge.name: value for judge, value in zip(self._losses, means, strict=True)}
        return found | {metric.name: float(metric.module.compute()) for metric in self._metrics}
