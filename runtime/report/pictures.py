"""Small pictures of the worst cases, for who asks for them: pixels may show a face or words burned into them."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.data.assembly import image_of
from runtime.data.catalogue import DataSet
from runtime.data.faults import FileFault
from runtime.data.gather import gathered
from runtime.data.thumbnail import thumbnail
from runtime.evaluation.cases import indexes_of
from runtime.report.gathering import Gathered, Measured

_SIDE = 128


def pictures_of(found: Gathered, one: Measured, places: Sequence[int]) -> dict[int, str]:
    """PNG files as data addresses, of those of these cases of an evaluation that lie in the run's own folder."""
    if found.data is None or one.record.external:
        return {}
    indexes = indexes_of(found.data.dataset, one.cases, one.record.salt)
    known = [(place, index) for place in places if (index := indexes[place]) is not None]
    images = _images(found.data.dataset, [index for _, index in known])
    return {place: _address(image) for (place, _), image in zip(known, images, strict=True) if image is not None}


def _images(dataset: DataSet, indexes: Sequence[int]) -> list[NDArray[np.float32] | None]:
    """(channels, *size) in real units, at the spacing of the files; None for what cannot be read any more."""
    samples = [dataset.samples[index] for index in indexes]
    images: list[NDArray[np.float32] | None] = []
    for files in gathered(Path(dataset.folder), samples, lambda path: dataset.kind):
        try:
            images.append(image_of(samples[files.index], dataset.kind, files.images))
        except FileFault:
            images.append(None)
    return images


def _address(image: NDArray[np.float32]) -> str:
    """Of a volume its middle slice."""
    flat = image[:, image.shape[1] // 2] if image.ndim == 4 else image
    file = io.BytesIO()
    Image.fromarray(thumbnail(flat, side=_SIDE)).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
