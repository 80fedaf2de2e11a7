"""Two sorts of labels in one folder: what else there is, and where it says something else than what is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from runtime.data.catalogue import Found
from runtime.data.label_boxes import box_files
from runtime.data.label_folders import class_of_each
from runtime.data.label_paths import listed
from runtime.data.label_records import BY_BOXES, BY_FOLDERS, Labelling, Question
from runtime.data.label_rows import find_table
from runtime.data.wording import counted


def compared(question: Question, found: Labelling, images: Sequence[Found]) -> Labelling:
    """The labels that were found unasked, with a sentence on each other sort of labels that the folder has, and a
    warning of the images to which both give different classes."""
    said, warnings = [], []
    folders, _ = class_of_each(images, question.patients)
    if folders:
        said.append(f"There are class folders too ({_number(folders)}); --labels {BY_FOLDERS} takes them instead.")
        warnings += _differences(found.labels, folders, "their folder")
    table = find_table(question.folder, images) if found.kind in ("mask", "boxes") else None
    if table is not None:
        said.append(f"There is a table too ({table.name}); --labels {table.name} takes it instead.")
    if found.kind == "mask" and box_files(question.folder, question.catalogue, images):
        said.append(f"There are box files too; --labels {BY_BOXES} takes them instead.")
    return replace(found, said=(*found.said, *said), warnings=(*found.warnings, *warnings))


def _number(classes: Mapping[str, str]) -> str:
    count = len(set(classes.values()))
    return f"{count} classes"


def _differences(labels: Mapping[str, str], folders: Mapping[str, str], where: str) -> list[str]:
    """Images whose table says another class than their folder, where both name the same classes."""
    names = {name.casefold() for name in labels.values()}
    if not labels or not names & {name.casefold() for name in folders.values()}:
        return []
    other = [
        f"{path} ({label}; {where}: {folders[path]})"
        for path, label in sorted(labels.items())
        if path in folders and folders[path].casefold() != label.casefold()
    ]
    if not other:
        return []
    return [
        f"The table gives {counted(len(other), 'image')} another class than {where}; the table counts: {listed(other)}."
    ]
