"""The files of one cache entry: arrays written beside, flushed, renamed; a JSON with their checksums comes last."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache_bound import make_room, touch

_BLOCK = 2**22
_STALE_SECONDS = 24 * 3600
Ready = tuple["np.memmap[Any, np.dtype[np.float32]]", "np.memmap[Any, np.dtype[Any]] | None", dict[int, str]]


@dataclass(frozen=True, slots=True)
class Layout:
    """The shapes of an entry's arrays."""

    images: tuple[int, ...]
    masked: bool
    mask_type: str

    @property
    def masks(self) -> tuple[int, ...]:
        """(samples, *size)."""
        return (self.images[0], *self.images[2:])

    @property
    def total_bytes(self) -> int:
        """What the entry needs on disk."""
        return _count(self.images) * 4 + (_count(self.masks) * np.dtype(self.mask_type).itemsize if self.masked else 0)


class Entry:
    """One entry of the cache, named by its key."""

    def __init__(self, folder: Path, key: str) -> None:
        self._folder = folder
        self._key = key
        self._unfinished = f".{uuid.uuid4().hex}.part"

    def read(self, layout: Layout) -> Ready | None:
        """The arrays, mapped copy-on-write, and the failures; None when the entry is absent or damaged."""
        try:
            said = json.loads(self._place("json").read_text(encoding="utf-8"))
            body = said["body"]
            sound = said["sha256"] == _digest(body) and body["images"] == list(layout.images)
            sound = sound and body["masks"] == (layout.mask_type if layout.masked else None)
            if not sound or any(_checksum(self._place(name)) != crc for name, crc in body["checksums"].items()):
                return None
            failures = {int(index): str(reason) for index, reason in body["failed"].items()}
            images = np.memmap(self._place("images"), np.float32, "c", shape=layout.images)
            masks = None
            if layout.masked:
                masks = np.memmap(self._place("masks"), layout.mask_type, "c", shape=layout.masks)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # whatever is wrong with an entry, or if it is removed just now, it is built again
        touch(self._place("json"))
        return images, masks, failures

    def make_room(self, layout: Layout) -> None:
        """Remove old entries of the cache, so that it stays within its bound with this one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        make_room(self._folder, self._key, layout.total_bytes)

    @contextmanager
    def writing(self, layout: Layout) -> Iterator[tuple[NDArray[np.float32], NDArray[Any] | None]]:
        """Zeroed arrays to fill; on success they are flushed to disk under their unfinished names, else removed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _sweep(self._folder)
        try:
            images = _reserved(self._place("images", True), "float32", layout.images)
            masks = _reserved(self._place("masks", True), layout.mask_type, layout.masks) if layout.masked else None
            yield images, masks
            images.flush()
            if masks is not None:
                masks.flush()
        except BaseException:
            for name in ("images", "masks"):
                with suppress(OSError):  # Windows keeps a mapped file; a later call sweeps it away
                    self._place(name, True).unlink()
            raise

    def finish(self, layout: Layout, failed: dict[int, str]) -> Ready:
        """Give the filled arrays their names, write the JSON, and map them."""
        names = ("images", "masks") if layout.masked else ("images",)
        body = {
            "images": list(layout.images),
            "masks": layout.mask_type if layout.masked else None,
            "checksums": {name: _checksum(self._place(name, True)) for name in names},
            "failed": {str(index): reason for index, reason in failed.items()},
        }
        self._place("json").unlink(missing_ok=True)
        for name in names:
            _sync(self._place(name, True))
            os.replace(self._place(name, True), self._place(name))
        unfinished = self._place("json", True)
        unfinished.write_text(json.dumps({"body": body, "sha256": _digest(body)}), encoding="utf-8")
        _sync(unfinished)
        os.replace(unfinished, self._place("json"))
        ready = self.read(layout)
        if ready is None:
            raise OSError(f"the cache entry {self._place('json')} cannot be read back; the disk may be failing")
        return ready

    def _place(self, name: str, unfinished: bool = False) -> Path:
        return self._folder / f"{self._key}.{name}{self._unfinished if unfinished else ''}"


def _reserved(path: Path, dtype: str, shape: tuple[int, ...]) -> np.memmap[Any, np.dtype[Any]]:
    """A zeroed array on disk whose room is taken at once: on a full disk a mapped write would kill the process."""
    array = np.memmap(path, dtype, "w+", shape=shape)
    if hasattr(os, "posix_fallocate"):
        with path.open("rb+") as file:
            os.posix_fallocate(file.fileno(), 0, array.nbytes)
    return array


def _sweep(folder: Path) -> None:
    """Remove what builders that were killed left behind: unfinished files of more than a day ago."""
    for path in folder.glob("*.part"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                path.unlink()


def _digest(body: object) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _checksum(path: Path) -> list[int]:
    """Bytes and CRC-32 of a file."""
    crc = size = 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            crc, size = zlib.crc32(block, crc), size + len(block)
    return [size, crc]


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _count(shape: tuple[int, ...]) -> int:
    count = 1
    for side in shape:
        count *= side
    return count
