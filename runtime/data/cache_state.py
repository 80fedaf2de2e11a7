"""The cache as the user sees it: where it lies, its size and limit; emptied, limited, its failures forgotten."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runtime.data.cache_bound import entries_in, limit_file, limit_of, remove_entry
from runtime.data.cache_files import read_body, write_body
from runtime.store import write_safely


@dataclass(frozen=True, slots=True)
class CacheState:
    """Bytes on disk, data sets kept, cases that could not be decoded, and the bytes that all may take together."""

    folder: Path
    bytes: int
    entries: int
    failed: int
    limit: int


def cache_state(folder: Path) -> CacheState:
    """How the cache stands now; a folder that is not there is an empty cache."""
    entries = entries_in(folder)
    failed = sum(len(body["failed"]) for _, body in _bodies(folder) if not body.get("retry"))
    return CacheState(folder, sum(entry.bytes for entry in entries), len(entries), failed, limit_of(folder))


def set_limit(folder: Path, most: int) -> None:
    """Let the entries take at most so many bytes together; the next entry that is written keeps to it."""
    folder.mkdir(parents=True, exist_ok=True)
    write_safely(limit_file(folder), (json.dumps({"bytes": most}) + "\n").encode())


def clear_cache(folder: Path) -> int:
    """Remove all entries; gives the bytes that became free. What a training has open stays with it until it ends."""
    return sum(entry.bytes for entry in entries_in(folder) if remove_entry(entry.files))


def forget_failures(folder: Path) -> int:
    """Have the cases that could not be decoded tried again at the next training; gives how many they are."""
    count = 0
    for path, body in _bodies(folder):
        if body["failed"] and not body.get("retry"):
            count += len(body["failed"])
            write_body(path, {**body, "retry": True}, f".{uuid.uuid4().hex}.part")
    return count


def _bodies(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        with suppress(OSError, ValueError, KeyError, TypeError):
            body = read_body(path)
            if isinstance(body.get("failed"), dict):
                yield path, body
