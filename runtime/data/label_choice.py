"""Which labels a folder has: the rules in order, with what was chosen and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from runtime.data.catalogue import Catalogue, DataError, Found, LabelKind, Part, Skipped
from runtime.data.label_boxes import unread_labels
from runtime.data.label_folders import class_of_each, folders_of
from runtime.data.label_masks import MaskTree, beside_images, in_folder_named, mask_tree, mask_trees
from runtime.data.label_paths import listed
from runtime.data.label_rows import find_table, table_labels
from runtime.data.label_values import MOST_MASK_CLASSES, MaskValues, Progress, mask_classes, mask_values
from runtime.data.wording import counted

BY_FOLDERS = "folders"  # the choice that takes class folders although masks or a table are there
BY_NOTHING = "none"  # the choice that uses no labels


@dataclass(frozen=True, slots=True)
class Labelling:
    """The labels of the images, by path, and how they were found."""

    kind: LabelKind
    images: Sequence[Found]
    labels: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    masks: Mapping[str, str] = field(default_factory=dict)
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
        """The candidates, and the files of other kinds that could be masks of them."""
        kept = {item.path for item in self.candidates}
        return [item for item in self.catalogue.found if item.path in kept or in_mask_like_folder(item.path)]


def in_mask_like_folder(path: str) -> bool:
    """Whether a file lies below a folder named like masks."""
    return any(name.casefold().startswith(("mask", "label", "segmentation")) for name in folders_of(path))


def choose_labels(question: Question) -> Labelling:
    """Applies the rules: the table or folder the user names, a mask tree, a table that clearly fits, class folders.

    Raises DataError when what the user names does not exist or does not fit the images.
    """
    trees = mask_trees(question.matchable())
    if question.labels:
        return _as_named(question, trees)
    images, skipped = _without_masks(question, trees)
    if len(trees) > 1:
        names = tuple(tree.name for tree in trees)
        warning = (
            f"There are several folders of masks: {', '.join(names)}. Choose one as labels (--labels {names[0]})."
        )
        return Labelling("", images, choices=names, warnings=(warning,), skipped=tuple(skipped))
    if trees:
        return _by_masks(question, trees[0])
    table = find_table(question.folder, images)
    if table is not None:
        return _by_table(question, table, "", images, ())
    return _by_folders(question, images, ())


def _as_named(question: Question, trees: Sequence[MaskTree]) -> Labelling:
    """The labels that the user names: a table, a folder of masks, `folders` or `none`."""
    wanted = question.labels
    images, skipped = _without_masks(question, trees)
    table, column = _table_path(question.folder, wanted)
    if table is not None:
        return _by_table(question, table, column, images, skipped)
    name = wanted.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    if any(in_folder_named(item.path, name) for item in question.catalogue.found):
        others = [item for item in question.candidates if not any(item.path in tree.files for tree in trees)]
        return _by_masks(question, mask_tree(question.catalogue.found, name, others))
    if wanted == BY_FOLDERS:
        return _by_folders(question, images, skipped)
    if wanted == BY_NOTHING:
        return Labelling("", images, chosen=wanted, said=("No labels are used, as chosen.",), skipped=tuple(skipped))
    choices = [tree.name for tree in trees]
    choices += sorted(path.name for path in question.folder.iterdir() if path.suffix.casefold() in {".csv", ".tsv"})
    there = f"; to choose from: {', '.join(choices)}" if choices else ""
    raise DataError(f"The labels '{wanted}' are neither a file nor a folder of masks in {question.folder}{there}.")


def _table_path(folder: Path, wanted: str) -> tuple[Path | None, str]:
    """The table that is meant and the column of labels in it, when `FILE` or `FILE:COLUMN` names one."""
    name, colon, column = wanted.rpartition(":")
    for text, named in ((wanted, ""), (name, column) if colon else ("", "")):
        for base in (folder, Path()):
            if text and (base / text).is_file():
                return base / text, named
    return None, ""


def _without_masks(question: Question, trees: Sequence[MaskTree]) -> tuple[list[Found], list[Skipped]]:
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


def _by_table(
    question: Question, table: Path, column: str, images: Sequence[Found], skipped: Sequence[Skipped]
) -> Labelling:
    rows = table_labels(question.folder, table, column, images)
    known = {*rows.labels, *rows.numbers}
    left = [item.path for item in images if item.path not in known]
    warnings = [*rows.warnings]
    if left:
        warnings.append(f"{_images(left)} no label in {table.name} and {_are(left)} not used: {listed(left)}.")
    return Labelling(
        kind=rows.kind,
        images=[item for item in images if item.path in known],
        labels=rows.labels,
        numbers=rows.numbers,
        patients=rows.patients,
        parts=rows.parts,
        classes=tuple(sorted(set(rows.labels.values()))),
        chosen=_table_choice(question, table, column),
        said=rows.said,
        warnings=tuple(warnings),
        skipped=(*skipped, *(Skipped(path, f"has no label in {table.name}") for path in left)),
    )


def _images(paths: Sequence[str]) -> str:
    return "1 image has" if len(paths) == 1 else f"{len(paths)} images have"


def _are(paths: Sequence[str]) -> str:
    return "is" if len(paths) == 1 else "are"


def _table_choice(question: Question, table: Path, column: str) -> str:
    """The choice of a table in words that stay true wherever the program is started; "" when it was found unasked."""
    if not question.labels:
        return ""
    path = table.absolute()
    name = path.relative_to(question.folder).as_posix() if path.is_relative_to(question.folder) else str(path)
    return f"{name}:{column}" if column else name


def _by_folders(question: Question, images: Sequence[Found], skipped: Sequence[Skipped]) -> Labelling:
    classes, said = class_of_each(images, question.patients)
    warnings = unread_labels(question.folder, question.catalogue, images)
    left = [item.path for item in images if classes and item.path not in classes]
    if left:
        images_left = counted(len(left), "image")
        warnings.append(f"{images_left} outside the class folders {_are(left)} not used: {listed(left)}.")
    return Labelling(
        kind="class" if classes else "",
        images=[item for item in images if not classes or item.path in classes],
        labels=classes,
        classes=tuple(sorted(set(classes.values()))),
        chosen=question.labels,
        said=(said,),
        warnings=tuple(warnings),
        skipped=(*skipped, *(Skipped(path, "lies in no class folder") for path in left)),
    )


def _by_masks(question: Question, tree: MaskTree) -> Labelling:
    """Masks as labels: those that fit their image in size and can be read."""
    others = [other for other in mask_trees(question.matchable()) if other.name.casefold() != tree.name.casefold()]
    images, skipped = _without_masks(question, others)
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
    warnings: list[str] = []
    reasons = Counter(
        reason if reason.startswith("has no mask") else "its mask does not fit" for reason in wrong.values()
    )
    for reason, number in sorted(reasons.items()):
        names = [
            path for path, text in sorted(wrong.items()) if text.startswith("has no mask") == reason.startswith("has")
        ]
        warnings.append(f"{counted(number, 'image')} {_are(names)} not used ({reason}): {listed(names)}.")
    if tree.stray:
        count, match = counted(len(tree.stray), "mask"), "matches" if len(tree.stray) == 1 else "match"
        warnings.append(f"{count} in {tree.name} {match} no image: {listed(tree.stray)}.")
    if len(found.values) == 1:
        warnings.append(f"All masks in {tree.name} are empty: there is nothing to learn in them.")
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
        warnings=tuple(warnings),
        skipped=(*skipped, *(Skipped(path, reason) for path, reason in sorted(wrong.items()))),
    )
