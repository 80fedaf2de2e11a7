"""Mask images as labels: which of them fit their image, in size and in place, and what they hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from runtime.data.catalogue import DataError, Found, Skipped
from runtime.data.label_masks import MaskTree, beside_images, mask_trees
from runtime.data.label_paths import listed
from runtime.data.label_records import Labelling, Question
from runtime.data.label_values import MOST_MASK_CLASSES, MaskValues, mask_classes, mask_values
from runtime.data.mask_geometry import geometry_faults
from runtime.data.wording import counted, naming


def by_masks(question: Question, tree: MaskTree) -> Labelling:
    """Masks as labels: those that fit their image in size and can be read."""
    others = [other for other in mask_trees(question.matchable()) if other.name.casefold() != tree.name.casefold()]
    images, skipped = without_masks(question, others)
    images, mirrored = beside_images([item for item in images if item.path not in tree.files], tree)
    skipped += [Skipped(item.path, "lies beside the folder of images and its masks") for item in mirrored]
    masked = [item for item in images if item.path in tree.masks]
    if not masked:
        raise DataError(
            f"No file in {tree.name} has the name of an image: masks are matched by file stem and patient folder "
            f"(image {images[0].path if images else '-'}, mask {next(iter(sorted(tree.files)), '-')})."
        )
    files = {item.path: item for item in question.catalogue.found}
    wrong = _unfit(masked, tree, files)
    wrong |= geometry_faults(
        question.folder, [(item, files[tree.masks[item.path]]) for item in masked if item.path not in wrong]
    )
    found = mask_values(
        question.folder,
        [files[tree.masks[item.path]] for item in masked if item.path not in wrong],
        question.on_progress,
    )
    wrong |= {
        item.path: f"its mask {tree.masks[item.path]} {found.unread[tree.masks[item.path]]}"
        for item in masked
        if tree.masks[item.path] in found.unread
    }
    wrong |= {item.path: f"has no mask in {tree.name}" for item in images if item.path not in tree.masks}
    if len(found.pixels) > MOST_MASK_CLASSES:
        return _too_many_values(tree, images, question.labels, skipped)
    return _masked(question, tree, [item for item in masked if item.path not in wrong], wrong, found, skipped)


def _unfit(masked: Sequence[Found], tree: MaskTree, files: Mapping[str, Found]) -> dict[str, str]:
    """Images whose mask has another size or other frames, or that have several frames for one mask."""
    wrong: dict[str, str] = {}
    for item in masked:
        mask = files[tree.masks[item.path]]
        if item.frames > 1 and item.kind != "volume":
            wrong[item.path] = f"has {item.frames} frames; masks of several frames are not read"
        elif mask.frames > 1 and mask.kind != "volume":
            wrong[item.path] = f"has one frame and its mask {mask.path} has {mask.frames}"
        elif mask.size != item.size:
            wrong[item.path] = f"has {_by(item.size)} pixels and its mask {mask.path} has {_by(mask.size)}"
    return wrong


def _by(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))


def _too_many_values(tree: MaskTree, images: Sequence[Found], chosen: str, skipped: Sequence[Skipped]) -> Labelling:
    warning = (
        f"The masks in {tree.name} hold more than {MOST_MASK_CLASSES} different values, so they are no classes "
        "(numbers of single objects, or JPEG compression?): use masks with one value per class, saved as PNG. They "
        "are not used."
    )
    return Labelling("", images, chosen=chosen, warnings=(warning,), skipped=tuple(skipped))


def _masked(
    question: Question,
    tree: MaskTree,
    images: Sequence[Found],
    wrong: Mapping[str, str],
    found: MaskValues,
    skipped: Sequence[Skipped],
) -> Labelling:
    classes = mask_classes(found.values)
    pairs = {item.path: tree.masks[item.path] for item in images}
    said = f"Labels are the masks in {tree.name} ({counted(len(pairs), 'mask')}; {', '.join(classes)})."
    return Labelling(
        kind="mask",
        images=images,
        masks=pairs,
        classes=classes,
        mask_values=found.values,
        pixel_counts=tuple(found.pixels.values()),
        chosen=question.labels,
        said=(said,),
        warnings=tuple(_warnings(tree, wrong, found)),
        skipped=(*skipped, *(Skipped(path, reason) for path, reason in sorted(wrong.items()))),
    )


def _warnings(tree: MaskTree, wrong: Mapping[str, str], found: MaskValues) -> list[str]:
    """What is left out and why, and masks in which nothing is drawn."""
    warnings: list[str] = []
    reasons = Counter(
        reason if reason.startswith("has no mask") else "its mask does not fit" for reason in wrong.values()
    )
    for reason, number in sorted(reasons.items()):
        names = [
            path for path, text in sorted(wrong.items()) if text.startswith("has no mask") == reason.startswith("has")
        ]
        warnings.append(
            f"{counted(number, 'image')} {'is' if len(names) == 1 else 'are'} not used ({reason}): {listed(names)}."
        )
    if tree.stray:
        count, match = counted(len(tree.stray), "mask"), "matches" if len(tree.stray) == 1 else "match"
        warnings.append(naming(f"{count} in {tree.name} {match} no image", listed(tree.stray)))
    if len(found.values) == 1:
        warnings.append(f"All masks in {tree.name} are empty: there is nothing to learn in them.")
    return warnings


def without_masks(question: Question, trees: Sequence[MaskTree]) -> tuple[list[Found], list[Skipped]]:
    """The images among the candidates: not the masks, and not what lies beside a folder named images."""
    masks = {path: tree.name for tree in trees for path in tree.files}
    images = [item for item in question.candidates if item.path not in masks]
    mirrored: list[Found] = []
    for tree in trees:
        images, others = beside_images(images, tree)
        mirrored += others
    skipped = [Skipped(path, f"is a mask in {name}, which is not used") for path, name in sorted(masks.items())]
    skipped += [Skipped(item.path, "lies beside the folder of images and its masks") for item in mirrored]
    return images, skipped
