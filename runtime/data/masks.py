"""Reading masks: one whole number per pixel, exactly as stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data import dicom, images, volumes
from runtime.data.catalogue import FileKind
from runtime.data.faults import FileFault
from runtime.data.sniff import content_of

Mask = NDArray[np.int32]


def read_mask(path: Path, kind: FileKind | None = None) -> Mask:
    """A mask with its stored numbers, int32: (rows, columns); volumes and several frames (slices, rows, columns).

    `kind` spares a look at the content. Raises FileFault for colours and for numbers that are not whole.
    """
    match kind or content_of(path).kind:
        case "dicom":
            values = dicom.stored_values(path)
        case "volume":
            return _whole(volumes.read_labels(path))
        case "image":
            values = images.read_indexes(path)
    return _whole(values[0] if values.shape[0] == 1 else values)


def _whole(values: NDArray[Any]) -> Mask:
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.round(values)).all()):
        raise FileFault("is not a mask: its values are not all whole numbers")
    if values.size and (values.min() < -(2**31) or values.max() > 2**31 - 1):
        raise FileFault("is not a mask: its values are larger than any class number")
    return values.astype(np.int32)
