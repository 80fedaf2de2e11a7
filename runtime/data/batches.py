"""The cases of one part as tensors: on the device where they fit there, else copied ahead of need from the files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.data.balance import balanced_order
from runtime.data.batch_memory import Buffers
from runtime.data.cache import CachedImages
from runtime.data.cache_pages import Pages
from runtime.data.memory_budget import batch_bytes, resident_bytes
from runtime.device import free_memory, mixed
from runtime.errors import RunError

_SHARE = 0.4  # of a GPU's free memory that images may take
_AHEAD = 2  # batches that are made ready before they are asked for
_THREADS = 2  # that make batches ready: one alone is held up by the memory
_ALONE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Batch:
    """Images (N, C, *size) float32 in real units, and what the data say of them, on the device.

    `classes` int64 (N,); `numbers` float32 (N, 1); `masks` int64 (N, *size); `labels` float32 (N, labels) of 0 and 1;
    `boxes` float32 (N, most boxes, 5): class index (-1: no box), left, top, right, bottom in pixels of these images.
    `cases` are indexes into the data set. Where a graph has several sources, this is what the leading one gives, and
    `beside` what the others give of the same cases, by the ids of their nodes.
    """

    images: Tensor
    classes: Tensor | None
    numbers: Tensor | None
    masks: Tensor | None
    cases: tuple[int, ...]
    labels: Tensor | None = None
    boxes: Tensor | None = None
    beside: Mapping[str, Batch] = field(default_factory=lambda: _ALONE)

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


class Stored(Protocol):
    """What a source has of all cases: decoded pixels and labels."""

    @property
    def cached(self) -> CachedImages:
        """The pixels."""

    @property
    def labels(self) -> Labels:
        """The labels."""


class _Reader:
    """Copies cases of one source from its files to the device."""

    def __init__(self, cached: CachedImages, labels: Labels, device: torch.device) -> None:
        self._device = device
        self._labels = labels
        self._images = cached.images
        self._buffers = Buffers(_AHEAD)
        self._masks: NDArray[Any] | None = cached.masks
        self._pages = Pages(cached.images.stored, cached.masks)

    def bytes_of_one(self) -> int:
        """What a case takes in memory."""
        masks = 0 if self._masks is None else self._masks[0].size * 8
        return int(self._images.nbytes // len(self._images) + masks)

    def copied(self, cases: Sequence[int]) -> Batch:
        """These cases, by their indexes."""
        images = self._memory((len(cases), *self._images.shape[1:]))
        self._pages.used(self._images.fill(images.numpy(), cases))
        return Batch(
            images=images.to(self._device, non_blocking=True),
            classes=None if self._labels.classes is None else self._sent(self._labels.classes[cases]),
            numbers=None if self._labels.numbers is None else self._sent(self._labels.numbers[cases]),
            masks=None if self._masks is None else self._sent(torch.from_numpy(self._masks[cases])).long(),
            cases=tuple(cases),
            labels=None if self._labels.labels is None else self._sent(self._labels.labels[cases]),
            boxes=None if self._labels.boxes is None else self._sent(self._labels.boxes[cases]),
        )

    def _memory(self, shape: tuple[int, ...]) -> Tensor:
        """Memory for images on their way to the device; PyTorch itself uses pinned memory again, in its own time."""
        if self._device.type != "cpu":
            return torch.empty(shape, pin_memory=True)
        return torch.from_numpy(self._buffers.take(shape))

    def _sent(self, tensor: Tensor) -> Tensor:
        return sent(tensor, self._device)


class Part:
    """The cases of one part of a data set, by their indexes; with what other sources have of them (`beside`).

    They are kept on the device as a whole where they fit: on a GPU, and in the computer's memory if they are read
    `often` and the budget for data allows it. Else they are copied from the files ahead of need.
    """

    def __init__(
        self, cached: CachedImages, labels: Labels, cases: tuple[int, ...], device: torch.device, often: bool = False,
        beside: Mapping[str, Stored] = _ALONE,
    ) -> None:  # fmt: skip
        self.cases = cases
        self._device = device
        self._labels = labels
        self._leading = _Reader(cached, labels, device)
        self._beside = {source: _Reader(one.cached, one.labels, device) for source, one in beside.items()}
        self._whole: Batch | None = None
        if self._bytes() <= self._room(often):
            self._whole = self._copied(np.arange(len(cases)))

    def _room(self, often: bool) -> float:
        """Bytes that all cases together may take on the device."""
        if self._device.type != "cpu":
            return _SHARE * free_memory(self._device)
        return resident_bytes() if often else -1

    def __len__(self) -> int:
        return len(self.cases)

    @property
    def seen(self) -> tuple[int, ...]:
        """The cases that this process sees in an epoch."""
        return self.cases

    def order(self, seed: int, epoch: int, balanced: bool = False) -> NDArray[np.int64]:
        """The order of the cases in an epoch: it follows from the seed and the epoch's number alone.

        Each comes once; if `balanced`, as many are drawn so that every class comes equally often (`balanced_order`).
        Raises RunError when the cases have no classes to balance.
        """
        if balanced:
            if self._labels.classes is None:
                raise RunError("The cases have no classes, so they cannot be sampled equally often by class.")
            return balanced_order(self._labels.classes[list(self.cases)].numpy(), seed, epoch)
        generator = torch.Generator().manual_seed(mixed(seed, "order", epoch))
        order: NDArray[np.int64] = torch.randperm(len(self.cases), generator=generator).numpy()
        return order

    def batches(self, size: int, order: NDArray[np.int64] | None = None) -> Iterator[Batch]:
        """The cases in the order given (else each once), `size` at a time; a last one joins those before."""
        places = np.arange(len(self.cases)) if order is None else order
        chunks = [places[start:end] for start, end in spans(len(places), size)]
        if self._whole is not None:
            return self._picked(self._whole, places, spans(len(places), size))
        return self._ahead(chunks)

    def _ahead(self, chunks: Sequence[NDArray[np.int64]]) -> Iterator[Batch]:
        """Batches made ready by threads while the ones before are used: fewer where they are large for the budget."""
        each = self._bytes() // len(self.cases) * max(map(len, chunks), default=0)
        ahead = max(1, min(_AHEAD, batch_bytes() // max(1, each)))
        waiting: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="batches") as pool:
            for chunk in chunks:
                waiting.append(pool.submit(self._copied, chunk))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _bytes(self) -> int:
        return len(self.cases) * sum(reader.bytes_of_one() for reader in (self._leading, *self._beside.values()))

    def _copied(self, places: NDArray[np.int64]) -> Batch:
        cases = [self.cases[place] for place in places]
        batch = self._leading.copied(cases)
        if not self._beside:
            return batch
        return replace(batch, beside={source: reader.copied(cases) for source, reader in self._beside.items()})

    def _picked(self, whole: Batch, places: NDArray[np.int64], chunks: Sequence[tuple[int, int]]) -> Iterator[Batch]:
        """Batches gathered on the device; the order of all cases is sent there once."""
        order = sent(torch.from_numpy(places.astype(np.int64)), self._device)
        cases = [self.cases[place] for place in places.tolist()]
        for start, end in chunks:
            yield whole.picked(order[start:end], tuple(cases[start:end]))


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device; nothing is waited for."""
    if device.type == "cpu":
        return tensor
    return tensor.pin_memory().to(device, non_blocking=True)


def spans(count: int, size: int) -> list[tuple[int, int]]:
    """Where batches begin and end. A last batch of one joins the one before: batch norm cannot learn from one case."""
    starts = list(range(0, count, size))
    if len(starts) > 1 and size > 1 and count - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], count], strict=True)) if starts else []
