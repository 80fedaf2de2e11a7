"""Boxes that a network answers with, batch by batch, brought together as the cases of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from runtime.delivery.answers import unfitted_boxes
from runtime.evaluation.detection import case_errors
from runtime.evaluation.record import Cases
from runtime.modules.boxes import answered_boxes
from runtime.plan import FittedSize

Array = NDArray[Any]


class Framed:
    """Boxes of each case: the truth is (N, M, 5). `ways` holds for each case its size (rows, columns) and the fits by
    which its pixels came to the network: boxes are told in pixels of the image as found."""

    def __init__(self, ways: Sequence[tuple[Sequence[int], Sequence[FittedSize]]]) -> None:
        self._ways = ways
        self._true: list[Array] = []
        self._found: list[Array] = []

    def add(self, boxes: Tensor, target: Tensor) -> None:
        """Keep a batch: a box list (N, 9 + classes, K), and what is true."""
        answered, true = answered_boxes(boxes.detach().float()).cpu().numpy(), target.detach().cpu().numpy()
        for own, told in zip(true, answered, strict=True):
            size, fits = self._ways[len(self._true)]
            self._true.append(np.concatenate([own[:, :1], unfitted_boxes(own[:, 1:], fits, size)], axis=1))
            self._found.append(np.concatenate([unfitted_boxes(told[:, :4], fits, size), told[:, 4:]], axis=1))

    def cases(self, named: Mapping[str, Any]) -> Cases:
        """All cases; `named` says who they are."""
        true, found = (np.stack(rows).astype(np.float64) for rows in (self._true, self._found))
        error, sure = case_errors(true, found)
        return Cases(**named, error=error, correct=error == 0, confidence=sure, boxes={"true": true, "found": found})
