"""Cases of a source that are matched with no others: which of them lie beside those of the leading one.

Measuring takes the same ones each time. Learning draws them anew in each epoch, from the seed and the epoch's number
alone, so that a resumed, repeated or shared training sees the same. As for unpaired images in Zhu et al. 2017
(doi:10.1109/ICCV.2017.244), nothing but chance says what meets what.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import PARTS, Parts
from runtime.device import mixed
from runtime.errors import RunError

Indexes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Drawn:
    """`partners` are, by the index of the leading source's cases, those that lie beside them when they are measured;
    -1 where there is none. `pools` are the cases of each part, of which some are drawn to learn from.
    """

    source: str
    partners: Indexes
    pools: tuple[tuple[int, ...], ...]

    def beside(self, cases: Sequence[int]) -> Indexes:
        """The indexes of the own cases that lie beside these. Raises RunError where there are none."""
        found: Indexes = self.partners[list(cases)]
        if (found < 0).any():
            raise RunError(
                "A source whose cases are drawn independently has none in this part; add cases to it, or choose "
                "another part.", self.source,
            )  # fmt: skip
        return found

    def pool_of(self, cases: Sequence[int]) -> tuple[int, ...]:
        """The own cases of the parts that these cases of the leading source lie in."""
        beside = set(self.beside(cases).tolist())
        return tuple(sorted(case for pool in self.pools if not beside.isdisjoint(pool) for case in pool))

    def order(self, pool: Sequence[int], count: int, seed: int, epoch: int) -> Indexes:
        """So many cases of a pool for an epoch: all in a random order, then all in another, as long as it takes."""
        cases, rounds = np.array(pool, np.int64), -(-count // len(pool))
        generators = (np.random.default_rng(mixed(seed, "drawn", self.source, epoch, one)) for one in range(rounds))
        drawn: Indexes = np.concatenate([generator.permutation(cases) for generator in generators])[:count]
        return drawn


def drawn_from_all(source: str, count: int, usable: Collection[int]) -> Drawn:
    """For data without parts: the usable cases in turn lie beside `count` cases of the leading source."""
    return _in_turn(source, count, [(range(count), sorted(usable))])


def drawn_by_parts(source: str, count: int, parts: Parts, usable: Collection[int]) -> Drawn:
    """The usable cases of each part in turn lie beside the cases of the same part, of `count` in all: parts stay apart.

    Raises RunError when training or validation has no case that can be read.
    """
    own = parts.in_source(source)
    pools = {part: [case for case in own.of(part) if case in usable] for part in PARTS}
    for part in ("train", "validation"):
        if not pools[part]:
            raise RunError(
                f"No case is left in the {part} part of a source whose cases are drawn independently; add cases, or "
                "name the parts in a column “split”.", source,
            )  # fmt: skip
    return _in_turn(source, count, [(parts.of(part), pools[part]) for part in PARTS])


def _in_turn(source: str, count: int, parts: Sequence[tuple[Sequence[int], Sequence[int]]]) -> Drawn:
    partners = np.full(count, -1, np.int64)
    for cases, pool in parts:
        if pool and len(cases):
            partners[list(cases)] = np.resize(np.array(pool, np.int64), len(cases))
    return Drawn(source, partners, tuple(tuple(pool) for _, pool in parts))
