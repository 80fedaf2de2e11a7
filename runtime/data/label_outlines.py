"""DICOM segmentations (SEG) and structure sets (RTSTRUCT) as labels: which belong to which images, and as what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.data.catalogue import Catalogue, DataError, Found, Skipped
from runtime.data.label_paths import listed, plain_files
from runtime.data.label_records import Labelling, no_label_of
from runtime.data.label_values import MOST_MASK_CLASSES, Progress
from runtime.data.mask_names import MaskName
from runtime.data.wording import counted

if TYPE_CHECKING:
    from runtime.data.places import Place
    from runtime.data.rtstruct import Structures
    from runtime.data.seg import Segmentation

Key = tuple[str, int]  # image and frame


@dataclass
class _Drawn:
    """What was found: the file that tells of each frame, and what does not fit."""

    files: dict[Key, str] = field(default_factory=dict)
    regions: dict[str, list[tuple[int, str]]] = field(default_factory=dict)  # file -> number and name of each
    wrong: dict[str, str] = field(default_factory=dict)  # image -> why its outlines cannot be used
    warnings: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)


def outline_files(folder: Path, catalogue: Catalogue) -> dict[str, str]:
    """The segmentations and structure sets among the files that are no images, by path: "SEG" or "RTSTRUCT"."""
    from runtime.data.faults import READ_ERRORS, FileFault
    from runtime.data.header import class_of
    from runtime.data.rtstruct import CLASS
    from runtime.data.seg import CLASSES

    kinds = {**dict.fromkeys(CLASSES, "SEG"), CLASS: "RTSTRUCT"}
    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    found: dict[str, str] = {}
    for name in plain_files(folder, (item.path for item in catalogue.skipped)):
        path = folder / name
        try:
            if not _is_dicom(path):
                continue
            uid = class_of(path)
        except errors:
            continue
        if uid in kinds:
            found[name] = kinds[uid]
    return found


def _is_dicom(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def outline_labels(
    folder: Path, files: Mapping[str, str], images: Sequence[Found], chosen: str, on_progress: Progress | None = None
) -> Labelling | None:
    """Masks of the images from segmentations and structure sets; None when none of these files belongs to an image.

    All slices of a series that a file was drawn on count: where nothing is outlined, all is background. Raises
    DataError when there are more classes than masks may have.
    """
    places = _places(folder, images)
    drawn = _Drawn()
    for name, kind in sorted(files.items()):
        _look_into(folder, name, kind, places, drawn)
    if not drawn.files:
        return None
    names = [region for name in sorted(set(drawn.files.values())) for _, region in drawn.regions[name]]
    classes = ("background", *dict.fromkeys(names))
    if len(classes) > MOST_MASK_CLASSES:
        raise DataError(
            f"The outlines name {len(classes) - 1} different regions, and masks may have {MOST_MASK_CLASSES - 1}: keep "
            f"the files with the regions to learn ({listed(classes[1:])})."
        )
    masks = {key: _name(key, file, drawn, classes) for key, file in drawn.files.items()}
    counts, failed, overlaps = _counted(folder, masks, on_progress)
    drawn.wrong |= failed
    return _labelling(images, masks, (classes, counts), drawn, overlaps, chosen)


def _places(folder: Path, images: Sequence[Found]) -> dict[str, Place]:
    from runtime.data.faults import READ_ERRORS, FileFault
    from runtime.data.places import place_of

    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    places = {}
    for item in images:
        try:
            places[item.path] = place_of(folder / item.path)
        except errors:
            continue  # the image itself is judged elsewhere; without its place it has no outlines
    return places


def _look_into(folder: Path, name: str, kind: str, places: Mapping[str, Place], drawn: _Drawn) -> None:
    from runtime.data.faults import READ_ERRORS, FileFault, in_words
    from runtime.data.rtstruct import structures_of
    from runtime.data.seg import segmentation_of

    errors: tuple[type[Exception], ...] = (FileFault, *READ_ERRORS)
    try:
        if kind == "SEG":
            said = segmentation_of(folder / name)
            drawn.regions[name] = list(said.segments)
            keys = _of_segmentation(name, said, places, drawn)
        else:
            found = structures_of(folder / name)
            drawn.regions[name] = list(found.regions)
            keys = _of_structures(name, found, places, drawn)
    except errors as error:
        drawn.warnings.append(f"{name} {in_words(error)}; it is not used.")
        return
    if not keys:
        drawn.warnings.append(f"{name} ({kind}) belongs to no image of the folder, so it is not used.")
    for key in keys:
        if drawn.files.setdefault(key, name) != name:
            drawn.twice.append(f"{key[0]} ({drawn.files[key]} and {name})")


def _of_segmentation(name: str, said: Segmentation, places: Mapping[str, Place], drawn: _Drawn) -> list[Key]:
    """The frames of images that a segmentation is about; those it does not lie on are told."""
    keys: list[Key] = []
    used: set[int] = set()
    for path, place in places.items():
        own = place.series in said.series
        for frame, grid in enumerate(place.grids):
            frames = said.drawn_on(place, frame)
            used |= set(frames)
            if not own and not frames:
                continue
            outlines = [said.outlines[at] for at in frames] or list(said.outlines[:1])
            fault = next((text for one in outlines if (text := _mismatch(grid, one.grid, bool(frames), name))), "")
            if fault:
                drawn.wrong[path] = fault
            else:
                keys.append((path, frame))
    stray = len(said.outlines) - len(used)
    if stray and keys:
        drawn.warnings.append(f"{counted(stray, 'frame')} of {name} {_lie(stray)} on no image of the folder.")
    return keys


def _mismatch(grid: object, other: object, same_place: bool, name: str) -> str:
    """What differs between an image and a segmentation, with both; without a frame there only the place may."""
    from runtime.data.places import Grid

    if not isinstance(grid, Grid) or not isinstance(other, Grid):
        return ""
    text = grid.mismatch(other, f"its segmentation {name}")
    return "" if text.startswith("lies at") and not same_place else text


def _of_structures(name: str, said: Structures, places: Mapping[str, Place], drawn: _Drawn) -> list[Key]:
    keys: list[Key] = []
    used: set[int] = set()
    for path, place in places.items():
        strange = bool(place.reference and said.references) and place.reference not in said.references
        for frame, grid in enumerate(place.grids):
            on = {at for at, contour in enumerate(said.contours) if contour.lies_on(place, frame)}
            if strange and (on or place.series in said.series):
                drawn.wrong[path] = f"has another frame of reference than {name}, so its contours do not lie on it"
            elif grid.corner is None or grid.ways is None or grid.spacing is None:
                if place.series in said.series:
                    drawn.wrong[path] = f"does not say where it lies, so the contours of {name} cannot be placed on it"
            elif on or place.series in said.series:
                keys.append((path, frame))
                used |= on
    stray = len(said.contours) - len(used)
    if stray and keys:
        drawn.warnings.append(
            f"{counted(stray, 'contour')} of {name} {_lie(stray)} on no slice of the folder and "
            f"{'is' if stray == 1 else 'are'} not used."
        )
    if said.unfilled:
        drawn.warnings.append(f"{counted(said.unfilled, 'open line or point')} of {name} enclose nothing; not used.")
    return keys


def _lie(count: int) -> str:
    return "lies" if count == 1 else "lie"


def _name(key: Key, file: str, drawn: _Drawn, classes: Sequence[str]) -> MaskName:
    values = tuple((number, classes.index(region)) for number, region in drawn.regions[file])
    return MaskName(file, key[0], key[1], values, covered=True)


def _counted(
    folder: Path, masks: Mapping[Key, MaskName], on_progress: Progress | None
) -> tuple[Counter[int], dict[str, str], list[str]]:
    """The pixels of each class, the images whose outlines cannot be read, and those where outlines overlap."""
    import numpy as np

    from runtime.data.pool import Failed, Request, decode

    pixels: Counter[int] = Counter()
    failed: dict[str, str] = {}
    overlaps = []
    requests = [Request(folder / name.text(), "dicom", mask=True) for name in masks.values()]
    with closing(decode(requests)) as answers:
        for done, ((path, _), answer) in enumerate(zip(masks, answers, strict=True), start=1):
            if isinstance(answer, Failed):
                failed[path] = f"its outlines cannot be used: {answer.reason.rstrip('.')}"
            else:
                mask, cover = answer.array
                classes, counts = np.unique(mask, return_counts=True)
                pixels.update(dict(zip(classes.tolist(), counts.tolist(), strict=True)))
                if shared := int((cover > 1).sum()):
                    overlaps.append(f"{path} ({counted(shared, 'pixel')})")
            if on_progress is not None:
                on_progress(done, len(requests))
    return pixels, failed, overlaps


def _labelling(
    images: Sequence[Found],
    masks: Mapping[Key, MaskName],
    found: tuple[tuple[str, ...], Counter[int]],
    drawn: _Drawn,
    overlaps: Sequence[str],
    chosen: str,
) -> Labelling:
    classes, counts = found
    paths = {path for path, _ in masks} - set(drawn.wrong)
    without = sorted(item.path for item in images if item.path not in paths and item.path not in drawn.wrong)
    files = sorted({name.file for (path, _), name in masks.items() if path in paths})
    return Labelling(
        kind="mask",
        images=[item for item in images if item.path in paths],
        frame_masks={
            key: MaskName(name.file, name.image, name.frame, name.values).text()
            for key, name in masks.items()
            if key[0] in paths
        },
        classes=classes,
        mask_values=tuple(range(len(classes))),
        pixel_counts=tuple(counts[value] for value in range(len(classes))),
        chosen=chosen,
        said=(f"Labels are the outlines in {listed(files)}: {', '.join(classes)}.",),
        warnings=tuple(_warnings(drawn, without, overlaps)),
        files=tuple(files),
        skipped=(
            *(Skipped(path, why) for path, why in sorted(drawn.wrong.items())),
            *(Skipped(path, "has no outlines in any segmentation or structure set") for path in without),
        ),
    )


def _warnings(drawn: _Drawn, without: Sequence[str], overlaps: Sequence[str]) -> list[str]:
    warnings = list(drawn.warnings)
    if drawn.wrong:
        told = [f"{path} {why}" for path, why in sorted(drawn.wrong.items())]
        warnings.append(f"{counted(len(told), 'image')} not used, because the outlines do not fit: {listed(told)}.")
    if without:
        warnings.append(no_label_of(without, "any segmentation or structure set", "outlines"))
    if drawn.twice:
        names = listed(sorted(set(drawn.twice)))
        warnings.append(f"{counted(len(set(drawn.twice)), 'image')} outlined in two files; the first is used: {names}.")
    if overlaps:
        warnings.append(
            f"Outlines overlap in {counted(len(overlaps), 'image')}; the one named last counts there: "
            f"{listed(overlaps)}."
        )
    return warnings
