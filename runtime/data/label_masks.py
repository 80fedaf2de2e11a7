"""Mask trees: folders of masks beside the images, matched by file stem and patient folder; or `case_mask` by `case`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runtime.data.catalogue import Found
from runtime.data.label_folders import folders_of, is_image_folder
from runtime.data.label_paths import stem_of

_MASK_STARTS = ("mask", "label", "segmentation")
_MASK_ENDINGS = ("_mask", "-mask", "_masks", "_seg", "-seg", "_segmentation", "_label", "_labels", "_gt")
_CHANNEL = re.compile(r"_\d{4}$")  # of case_0000, as nnU-Net names the images of the mask `case`
_MOST_STRAY = 0.5  # a tree of which more masks than this share match no image is no mask tree


@dataclass(frozen=True, slots=True)
class MaskTree:
    """The folders of one name that hold masks, or the files of one ending, and the mask of each image by path."""

    name: str  # the folder's name, such as "masks_lv"; "*_mask" for files of this ending beside their images
    masks: Mapping[str, str]  # path of the image -> path of the mask
    files: frozenset[str]  # every file in these folders
    stray: tuple[str, ...]  # masks that match no image


def mask_folder_names(found: Sequence[Found]) -> tuple[str, ...]:
    """Names of folders that hold files and are named like masks (mask*, label*, segmentation*), sorted."""
    names = {name for item in found for name in folders_of(item.path) if name.casefold().startswith(_MASK_STARTS)}
    return tuple(sorted(names))


def in_folder_named(path: str, name: str) -> bool:
    """Whether a file lies anywhere below a folder of this name."""
    low = name.casefold()
    return any(folder.casefold() == low for folder in folders_of(path))


def mask_trees(found: Sequence[Found]) -> tuple[MaskTree, ...]:
    """All mask trees of a folder; folders named like masks whose files match no images are left out."""
    names = mask_folder_names(found)
    trees = []
    for name in names:
        others = [other for other in names if other != name]
        images = [item for item in found if not any(in_folder_named(item.path, mask) for mask in (name, *others))]
        tree = mask_tree(found, name, images)
        if tree.masks and len(tree.stray) <= _MOST_STRAY * len(tree.files):
            trees.append(tree)
    plain = [item for item in found if not any(in_folder_named(item.path, name) for name in names)]
    own = {item.path: _place(item.path) for item in plain}
    named = [stem for _, stem in own.values() if stem.endswith(_MASK_ENDINGS)]
    there = [ending for ending in _MASK_ENDINGS if any(stem.endswith(ending) for stem in named)]
    beside = [_beside(own, ending) for ending in there]
    return (*trees, *(tree for tree in beside if tree.masks and len(tree.stray) <= _MOST_STRAY * len(tree.files)))


def is_named_like_mask(path: str) -> bool:
    """Whether a file is named as the mask of another one in its folder: case_mask.png, case_seg.nii.gz."""
    return _place(path)[1].endswith(_MASK_ENDINGS)


def _beside(own: Mapping[str, tuple[str, str]], ending: str) -> MaskTree:
    """The files of one ending, each as the mask of the images in its folder that begin with its name: of `case`, or of
    `case_t1` and `case_t2` where there is no `case`. `own`: of each file its folder and stem, by path."""
    masks = {path: (folder, stem.removesuffix(ending)) for path, (folder, stem) in own.items() if stem.endswith(ending)}
    images = {path: place for path, place in own.items() if not place[1].endswith(_MASK_ENDINGS)}
    exact = _unique(masks)
    pairs = {path: exact[place] for path, place in images.items() if place in exact}
    whole = set(pairs.values())
    for path, (folder, stem) in images.items():
        starts = (stem[:cut] for cut in range(len(stem) - 1, 0, -1) if stem[cut] in "_- .")
        mask = next((exact[folder, start] for start in starts if (folder, start) in exact), None)
        if path not in pairs and mask is not None and mask not in whole:
            pairs[path] = mask
    used = set(pairs.values())
    return MaskTree(f"*{ending}", pairs, frozenset(masks), tuple(mask for mask in masks if mask not in used))


def _place(path: str) -> tuple[str, str]:
    """The folder and the stem of a file, in small letters."""
    folder, _, name = path.casefold().rpartition("/")
    return folder, stem_of(name)


def mask_tree(found: Sequence[Found], name: str, images: Sequence[Found]) -> MaskTree:
    """Matches the files below folders of one name to images: by the path without the mask folder and without folders
    that only say "images", then by the nearest folder and the stem, then by the stem alone where it is unique."""
    masks = [item.path for item in found if in_folder_named(item.path, name)]
    pairs: dict[str, str] = {}
    left = masks
    paths = [item.path for item in images if not in_folder_named(item.path, name)]
    for depth in (None, 1, 0):
        by_key = _unique({path: _key(path, "", depth) for path in paths if path not in pairs})
        mask_keys = {mask: _key(mask, name, depth) for mask in left}
        unique_masks = _unique(mask_keys)
        pairs.update({by_key[key]: mask for key, mask in unique_masks.items() if key in by_key})
        used = set(pairs.values())
        left = [mask for mask in left if mask not in used]
    by_mask = _unique({mask: _key(mask, name, None) for mask in left})
    for path in paths:
        key = _key(path, "", None)
        case = (*key[:-1], _CHANNEL.sub("", key[-1]))
        if path not in pairs and case != key and case in by_mask:
            pairs[path] = by_mask[case]
    left = [mask for mask in left if mask not in set(pairs.values())]
    return MaskTree(name, pairs, frozenset(masks), tuple(left))


def _unique(keys: Mapping[str, tuple[str, ...]]) -> dict[tuple[str, ...], str]:
    """From key to path, for the keys that only one path has."""
    tally = Counter(keys.values())
    return {key: path for path, key in keys.items() if tally[key] == 1}


def _key(path: str, mask_folder: str, depth: int | None) -> tuple[str, ...]:
    """What an image and its mask share: the folders that carry meaning (the last `depth` of them) and the stem."""
    folders = [
        name.casefold()
        for name in folders_of(path)
        if name.casefold() != mask_folder.casefold() and not is_image_folder(name)
    ]
    stem = stem_of(path.rsplit("/", 1)[-1]).casefold()
    if mask_folder:
        stem = _bare(stem)
    kept = folders if depth is None else folders[len(folders) - depth :] if depth else []
    return (*kept, stem)


def _bare(stem: str) -> str:
    """A mask's stem without an ending such as `_mask`."""
    for ending in _MASK_ENDINGS:
        if stem.endswith(ending) and len(stem) > len(ending):
            return stem[: -len(ending)]
    return stem


def beside_images(images: Sequence[Found], tree: MaskTree) -> tuple[list[Found], list[Found]]:
    """Splits candidates into images and files in other folders that merely mirror them, such as `instances` beside
    `images` and `masks`: where a mask tree stands beside a folder named images, only files below such a folder are
    images.
    """
    named = [item for item in images if any(is_image_folder(name) for name in folders_of(item.path))]
    if not named or not any(item.path in tree.masks for item in named):
        return list(images), []
    kept = {item.path for item in named}
    return named, [item for item in images if item.path not in kept]
