"""Which NIfTI mask may belong to which DICOM series, by the names of folders and files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from runtime.data.catalogue import Found
from runtime.data.label_folders import folders_of, is_image_folder
from runtime.data.label_paths import stem_of

_FOLDER_STARTS = ("mask", "label", "segmentation")
_WORDS = frozenset({"mask", "masks", "seg", "segs", "segmentation", "segmentations", "label", "labels", "gt"})
_BETWEEN = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Scan:
    """The images of one series, and what a mask may be called after."""

    images: tuple[Found, ...]
    folders: tuple[str, ...]  # common to its images, in small letters, without those that only say "images"
    names: frozenset[str]  # of folders, patient, study and series, in the words of `_plain`

    @property
    def person(self) -> str:
        """Whom it shows: a series of which no patient is known counts alone."""
        first = self.images[0]
        return first.patient or f"{first.series} {'/'.join(self.folders)}"

    @property
    def title(self) -> str:
        """The series in words: the folder of its images, or the file."""
        first = self.images[0].path
        folder = first.rpartition("/")[0]
        return f"the series in {folder}" if folder else f"the series of {first}"


def is_series_mask(path: str) -> bool:
    """Whether a NIfTI file among DICOM images is named as a mask: mask.nii.gz, p1_seg.nii, or below a folder masks."""
    return _in_mask_folder(path) != "" or bool(_WORDS & set(_words(path)))


def is_named(path: str, wanted: str) -> bool:
    """Whether a choice of labels means this mask: its path, name, stem, what its stem ends in, or its folder's name."""
    low = wanted.replace("\\", "/").rstrip("/").casefold()
    name = path.casefold().rpartition("/")[2]
    stem = stem_of(name)
    if low in {path.casefold(), name, stem, _in_mask_folder(path).casefold()}:
        return True
    ending = low.lstrip("*").strip("_-. ")
    return bool(ending) and (stem.endswith(("_" + ending, "-" + ending, "." + ending)) or stem == ending)


def scans_of(images: Iterable[Found]) -> list[Scan]:
    """The images by series; those that name none by folder."""
    groups: dict[tuple[str, str], list[Found]] = {}
    for item in images:
        groups.setdefault((item.series, "" if item.series else item.path.rpartition("/")[0]), []).append(item)
    return [_scan(group) for group in groups.values()]


def _scan(images: Sequence[Found]) -> Scan:
    ways = [folders_of(item.path.casefold()) for item in images]
    first, last = min(ways), max(ways)
    count = next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    folders = _telling(first[:count])
    item = images[0]
    names = {*folders, item.patient, item.study, item.series}
    if len(images) == 1:
        names.add(stem_of(item.path.rpartition("/")[2]))
    return Scan(tuple(images), folders, frozenset(filter(None, map(_plain, names))))


def likely(path: str, scans: Sequence[Scan]) -> list[Scan]:
    """The series that a mask may belong to: in its own folder or below, called by its name, or the only one's."""
    folders = _telling(folders_of(path.casefold()))
    below = [scan for scan in scans if folders and scan.folders[: len(folders)] == folders]
    rest = _plain("_".join(word for word in _words(path) if word not in _WORDS))
    called = [scan for scan in below or scans if any(_begins(rest, name) for name in scan.names)]
    if not called and not below:
        told = {_plain(name) for name in folders}
        called = [scan for scan in scans if told & scan.names]
    at_hand = [scan for scan in scans if not scan.folders] if not folders and not _in_mask_folder(path) else []
    found = called or below or at_hand
    return found or (list(scans) if len({scan.person for scan in scans}) == 1 else [])


def sort_of(path: str, scan: Scan) -> str:
    """What tells a mask from the other masks of its series: its stem without the name of the patient."""
    stem = stem_of(path.rpartition("/")[2])
    low = _plain(stem)
    for name in sorted(scan.names, key=len, reverse=True):
        if low.startswith(name + "_"):
            return stem[len(name) :].strip("_-. ")
    return _in_mask_folder(path) if low in scan.names else stem


def _in_mask_folder(path: str) -> str:
    """The folder that is named like masks above a file, "" where there is none."""
    return next((name for name in folders_of(path) if name.casefold().startswith(_FOLDER_STARTS)), "")


def _telling(folders: Sequence[str]) -> tuple[str, ...]:
    """The folders that say more than that images or masks are below."""
    return tuple(name for name in folders if not is_image_folder(name) and not name.startswith(_FOLDER_STARTS))


def _words(path: str) -> list[str]:
    return [word for word in _BETWEEN.split(stem_of(path.casefold().rpartition("/")[2])) if word]


def _plain(name: str) -> str:
    return "_".join(word for word in _BETWEEN.split(name.casefold()) if word)


def _begins(rest: str, name: str) -> bool:
    return rest == name or rest.startswith(name + "_") or rest.endswith("_" + name)
