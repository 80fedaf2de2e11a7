"""Reading NIfTI volumes in one orientation."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import nibabel
import numpy as np
from numpy.typing import NDArray

from runtime.data.faults import READ_ERRORS, FileFault, check_budget, in_words

Floats = NDArray[np.float32]
_Nifti: TypeAlias = Any  # nibabel declares types for half of itself
_axes: Any = nibabel.io_orientation
_turn: Any = nibabel.apply_orientation
_from_turned: Any = nibabel.orientations.inv_ornt_aff


@dataclass(frozen=True, slots=True)
class Volume:
    """What a volume's header says; size and spacing in the order slices, rows, columns."""

    channels: int
    size: tuple[int, int, int]
    spacing_mm: tuple[float, float, float] | None
    notes: tuple[str, ...] = ()


def describe(path: Path) -> Volume:
    """The size and spacing of a NIfTI volume after turning, from its header. Raises FileFault."""
    with _opened(path) as image:
        *sides, channels = _sides(image)
        axes = [int(axis) for axis in _axes(image.affine)[:, 0]]
        zooms = [*(float(zoom) for zoom in image.header.get_zooms()[:3]), 0.0, 0.0]
        columns, rows, slices = (sides[axes.index(axis)] for axis in range(3))
        x, y, z = (zooms[axes.index(axis)] for axis in range(3))
        notes = () if _oriented(image) else ("says no orientation; left and right may be exchanged",)
        _refuse_short(path, image)
    spacing = (z, y, x) if all(0 < zoom < 1e4 for zoom in (z, y, x)) else None
    return Volume(channels, (slices, rows, columns), spacing, notes)


def read_volume(path: Path) -> Floats:
    """A NIfTI volume as float32 (channels, slices, rows, columns), scaled by the file's slope. Raises FileFault.

    The axes are turned to the nearest standard orientation and read as DICOM does: slices from feet to head, rows from
    front to back, columns from the patient's right to left. A fourth axis becomes channels.
    """
    with _opened(path) as image:
        values = _turned(image, np.float32)
    if not np.isfinite(values).all():
        count = int(values.size - np.isfinite(values).sum())
        raise FileFault(f"holds {count} voxels that are not a number (NaN or infinite)")
    return values


def read_labels(path: Path) -> NDArray[Any]:
    """A NIfTI mask with its numbers as stored, (slices, rows, columns), turned like the volume. Raises FileFault."""
    with _opened(path) as image:
        values = _turned(image, None)
    if values.shape[0] != 1:
        raise FileFault(f"has {values.shape[0]} numbers per voxel; a mask has one")
    labels: NDArray[Any] = values[0]
    return labels


def stored_labels(path: Path) -> NDArray[Any]:
    """A NIfTI mask with its numbers and its axes as stored, three of space. Raises FileFault."""
    with _opened(path) as image:
        *sides, channels = _sides(image)
        if channels != 1:
            raise FileFault(f"has {channels} numbers per voxel; a mask has one")
        return np.asarray(image.dataobj).reshape(sides)


def placed(path: Path) -> tuple[NDArray[Any], tuple[int, int, int], bool]:
    """(4, 4) from voxel indexes to millimetres in NIfTI's axes, the voxels along the stored axes, and whether the file
    says the first itself. Raises FileFault."""
    with _opened(path) as image:
        return np.asarray(image.affine, float), _sides(image)[:3], _oriented(image)


def affine_of(path: Path) -> NDArray[Any]:
    """(4, 4) from voxel indexes to millimetres, as the file says. Raises FileFault."""
    with _opened(path) as image:
        return np.asarray(image.affine)


def affine_as_read(path: Path) -> NDArray[np.float64]:
    """(4, 4) from the indexes (column, row, slice) of the volume as it is read to millimetres in NIfTI's axes (right,
    front, head). Raises FileFault."""
    with _opened(path) as image:
        axes, sides = _axes(image.affine), _sides(image)[:3]
        turned = np.asarray(image.affine, float) @ _from_turned(axes, sides)
    flipped = np.diag([-1.0, -1.0, 1.0, 1.0])
    along = [sides[[int(axis) for axis in axes[:, 0]].index(axis)] for axis in range(2)]
    flipped[:2, 3] = np.array(along) - 1.0
    return np.asarray(turned @ flipped, np.float64)


def sides_of(path: Path) -> tuple[int, int, int]:
    """The voxels along the three stored axes of space. Raises FileFault."""
    with _opened(path) as image:
        return _sides(image)[:3]


def _turned(image: _Nifti, dtype: type[np.float32] | None) -> NDArray[Any]:
    sides = _sides(image)
    values = np.asarray(image.dataobj, dtype=dtype).reshape(sides)
    values = _turn(values, _axes(image.affine))
    # NIfTI's standard axes run to the right, the front and the head; DICOM's to the left, the back and the head.
    return np.ascontiguousarray(values[::-1, ::-1].transpose(3, 2, 1, 0))


def _sides(image: _Nifti) -> tuple[int, int, int, int]:
    """The stored sides: three of space, and channels. Raises FileFault for what is no volume."""
    shape = tuple(int(side) for side in image.shape)
    if image.get_data_dtype().kind not in "iufb":
        raise FileFault("holds colours or complex numbers, which are not read; save one number per voxel")
    spatial = (*shape[:3], 1, 1, 1)[:3]
    rest = [side for side in shape[3:] if side != 1]
    if len(rest) > 1 or len(shape) < 2 or 0 in shape:
        raise FileFault(f"has {len(shape)} axes {shape}; a volume has three, or four with channels")
    check_budget(f"{'×'.join(map(str, shape))} voxels", *shape)
    return spatial[0], spatial[1], spatial[2], rest[0] if rest else 1


def _oriented(image: _Nifti) -> bool:
    return bool(int(image.header["sform_code"]) or int(image.header["qform_code"]))


def _packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _refuse_short(path: Path, image: _Nifti) -> None:
    if _packed(path):
        return
    voxels = int(np.prod([int(side) for side in image.shape], dtype=object))
    needed = int(image.dataobj.offset) + voxels * image.get_data_dtype().itemsize
    if path.stat().st_size < needed:
        raise FileFault(f"ends at byte {path.stat().st_size}, but its voxels need {needed} bytes")


@contextmanager
def _opened(path: Path) -> Iterator[_Nifti]:
    """The volume behind any file name: NIfTI-1 or -2, packed or not, told apart by content."""
    opener = gzip.open if _packed(path) else open
    try:
        with opener(path, "rb") as file:
            second = file.read(8)[4:8] == b"n+2\0"
            file.seek(0)
            kind: Any = nibabel.Nifti2Image if second else nibabel.Nifti1Image
            yield kind.from_stream(file)
    except FileFault:
        raise
    except READ_ERRORS as error:
        raise FileFault(in_words(error)) from error
    except nibabel.filebasedimages.ImageFileError as error:
        raise FileFault(in_words(error)) from error
