"""A case put together from decoded files: a frame, a slice of a volume, slices as channels, slices as a volume."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import FileKind, Sample
from runtime.data.faults import FileFault
from runtime.data.pool import Decoded, Failed
from runtime.data.turning import turned_pixels

Floats = NDArray[np.float32]
Answers = Mapping[str, Decoded | Failed]


def files_of(sample: Sample) -> list[str]:
    """The image files that a case is made of, each once, in order."""
    return list(dict.fromkeys(path for path, _ in sample.slices)) or [sample.path]


def masks_of(sample: Sample) -> list[str]:
    """The mask files of a case, each once, in order."""
    return list(dict.fromkeys(path for path, _ in sample.masks)) or ([sample.mask] if sample.mask else [])


def image_of(sample: Sample, kind: FileKind, answers: Answers) -> Floats:
    """The case, float32 (channels, *size), in real units. Raises FileFault, with the reason for the user."""
    if not sample.slices:
        frame = _frame(_decoded(sample.path, answers), sample.path, sample.frame)
        return frame[[*sample.leads]] if sample.leads else frame
    planes = []
    for path, index in sample.slices:
        array = _decoded(path, answers)
        # A volume's file is decoded as one frame, whose first axis of space are the slices.
        array = np.moveaxis(array[0], 1, 0) if kind == "volume" else array
        planes.append(_frame(array, path, index))
    if len({plane.shape for plane in planes}) > 1:
        raise FileFault(f"{sample.key} is made of slices of different sizes.")
    if len(sample.size) == 3:
        stacked = _evened(np.stack(planes, axis=1), sample.positions, axis=1)
        return turned_pixels(stacked, sample.turn)
    return planes[0] if len(planes) == 1 else np.concatenate(planes)


def mask_of(sample: Sample, answers: Answers) -> NDArray[Any]:
    """The stored numbers of the mask of a case, (*size). Raises FileFault."""
    if not sample.masks:
        if sample.mask is None:
            raise FileFault(f"{sample.key} has no mask.")
        return _of_mask(sample, sample.mask, answers)
    planes = []
    for path, index in sample.masks:
        array = _of_mask(sample, path, answers)
        planes.append(array if array.ndim == 2 else _frame(array, path, index))
    if len(sample.size) == 2:
        return planes[0]
    if len({plane.shape for plane in planes}) > 1:
        raise FileFault(f"The masks of {sample.key} have different sizes.")
    stacked = _evened(np.stack(planes), sample.positions, axis=0, nearest=True)
    return turned_pixels(stacked, sample.turn)


def _of_mask(sample: Sample, path: str, answers: Answers) -> NDArray[Any]:
    answer = answers.get(path)
    if isinstance(answer, Decoded):
        return answer.array
    reason = answer.reason if isinstance(answer, Failed) else f"{path} was not decoded."
    raise FileFault(f"The mask of {sample.key} cannot be used: {reason}")


def _decoded(path: str, answers: Answers) -> NDArray[Any]:
    answer = answers.get(path)
    if isinstance(answer, Decoded):
        return answer.array
    raise FileFault(answer.reason if isinstance(answer, Failed) else f"{path} was not decoded.")


def _frame(array: NDArray[Any], path: str, index: int) -> NDArray[Any]:
    if index >= array.shape[0]:
        raise FileFault(f"{path} has {array.shape[0]} frames; frame {index} is asked for.")
    frame: NDArray[Any] = array[index]
    return frame


def _evened(array: NDArray[Any], positions: tuple[float, ...], axis: int, nearest: bool = False) -> NDArray[Any]:
    """Slices that lie unevenly brought to even places by their two neighbours, or by the nearest one."""
    if not positions:
        return array
    steps = np.diff(positions)
    count = round((positions[-1] - positions[0]) / float(np.median(steps))) + 1
    places = np.interp(np.linspace(positions[0], positions[-1], count), positions, np.arange(len(positions)))
    if nearest:
        return np.take(array, np.rint(places).astype(int), axis=axis)
    low = np.minimum(places.astype(int), len(positions) - 2)
    share = (places - low).astype(np.float32).reshape([-1 if at == axis else 1 for at in range(array.ndim)])
    mixed: NDArray[Any] = np.take(array, low, axis=axis) * (1 - share) + np.take(array, low + 1, axis=axis) * share
    return mixed
