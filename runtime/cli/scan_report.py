"""What `netloom scan` says of a folder: as JSON, and as lines for a reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

from runtime.data.catalogue import Catalogue, Series, Stack
from runtime.data.wording import counted

_VERDICTS = {"use": "use", "note": "use, with a note", "excluded": "excluded"}


def catalogue_record(catalogue: Catalogue, decoded: bool) -> dict[str, Any]:
    """The catalogue as the JSON of `netloom scan`; `decoded` says whether the pixels were looked at too."""
    return {
        "files": catalogue.files,
        "images": sum(item.frames for item in catalogue.found),
        "patients": catalogue.patients,
        "series": [series_record(row, _stack) for row in catalogue.series],
        "skipped": [asdict(item) for item in catalogue.skipped],
        "problems": list(catalogue.problems),
        "decoded": decoded,
        "tree": [
            {
                "patient": patient.name,
                "studies": [
                    {"uid": study.uid, "series": [row.uid for row in study.series]} for study in patient.studies
                ],
            }
            for patient in catalogue.tree()
        ],
    }


def series_record(row: Series, stack: Callable[[Stack], dict[str, Any]]) -> dict[str, Any]:
    """A series as JSON; `stack` tells what is said of each of its stacks."""
    return {
        "uid": row.uid,
        "patient": row.patient,
        "modality": row.modality,
        "slices": row.slices,
        "frames": row.frames,
        "rows": row.rows,
        "columns": row.columns,
        "spacing_mm": row.spacing_mm,
        "problems": list(row.problems),
        "study": row.study,
        "kind": row.kind,
        "verdict": row.verdict,
        "stacks": [stack(one) for one in row.stacks],
    }


def _stack(stack: Stack) -> dict[str, Any]:
    return {
        "name": stack.name,
        "verdict": stack.verdict,
        "reason": stack.reason,
        "no_volume": stack.no_volume,
        "images": len(stack.slices),
        "rows": stack.rows,
        "columns": stack.columns,
        "channels": stack.channels,
        "spacing_mm": stack.spacing_mm,
        "first": stack.slices[0].path,
        "last": stack.slices[-1].path,
    }


def summary(catalogue: Catalogue, decoded: bool) -> Iterator[str]:
    """The first lines: how many files, images, patients, studies and series."""
    frames = sum(item.frames for item in catalogue.found)
    closed = sum(item.folder for item in catalogue.skipped)
    yield (
        f"{counted(catalogue.files, 'file')}: {counted(frames, 'image')} in {len(catalogue.found)} of them, "
        f"{len(catalogue.skipped) - closed} not used."
    )
    if closed:
        yield f"{counted(closed, 'folder')} not looked into."
    studies = len({item.study for item in catalogue.found if item.study})
    told = f"{studies} {'study' if studies == 1 else 'studies'}, " if studies else ""
    yield f"{counted(catalogue.patients, 'named patient')}, {told}{counted(len(catalogue.series), 'series')}."
    if not decoded:
        yield "Headers were read; --decode looks at the pixels of every image too."


def tree_lines(catalogue: Catalogue) -> Iterator[str]:
    """Every series with its verdict, below its patient, and its stacks where they differ."""
    for patient in catalogue.tree():
        for study in patient.studies:
            for row in study.series:
                yield _line(row)
                yield from _stack_lines(row)


def _line(row: Series) -> str:
    """A series by its patient, a folder of plain images by its name."""
    whose = row.patient or row.uid or "the folder itself"
    problems = f": {'; '.join(row.problems)}" if row.problems else ""
    spacing = f", {'×'.join(f'{side:.4g}' for side in row.spacing_mm)} mm" if row.spacing_mm else ""
    images = counted(row.frames, "image")
    told = f"{row.modality or 'image'} {row.columns}×{row.rows}, {images}{spacing}, {whose}"
    return f"  {told}: {_VERDICTS[row.verdict]}{problems}"


def _stack_lines(row: Series) -> Iterator[str]:
    if row.kind != "dicom" or (len(row.stacks) == 1 and not row.stacks[0].reason):
        return
    for stack in row.stacks:
        name = stack.name or f"{stack.columns}×{stack.rows}"
        reason = f": {stack.reason}" if stack.reason else ""
        yield f"    stack {name}, {counted(len(stack.slices), 'image')}: {_VERDICTS[stack.verdict]}{reason}"
