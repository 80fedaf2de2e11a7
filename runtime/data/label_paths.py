"""Matching the cells of a table to the images of a folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

_ENDINGS = (".nii.gz", ".gz")
SHOWN = 20  # names listed in a message; the number of the others is said


def stem_of(name: str) -> str:
    """A file name without its ending (`.nii.gz` counts as one)."""
    low = name.casefold()
    for ending in _ENDINGS:
        if low.endswith(ending):
            return name[: -len(ending)]
    return os.path.splitext(name)[0]


def plain_files(folder: Path, paths: Iterable[str]) -> list[str]:
    """Those of the paths that are files: not links, which may lead out of the folder, nor pipes, which never end."""
    return [path for path in paths if _is_plain(folder / path)]


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def listed(names: Sequence[str], most: int = SHOWN) -> str:
    """The first names of a list, and how many more there are."""
    text = ", ".join(names[:most])
    return f"{text} and {len(names) - most} more" if len(names) > most else text


class PathIndex:
    """Finds the images that a cell names: by path, by the end of a path, without the ending, or by folder."""

    def __init__(self, folder: Path, paths: Iterable[str]) -> None:
        self._folder = tuple(part for part in folder.parts if part != folder.anchor)
        self._files: dict[tuple[str, ...], list[str]] = {}
        self._folders: dict[tuple[str, ...], list[str]] = {}
        for path in paths:
            self._add(path)

    def _add(self, path: str) -> None:
        parts = tuple(path.casefold().split("/"))
        bare = (*parts[:-1], stem_of(parts[-1]))
        for start in range(len(parts)):
            for key in {parts[start:], bare[start:]}:
                self._files.setdefault(key, []).append(path)
        for start in range(len(parts) - 1):
            for stop in range(start + 1, len(parts)):
                self._folders.setdefault(parts[start:stop], []).append(path)

    def find(self, cell: str, shared: int = 0) -> tuple[str, ...]:
        """The images named by one cell: one image, all images of a folder, or none (also when it is ambiguous).

        `shared` is how many leading folder names all cells of the column have in common: these may lie above the
        folder.
        """
        parts = _parts(cell)
        for cut in range(len(parts)):
            above = parts[:cut]
            if cut and not (cut <= shared or (self._folder and above[-1] == self._folder[-1].casefold())):
                continue
            found = self._exact(parts[cut:])
            if found:
                return found
        return ()

    def _exact(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        files = self._files.get(parts, [])
        if len(files) == 1:
            return (files[0],)
        whole = [path for path in files if len(path.split("/")) == len(parts)]
        if len(whole) == 1:
            return (whole[0],)
        if files:
            return ()
        inside = self._folders.get(parts, [])
        tops = {_top(path.casefold().split("/"), parts) for path in inside}
        return tuple(inside) if len(tops) == 1 else ()


def _top(path: list[str], parts: tuple[str, ...]) -> tuple[str, ...]:
    """The folder names above the first place where `parts` lie in the path."""
    for start in range(len(path) - len(parts)):
        if tuple(path[start : start + len(parts)]) == parts:
            return tuple(path[:start])
    return ()


def _parts(cell: str) -> tuple[str, ...]:
    names = cell.strip().replace("\\", "/").casefold().split("/")
    return tuple(name for name in names if name not in {"", "."})


def shared_folders(cells: Sequence[str]) -> int:
    """How many leading folder names all cells of a column have in common."""
    split = [_parts(cell)[:-1] for cell in cells if cell.strip()]
    if not split:
        return 0
    first, last = min(split), max(split)
    return next((n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
