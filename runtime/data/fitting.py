"""From a decoded file to a row of the cache: the right frame, channels, size and class indexes, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import DataSet
from runtime.data.faults import FileFault
from runtime.data.pool import Decoded, Failed

Floats = NDArray[np.float32]
_GREY = np.array((0.299, 0.587, 0.114), np.float32)  # luminance of R, G, B (ITU-R BT.601)


class Fitting:
    """How the samples of one data set become arrays of one size."""

    def __init__(
        self,
        dataset: DataSet,
        channels: int,
        size: tuple[int, ...],
        fit: Callable[[Floats], Floats],
        fit_mask: Callable[[NDArray[Any]], NDArray[Any]] | None,
    ) -> None:
        self.dataset = dataset
        self._channels = channels
        self._size = size
        self._fit = fit
        self._fit_mask = fit_mask
        self._classes = {value: index for index, value in enumerate(dataset.mask_values)}

    def image(self, index: int, answer: Decoded | Failed | None) -> Floats:
        """The sample's image, float32 (channels, *size). Raises FileFault."""
        name = self.dataset.samples[index].key
        image = self._frame(index, answer)
        if not np.isfinite(image).all():
            raise FileFault(f"{name} holds pixels that are not a number (NaN or infinite).")
        fitted = self._fit(_with_channels(image, self._channels, name))
        if fitted.shape != (self._channels, *self._size):
            raise ValueError(f"fit gave {fitted.shape}, wanted {(self._channels, *self._size)}")
        return fitted

    def mask(self, index: int, image: Decoded | Failed | None, answer: Decoded | Failed | None) -> NDArray[Any]:
        """The sample's mask as class indexes, (*size). Raises FileFault."""
        sample = self.dataset.samples[index]
        if sample.mask is None or answer is None or self._fit_mask is None:
            raise FileFault(f"{sample.key} has no mask.")
        if isinstance(answer, Failed):
            raise FileFault(f"The mask of {sample.key} cannot be used: {answer.reason}")
        values, expected = answer.array, self._frame(index, image).shape[1:]
        if values.shape != expected:
            raise FileFault(
                f"The mask {sample.mask} has {_sides(values.shape)} pixels, "
                f"but its image {sample.key} has {_sides(expected)}."
            )
        return self._fit_mask(self._as_classes(values, sample.mask))

    def _frame(self, index: int, answer: Decoded | Failed | None) -> Floats:
        sample = self.dataset.samples[index]
        if not isinstance(answer, Decoded):
            raise FileFault(answer.reason if answer else f"{sample.key} was not decoded.")
        frames = answer.array
        if sample.frame >= frames.shape[0]:
            raise FileFault(f"{sample.path} has {frames.shape[0]} frames; frame {sample.frame} is asked for.")
        image: Floats = frames[sample.frame]
        if image.ndim != len(self._size) + 1:
            raise FileFault(f"{sample.key} has {image.ndim - 1} axes, but images with {len(self._size)} are wanted.")
        return image

    def _as_classes(self, values: NDArray[Any], path: str) -> NDArray[Any]:
        stored, places = np.unique(values, return_inverse=True)
        strange = [int(value) for value in stored if int(value) not in self._classes]
        if strange:
            raise FileFault(
                f"The mask {path} holds the value{'s' if len(strange) > 1 else ''} {', '.join(map(str, strange[:5]))}, "
                f"which no class has; the classes are {', '.join(map(str, self.dataset.mask_values))}."
            )
        indexes = np.array([self._classes[int(value)] for value in stored], np.int16)
        return indexes[places].reshape(values.shape)


def _with_channels(image: Floats, wanted: int, name: str) -> Floats:
    have = image.shape[0]
    if have == wanted:
        return image
    if have == 1 and wanted == 3:
        return np.repeat(image, 3, axis=0)
    if have == 3 and wanted == 1:
        return np.tensordot(_GREY, image, axes=1)[None].astype(np.float32)
    raise FileFault(f"{name} has {have} channels, but {wanted} are wanted.")


def _sides(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
