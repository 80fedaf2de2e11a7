"""Dividing groups (patients) among the parts by a seeded hash, then repairing what a small data set would lack."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

from runtime.data.catalogue import PARTS, Part


def assign_groups(
    classes: Mapping[str, set[str]],
    seed: int,
    shares: tuple[float, float, float],
    kept: Mapping[str, Part] | None = None,
) -> dict[str, Part]:
    """The part of each group. `classes` gives the classes in each group (empty sets when there are none).

    Groups in `kept` stay where they are. Of the others a group's hash alone decides first. Then such groups move,
    those nearest to the limit between two parts first: until no part is far from its share, and until every class is
    in training and validation, and in test where at least three groups have it.
    """
    return _Division(classes, seed, shares, kept or {}).solve()


def assign_folds(
    classes: Mapping[str, set[str]], seed: int, folds: int, kept: Mapping[str, int] | None = None
) -> dict[str, int]:
    """The fold of each group, from 0; groups in `kept` stay where they are.

    The others come in the order of their rarest class, then of their hash, and each goes where the fewest groups with
    the same classes are, of several such folds where the fewest groups are.
    """
    sides = dict(kept or {})
    often = Counter(label for labels in classes.values() for label in labels)
    alike: Counter[tuple[int, tuple[str, ...]]] = Counter()
    filled: Counter[int] = Counter()

    def put(group: str, fold: int) -> None:
        alike[fold, tuple(sorted(classes[group]))] += 1
        filled[fold] += 1

    for group, fold in sides.items():
        put(group, fold)
    fresh = sorted(
        (min((often[label] for label in labels), default=0), place_of(group, seed), group)
        for group, labels in classes.items()
        if group not in sides
    )
    for _, _, group in fresh:
        same = tuple(sorted(classes[group]))
        fold = min(range(folds), key=lambda fold: (alike[fold, same], filled[fold], fold))
        sides[group] = fold
        put(group, fold)
    return sides


def place_of(group: str, seed: int) -> float:
    """A number in [0, 1) that depends on the group's name and the seed only."""
    digest = hashlib.sha256(f"{seed}\0{group}".encode("utf-8", "surrogateescape")).digest()
    return int.from_bytes(digest[:7], "big") / 2**56


class _Division:
    def __init__(
        self,
        classes: Mapping[str, set[str]],
        seed: int,
        shares: Sequence[float],
        kept: Mapping[str, Part],
    ) -> None:
        self._classes = {group: classes[group] for group in sorted(classes)}
        self._place = {group: place_of(group, seed) for group in self._classes}
        self._limits = {
            "train": (0.0, shares[0]),
            "validation": (shares[0], shares[0] + shares[1]),
            "test": (shares[0] + shares[1], 1.0),
        }
        self._in_use = [part for part, share in zip(PARTS, shares, strict=True) if share > 0]
        self._shares = dict(zip(PARTS, shares, strict=True))
        self._kept = kept
        self.sides: dict[str, Part] = {}
        self._members: dict[Part, dict[str, None]] = {part: {} for part in PARTS}
        self._labels: dict[Part, Counter[str]] = {part: Counter() for part in PARTS}
        for group in self._classes:
            self._put(group, kept.get(group) or self._by_hash(group))

    def solve(self) -> dict[str, Part]:
        for part in self._in_use:
            self._empty(part)
        for part in self._in_use:
            self._fill(part)
        for part in ("train", "validation", "test"):
            self._cover(part)
        return self.sides

    def _put(self, group: str, part: Part) -> None:
        """Put a group into a part, out of the one it was in."""
        old = self.sides.get(group)
        if old is not None:
            del self._members[old][group]
            self._labels[old].subtract(self._classes[group])
        self.sides[group] = part
        self._members[part][group] = None
        self._labels[part].update(self._classes[group])

    def _by_hash(self, group: str) -> Part:
        place = self._place[group]
        for part in self._in_use:
            if place < self._limits[part][1]:
                return part
        return self._in_use[-1]

    def _distance(self, group: str, part: Part) -> tuple[float, str]:
        """How far a group's hash is from a part's limits."""
        low, high = self._limits[part]
        place = self._place[group]
        return max(low - place, place - high, 0.0), group

    def _free(self, part: Part) -> list[str]:
        """The members of a part that may be moved at all."""
        return [group for group in self._members[part] if group not in self._kept]

    def _least(self, part: Part) -> int:
        """A part gets about its share of the groups, and at least one where there are enough for it."""
        if part == "test" and len(self.sides) < 3:
            return 0
        if part == "train":
            return max(1, len(self.sides) - sum(self._most(other) for other in self._in_use if other != "train"))
        return max(1, self._fair(part) - self._slack())

    def _fair(self, part: Part) -> int:
        return round(self._shares[part] * len(self.sides))

    def _slack(self) -> int:
        """How many groups a part may be off: none in a small data set, 4 % in a large one, so that few ever move."""
        return len(self.sides) // 25

    def _fill(self, part: Part) -> None:
        spare = sorted(
            (group for side in PARTS if side != part for group in self._free(side)),
            key=lambda group: self._distance(group, part),
        )
        for group in spare:
            if len(self._members[part]) >= self._least(part):
                return
            side = self.sides[group]
            if len(self._members[side]) > self._least(side):
                self._put(group, part)

    def _most(self, part: Part) -> int:
        """Validation and test get not much more than their share."""
        return len(self.sides) if part == "train" else max(1, self._fair(part) + self._slack())

    def _empty(self, part: Part) -> None:
        """Gives what validation or test have too much of to training."""
        surplus = len(self._members[part]) - self._most(part)
        for group in sorted(self._free(part), key=lambda group: self._distance(group, "train"))[: max(0, surplus)]:
            self._put(group, "train")

    def _cover(self, part: Part) -> None:
        """Brings the classes that a part lacks into it, the rarest first."""
        if part not in self._in_use:
            return
        groups_of = self._by_class()
        for label in sorted(groups_of, key=lambda label: (len(groups_of[label]), label)):
            if len(groups_of[label]) < (3 if part == "test" else 2) or self._labels[part][label] > 0:
                continue
            free = [group for group in groups_of[label] if self._may_leave(group)]
            if free:
                self._put(min(free, key=lambda group: self._distance(group, part)), part)

    def _by_class(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = {}
        for group, labels in self._classes.items():
            for label in labels:
                groups.setdefault(label, []).append(group)
        return groups

    def _may_leave(self, group: str) -> bool:
        """Whether a part keeps all it needs when the group leaves it. Test gives what the others need."""
        if group in self._kept:
            return False
        side = self.sides[group]
        if side == "test":
            return True
        others = len(self._members[side]) > 1
        return others and all(self._labels[side][label] > 1 for label in self._classes[group])
