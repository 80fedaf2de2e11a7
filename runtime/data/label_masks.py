"""Mask trees: folders of masks beside the images, matched by file stem and patient folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runtime.data.catalogue import Found
from runtime.data.label_folders import folders_of, is_image_folder
from runtime.data.label_paths import stem_of

_MASK_STARTS = ("mask", "label", "segmentation")
_MASK_ENDINGS = ("_mask", "-mask", "_masks", "_seg", "-seg", "_segmentation", "_label", "_labels", "_gt")
_MOST_STRAY = 0.5  # a tree of which more masks than this share match no image is no mask tree


@dataclass(frozen=True, slots=True)
class MaskTree:
    """The folders of one name that hold masks, and the mask of each image by path."""

    name: str  # the folder's name, such as "masks_lv"
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
    return tuple(trees)


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
