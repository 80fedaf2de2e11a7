"""Whether a mask lies where its image lies: spacing, orientation and position, where both files say them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.data.catalogue import Found

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SAME_SHARE = 0.01  # of the spacing
_SAME_VOXELS = 0.5  # how far a corner of the volume may lie off


def geometry_faults(folder: Path, pairs: Sequence[tuple[Found, Found]]) -> dict[str, str]:
    """Images whose mask lies elsewhere in the patient, by path, with what both files say. Sizes are compared before."""
    faults = {}
    for image, mask in pairs:
        fault = ""
        if image.kind == mask.kind == "volume":
            fault = _volumes(folder / image.path, folder / mask.path, mask.path)
        elif image.kind == mask.kind == "dicom":
            fault = _dicoms(folder / image.path, folder / mask.path, mask.path)
        if not fault and image.spacing_mm and mask.spacing_mm:
            fault = _spacing(image.spacing_mm, mask.spacing_mm, mask.path)
        if fault:
            faults[image.path] = fault
    return faults


def _spacing(image: Sequence[float], mask: Sequence[float], name: str) -> str:
    if len(image) != len(mask) or all(abs(a - b) <= _SAME_SHARE * max(a, b) for a, b in zip(image, mask, strict=True)):
        return ""
    return f"has a spacing of {_mm(image)} mm and its mask {name} {_mm(mask)} mm"


def _mm(values: Sequence[float]) -> str:
    return " x ".join(f"{value:.4g}" for value in values)


def _dicoms(image: Path, mask: Path, name: str) -> str:
    from runtime.data.faults import READ_ERRORS, FileFault
    from runtime.data.places import place_of

    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    try:
        one, other = place_of(image), place_of(mask)
    except errors:
        return ""  # a file that cannot be read is told when it is decoded
    pairs = zip(one.grids, other.grids, strict=False)
    return next((text for a, b in pairs if (text := a.mismatch(b, f"its mask {name}"))), "")


def _volumes(image: Path, mask: Path, name: str) -> str:
    """Compares where the corners of both volumes lie in the patient."""
    import numpy as np

    from runtime.data.faults import READ_ERRORS, FileFault
    from runtime.data.volumes import affine_of, sides_of

    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    try:
        one, other = np.asarray(affine_of(image)), np.asarray(affine_of(mask))
        ends = _ends(one, sides_of(image))
        others = _ends(other, sides_of(mask))
    except errors:
        return ""
    # Both are turned to standard axes when they are read, so corners may be stored in another order.
    apart = np.linalg.norm(ends[:, None] - others[None], axis=2).min(axis=1)
    if apart.max() <= _SAME_VOXELS * np.linalg.norm(one[:3, :3], axis=0).max():
        return ""
    return f"lies at {_corner(one)} and its mask {name} at {_corner(other)}"


def _ends(affine: NDArray[Any], sides: Sequence[int]) -> NDArray[Any]:
    """Where the eight corners of a volume lie, (8, 3) mm."""
    import numpy as np

    places = np.array(list(itertools.product(*((0, side - 1) for side in sides), (1,))), float)
    return np.asarray((places @ affine.T)[:, :3])


def _corner(matrix: NDArray[Any]) -> str:
    """Orientation and corner of a volume in words, as NIfTI has them: the way each axis runs, the first voxel in mm."""
    import nibabel
    import numpy as np

    letters = "".join(letter or "?" for letter in nibabel.aff2axcodes(matrix))  # type: ignore[no-untyped-call]
    steps = " x ".join(f"{step:.4g}" for step in np.linalg.norm(matrix[:3, :3], axis=0))
    return f"({', '.join(f'{value:.4g}' for value in matrix[:3, 3])}) mm, {letters}, {steps} mm"
