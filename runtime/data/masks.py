"""Reading masks: one whole number per pixel, exactly as stored."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data import dicom, images, nifti_masks, rtstruct, seg, volumes
from runtime.data.arrays import is_array_file, read_arrays
from runtime.data.catalogue import FileKind
from runtime.data.faults import FileFault
from runtime.data.header import class_of
from runtime.data.mask_names import parsed
from runtime.data.sniff import content_of

Mask = NDArray[np.int32]


def read_mask(path: Path, kind: FileKind | None = None) -> Mask:
    """A mask with its stored numbers, int32: (rows, columns); volumes and several frames (slices, rows, columns).

    `path` may be a name of runtime.data.mask_names: then what a DICOM segmentation or structure set says of one image
    is returned as classes, and of a NIfTI mask the slice that lies on the image. `kind` spares a look at the content.
    Raises FileFault for colours and for numbers that are not whole.
    """
    name = parsed(path) if "#" in str(path) else None
    if name is not None:
        if content_of(Path(name.file)).kind == "volume":
            return _whole(nifti_masks.mask_of_image(name))
        read = rtstruct.mask_of_image if is_structure_set(Path(name.file)) else seg.mask_of_image
        return read(name)
    match kind or content_of(path).kind:
        case "dicom":
            values = dicom.stored_values(path)
        case "volume":
            return _whole(volumes.read_labels(path))
        case "image":
            values = read_arrays(path)[:, 0] if is_array_file(path) else images.read_indexes(path)
    return _whole(values[0] if values.shape[0] == 1 else values)


def is_structure_set(path: Path) -> bool:
    """Whether a DICOM file says that it is a structure set."""
    return class_of(path) == rtstruct.CLASS


def _whole(values: NDArray[Any]) -> Mask:
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.round(values)).all()):
        raise FileFault("is not a mask: its values are not all whole numbers")
    if values.size and (values.min() < -(2**31) or values.max() > 2**31 - 1):
        raise FileFault("is not a mask: its values are larger than any class number")
    return values.astype(np.int32)
