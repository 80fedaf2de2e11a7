"""Which validation cases of a run are shown while it learns: a few, of all kinds, the same in every epoch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence

import numpy as np

from runtime.data.catalogue import DataSet
from runtime.device import mixed
from runtime.material import Material
from runtime.seen_cases import MOST_CASES

_MOST_LOOKED_AT = 48  # masks that are read to find some with something in them
_MOST_BYTES = 64 * 2**20  # of these masks together


def chosen_cases(
    material: Material, cases: Sequence[int], seed: int, nameless: Callable[[str], str]
) -> Mapping[int, str]:
    """The names, without those of files, of a few of these cases by their indexes; they follow from data and seed.

    Each class has its turn, and each patient; masks with something in them come first; numbers are spread from the
    lowest to the highest.
    """
    if material.dataset.kind == "table":
        return {}  # there is nothing to look at
    numbers = material.labels.numbers
    if numbers is not None:
        ranked = sorted(cases, key=lambda case: (float(numbers[case, 0]), case))
        places = np.linspace(0, len(ranked) - 1, min(MOST_CASES, len(ranked))).round().astype(int)
        chosen = [ranked[place] for place in places]
    else:
        order = np.random.default_rng(mixed(seed, "shown cases")).permutation(len(cases))
        shuffled = [cases[place] for place in order.tolist()]
        chosen = _in_turns(_kinds(material, _patients_in_turns(material.dataset, shuffled)))
    return dict(zip(sorted(chosen), _names(material.dataset, sorted(chosen), nameless), strict=True))


def _in_turns(kinds: Mapping[Hashable, Sequence[int]]) -> list[int]:
    """One case of each kind, then a second one of each, until there are enough; the kind () comes last."""
    deep = max(map(len, kinds.values()), default=0)
    turns = [own[turn] for turn in range(deep) for kind, own in kinds.items() if kind != () and turn < len(own)]
    return [*turns, *kinds.get((), ())][:MOST_CASES]


def _patients_in_turns(dataset: DataSet, cases: Sequence[int]) -> list[int]:
    """The first case of every patient, then the second ones."""
    seen: Counter[str] = Counter()
    turns = {}
    for case in cases:
        group = dataset.samples[case].group
        turns[case] = seen[group]
        seen[group] += 1
    return sorted(cases, key=lambda case: turns[case])


def _kinds(material: Material, cases: Sequence[int]) -> dict[Hashable, list[int]]:
    """The cases by what is true of them; () where nothing is there to be found."""
    labels, masks = material.labels, material.cached.masks
    if masks is not None:
        most = max(MOST_CASES, min(_MOST_LOOKED_AT, _MOST_BYTES // max(masks[0].nbytes, 1)))
        cases = cases[:most]
    kinds: dict[Hashable, list[int]] = {}
    for case in cases:
        kind: Hashable = ()
        if labels.classes is not None:
            kind = (int(labels.classes[case]),)
        elif labels.labels is not None:
            kind = tuple(labels.labels[case].nonzero().flatten().tolist())
        elif masks is not None:
            found = np.flatnonzero(np.bincount(masks[case].ravel(), minlength=1))
            kind = tuple(found[found > 0].tolist())
        kinds.setdefault(kind, []).append(case)
    return kinds


def _names(dataset: DataSet, cases: Sequence[int], nameless: Callable[[str], str]) -> list[str]:
    """“File 17”, and which of its images where a file has several; numbered as in all that a run says."""
    several = Counter(sample.path for sample in dataset.samples)
    names = []
    for case in cases:
        sample = dataset.samples[case]
        which = f", image {sample.frame + 1}" if several[sample.path] > 1 else ""
        names.append(nameless(sample.path).capitalize() + which)
    return names
