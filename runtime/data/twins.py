"""Files that claim to be the same image (SOPInstanceUID): copies are used once, contradictions not at all."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runtime.data.catalogue import Skipped
from runtime.data.facts import Facts

_BLOCK = 2**20


@dataclass(frozen=True, slots=True)
class Twins:
    """What is left after the comparison: the files in use, those left out, and the pairs that hold one image twice."""

    kept: tuple[Facts, ...]
    skipped: tuple[Skipped, ...]
    copies: tuple[tuple[str, str], ...]  # (path left out, path used): equal to the last byte
    doubles: tuple[tuple[str, str], ...]  # used both: the same image, coded in two ways


def compare(root: Path, facts: Iterable[Facts]) -> Twins:
    """Compare the files of equal SOPInstanceUID; the order of `facts` does not matter."""
    groups: dict[str, list[Facts]] = defaultdict(list)
    kept: list[Facts] = []
    for fact in sorted(facts, key=lambda fact: fact.found.path):
        (groups[fact.instance_uid] if fact.instance_uid else kept).append(fact)
    skipped: list[Skipped] = []
    copies: list[tuple[str, str]] = []
    doubles: list[tuple[str, str]] = []
    for group in groups.values():
        single, left_out = _without_copies(root, group) if len(group) > 1 else (group, [])
        copies.extend(left_out)
        skipped.extend(Skipped(path, f"is a copy of {other}, which is used", image=True) for path, other in left_out)
        clash = _contradiction(root, single)
        if clash is None:
            kept.extend(single)
            doubles.extend((fact.found.path, single[0].found.path) for fact in single[1:])
            continue
        other, what = clash
        told = f"claims to be the same image (SOPInstanceUID) as another file with {what}: {single[0].found.path} and "
        skipped.extend(Skipped(fact.found.path, f"{told}{other}; remove the wrong one", image=True) for fact in single)
    return Twins(tuple(kept), tuple(skipped), tuple(copies), tuple(doubles))


def _without_copies(root: Path, group: Sequence[Facts]) -> tuple[list[Facts], list[tuple[str, str]]]:
    """The files that differ, and pairs (copy, original) of those that do not."""
    by_bytes: dict[tuple[int, str], Facts] = {}
    copies: list[tuple[str, str]] = []
    sizes = [fact.found.bytes for fact in group]
    for fact in group:
        length = fact.found.bytes
        digest = _digest(root / fact.found.path, 0, length) if sizes.count(length) > 1 else ""
        first = by_bytes.setdefault((length, digest or fact.found.path), fact)
        if first is not fact:
            copies.append((fact.found.path, first.found.path))
    return list(by_bytes.values()), copies


def _contradiction(root: Path, group: Sequence[Facts]) -> tuple[str, str] | None:
    """The first file that cannot be the same image as the first one, and in what; None when all may be."""
    first = group[0]
    for other in group[1:]:
        if first.found.patient != other.found.patient:
            return other.found.path, "another patient"
        if (first.found.size, first.found.frames) != (other.found.size, other.found.frames):
            return other.found.path, "another size"
        if first.planes != other.planes:
            return other.found.path, "another place"
        # Files in one uncompressed form can be compared without a decoder: their pixels are the last bytes.
        if first.native and first.native == other.native and _pixels(root, first) != _pixels(root, other):
            return other.found.path, "other pixels"
    return None


def _pixels(root: Path, fact: Facts) -> str:
    """What equal pixels have in common."""
    count = fact.found.frames * fact.found.channels * fact.found.size[0] * fact.found.size[1]
    # Palette images have one byte for a pixel although they become three channels: less is compared, never too much.
    length = count * max(1, fact.found.bits // 8) // (3 if fact.found.channels == 3 else 1)
    if fact.found.channels == 3:
        return _counted(root / fact.found.path, fact.pixels_at, length * 3)
    return _digest(root / fact.found.path, fact.pixels_at, length)


def _counted(path: Path, start: int, length: int) -> str:
    """How often each byte occurs: colours may lie pixel by pixel or plane by plane, and are the same image."""
    counts = np.zeros(256, np.int64)
    try:
        with path.open("rb") as file:
            file.seek(start)
            while length > 0 and (block := file.read(min(_BLOCK, length))):
                counts += np.bincount(np.frombuffer(block, np.uint8), minlength=256)
                length -= len(block)
    except OSError:
        return path.as_posix()
    return hashlib.sha256(counts.tobytes()).hexdigest()


def _digest(path: Path, start: int, length: int) -> str:
    """SHA-256 of `length` bytes from `start`; a file that cannot be opened any more equals none."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            file.seek(start)
            while length > 0 and (block := file.read(min(_BLOCK, length))):
                digest.update(block)
                length -= len(block)
    except OSError:
        return path.as_posix()
    return digest.hexdigest()
