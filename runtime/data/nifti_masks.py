"""A NIfTI mask of a whole DICOM series: where its voxels lie on an image of the series, and the mask of that image.

NIfTI counts millimetres to the right, the front and the head, DICOM to the left, the back and the head; both say where
each pixel lies, so the mask of an image is found by place, however the voxels are stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data import volumes
from runtime.data.faults import FileFault
from runtime.data.mask_names import MaskName
from runtime.data.places import SAME_MM, Grid, place_of

Floats = NDArray[np.float64]
_TO_DICOM = np.diag([-1.0, -1.0, 1.0, 1.0])
_OFF_SHARE = 0.25  # of the step between slices: how far an image may lie beside a slice of the mask


@dataclass(frozen=True)
class Lattice:
    """The voxels of a mask in the patient: sides in the stored order, and (4, 4) from indexes to mm in DICOM's axes."""

    sides: tuple[int, int, int]
    affine: Floats


@dataclass(frozen=True)
class Plane:
    """The slice of a mask that lies on an image: index along one stored axis; axes and directions of the others."""

    axis: int
    index: int
    down: tuple[int, bool]  # the stored axis along which rows follow each other, and whether it runs backwards
    across: tuple[int, bool]

    def of(self, voxels: NDArray[Any]) -> NDArray[Any]:
        """The slice as the image has its pixels, (rows, columns)."""
        taken = np.moveaxis(voxels, (self.axis, self.down[0], self.across[0]), (0, 1, 2))[self.index]
        flipped: NDArray[Any] = taken[:: -1 if self.down[1] else 1, :: -1 if self.across[1] else 1]
        return flipped


@lru_cache(maxsize=64)
def lattice_of(path: Path) -> Lattice:
    """Where the voxels of a NIfTI mask lie. Raises FileFault, also for a file that does not say it."""
    affine, sides, said = volumes.placed(path)
    if not said:
        raise FileFault("does not say how it lies in the patient (sform and qform are not set)")
    if abs(float(np.linalg.det(affine[:3, :3]))) < 1e-9:
        raise FileFault("gives a place in the patient in which all its slices are one")
    return Lattice(sides, _TO_DICOM @ affine)


def plane_on(lattice: Lattice, grid: Grid, whose: str) -> tuple[Plane | None, str]:
    """The slice of a mask whose pixels lie on those of an image; or None, and what differs, with both values.

    `whose` names the mask. The sentence follows the name of the image.
    """
    if grid.corner is None or grid.ways is None or grid.spacing is None:
        return None, f"does not say where it lies, so {whose} cannot be laid on it"
    steps = np.linalg.norm(lattice.affine[:3, :3], axis=0)
    ways = (lattice.affine[:3, :3] / steps).T
    across, down, axis = _axes(grid.ways, ways)
    back = [float(grid.ways[at] @ ways[stored]) < 0 for at, stored in enumerate((across, down))]
    place = np.linalg.solve(lattice.affine, np.append(grid.corner, 1.0))
    index = min(max(round(float(place[axis])), 0), lattice.sides[axis] - 1)
    first = np.zeros(4)
    first[[across, down, axis, 3]] = (
        lattice.sides[across] - 1 if back[0] else 0, lattice.sides[down] - 1 if back[1] else 0, index, 1
    )  # fmt: skip
    own = Grid(
        lattice.sides[down],
        lattice.sides[across],
        (lattice.affine @ first)[:3],
        np.stack([-ways[across] if back[0] else ways[across], -ways[down] if back[1] else ways[down]]),
        (float(steps[down]), float(steps[across])),
    )
    fault = grid.mismatch(own, whose) or _beside(grid, own, float(steps[axis]), whose) or _apart(grid, own, whose)
    return (None, fault) if fault else (Plane(axis, index, (down, back[1]), (across, back[0])), "")


def _axes(image: Floats, ways: Floats) -> tuple[int, int, int]:
    """The stored axes that run along the image's columns index, its rows index, and from slice to slice."""
    likeness = np.abs(image @ ways.T)
    across, down, axis = max(permutations(range(3)), key=lambda axes: likeness[0, axes[0]] + likeness[1, axes[1]])
    return across, down, axis


def _beside(grid: Grid, own: Grid, step: float, whose: str) -> str:
    """That an image lies between two slices of the mask, or beyond the last; "" when it lies on one."""
    off = grid.distance(own.corner[None]) if own.corner is not None else None
    if off is None or abs(float(off[0])) <= min(SAME_MM, _OFF_SHARE * step):
        return ""
    return f"lies {abs(float(off[0])):.3g} mm beside the nearest slice of {whose}, whose slices are {step:.4g} mm apart"


def _apart(grid: Grid, own: Grid, whose: str) -> str:
    """That the last pixels of both lie apart, though the first do not; "" when they lie on each other too."""
    one, other = _last(grid), _last(own)
    if np.linalg.norm(one - other) <= max(SAME_MM, 0.5 * max(grid.spacing or (0.0,))):
        return ""
    return f"ends at ({_mm(one)}) mm and {whose} at ({_mm(other)}) mm"


def _last(grid: Grid) -> Floats:
    """Where the last pixel of the last row lies, mm."""
    if grid.corner is None or grid.ways is None or grid.spacing is None:
        raise FileFault("does not say where it lies")
    last: Floats = (
        grid.corner
        + grid.ways[0] * grid.spacing[1] * (grid.columns - 1)
        + grid.ways[1] * grid.spacing[0] * (grid.rows - 1)
    )
    return last


def _mm(values: Floats) -> str:
    return ", ".join(f"{float(value):.4g}" for value in values)


def mask_of_image(name: MaskName) -> NDArray[Any]:
    """The stored numbers of the mask on one frame of an image, (rows, columns). Raises FileFault."""
    path = Path(name.file)
    grid = place_of(Path(name.image)).grids[name.frame]
    plane, fault = plane_on(lattice_of(path), grid, f"its mask {path.name}")
    if plane is None:
        raise FileFault(f"does not fit: the image {fault}")
    return np.ascontiguousarray(plane.of(_voxels(path)))


@lru_cache(maxsize=2)
def _voxels(path: Path) -> NDArray[Any]:
    """The stored numbers, in the smallest type that holds them: slices of one file are asked for one after another."""
    values = volumes.stored_labels(path)
    if values.size and values.min() >= 0 and values.max() < 256 and (values == values.astype(np.uint8)).all():
        return values.astype(np.uint8)
    return values
