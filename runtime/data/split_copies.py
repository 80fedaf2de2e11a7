"""Finding files with the same content in two parts of the data."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from runtime.data.catalogue import DataSet, Part

_ENDS = 4096  # bytes at both ends of a file that are compared before the whole
_Measure = Callable[[Path], object]


def copies_across_parts(dataset: DataSet, sides: Mapping[int, Part]) -> list[str]:
    """A warning when files with identical content are in two parts; files that are not there any more are left out.

    Sizes are compared first, then both ends of the files, then everything, so that few files are read in full.
    """
    parts = {dataset.samples[index].path: side for index, side in sides.items()}
    folder = Path(dataset.folder)
    groups: list[list[str]] = [list(parts)]
    for measure in (_size, _ends, _whole):
        groups = [same for group in groups for same in _alike(folder, group, measure) if _two_parts(same, parts)]
    if not groups:
        return []
    example = " and ".join(groups[0][:2])
    return [
        f"{sum(map(len, groups))} files in different parts of the data are copies of each other (such as {example}): "
        "the measures look better than they are. Remove the copies."
    ]


def _two_parts(paths: Iterable[str], parts: Mapping[str, Part]) -> bool:
    return len({parts[path] for path in paths}) > 1


def _alike(folder: Path, paths: Iterable[str], measure: _Measure) -> list[list[str]]:
    groups: dict[object, list[str]] = {}
    for path in sorted(paths):
        try:
            groups.setdefault(measure(folder / path), []).append(path)
        except OSError:
            continue
    return [group for group in groups.values() if len(group) > 1]


def _size(path: Path) -> object:
    return path.stat().st_size


def _ends(path: Path) -> object:
    with path.open("rb") as file:
        head = file.read(_ENDS)
        file.seek(max(0, os.fstat(file.fileno()).st_size - _ENDS))
        return head, file.read(_ENDS)


def _whole(path: Path) -> object:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").digest()
