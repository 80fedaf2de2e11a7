"""Memory of batches, used again when nobody holds the batch any more: fresh pages cost more than copying."""

from __future__ import annotations

import math
import weakref
from collections import deque

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Buffers:
    """Keeps the memory of up to `most` arrays that were given up."""

    def __init__(self, most: int) -> None:
        self._free: deque[Floats] = deque(maxlen=most)

    def take(self, shape: tuple[int, ...]) -> Floats:
        """An array whose values are not set. Its memory comes back when the array is gone, and with it every tensor
        that was made from it by `torch.from_numpy`, with all views of that."""
        count = math.prod(shape)
        buffer = self._fitting(count)
        array = buffer[:count].reshape(shape)
        weakref.finalize(array, self._free.append, buffer).atexit = False
        return array

    def _fitting(self, count: int) -> Floats:
        """A free buffer that is large enough and not much larger, else a new one; others are let go."""
        while True:
            try:
                buffer = self._free.popleft()
            except IndexError:
                return np.empty(count, np.float32)
            if count <= buffer.size <= 2 * count:
                return buffer
