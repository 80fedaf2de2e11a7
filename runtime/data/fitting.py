"""From a decoded file to a row of the cache: the right frame, channels, size and class indexes, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.assembly import image_of, mask_of
from runtime.data.catalogue import DataSet
from runtime.data.faults import FileFault
from runtime.data.gather import Files

Floats = NDArray[np.float32]
Resample = Callable[[NDArray[Any], tuple[int, ...], bool], NDArray[Any]]
"""(image (channels, *its size) or mask (*its size), new size, whether it is a mask) -> the same at the new size."""
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
        resample: Resample | None = None,
    ) -> None:
        self.dataset = dataset
        self._channels = channels
        self._size = size
        self._fit = fit
        self._fit_mask = fit_mask
        self._resample = resample
        if resample is None and any(sample.resampled for sample in dataset.samples):
            raise ValueError("a data set with another spacing needs resample")
        self._classes = {value: index for index, value in enumerate(dataset.mask_values)}

    def image(self, files: Files) -> Floats:
        """The case's image, float32 (channels, *size). Raises FileFault."""
        sample = self.dataset.samples[files.index]
        image = self._found(files)
        if not np.isfinite(image).all():
            raise FileFault(not_a_number(sample.key))
        image = _with_channels(image.astype(np.float32, copy=False), self._channels, sample.key)
        if sample.resampled and self._resample is not None:
            image = self._resample(image, sample.resampled, False)
        fitted = self._fit(image)
        if fitted.shape != (self._channels, *self._size):
            raise ValueError(f"fit gave {fitted.shape}, wanted {(self._channels, *self._size)}")
        return fitted

    def mask(self, files: Files) -> NDArray[Any]:
        """The case's mask as class indexes, (*size). Raises FileFault."""
        sample = self.dataset.samples[files.index]
        if self._fit_mask is None:
            raise FileFault(f"{sample.key} has no mask.")
        values, expected = mask_of(sample, files.masks), self._found(files).shape[1:]
        if values.shape != expected:
            raise FileFault(
                f"The mask {sample.mask} has {_sides(values.shape)} pixels, "
                f"but its image {sample.key} has {_sides(expected)}."
            )
        classes = self._as_classes(values, sample.mask or "")
        if sample.resampled and self._resample is not None:
            classes = self._resample(classes, sample.resampled, True)
        return self._fit_mask(classes)

    def _found(self, files: Files) -> Floats:
        sample = self.dataset.samples[files.index]
        image = image_of(sample, self.dataset.kind, files.images)
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


def not_a_number(key: str) -> str:
    """What is said of a case that has such pixels."""
    return f"{key} holds pixels that are not a number (NaN or infinite)."


def _with_channels(image: Floats, wanted: int, name: str) -> Floats:
    have = image.shape[0]
    if have == wanted:
        return image
    if image.ndim == 2:
        raise FileFault(f"{name} has {have} leads, but {wanted} are wanted.")
    if have == 1 and wanted == 3:
        return np.repeat(image, 3, axis=0)
    if have == 3 and wanted == 1:
        return np.tensordot(_GREY, image, axes=1)[None].astype(np.float32)
    raise FileFault(f"{name} has {have} channels, but {wanted} are wanted.")


def _sides(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))
