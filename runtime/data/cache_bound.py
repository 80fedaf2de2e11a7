"""How large the cache of decoded images may grow.

Before a new entry is written, entries that nobody used for 30 days are removed, and then, least recently used first, as
many as are needed for all entries together to stay within the limit: 20 GiB, unless the user sets another. An entry is
used when it is written or read: its JSON file then gets a new time. One that was used within the last day may be mapped
by a training that goes on; it is removed only when nothing older is left to make room. Such a training keeps its arrays
until it ends: a mapped file stays readable on Unix after it was removed, and cannot be removed on Windows, where the
entry is then left whole.

Files that are no parts of entries, and the entry that is written, are never touched.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 20 * 2**30
UNUSED_SECONDS = 30 * 24 * 3600
_BUILDING_SECONDS = 24 * 3600
_PART = re.compile(r"([0-9a-f]{64})\.(images|masks|json)")


@dataclass
class Held:
    """The files of one entry: their bytes, and when it was last used."""

    files: list[Path]
    bytes: int = 0
    used: float = 0.0

    @property
    def complete(self) -> bool:
        """Whether its JSON is there, which is written last."""
        return any(path.suffix == ".json" for path in self.files)


def touch(path: Path) -> None:
    """Note that the entry of this JSON file is used now; a cache that may only be read stays as it is."""
    with suppress(OSError):
        os.utime(path)


def limit_file(folder: Path) -> Path:
    """Where the user's limit is kept."""
    return folder / "limit"


def limit_of(folder: Path) -> int:
    """The bytes that all entries may take: as the user set, else 20 GiB."""
    try:
        most = json.loads(limit_file(folder).read_text(encoding="utf-8"))["bytes"]
    except (OSError, ValueError, LookupError, TypeError):
        return MOST_BYTES
    return most if isinstance(most, int) and most >= 0 else MOST_BYTES


def entries_in(folder: Path) -> list[Held]:
    """All entries."""
    return _entries(folder, "")


def make_room(folder: Path, key: str, needed: int, most: int | None = None) -> None:
    """Remove old entries, so that `needed` bytes for the entry `key` fit into the bound. Never raises."""
    most = limit_of(folder) if most is None else most
    entries = _entries(folder, key)
    total = needed + sum(entry.bytes for entry in entries)
    for entry in sorted(entries, key=lambda entry: entry.used):
        age = time.time() - entry.used
        if age < _BUILDING_SECONDS and not entry.complete:
            continue  # another process is about to finish it
        if (age > UNUSED_SECONDS or total > most) and remove_entry(entry.files):
            total -= entry.bytes


def _entries(folder: Path, key: str) -> list[Held]:
    """All entries but the one that is written."""
    entries: dict[str, Held] = {}
    for path in _listed(folder):
        named = _PART.fullmatch(path.name)
        if named is None or named[1] == key:
            continue
        with suppress(OSError):  # another process removes it at the same time
            state = path.stat()
            entry = entries.setdefault(named[1], Held([]))
            entry.files.append(path)
            entry.bytes += state.st_size
            entry.used = max(entry.used, state.st_mtime)
    return list(entries.values())


def _listed(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def remove_entry(files: list[Path]) -> bool:
    """Remove an entry, its arrays first: where one of them is held, the JSON stays and the entry is whole."""
    try:
        for path in sorted(files, key=lambda path: path.suffix == ".json"):
            path.unlink(missing_ok=True)
    except OSError:
        return False
    return True
