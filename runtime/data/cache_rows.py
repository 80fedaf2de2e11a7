"""What a row of the cache is made of: a code for each sample that changes with its files and with nothing else.

Labels, patients and parts are not in it: a label that is corrected, or a case that is left out, decodes nothing anew.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from runtime.data.assembly import files_of, masks_of
from runtime.data.catalogue import DataSet, Found, Sample
from runtime.data.file_stamp import Stamp, stamp_of

_LENGTH = 24


def row_codes(dataset: DataSet) -> list[str]:
    """The code of each sample, in order."""
    stamps: dict[str, Stamp | None] = {}  # None for a file that is not there
    masked = dataset.label == "mask"
    return [_code(sample, dataset.folder, masked, stamps) for sample in dataset.samples]


def _code(sample: Sample, root: str, masked: bool, stamps: dict[str, Stamp | None]) -> str:
    pixels = replace(
        sample, group="", patient="", part=None, label=None, number=None, labels=None, boxes=None,
        mask=sample.mask if masked else None, masks=sample.masks if masked else (),
    )  # fmt: skip
    files = [*files_of(sample), *(masks_of(sample) if masked else ())]
    for path in files:
        if path not in stamps:
            stamps[path] = _stamp(os.path.join(root, path))
    words = repr((pixels, [stamps[path] for path in files]))
    return _hashed(words)


def plain_codes(root: str, files: Sequence[Found]) -> Iterator[list[str]]:
    """What `row_codes` gives for cases that are frames and nothing else, a list for each file; faster, as what such
    cases say of themselves differs by path and frame alone.
    """
    tails: dict[object, str] = {}
    for item in files:
        form = item.channels, item.size
        if form not in tails:
            tails[form] = repr(Sample("", 0, *form, "")).removeprefix("Sample(path='', frame=0, ")
        tail = f"{tails[form]}, {[_stamp(os.path.join(root, item.path))]!r})"
        yield [_hashed(f"(Sample(path={item.path!r}, frame={frame}, {tail}") for frame in range(item.frames)]


def _hashed(words: str) -> str:
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()[:_LENGTH]


def _stamp(path: str) -> Stamp | None:
    """Of a mask that is no file of its own (see mask_names), the file with the outlines counts."""
    for place in (path, path.partition("#")[0]) if "#" in os.path.basename(path) else (path,):
        with suppress(OSError):
            return stamp_of(place)
    return None


def digest_of(codes: Sequence[str]) -> str:
    """One hash for all rows in their order."""
    return hashlib.sha256("\n".join(codes).encode()).hexdigest()
