"""One NIfTI mask for a whole DICOM series as labels: laid on each slice by its place in the patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from runtime.data.catalogue import Found, Skipped
from runtime.data.label_paths import listed
from runtime.data.label_records import Labelling, Question, no_label_of
from runtime.data.label_values import MOST_MASK_CLASSES, MaskValues, mask_classes, mask_values
from runtime.data.mask_names import MaskName
from runtime.data.series_mask_names import Scan, is_named, is_series_mask, likely, scans_of, sort_of
from runtime.data.wording import counted

if TYPE_CHECKING:
    from runtime.data.places import Place

Key = tuple[str, int]  # image and frame


@dataclass
class _Laid:
    """A mask on a series: the frames that it lies on, why others do not fit, and how many of its slices are left."""

    mask: str
    scan: Scan
    frames: list[Key] = field(default_factory=list)
    faults: dict[str, str] = field(default_factory=dict)  # image -> what differs
    left: int = 0


@dataclass
class _Found:
    """What becomes of the masks; the data set itself tells of those that are not used."""

    laid: list[_Laid] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    wrong: dict[str, str] = field(default_factory=dict)  # image -> why it is not used


def mask_volumes(found: Sequence[Found], wanted: str = "") -> list[Found]:
    """The NIfTI files that are masks of DICOM series: named so, or meant by the choice of labels."""
    volumes = [item for item in found if item.kind == "volume"]
    named = [item for item in volumes if wanted and is_named(item.path, wanted)]
    return named or [item for item in volumes if is_series_mask(item.path)]


def series_mask_labels(question: Question, images: Sequence[Found]) -> Labelling | None:
    """Masks of the images from NIfTI masks of their series; None where there is none to look at.

    Every frame takes the slice of the mask that lies on it. What lies on another grid is refused, with both values;
    then, or where one series has several masks, the labelling has no kind.
    """
    masks = mask_volumes(question.catalogue.found, question.labels)
    if question.labels:
        masks = [item for item in masks if is_named(item.path, question.labels)]
    images = [item for item in images if item.kind == "dicom"]
    if not masks or not images:
        return None
    found = _laid_on(question, masks, scans_of(images))
    several = _several(found)
    if several:
        return _undecided(question, images, found, several)
    names = {key: MaskName(laid.mask, key[0], key[1], ()).text() for laid in found.laid for key in laid.frames}
    sizes = {item.path: item.size for item in images}
    values = mask_values(
        question.folder,
        [Found(name, "dicom", 1, sizes[key[0]]) for key, name in names.items()],
        question.on_progress,
    )
    found.wrong |= {key[0]: f"its mask {values.unread[name]}" for key, name in names.items() if name in values.unread}
    if len(values.pixels) > MOST_MASK_CLASSES:
        found.warnings.append(
            f"{listed(sorted({laid.mask for laid in found.laid}))}: more than {MOST_MASK_CLASSES} different values, so "
            "these are no classes; they are not used."
        )
        names = {}
    return _labelling(question, images, names, values, found)


def _laid_on(question: Question, masks: Sequence[Found], scans: Sequence[Scan]) -> _Found:
    """Each mask laid on the series that it may belong to, in order of their paths."""
    found = _Found()
    places: dict[str, Place | str] = {}
    for mask in sorted(masks, key=lambda item: item.path):
        candidates = likely(mask.path, scans)
        tried = [_lay(question, mask.path, scan, places) for scan in candidates]
        fitting = [laid for laid in tried if laid.frames]
        if not candidates:
            continue
        if not fitting:
            found.warnings.append(_misfit(mask.path, tried))
            found.wrong |= {path: why for laid in tried for path, why in laid.faults.items()}
        elif len({laid.scan.person for laid in fitting}) > 1:
            titles = listed([laid.scan.title for laid in fitting])
            found.warnings.append(
                f"The mask {mask.path} lies on {titles} alike, which show several patients; it is not used: put it "
                "into the folder of its series, or name it after that folder."
            )
        else:
            found.laid += fitting
    for laid in found.laid:
        found.wrong |= laid.faults
    on = {path for laid in found.laid for path, _ in laid.frames}
    found.wrong = {path: why for path, why in found.wrong.items() if path not in on}
    for laid in found.laid:
        if laid.left:
            slices, lie = counted(laid.left, "slice"), "lies" if laid.left == 1 else "lie"
            found.warnings.append(f"{slices} of the mask {laid.mask} {lie} on no image of {laid.scan.title}.")
    return found


def _misfit(mask: str, tried: Sequence[_Laid]) -> str:
    laid = tried[0]
    path, why = next(iter(laid.faults.items()))
    others = f" (and {len(tried) - 1} other series)" if len(tried) > 1 else ""
    return f"The mask {mask} does not lie on {laid.scan.title}{others} and is not used: {path} {why}."


def _lay(question: Question, mask: str, scan: Scan, places: dict[str, Place | str]) -> _Laid:
    from runtime.data.faults import READ_ERRORS, FileFault, in_words
    from runtime.data.nifti_masks import Plane, lattice_of, plane_on

    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    laid = _Laid(mask, scan)
    try:
        lattice = lattice_of(question.folder / mask)
    except errors as error:
        laid.faults = {scan.images[0].path: f"cannot be compared with its mask {mask}, which {in_words(error)}"}
        return laid
    planes: list[Plane] = []
    for item in scan.images:
        place = _place(question, item.path, places)
        if isinstance(place, str):
            laid.faults[item.path] = place
            continue
        for frame, grid in enumerate(place.grids):
            plane, fault = plane_on(lattice, grid, f"its mask {mask}")
            if plane is None:
                laid.faults[item.path] = fault
            else:
                planes.append(plane)
                laid.frames.append((item.path, frame))
    laid.frames = [key for key in laid.frames if key[0] not in laid.faults]
    laid.left = lattice.sides[planes[0].axis] - len({plane.index for plane in planes}) if planes else 0
    return laid


def _place(question: Question, path: str, places: dict[str, Place | str]) -> Place | str:
    """Where an image lies, or why that cannot be read; each file is opened once."""
    from runtime.data.faults import READ_ERRORS, FileFault, in_words
    from runtime.data.places import place_of

    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    if path not in places:
        try:
            places[path] = place_of(question.folder / path)
        except errors as error:
            places[path] = in_words(error)
    return places[path]


def _several(found: _Found) -> dict[str, list[_Laid]]:
    """The masks of each image that has more than one."""
    masks: dict[str, list[_Laid]] = {}
    for laid in found.laid:
        for path in dict.fromkeys(path for path, _ in laid.frames):
            masks.setdefault(path, []).append(laid)
    return {path: several for path, several in masks.items() if len(several) > 1}


def _undecided(
    question: Question, images: Sequence[Found], found: _Found, several: dict[str, list[_Laid]]
) -> Labelling:
    """No labels yet: one of several masks has to be chosen, by what their names tell apart, else by their paths."""
    sorts = {sort_of(laid.mask, laid.scan) for one in several.values() for laid in one}
    first = next(iter(several.values()))
    names = tuple(sorted(sorts)) if len({sort_of(laid.mask, laid.scan) for laid in first}) == len(first) else (
        tuple(sorted({laid.mask for laid in first}))
    )  # fmt: skip
    warning = (
        f"{first[0].scan.title.capitalize()} has {len(first)} masks: {listed([laid.mask for laid in first])}. Choose "
        f"one as labels (--labels {names[0]})."
    )
    skipped = [Skipped(laid.mask, "is one of several masks of its series") for laid in found.laid]
    return Labelling(
        "", list(images), chosen=question.labels, choices=names, warnings=(*found.warnings, warning),
        skipped=tuple(dict.fromkeys(skipped)),
    )  # fmt: skip


def _labelling(
    question: Question, images: Sequence[Found], names: dict[Key, str], values: MaskValues, found: _Found
) -> Labelling:
    paths = {path for path, _ in names} - set(found.wrong)
    files = sorted({laid.mask for laid in found.laid if any(key in names and key[0] in paths for key in laid.frames)})
    wrong = {path: why for path, why in found.wrong.items() if path not in paths}
    without = sorted(item.path for item in images if item.path not in paths and item.path not in wrong)
    warnings = list(found.warnings)
    if wrong:
        told = [f"{path} {why}" for path, why in sorted(wrong.items())]
        warnings.append(f"{counted(len(told), 'image')} not used, because the mask does not fit: {listed(told[:3])}.")
    if without:
        warnings.append(no_label_of(without, "the masks of whole series", "mask"))
    if names and len(values.values) == 1:
        warnings.append(f"All masks in {listed(files)} are empty: there is nothing to learn in them.")
    classes = mask_classes(values.values)
    skipped = [Skipped(path, why) for path, why in sorted(wrong.items())]
    skipped += [Skipped(path, "has no mask") for path in without]
    of = f"{counted(len(files), 'mask')} of whole series; {counted(len(paths), 'image')}; {', '.join(classes)}"
    return Labelling(
        kind="mask" if paths else "",
        images=[item for item in images if item.path in paths],
        frame_masks={key: name for key, name in names.items() if key[0] in paths},
        classes=classes if paths else (),
        mask_values=values.values if paths else (),
        pixel_counts=tuple(values.pixels.values()) if paths else (),
        chosen=question.labels,
        said=(f"Labels are the masks {listed(files)} ({of}).",) if paths else (),
        warnings=tuple(warnings),
        files=tuple(files),
        skipped=tuple(skipped),
    )
