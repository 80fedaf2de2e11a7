"""One walk through a folder: every file once, never out of the folder, never round in circles."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from runtime.data.catalogue import Skipped


def walk(root: Path) -> Iterator[str | Skipped]:
    """The files below the resolved `root`, sorted, relative to it ("/" between parts); others as Skipped."""
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(root / folder) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            yield Skipped(folder or ".", f"is a folder that cannot be opened: {error.strerror}", folder=True)
            continue
        deeper = []
        for entry in listed:
            path = f"{folder}/{entry.name}" if folder else entry.name
            try:
                found = _judge(root, path, entry)
            except OSError as error:
                found = Skipped(path, f"cannot be looked at: {error.strerror}")
            if found is None:
                deeper.append(path)
            else:
                yield found
        pending.extend(reversed(deeper))


def _judge(root: Path, path: str, entry: os.DirEntry[str]) -> str | Skipped | None:
    """A file's path, or why it is skipped; None for a folder to enter."""
    if entry.is_symlink():
        return Skipped(path, _link(root, path))
    if entry.is_dir(follow_symlinks=False):
        if entry.name.startswith(".") or entry.name == "__MACOSX":
            return Skipped(path, "is a hidden folder, which is not looked into", folder=True)
        # A junction of Windows is no symbolic link, yet leads elsewhere.
        if os.path.normcase(os.path.realpath(entry.path)) != os.path.normcase(entry.path):
            return Skipped(path, _link(root, path))
        return None
    if not entry.is_file(follow_symlinks=False):
        return Skipped(path, "is not a file (a pipe, socket or device)")
    return path


def _link(root: Path, path: str) -> str:
    target = Path(os.path.realpath(root / path))
    try:
        if not target.exists():
            return "is a link that leads nowhere"
    except OSError as error:
        return f"is a link to something that cannot be opened: {error.strerror}"
    if not target.is_relative_to(root):
        return "is a link that leads out of the folder; copy what it points to into the folder"
    where = target.relative_to(root).as_posix()
    return f"is a link to {where}, which is read under its own name"
