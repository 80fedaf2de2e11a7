"""What is asked of a folder's labels, and what was found: the records that the ways of labelling share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runtime.data.catalogue import Box, Catalogue, Found, LabelKind, Part, Skipped
from runtime.data.label_arrays import FrameLabel
from runtime.data.label_folders import folders_of
from runtime.data.label_masks import is_named_like_mask
from runtime.data.label_values import Progress

BY_FOLDERS = "folders"  # the choice that takes class folders although masks or a table are there
BY_NOTHING = "none"  # the choice that uses no labels
BY_BOXES = "boxes"  # the choice of box files (Pascal VOC or COCO)
BY_OUTLINES = "outlines"  # the choice of DICOM segmentations or structure sets
BY_ARRAYS = "arrays"  # the choice of the labels that lie beside the images in files of arrays
BY_POINTS = "points"  # the choice of a table of points, found by itself; "points:FILE" names it
BY_TAG = "tag:"  # before the keyword of a DICOM element that is the label
WORDS = (BY_FOLDERS, BY_NOTHING, BY_BOXES, BY_OUTLINES, BY_ARRAYS, BY_POINTS)


@dataclass(frozen=True, slots=True)
class Labelling:
    """The labels of the images, by path, and how they were found."""

    kind: LabelKind
    images: Sequence[Found]
    labels: Mapping[str, str] = field(default_factory=dict)
    sets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # several labels of one image
    numbers: Mapping[str, float] = field(default_factory=dict)
    several: Mapping[str, tuple[float, ...]] = field(default_factory=dict)  # several numbers, named by `classes`
    masks: Mapping[str, str] = field(default_factory=dict)
    frame_masks: Mapping[tuple[str, int], str] = field(default_factory=dict)  # by path and frame
    boxes: Mapping[str, tuple[Box, ...]] = field(default_factory=dict)
    frames: Mapping[str, Sequence[FrameLabel]] = field(
        default_factory=dict
    )  # files whose frames are cases by themselves
    patients: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, Part] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    mask_values: tuple[int, ...] = ()
    pixel_counts: tuple[int, ...] = ()
    chosen: str = ""
    choices: tuple[str, ...] = ()  # names of the mask trees of which one has to be chosen
    said: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    unit: str = ""  # of the numbers, where their name tells it
    files: tuple[str, ...] = ()  # which the labels were read from, other than masks that are images


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the folder, its files, the images among them, and what the user wants."""

    folder: Path
    catalogue: Catalogue
    candidates: Sequence[Found]  # images of the chosen kind, with files in folders named like masks
    labels: str = ""
    patients: str = ""
    on_progress: Progress | None = None

    def matchable(self) -> list[Found]:
        """The candidates, and the files of other kinds that could be masks of them, file by file: a NIfTI mask beside
        DICOM images is one of a whole series."""
        kept = {item.path for item in self.candidates}
        whole = any(item.kind == "dicom" for item in self.candidates)
        others = [item for item in self.catalogue.found if not (whole and item.kind == "volume")]
        return [item for item in others if item.path in kept or may_be_mask(item.path)]


def in_mask_like_folder(path: str) -> bool:
    """Whether a file lies below a folder named like masks."""
    return any(name.casefold().startswith(("mask", "label", "segmentation")) for name in folders_of(path))


def may_be_mask(path: str) -> bool:
    """Whether a file's folder or its own name says that it is a mask."""
    return in_mask_like_folder(path) or is_named_like_mask(path)


def no_label_of(paths: Sequence[str], where: str, what: str = "label") -> str:
    """That images have no label and are not used."""
    from runtime.data.label_paths import listed

    have, are = ("1 image has", "is") if len(paths) == 1 else (f"{len(paths)} images have", "are")
    return f"{have} no {what} in {where} and {are} not used: {listed(paths)}."
