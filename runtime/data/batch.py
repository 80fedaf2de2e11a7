"""A batch of cases as tensors on the device, and the labels that all cases of a data set have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from torch import Tensor

ALONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Batch:
    """Images (N, C, *size) float32 in real units, and what the data say of them, on the device.

    `classes` int64 (N,); `numbers` float32 (N, 1); `masks` int64 (N, *size); `labels` float32 (N, labels) of 0 and 1;
    `boxes` float32 (N, most boxes, 5): class index (-1: no box), left, top, right, bottom in pixels of these images.
    `cases` are indexes into the data set. Where a graph has several sources, this is what the leading one gives, and
    `beside` what the others give of the same cases, by the ids of their nodes; what is drawn independently gives as
    many of its own cases.
    """

    images: Tensor
    classes: Tensor | None
    numbers: Tensor | None
    masks: Tensor | None
    cases: tuple[int, ...]
    labels: Tensor | None = None
    boxes: Tensor | None = None
    beside: Mapping[str, Batch] = field(default_factory=lambda: ALONE)

    @property
    def count(self) -> int:
        """How many cases it holds."""
        return self.images.shape[0]

    def of(self, source: str) -> Batch:
        """What a source gives of the cases: one beside the leading one, or else that."""
        return self.beside.get(source, self)

    def copied(self) -> Batch:
        """The same in memory of its own, which stays as it is when the next batch is made."""
        parts: dict[str, Any] = {
            part.name: value.clone() for part in fields(self) if isinstance(value := getattr(self, part.name), Tensor)
        }
        return replace(self, **parts, beside={source: batch.copied() for source, batch in self.beside.items()})

    def picked(self, index: Tensor, cases: tuple[int, ...]) -> Batch:
        """Some of its cases, gathered on the device by their places (int64); `cases` are the indexes they have."""
        return Batch(
            images=self.images.index_select(0, index),
            classes=None if self.classes is None else self.classes[index],
            numbers=None if self.numbers is None else self.numbers[index],
            masks=None if self.masks is None else self.masks[index],
            cases=cases,
            labels=None if self.labels is None else self.labels[index],
            boxes=None if self.boxes is None else self.boxes[index],
            beside={source: batch.picked(index, cases) for source, batch in self.beside.items()},
        )


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of all samples of a data set by its indexes, None where the data set has no such labels."""

    classes: Tensor | None = None
    numbers: Tensor | None = None
    labels: Tensor | None = None
    boxes: Tensor | None = None
