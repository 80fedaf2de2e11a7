"""Metrics of boxes: answers are kept on the device as they come, and counted when they are asked for."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from runtime.evaluation.box_hits import MOST, hits_of, mean_precisions
from runtime.modules.boxes import answered_boxes
from runtime.modules.metrics import Metric


class AnsweredPrecision(Metric):
    """The mean average precision, over classes and `overlaps` (IoU), of boxes as a model answers them (N, K, 6) against
    true boxes (N, M, 5); see runtime.evaluation.box_hits. nan without true boxes."""

    def __init__(self, classes: int, overlaps: Sequence[float]) -> None:
        super().__init__()
        self.classes, self.overlaps = classes, tuple(overlaps)
        self._seen: list[tuple[Tensor, Tensor]] = []

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Keep a batch."""
        answered = prediction.detach()
        if answered.shape[1] > MOST * self.classes:
            best = answered[..., 4].topk(MOST * self.classes, 1).indices
            answered = answered.gather(1, best.unsqueeze(-1).expand(-1, -1, answered.shape[2]))
        self._seen.append((answered.clone(), target.detach().clone()))

    def compute(self) -> float:
        """The mean over all classes with true boxes, and all overlaps."""
        if not self._seen:
            return float("nan")
        found = torch.cat([answered for answered, _ in self._seen]).double().cpu().numpy()
        true = torch.cat([target for _, target in self._seen]).double().cpu().numpy()
        return float(mean_precisions(hits_of([*true], [*found], self.classes, self.overlaps)).mean())

    def reset(self) -> None:
        """Forget all batches."""
        self._seen = []


class AveragePrecision(AnsweredPrecision):
    """The same of box lists (N, 9 + classes, K) after non-maximum suppression."""

    def update(self, prediction: Tensor, target: Tensor) -> None:
        """Keep a batch."""
        super().update(answered_boxes(prediction.detach()), target)
