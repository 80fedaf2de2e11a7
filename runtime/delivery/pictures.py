"""Masks and images that a model made, as files that lie on the image they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.data.volumes import affine_of
from runtime.delivery.answers import Answer, Indexes, Row
from runtime.delivery.made_images import MaskForm, plane_affine, write_image

_HIGHEST = 2**16  # that a mask cannot hold any more
DRAWN = ("auto", "png", "nifti")  # forms in which each image has a file of its own


def picture(row: Row, answer: Answer, folder: Path, form: MaskForm, classes: Sequence[str]) -> Path:
    """Write the mask or the image of an answer below `folder`, and give its place: a folder for the slices of a volume
    as PNG. A mask holds the `values_of` its classes. Raises OSError, and FileFault when the original was changed
    meanwhile.
    """
    stem = folder / row.path
    stem.parent.mkdir(parents=True, exist_ok=True)
    if answer.mask is None:
        return write_image(row, answer, stem, form)
    mask = values_of(classes)[answer.mask]
    if mask.ndim == 3:
        return _write_slices(mask, stem) if form == "png" else _write_volume(mask, row, stem)
    if form == "nifti":
        return _write_plane(mask, row, stem)
    return _write_png(mask, stem.with_name(f"{stem.name}.png"))


def values_of(classes: Sequence[str]) -> Indexes:
    """(classes,) what a mask holds of each class: the value that it has in the masks that were learned from, where that
    is its name (the background is 0); else its place."""
    values = [int(name) if name.isdecimal() else -place for place, name in enumerate(classes)]
    named = len(set(values)) == len(values) and all(0 <= value < _HIGHEST for value in values)
    return np.array(values if named else range(len(classes)), np.uint16)


def _write_png(mask: Indexes, path: Path) -> Path:
    small = mask.max(initial=0) < 256
    Image.fromarray(mask.astype(np.uint8) if small else mask).save(path)
    return path


def _write_slices(mask: Indexes, stem: Path) -> Path:
    """Each slice of a volume as a picture, from feet to head."""
    folder = stem.with_name(f"{stem.name}-slices")
    folder.mkdir(exist_ok=True)
    for number, plane in enumerate(mask, start=1):
        _write_png(plane, folder / f"{number:04d}.png")
    return folder


def _write_plane(mask: Indexes, row: Row, stem: Path) -> Path:
    """The mask of one slice as NIfTI, where the DICOM image says that it lies; else by its pixels alone."""
    path = stem.with_name(f"{stem.name}-mask.nii.gz")
    affine = plane_affine(row)
    nibabel.save(nibabel.Nifti1Image(np.ascontiguousarray(mask.T[..., None]), affine), path)  # type: ignore[no-untyped-call]
    return path


def _write_volume(mask: Indexes, row: Row, stem: Path) -> Path:
    """A volume's mask as NIfTI, turned back as the image's own file has it, so that viewers lay it over the image."""
    path = stem.with_name(f"{stem.name.removesuffix('.gz').removesuffix('.nii')}-mask.nii.gz")
    if row.affine:  # put together from slices that say where they lie
        placed = nibabel.Nifti1Image(np.ascontiguousarray(mask.transpose(2, 1, 0)), np.array(row.affine))  # type: ignore[no-untyped-call]
        nibabel.save(placed, path)
        return path
    standard: NDArray[Any] = mask.transpose(2, 1, 0)[::-1, ::-1]
    affine = np.eye(4)
    if row.original is not None:
        affine = affine_of(row.original)
        standard = _turned_back(standard, affine)
    image = nibabel.Nifti1Image(np.ascontiguousarray(standard), affine)  # type: ignore[no-untyped-call]
    nibabel.save(image, path)
    return path


def _turned_back(mask: NDArray[Any], affine: NDArray[Any]) -> NDArray[Any]:
    """From standard axes (right, front, head) to those of a file with this affine."""
    orientations: Any = nibabel.orientations
    way = orientations.ornt_transform(orientations.io_orientation(np.eye(4)), orientations.io_orientation(affine))
    turned: NDArray[Any] = orientations.apply_orientation(mask, way)
    return turned
