"""Cases on their way from the files to the device: by their indexes, or out of a pool that is drawn from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from runtime.data.batch import Batch, Labels
from runtime.data.batch_memory import Buffers
from runtime.data.cache import CachedImages
from runtime.data.cache_pages import Pages
from runtime.data.drawn import Drawn
from runtime.errors import RunError

AHEAD = 2  # batches that are made ready before they are asked for


class Reader:
    """Copies cases of one source from its files to the device."""

    def __init__(self, cached: CachedImages, labels: Labels, device: torch.device) -> None:
        self.device = device
        self._labels = labels
        self._images = cached.images
        self._buffers = Buffers(AHEAD)
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
            images=images.to(self.device, non_blocking=True),
            classes=None if self._labels.classes is None else self._sent(self._labels.classes[cases]),
            numbers=None if self._labels.numbers is None else self._sent(self._labels.numbers[cases]),
            masks=None if self._masks is None else self._sent(torch.from_numpy(self._masks[cases])).long(),
            cases=tuple(cases),
            labels=None if self._labels.labels is None else self._sent(self._labels.labels[cases]),
            boxes=None if self._labels.boxes is None else self._sent(self._labels.boxes[cases]),
        )

    def _memory(self, shape: tuple[int, ...]) -> Tensor:
        """Memory for images on their way to the device; PyTorch itself uses pinned memory again, in its own time."""
        if self.device.type != "cpu":
            return torch.empty(shape, pin_memory=True)
        return torch.from_numpy(self._buffers.take(shape))

    def _sent(self, tensor: Tensor) -> Tensor:
        return sent(tensor, self.device)


class Pool:
    """What may be drawn from one source beside the cases of a part; `places` are those in the pool."""

    def __init__(self, drawn: Drawn, reader: Reader, cases: Sequence[int]) -> None:
        self._drawn = drawn
        self._reader = reader
        self._cases = np.array(drawn.pool_of(cases), np.int64)
        self._kept: Batch | None = None
        self.beside = self._places(drawn.beside(cases))

    @property
    def bytes(self) -> int:
        """What the pool takes in memory."""
        return len(self._cases) * self._reader.bytes_of_one()

    def keep(self) -> None:
        """Keep all of it on the device."""
        self._kept = self.copied(np.arange(len(self._cases)))

    def drawn(self, count: int, seed: int, epoch: int) -> NDArray[np.int64]:
        """So many places for an epoch. Raises RunError when another number was drawn."""
        places = self._places(self._drawn.order(self._cases.tolist(), count, seed, epoch))
        if len(places) != count:
            raise RunError(f"{len(places)} cases were drawn where {count} are needed; a mistake in the program.")
        return places

    def copied(self, places: NDArray[np.int64]) -> Batch:
        """The cases at these places, from the files."""
        return self._reader.copied(self._cases[places].tolist())

    def gathering(self, walks: Sequence[NDArray[np.int64]]) -> Callable[[int, int], Batch]:
        """Gives the cases from one position to another along walks, gathered from what is kept."""
        places, kept = np.concatenate(walks), self._kept
        order = sent(torch.from_numpy(places), self._reader.device)
        cases = tuple(self._cases[places].tolist())
        if kept is None:
            raise RunError("Nothing is kept of what is to be drawn; a mistake in the program.")
        return lambda start, end: kept.picked(order[start:end], cases[start:end])

    def _places(self, cases: NDArray[np.int64]) -> NDArray[np.int64]:
        places: NDArray[np.int64] = np.searchsorted(self._cases, cases).astype(np.int64)
        return places


def sent(tensor: Tensor, device: torch.device) -> Tensor:
    """The tensor on the device; nothing is waited for."""
    if device.type == "cpu":
        return tensor
    return tensor.pin_memory().to(device, non_blocking=True)
