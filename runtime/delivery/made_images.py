"""Images that a network made, as files: TIFF with the values themselves, PNG to look at, NIfTI where they lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from runtime.data.catalogue import Pose
from runtime.data.places import place_of
from runtime.data.sniff import content_of
from runtime.data.turning import affine_of_pose
from runtime.data.volumes import affine_of
from runtime.delivery.answers import Answer, Floats, Row

MaskForm = Literal["auto", "png", "nifti", "dicom", "csv"]
_PICTURES = (1, 3)  # channels of what PNG can show


def write_image(row: Row, answer: Answer, stem: Path, form: MaskForm) -> Path:
    """Write the image of an answer beside `stem`, and give its place.

    2-D: float TIFF, one page for each channel, with the values as the network gave them; as "png" with 8 bits from the
    lowest value (black) to the highest (white), where it is grey or colour; as "nifti" float. Volumes: always NIfTI,
    one after the other where there are several channels. NIfTI says where the image lies, larger than the original or
    not. Raises OSError.
    """
    image = np.empty((0, 1, 1), np.float32) if answer.image is None else answer.image
    if image.ndim == 4 or (image.ndim == 3 and form == "nifti"):
        return _write_nifti(image, row, answer, stem)
    if form == "png" and image.ndim == 3 and image.shape[0] in _PICTURES:
        return _write_png(image, stem.with_name(f"{stem.name}.png"))
    path = stem.with_name(f"{stem.name}.tiff")
    pages = [Image.fromarray(page) for page in image.reshape(-1, *image.shape[-2:])]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    return path


def _write_png(image: Floats, path: Path) -> Path:
    low, high = float(image.min()), float(image.max())
    shown = ((image - low) / max(high - low, 1e-12) * 255).round().astype(np.uint8)
    Image.fromarray(shown[0] if len(shown) == 1 else np.ascontiguousarray(shown.transpose(1, 2, 0))).save(path)
    return path


def _write_nifti(image: Floats, row: Row, answer: Answer, stem: Path) -> Path:
    path = stem.with_name(f"{stem.name.removesuffix('.gz').removesuffix('.nii')}-made.nii.gz")
    volumes = image if image.ndim == 4 else image[:, None]
    values = volumes.transpose(3, 2, 1, 0)
    lies = answer.lies if image.ndim == 4 else ((1.0, 0.0), *answer.lies)
    smaller = np.eye(4)
    for axis, (scale, shift) in enumerate(reversed(lies)):
        smaller[axis, axis], smaller[axis, 3] = scale, shift
    affine = (_volume_affine(row) if image.ndim == 4 else plane_affine(row)) @ smaller
    made = nibabel.Nifti1Image(np.ascontiguousarray(values[..., 0] if len(image) == 1 else values), affine)  # type: ignore[no-untyped-call]
    nibabel.save(made, path)
    return path


def _volume_affine(row: Row) -> NDArray[Any]:
    """(4, 4) from column, row and slice of a volume as networks see it to mm (right, front, head)."""
    if row.affine:
        return np.array(row.affine)
    if row.original is None:
        return np.eye(4)
    orientations: Any = nibabel.orientations
    affine = affine_of(row.original)
    shape = nibabel.load(row.original).shape[:3]  # type: ignore[attr-defined]
    way = orientations.io_orientation(affine)
    standard: NDArray[Any] = affine @ orientations.inv_ornt_aff(way, shape)
    sides = [shape[int(np.flatnonzero(way[:, 0] == axis)[0])] for axis in range(3)]
    seen = np.diag([-1.0, -1.0, 1.0, 1.0])  # networks see columns from right to left, rows from front to back
    seen[:2, 3] = sides[0] - 1, sides[1] - 1
    return standard @ seen


def plane_affine(row: Row) -> NDArray[Any]:
    """(4, 4) from column, row and slice to mm (right, front, head) of one DICOM slice; ones where it does not say."""
    file, frame = row.sources[0] if row.sources else (None, 0)
    if file is not None and content_of(file).kind == "dicom":
        grid = place_of(file).grids[frame]
        if grid.corner is not None and grid.ways is not None and grid.spacing is not None and grid.normal is not None:
            across, down, normal = (_triple(way) for way in (*grid.ways, grid.normal))
            return affine_of_pose(Pose(_triple(grid.corner), across, down, normal), (1.0, *grid.spacing))
    return np.eye(4)


def _triple(values: NDArray[np.float64]) -> tuple[float, float, float]:
    return float(values[0]), float(values[1]), float(values[2])
