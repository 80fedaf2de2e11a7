"""Several data sets as one: the same index is the same case in each, and patients are known across all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from runtime.data.catalogue import DataError, DataSet, Part, Sample
from runtime.data.matching import match_cases, told_of
from runtime.data.wording import counted


@dataclass(frozen=True, slots=True)
class Matched:
    """The cases of a training, from one source or several.

    `cases` is what is divided into parts: the data set of the leading source, with the patients and named parts that
    any source knows. `of` are the data sets by source, the leading one first, reduced to the cases that all of them
    have, and `found` the same as they were read. `told` says by source how they were matched; nothing for one source.
    The sources of `apart` are not matched: they keep all their cases, which are divided by themselves and drawn
    independently, so their indexes are their own.
    """

    lead: str
    cases: DataSet
    of: Mapping[str, DataSet]
    found: Mapping[str, DataSet]
    told: Mapping[str, tuple[str, ...]]
    apart: tuple[str, ...] = ()

    def divided_apart(self) -> Iterator[tuple[str, DataSet]]:
        """What is divided by itself beside `cases`."""
        return ((source, self.of[source]) for source in self.apart)

    def left(self, source: str) -> tuple[str, ...]:
        """The keys of the cases of a source that have no partner."""
        used = {sample.key for sample in self.of[source].samples}
        return tuple(sample.key for sample in self.found[source].samples if sample.key not in used)


def matched(datasets: Mapping[str, DataSet], names: Mapping[str, str], apart: Collection[str] = ()) -> Matched:
    """Match data sets, by the ids of their sources, of which the first leads; `names` are those of the sources.

    Those of `apart` are left as they are: their cases are drawn independently. Raises DataError when the others have no
    case in common, or name different parts for one case.
    """
    if apart:
        return _beside(datasets, names, [source for source in datasets if source in apart])
    lead, dataset = next(iter(datasets.items()))
    if len(datasets) == 1:
        return Matched(lead, dataset, datasets, datasets, {})
    match = match_cases(datasets, names)
    of = {
        source: replace(own, samples=tuple(own.samples[index] for index in match.places[source]))
        for source, own in datasets.items()
    }
    cases = replace(of[lead], samples=_joined(of, names), fingerprint=_fingerprint(of))
    return Matched(lead, cases, of, datasets, told_of(match, datasets, names))


def _beside(datasets: Mapping[str, DataSet], names: Mapping[str, str], apart: Sequence[str]) -> Matched:
    """The sources that are matched, with those that are not beside them."""
    own = matched({source: dataset for source, dataset in datasets.items() if source not in apart}, names)
    of = {source: own.of.get(source, dataset) for source, dataset in datasets.items()}
    told = {
        source: (
            f"The {counted(len(of[source].samples), 'case')} of “{names[source]}” are not matched: beside each case of "
            f"“{names[own.lead]}” one of them is drawn independently, in a random order of its own.",
        )
        for source in apart
    }
    cases = replace(own.cases, fingerprint=_fingerprint({own.lead: own.cases} | {one: of[one] for one in apart}))
    return Matched(own.lead, cases, of, datasets, {**own.told, **told}, tuple(apart))


def _fingerprint(of: Mapping[str, DataSet]) -> str:
    return hashlib.sha256("\n".join(own.fingerprint for own in of.values()).encode()).hexdigest()


def _joined(of: Mapping[str, DataSet], names: Mapping[str, str]) -> tuple[Sample, ...]:
    """The samples of the leading source with the patient, group and part that hold for the case in all sources."""
    rows = list(zip(*(own.samples for own in of.values()), strict=True))
    groups = _groups(rows)
    return tuple(
        replace(
            row[0],
            group=group,
            patient=next((sample.patient for sample in row if sample.patient), ""),
            part=_part(row, [names[source] for source in of]),
        )
        for row, group in zip(rows, groups, strict=True)
    )


def _groups(rows: Sequence[Sequence[Sample]]) -> list[str]:
    """What must stay together: cases that share a patient, or what stands for one, in any source.

    It has the first of the names of its patients, else of what stands for them in the leading source.
    """
    above: dict[tuple[int, str], tuple[int, str]] = {}

    def top(name: tuple[int, str]) -> tuple[int, str]:
        while above.setdefault(name, name) != name:
            name = above[name]
        return name

    keys = [[_key(number, sample) for number, sample in enumerate(row)] for row in rows]
    for row in keys:
        first, *others = sorted({top(key) for key in row})
        above.update(dict.fromkeys(others, first))
    return [top(row[0])[1] for row in keys]


def _key(number: int, sample: Sample) -> tuple[int, str]:
    """Patients are the same in all sources and come first; files that stand for a patient belong to their source."""
    return (-1 if sample.patient else number, sample.group)


def _part(row: Sequence[Sample], names: Sequence[str]) -> Part | None:
    """The part that the data name for a case. Raises DataError when two sources name different ones."""
    named = {sample.part: name for sample, name in zip(row, names, strict=True) if sample.part is not None}
    if len(named) > 1:
        (one, first), (other, second), *_ = named.items()
        raise DataError(
            f"The case {row[0].key} is in the {one} part of “{first}” and in the {other} part of “{second}”; name the "
            "same part in both, or none."
        )
    return next(iter(named), None)
