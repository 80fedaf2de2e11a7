"""What folder names say about an image: its part of the data, its class, its patient."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from runtime.data.catalogue import DataError, Found, Part
from runtime.data.wording import counted

PART_WORDS: Mapping[str, Part] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
IMAGE_WORDS = frozenset({"image", "images", "img", "imgs", "jpegimages", "dicom", "dicoms", "volumes", "scans"})


def part_of_word(word: str) -> Part | None:
    """The part a folder name or a cell of a table names; None when it names none."""
    return PART_WORDS.get(word.strip().casefold())


def folders_of(path: str) -> tuple[str, ...]:
    """The folder names above a file, outermost first."""
    return tuple(path.split("/")[:-1])


def part_of_path(path: str) -> Part | None:
    """The part that the folders above a file name; the innermost such folder counts."""
    named = [part for part in map(part_of_word, folders_of(path)) if part is not None]
    return named[-1] if named else None


def is_image_folder(name: str) -> bool:
    """Whether a folder name only says "here are the images" (`images`, `imagesTr`, `img` ...)."""
    low = name.casefold()
    return low in IMAGE_WORDS or low.startswith(("images", "image_", "img_", "imgs"))


def patient_of_path(path: str, patients: str) -> str:
    """The patient by folder level: "1" is the outermost folder, "-1" the folder that holds the image; anything else is
    a pattern for the folder name, such as "patient*". Returns "" where a path has no such folder."""
    folders = folders_of(path)
    try:
        level = int(patients)
    except ValueError:
        pattern = patients.casefold()
        return next((name for name in folders if fnmatch.fnmatchcase(name.casefold(), pattern)), "")
    index = level - 1 if level > 0 else level
    if -len(folders) <= index < len(folders):
        return folders[index]
    return ""


def check_patients_setting(patients: str) -> None:
    """Raises DataError when the folder level that names the patient makes no sense."""
    if patients.strip() == "0":
        raise DataError(
            "The folder level of the patient is 0; levels count from 1 (outermost) or from -1 (the folder that holds "
            "the image): give such a number, or a folder-name pattern such as patient*."
        )


def class_of_each(images: Sequence[Found], patients: str = "") -> tuple[dict[str, str], str]:
    """The class of each image by folder, by path, and one sentence on what was found.

    The class is the name of the folder that holds the image. Folders that name a part, the images or the patient are
    left out: a folder names the patient when it is called like the PatientID in its files, or when `patients` says so.
    What lies below the patients' folders, such as series, is left out too where two or more folders lie above them:
    CLASS/PATIENT/SERIES/image. The mapping is empty when the folders do not make at least two classes.
    """
    split = {item.path: _around_patient(item, patients) for item in images}
    named_patients = any(below is not None for _, below in split.values())
    above = {path: _meaningful(names) for path, (names, _) in split.items()}
    outer = len({above[path][-1] for path, (_, below) in split.items() if below is not None and above[path]}) >= 2
    levels = above if outer else {path: _meaningful((*names, *(below or ()))) for path, (names, below) in split.items()}
    levels = _without_patient_levels(images, levels)
    classes = {path: names[-1] for path, names in levels.items() if names}
    tally = Counter(classes.values())
    if len(tally) < 2 and named_patients:
        return {}, "The folders were not taken as classes: they are named like the patients in them."
    if len(tally) < 2:
        return {}, "The folders do not make classes: fewer than two folders hold images."
    if len(tally) * 2 > len(images) and len(images) > 4:
        return {}, f"The folders were not taken as classes: {len(tally)} folders for {len(images)} images."
    where = "above the patients' folders" if outer else "that hold the images"
    return classes, f"Classes are the names of the folders {where} ({len(tally)} classes)."


def folder_warnings(folder: Path, classes: Mapping[str, str]) -> list[str]:
    """Classes that are most likely one, written in two ways, and folders beside the classes that hold no image."""
    folded: dict[str, set[str]] = {}
    for name in classes.values():
        folded.setdefault(_letters(name) or name, set()).add(name)
    told = [
        f"The classes {' and '.join(f'“{name}”' for name in sorted(names))} differ only in capitals, spaces or signs: "
        "rename the folders if they are one."
        for names in folded.values()
        if len(names) > 1
    ]
    empty = _without_images(folder, classes)
    if empty:
        hold = "holds" if len(empty) == 1 else "hold"
        told.append(f"{counted(len(empty), 'folder')} beside the classes {hold} no image: {', '.join(empty[:20])}.")
    return told


def _without_images(folder: Path, classes: Mapping[str, str]) -> list[str]:
    """The folders that lie where the class folders lie, and hold no image at any depth."""
    filled = {"/".join(path.split("/")[:depth]) for path in classes for depth in range(1, path.count("/") + 1)}
    tops = {path.split("/").index(name) for path, name in classes.items()}
    parents = {"/".join(path.split("/")[:depth]) for path in classes for depth in tops if path.count("/") > depth}
    found = []
    for parent in sorted(parents):
        for entry in sorted((folder / parent).iterdir()):
            path = f"{parent}/{entry.name}" if parent else entry.name
            plain = entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")
            if plain and path not in filled and not is_image_folder(entry.name):
                found.append(path)
    return found


def _around_patient(item: Found, patients: str) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """The folder names above and below the one that names the patient; all of them and None where there is none."""
    names = folders_of(item.path)
    told = patient_of_path(item.path, patients) if patients else ""
    own = {_letters(name) for name in (item.patient, told) if _letters(name)}
    place = next((index for index, name in enumerate(names) if _letters(name) in own), None)
    if place is None:
        return names, None
    return names[:place], tuple(name for name in names[place + 1 :] if _letters(name) not in own)


def _letters(name: str) -> str:
    """A name without what programs change when they make a folder name of it: signs, spaces and capitals."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _meaningful(names: Sequence[str]) -> tuple[str, ...]:
    """The folder names that could be a class: no parts, and no "images" at the end."""
    kept = [name for name in names if part_of_word(name) is None]
    while kept and is_image_folder(kept[-1]):
        kept.pop()
    return tuple(kept)


def _without_patient_levels(
    images: Sequence[Found], levels: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Drops innermost levels while each of their folder names holds one patient only: CLASS/PATIENT/SERIES/image."""
    current = dict(levels)
    while True:
        shorter = {path: names[:-1] for path, names in current.items()}
        above = {names[-1] for names in shorter.values() if names}
        deep_enough = bool(shorter) and all(shorter.values()) and len(above) >= 2
        if not deep_enough or not (_all_alike(current) or _one_patient_a_folder(images, current)):
            return current
        current = shorter


def _all_alike(levels: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether the innermost folders all have one name, such as `series`, which can be no class."""
    return len({names[-1] for names in levels.values()}) == 1


def _one_patient_a_folder(images: Sequence[Found], levels: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether every innermost folder name belongs to a single known patient, and there are at least three of them."""
    patients: dict[str, set[str]] = {}
    for item in images:
        if not item.patient:
            return False
        patients.setdefault(levels[item.path][-1], set()).add(item.patient)
    return len(patients) >= 3 and all(len(known) == 1 for known in patients.values())
