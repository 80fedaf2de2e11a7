"""The files of one cache entry: arrays written beside, flushed, renamed; a JSON with their checksums comes last."""

from __future__ import annotations

import hashlib
import json
import os
import time
import uuid
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.data.cache_bound import make_room, touch
from runtime.data.cache_images import Images
from runtime.data.cache_pages import Pages
from runtime.data.cache_rows import digest_of
from runtime.data.cache_write import PackedRows, Rows

_BLOCK = 2**22
_STALE_SECONDS = 24 * 3600
_HALF = 32  # hexadecimal digits of the key that name the preparation; the other half names the rows
Mapped = NDArray[Any]
Ready = tuple[Images, "np.memmap[Any, np.dtype[Any]] | None", dict[int, str]]


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
        """What the entry needs on disk at most: with images that are no whole numbers."""
        return _count(self.images) * 4 + (_count(self.masks) * np.dtype(self.mask_type).itemsize if self.masked else 0)


class Entry:
    """One entry of the cache, named by its preparation and its rows (see cache_rows)."""

    def __init__(self, folder: Path, preparation: str, codes: Sequence[str]) -> None:
        self._folder = folder
        self._preparation = preparation[:_HALF]
        self._codes = list(codes)
        self._key = self._preparation + digest_of(codes)[:_HALF]
        self._checksums: dict[str, list[int] | None] = {}
        self._lying: dict[str, Any] = {}  # where the rows lie in the file of images
        self._unfinished = f".{uuid.uuid4().hex}.part"

    def read(self, layout: Layout, retry: bool = False, by_row: bool = False) -> Ready | None:
        """The arrays, mapped (masks copy-on-write), and the failures.

        None when the entry is absent or damaged, or when its failures are to be tried again (unless `retry`, which
        wants what is there). With `by_row` the content of the images is not looked at, where their rows can be checked
        one by one as they are read: whoever reads asks `Images.checked`.
        """
        try:
            body = read_body(self._place("json"))
            sound = body["images"] == list(layout.images) and (retry or not body.get("retry"))
            sound = sound and body["masks"] == (layout.mask_type if layout.masked else None)
            sums = body.get("sums") if by_row else None
            if not sound or not self._whole(body["checksums"], () if sums is None else ("images",)):
                return None
            failures = {int(index): str(reason) for index, reason in body["failed"].items()}
            stored = np.memmap(self._place("images"), np.uint8, "r")
            images = Images(stored, layout.images, body["starts"], body["types"], sums)
            masks = None
            if layout.masked:
                masks = np.memmap(self._place("masks"), layout.mask_type, "c", shape=layout.masks)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None  # whatever is wrong with an entry, or if it is removed just now, it is built again
        touch(self._place("json"))
        return images, masks, failures

    def _whole(self, checksums: dict[str, list[int]], by_row: Sequence[str]) -> bool:
        """Whether the files are as they were written; of those that are checked by row, whether as long."""
        return all(
            self._place(name).stat().st_size == crc[0] if name in by_row else _checksum(self._place(name)) == crc
            for name, crc in checksums.items()
        )

    def drop(self) -> None:
        """Have an entry that turned out to be damaged built again the next time."""
        with suppress(OSError):
            self._place("json").unlink()

    def make_room(self, layout: Layout) -> None:
        """Remove old entries of the cache, so that it stays within its bound with this one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        make_room(self._folder, self._key, layout.total_bytes)

    def take_over(self, layout: Layout, images: PackedRows, masks: Rows | None) -> list[int]:
        """Copy the rows that an older entry of the same preparation has; gives the indexes of those still to be made.

        Rows that failed are not taken over: their files are tried again.
        """
        found = self.most_alike(layout)
        if found is None:
            return list(range(len(self._codes)))
        known, old_images, old_masks = found
        old_pages = Pages(old_images.stored, old_masks)
        left = []
        for index, code in enumerate(self._codes):
            row = known.get(code)
            if row is None:
                left.append(index)
                continue
            images.put(index, old_images[row])
            if masks is not None and old_masks is not None:
                masks.put(index, old_masks[row])
            old_pages.used(images.row_bytes)
        return left

    def most_alike(self, layout: Layout) -> tuple[dict[str, int], Images, Mapped | None] | None:
        """The sound entry that has the most of these rows: its rows by code (none that failed), and its arrays."""
        wanted = set(self._codes)
        best: tuple[int, dict[str, int], Path] = (0, {}, Path())
        for path in sorted(self._folder.glob(f"{self._preparation}*.json")):
            try:
                body = read_body(path)
                known = {str(code): row for row, code in enumerate(body["rows"]) if str(row) not in body["failed"]}
            except (OSError, ValueError, KeyError, TypeError, AttributeError):
                continue  # a damaged entry has nothing to give
            shared = len(wanted & known.keys())
            if shared > best[0]:
                best = (shared, known, path)
        if not best[0]:
            return None
        old = Entry(self._folder, self._preparation, ())
        old._key = best[2].stem
        ready = old.read(replace(layout, images=(len(read_body(best[2])["rows"]), *layout.images[1:])), retry=True)
        return None if ready is None else (best[1], ready[0], ready[1])

    @contextmanager
    def writing(self, layout: Layout) -> Iterator[tuple[PackedRows, Rows | None]]:
        """Zeroed arrays to fill; on success they are flushed to disk under their unfinished names, else removed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        _sweep(self._folder)
        opened: list[PackedRows | Rows] = []
        try:
            images = PackedRows(self._place("images", True), layout.images)
            opened.append(images)
            masks = Rows(self._place("masks", True), layout.mask_type, layout.masks) if layout.masked else None
            opened.extend([masks] if masks is not None else [])
            yield images, masks
            for rows in opened:
                rows.close()
            names = ("images", "masks")[: len(opened)]
            self._checksums = {name: rows.checksum for name, rows in zip(names, opened, strict=True)}
            self._lying = {"starts": images.starts, "types": images.letters, "sums": images.sums}
        except BaseException:
            for rows in opened:
                rows.drop()
            for name in ("images", "masks"):
                with suppress(OSError):  # another program may hold it; a later call sweeps it away
                    self._place(name, True).unlink()
            raise

    def finish(self, layout: Layout, failed: dict[int, str]) -> Ready:
        """Give the filled arrays their names, write the JSON, and map them."""
        names = ("images", "masks") if layout.masked else ("images",)
        body = {
            "images": list(layout.images),
            "masks": layout.mask_type if layout.masked else None,
            "checksums": {name: self._checksums.get(name) or _checksum(self._place(name, True)) for name in names},
            "failed": {str(index): reason for index, reason in failed.items()},
            "rows": self._codes,
            **self._lying,
        }
        self._place("json").unlink(missing_ok=True)
        for name in names:
            os.replace(self._place(name, True), self._place(name))
        write_body(self._place("json"), body, self._unfinished)
        ready = self.read(layout)
        if ready is None:
            raise OSError(f"the cache entry {self._place('json')} cannot be read back; the disk may be failing")
        return ready

    def _place(self, name: str, unfinished: bool = False) -> Path:
        return self._folder / f"{self._key}.{name}{self._unfinished if unfinished else ''}"


def read_body(path: Path) -> dict[str, Any]:
    """What an entry's JSON says. Raises OSError, ValueError or KeyError for one that is damaged."""
    said = json.loads(path.read_text(encoding="utf-8"))
    body = said["body"]
    if said["sha256"] != _digest(body):
        raise ValueError("damaged")
    return dict(body)


def write_body(path: Path, body: dict[str, Any], unfinished: str) -> None:
    """Write an entry's JSON beside, flush it, and put it in its place."""
    beside = path.with_name(path.name + unfinished)
    beside.write_text(json.dumps({"body": body, "sha256": _digest(body)}), encoding="utf-8")
    _sync(beside)
    os.replace(beside, path)


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
