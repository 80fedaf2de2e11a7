"""Which files of a folder are masks of its other images, as their names say: they are no cases themselves."""

from __future__ import annotations

from collections.abc import Sequence

from runtime.data.catalogue import Found
from runtime.data.label_masks import mask_trees
from runtime.data.label_series_masks import mask_volumes
from runtime.data.series_mask_names import likely, scans_of


def mask_files(found: Sequence[Found]) -> tuple[str, ...]:
    """The paths of the masks, sorted: those of mask folders and of files named after an image, and NIfTI masks of
    whole DICOM series. A file that is only named like a mask, and belongs to nothing here, is none."""
    volumes = mask_volumes(found) if any(item.kind == "dicom" for item in found) else []
    aside = {item.path for item in volumes}
    rest = [item for item in found if item.path not in aside]
    masks = {path for tree in mask_trees(rest) for path in tree.files}
    scans = scans_of(item for item in rest if item.kind == "dicom" and item.path not in masks)
    return tuple(sorted(masks | {path for path in aside if likely(path, scans)}))
