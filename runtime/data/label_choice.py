"""Which labels a folder has: the rules in order, with what was chosen and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from runtime.data.catalogue import DataError, Found, Skipped
from runtime.data.index_table import index_labels, index_tables
from runtime.data.label_arrays import array_files, array_labels
from runtime.data.label_boxes import box_files, box_labels
from runtime.data.label_by_masks import by_masks, without_masks
from runtime.data.label_conflicts import compared
from runtime.data.label_folders import class_of_each, folder_warnings
from runtime.data.label_masks import MaskTree, in_folder_named, mask_tree, mask_trees
from runtime.data.label_outlines import outline_files, outline_labels
from runtime.data.label_paths import listed, plain_files
from runtime.data.label_records import (
    BY_ARRAYS,
    BY_BOXES,
    BY_FOLDERS,
    BY_NOTHING,
    BY_OUTLINES,
    BY_TAG,
    Labelling,
    Question,
    no_label_of,
)
from runtime.data.label_rows import find_table, table_labels, tables_aside
from runtime.data.label_series_masks import mask_volumes, series_mask_labels
from runtime.data.label_table import ENDINGS
from runtime.data.label_tags import tag_labels
from runtime.data.table_choice import chosen, table_in
from runtime.data.wording import counted


def choose_labels(question: Question) -> Labelling:
    """Applies the rules: what the user names; else files of arrays, an index of Neural Network Console, a mask tree,
    NIfTI masks of whole DICOM series, DICOM segmentations or structure sets, box files, a table that clearly fits,
    class folders.

    Raises DataError when what the user names does not exist or does not fit the images.
    """
    trees = mask_trees(question.matchable())
    return _with_unused(question, _as_named(question, trees)) if question.labels else _unasked(question, trees)


def _with_unused(question: Question, found: Labelling) -> Labelling:
    """The labelling that was asked for, which also tells of the masks of whole series that are not its labels."""
    told = {*found.files, *(item.path for item in found.skipped)}
    kinds = {item.kind for item in found.images}
    left = [item for item in mask_volumes(question.catalogue.found) if kinds == {"dicom"} and item.path not in told]
    why = "is a mask of a series, which is not used"
    return replace(found, skipped=(*found.skipped, *(Skipped(item.path, why) for item in left)))


def _unasked(question: Question, trees: Sequence[MaskTree]) -> Labelling:
    images, skipped = without_masks(question, trees)
    found = _by_arrays(question, images) or _by_index(question, list(question.candidates))
    if found is not None:
        return found
    if len(trees) > 1:
        names = tuple(tree.name for tree in trees)
        warning = f"There are several folders of masks: {', '.join(names)}. Choose one as labels (--labels {names[0]})."
        return Labelling("", images, choices=names, warnings=(warning,), skipped=tuple(skipped))
    if trees:
        return compared(question, by_masks(question, trees[0]), images)
    whole = series_mask_labels(question, images)
    if whole is None:
        return _of_images(question, images)
    if whole.kind or whole.choices:
        return compared(question, whole, images)
    found = _of_images(question, images)
    return replace(found, warnings=(*whole.warnings, *found.warnings))


def _of_images(question: Question, images: Sequence[Found]) -> Labelling:
    """The labels that are no masks of their own: outlines, boxes, a table, class folders."""
    found = _by_outlines(question, images) or _by_boxes(question, images)
    if found is not None:
        return compared(question, found, images)
    table = find_table(question.folder, images)
    if table is not None:
        return compared(question, _by_table(question, table, ("", ""), images, ()), images)
    found = _by_folders(question, images, ())
    aside = tuple(tables_aside(question.folder, images))
    if found.kind:
        return replace(found, said=(*found.said, *aside))
    return replace(found, warnings=(*found.warnings, *aside))


def _by_arrays(question: Question, images: Sequence[Found]) -> Labelling | None:
    """The labels beside images in files of arrays, where these hold most of the images; None where they do not."""
    files = array_files(question.folder, images)
    paths = {item.path for item in files}
    others = [item for item in images if item.path not in paths]
    if not files or sum(item.frames for item in others) > sum(item.frames for item in files):
        return None
    found = array_labels(question.folder, files)
    if not found.kind and not any(item.frames > 1 for item in files):
        return None
    files = [item for item in files if item.path not in found.files]
    warnings = [*found.warnings]
    if others:
        warnings.append(no_label_of([item.path for item in others], "the files of arrays"))
    return Labelling(
        found.kind,
        files,
        frames=found.frames,
        classes=found.classes,
        chosen=question.labels,
        said=found.said,
        warnings=tuple(warnings),
        skipped=tuple(Skipped(item.path, "lies beside files of arrays, and is in none of them") for item in others),
        files=found.files,
    )


def _by_index(question: Question, images: Sequence[Found]) -> Labelling | None:
    likely = (item.path for item in question.catalogue.skipped if item.path.casefold().endswith(".csv"))
    names = plain_files(question.folder, likely)
    tables = index_tables(question.folder, names, images)
    if not tables:
        return None
    found = index_labels(question.folder, tables, images, question.labels)
    return found if found.kind != "mask" else _with_masks(question, found)


def _with_masks(question: Question, found: Labelling) -> Labelling:
    """The masks that an index names, looked into as those of a folder are."""
    files = frozenset(found.masks.values())
    tree = MaskTree("the index", found.masks, files, ())
    masked = by_masks(replace(question, candidates=[*found.images]), tree)
    return replace(
        masked, files=found.files, parts=found.parts, said=(*found.said, *masked.said),
        warnings=(*found.warnings, *masked.warnings),
        skipped=(*found.skipped, *masked.skipped),
    )  # fmt: skip


def _by_outlines(question: Question, images: Sequence[Found]) -> Labelling | None:
    if not any(item.kind == "dicom" for item in images):
        return None
    files = outline_files(question.folder, question.catalogue)
    return outline_labels(question.folder, files, images, question.labels, question.on_progress) if files else None


def _by_boxes(question: Question, images: Sequence[Found]) -> Labelling | None:
    files = box_files(question.folder, question.catalogue, images)
    return box_labels(question.folder, files, images, question.labels) if files else None


def _as_named(question: Question, trees: Sequence[MaskTree]) -> Labelling:
    """The labels that the user names: a table, a folder of masks, or one of the words for the other ways."""
    wanted = question.labels
    images, skipped = without_masks(question, trees)
    if wanted.startswith(BY_TAG):
        return tag_labels(question.folder, wanted, images)
    found = series_mask_labels(question, images) or _in_file(question, images, skipped)
    if found is not None:
        return found
    name = wanted.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    endings = {tree.name.strip("*"): tree for tree in trees if tree.name.startswith("*")}
    beside = endings.get(name.casefold().strip("*"))
    if beside is not None:
        return by_masks(question, beside)
    if any(in_folder_named(item.path, name) for item in question.catalogue.found):
        others = [item for item in question.candidates if not any(item.path in tree.files for tree in trees)]
        return by_masks(question, mask_tree(question.catalogue.found, name, others))
    if wanted == BY_FOLDERS:
        return _by_folders(question, images, skipped)
    if wanted == BY_NOTHING:
        return Labelling("", images, chosen=wanted, said=("No labels are used, as chosen.",), skipped=tuple(skipped))
    ways = {BY_ARRAYS: _by_arrays, BY_OUTLINES: _by_outlines, BY_BOXES: _by_boxes}
    found = ways[wanted](question, images) if wanted in ways else None
    if found is not None:
        return found
    choices = [tree.name for tree in trees]
    choices += sorted(path.name for path in question.folder.iterdir() if path.suffix.casefold() in ENDINGS)
    there = f"; to choose from: {', '.join(choices)}" if choices else ""
    raise DataError(f"The labels '{wanted}' are neither a file nor a folder of masks in {question.folder}{there}.")


def _in_file(question: Question, images: Sequence[Found], skipped: Sequence[Skipped]) -> Labelling | None:
    """The labels in the file that is named: a table, an index of Neural Network Console, boxes, outlines."""
    table, column, encoding = table_in(question.folder, question.labels)
    if table is None:
        return None
    inside = table.absolute().is_relative_to(question.folder)
    name = table.absolute().relative_to(question.folder).as_posix() if inside else ""
    outlines = outline_files(question.folder, question.catalogue) if name else {}
    if name in outlines:
        only = {name: outlines[name]}
        return outline_labels(question.folder, only, images, question.labels, question.on_progress)
    if name.casefold().endswith((".json", ".xml")):
        return box_labels(question.folder, [name], images, question.labels)
    if name and not column and not encoding and index_tables(question.folder, [name], question.candidates):
        return index_labels(question.folder, [name], question.candidates, question.labels)
    return _by_table(question, table, (column, encoding), images, skipped)


def _by_table(
    question: Question, table: Path, how: tuple[str, str], images: Sequence[Found], skipped: Sequence[Skipped]
) -> Labelling:
    """The labels in a table; `how` are the column of labels and the encoding, "" to find each."""
    rows = table_labels(question.folder, table, how[0], images, how[1])
    known = {*rows.labels, *rows.numbers, *rows.sets, *rows.several}
    left = [item.path for item in images if item.path not in known]
    warnings = [*rows.warnings]
    if left:
        warnings.append(no_label_of(left, table.name))
    return Labelling(
        kind=rows.kind,
        images=[item for item in images if item.path in known],
        labels=rows.labels,
        numbers=rows.numbers,
        several=rows.several,
        sets=rows.sets,
        patients=rows.patients,
        parts=rows.parts,
        classes=rows.classes,
        unit=rows.unit,
        chosen=_table_choice(question, table, *how),
        said=rows.said,
        warnings=tuple(warnings),
        skipped=(*skipped, *(Skipped(path, f"has no label in {table.name}") for path in left)),
        files=_below(question.folder, table),
    )


def _below(folder: Path, table: Path) -> tuple[str, ...]:
    """The path of a table that lies in the folder; () for one that lies elsewhere."""
    path = table.absolute()
    return (path.relative_to(folder).as_posix(),) if path.is_relative_to(folder) else ()


def _table_choice(question: Question, table: Path, column: str, encoding: str) -> str:
    """The choice of a table in words that stay true wherever the program is started; "" when it was found unasked."""
    if not question.labels:
        return ""
    path = table.absolute()
    name = path.relative_to(question.folder).as_posix() if path.is_relative_to(question.folder) else str(path)
    return chosen(name, column, encoding)


def _by_folders(question: Question, images: Sequence[Found], skipped: Sequence[Skipped]) -> Labelling:
    classes, said = class_of_each(images, question.patients)
    warnings = folder_warnings(question.folder, classes)
    left = [item.path for item in images if classes and item.path not in classes]
    if left:
        images_left = counted(len(left), "image")
        warnings.append(
            f"{images_left} outside the class folders {'is' if len(left) == 1 else 'are'} not used: {listed(left)}."
        )
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
