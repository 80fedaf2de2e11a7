"""Sides that cases were given once: kept as hashes, so that no case ever changes sides when data are added.

A source node keeps such records (`kept_parts`), and so does every run folder (`split.json`). They hold no name: a group
stands there as 48 bits of a hash salted with the division's name.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_LENGTH = 8  # characters of one hash: 48 bits


@dataclass(frozen=True, slots=True)
class KeptSides:
    """Which side each group was on in one division (`How.name`). A side is a part, or the number of a fold.

    `sides` are by hash. What is hashed are names of groups: patients, studies, sites, or keys of images without a
    patient.
    """

    name: str
    sides: Mapping[str, str]

    def side(self, group: str) -> str | None:
        """The side that a group was on; None for one that is new."""
        return self.sides.get(coded(self.name, group))


def coded(salt: str, group: str) -> str:
    """The hash that stands for a group."""
    digest = hashlib.sha256(f"{salt}\0{group}".encode("utf-8", "surrogateescape")).digest()
    return base64.urlsafe_b64encode(digest)[:_LENGTH].decode()


def known_side(kept: Iterable[KeptSides], group: str) -> str | None:
    """The side of a group by the first record that knows it."""
    return next((side for record in kept if (side := record.side(group)) is not None), None)


def recorded(name: str, sides: Mapping[str, str], before: Sequence[KeptSides] = ()) -> KeptSides:
    """A record of these groups' sides, with what earlier records of the same division say of others."""
    codes: dict[str, str] = {}
    for record in reversed(before):
        if record.name == name:
            codes |= record.sides
    return KeptSides(name, codes | {coded(name, group): side for group, side in sides.items()})


def merged(first: Sequence[KeptSides], second: Sequence[KeptSides]) -> tuple[KeptSides, ...]:
    """One record for each division; where both know a group, the first holds."""
    by_name = {record.name: record for record in second}
    for record in first:
        later = by_name.get(record.name)
        sides = {**later.sides, **record.sides} if later else record.sides
        by_name[record.name] = KeptSides(record.name, sides)
    return tuple(by_name[name] for name in sorted(by_name))


def as_setting(kept: Iterable[KeptSides]) -> list[str]:
    """The records as text, one each: name, then each side with its hashes, between tabs."""
    return [_text(record) for record in kept]


def in_setting(setting: object) -> tuple[KeptSides, ...]:
    """The records in a list of texts; what is not as it is written here says nothing."""
    listed = setting if isinstance(setting, list | tuple) else ()
    records = (_record(text) for text in listed if isinstance(text, str))
    return tuple(record for record in records if record is not None)


def _text(record: KeptSides) -> str:
    codes: dict[str, list[str]] = {}
    for code, side in record.sides.items():
        codes.setdefault(side, []).append(code)
    return "\t".join([record.name, *(f"{side} {''.join(sorted(some))}" for side, some in sorted(codes.items()))])


def _record(text: str) -> KeptSides | None:
    name, *listed = text.split("\t")
    sides: dict[str, str] = {}
    for entry in listed:
        side, _, codes = entry.partition(" ")
        if not side or len(codes) % _LENGTH:
            return None
        sides |= {codes[start : start + _LENGTH]: side for start in range(0, len(codes), _LENGTH)}
    return KeptSides(name, sides) if name else None
