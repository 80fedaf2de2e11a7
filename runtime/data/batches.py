"""The cases of one part as tensors: on the device where they fit there, else copied ahead of need from the files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from runtime.data.balance import balanced_order
from runtime.data.batch import ALONE, Batch, Labels
from runtime.data.batch_readers import AHEAD, Pool, Reader, sent
from runtime.data.cache import CachedImages
from runtime.data.drawn import Drawn
from runtime.data.memory_budget import batch_bytes, resident_bytes
from runtime.device import free_memory, mixed
from runtime.errors import RunError

__all__ = ["Batch", "Labels", "Part", "Stored", "Walk", "sent", "spans"]

_SHARE = 0.4  # of a GPU's free memory that images may take
_THREADS = 2  # that make batches ready: one alone is held up by the memory


class Stored(Protocol):
    """What a source has of all cases: decoded pixels and labels."""

    @property
    def cached(self) -> CachedImages:
        """The pixels."""

    @property
    def labels(self) -> Labels:
        """The labels."""

    @property
    def drawn(self) -> Drawn | None:
        """Which cases lie beside those of the leading source; None where the same index is the same case."""


@dataclass(frozen=True, slots=True)
class Walk:
    """Cases in an order: their places in a part, and by source what is drawn beside them, as places in its pool."""

    places: NDArray[np.int64]
    drawn: Mapping[str, NDArray[np.int64]] = field(default_factory=lambda: ALONE)

    def __len__(self) -> int:
        return len(self.places)

    def taken(self, which: slice | NDArray[np.int64]) -> Walk:
        """Some of it, in their order."""
        return Walk(self.places[which], {source: own[which] for source, own in self.drawn.items()})


class Part:
    """The cases of one part of a data set, by their indexes; with what other sources have of them (`beside`).

    They are kept on the device as a whole where they fit: on a GPU, and in the computer's memory if they are read
    `often` and the budget for data allows it. Else they are copied from the files ahead of need.
    """

    def __init__(
        self, cached: CachedImages, labels: Labels, cases: tuple[int, ...], device: torch.device, often: bool = False,
        beside: Mapping[str, Stored] = ALONE,
    ) -> None:  # fmt: skip
        self.cases = cases
        self._device = device
        self._labels = labels
        self._leading = Reader(cached, labels, device)
        drawn = {source: one.drawn for source, one in beside.items() if one.drawn is not None}
        readers = {source: Reader(one.cached, one.labels, device) for source, one in beside.items()}
        self._beside = {source: reader for source, reader in readers.items() if source not in drawn}
        self._apart = {source: Pool(one, readers[source], cases) for source, one in drawn.items()}
        self._whole: Batch | None = None
        if self._bytes() <= self._room(often):
            self._whole = self._together(np.arange(len(cases)))
            for pool in self._apart.values():
                pool.keep()

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

    def walk(self, seed: int, epoch: int, balanced: bool = False) -> Walk:
        """The cases in the `order` of an epoch, and beside them what is drawn independently for it.

        Raises RunError as `order`.
        """
        places = self.order(seed, epoch, balanced)
        return Walk(places, {source: pool.drawn(len(places), seed, epoch) for source, pool in self._apart.items()})

    def batches(self, size: int, walk: Walk | None = None) -> Iterator[Batch]:
        """The cases along the walk given (else each once), `size` at a time; a last one joins those before."""
        walk = self._walk_through() if walk is None else walk
        return self._along([walk.taken(slice(start, end)) for start, end in spans(len(walk), size)])

    def _walk_through(self) -> Walk:
        """Each case once, and beside it always the same."""
        return Walk(np.arange(len(self.cases)), {source: pool.beside for source, pool in self._apart.items()})

    def _along(self, walks: Sequence[Walk]) -> Iterator[Batch]:
        """A batch for each of the walks."""
        return self._ahead(walks) if self._whole is None else self._picked(self._whole, walks)

    def _ahead(self, walks: Sequence[Walk]) -> Iterator[Batch]:
        """Batches made ready by threads while the ones before are used: fewer where they are large for the budget."""
        each = self._bytes() // len(self.cases) * max(map(len, walks), default=0)
        ahead = max(1, min(AHEAD, batch_bytes() // max(1, each)))
        waiting: deque[Future[Batch]] = deque()
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="batches") as pool:
            for walk in walks:
                waiting.append(pool.submit(self._copied, walk))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

    def _bytes(self) -> int:
        own = sum(reader.bytes_of_one() for reader in (self._leading, *self._beside.values()))
        return len(self.cases) * own + sum(pool.bytes for pool in self._apart.values())

    def _copied(self, walk: Walk) -> Batch:
        batch = self._together(walk.places)
        if not self._apart:
            return batch
        apart = {source: pool.copied(walk.drawn[source]) for source, pool in self._apart.items()}
        return replace(batch, beside={**batch.beside, **apart})

    def _together(self, places: NDArray[np.int64]) -> Batch:
        """The cases at these places, from all sources that are matched."""
        cases = [self.cases[place] for place in places]
        batch = self._leading.copied(cases)
        if not self._beside:
            return batch
        return replace(batch, beside={source: reader.copied(cases) for source, reader in self._beside.items()})

    def _picked(self, whole: Batch, walks: Sequence[Walk]) -> Iterator[Batch]:
        """Batches gathered on the device; the order of all cases is sent there once."""
        if not walks:
            return
        places = np.concatenate([walk.places for walk in walks])
        order = sent(torch.from_numpy(places.astype(np.int64)), self._device)
        cases = [self.cases[place] for place in places.tolist()]
        apart = {source: pool.gathering([walk.drawn[source] for walk in walks]) for source, pool in self._apart.items()}
        end = 0
        for walk in walks:
            start, end = end, end + len(walk)
            batch = whole.picked(order[start:end], tuple(cases[start:end]))
            if apart:
                batch = replace(batch, beside={
                    **batch.beside, **{source: gather(start, end) for source, gather in apart.items()}
                })  # fmt: skip
            yield batch


def spans(count: int, size: int) -> list[tuple[int, int]]:
    """Where batches begin and end. A last batch of one joins the one before: batch norm cannot learn from one case."""
    starts = list(range(0, count, size))
    if len(starts) > 1 and size > 1 and count - starts[-1] == 1:
        starts.pop()
    return list(zip(starts, [*starts[1:], count], strict=True)) if starts else []
