"""Which cases of several data sets belong together: by patient and study, by path, or by file name. No torch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from runtime.data.catalogue import DataError, DataSet, Sample
from runtime.data.label_paths import stem_of
from runtime.data.wording import counted

Samples = Mapping[str, Sequence[Sample]]
Key = Callable[[str, Sample], Hashable]
"""What the partners of a case have in common with it, from the id of its source; None where it can have no partner."""

_SAME_PLACE_MM = 0.05  # slices that lie no further apart are at one place; positions in headers are rounded
_RULES = (
    "the same path without its ending, the same file name, the same file name but for a last word that all names of a "
    "folder have (_t1, _t2), or, in DICOM files, the same patient and study; a row of a table names the path, the file "
    "or the patient"
)


@dataclass(frozen=True, slots=True)
class Match:
    """`places` are, by source, the indexes of the matched cases: those at one position belong together.

    `rule` is how that was found, in words.
    """

    rule: str
    places: Mapping[str, tuple[int, ...]]


def match_cases(datasets: Mapping[str, DataSet], names: Mapping[str, str]) -> Match:
    """The cases that several data sets have in common, in the order of the first; `names` are those of the sources.

    DICOM files that name their patient and study are matched by these alone, for their file names say nothing. Of the
    other rules (see `_rules`) the one that matches the most cases holds, of equal ones the first. Cases of one source
    that a rule does not tell apart stay unmatched. Raises DataError when no case has partners in all data sets.
    """
    if any(dataset.kind == "table" for dataset in datasets.values()):
        return match_rows(datasets, names)
    samples = {source: dataset.samples for source, dataset in datasets.items()}
    dicom = all(dataset.kind == "dicom" for dataset in datasets.values())
    found = [(rule, _matched(samples, key)) for rule, key in _rules(samples, dicom)]
    rule, keys = max(found, key=lambda entry: len(entry[1]))
    if not keys:
        raise DataError(_none_matched(datasets, names))
    places = {source: tuple(own[source] for own in keys) for source in samples}
    return Match(rule, places)


def match_rows(datasets: Mapping[str, DataSet], names: Mapping[str, str]) -> Match:
    """The cases of folders, matched among themselves, with the rows of tables that name them.

    A row names a case by its path, its file name or its patient: whichever finds the most. Several cases may have one
    row, such as the images of a patient, but where the table leads. Raises DataError as `match_cases`.
    """
    lead = next(iter(datasets))
    tables = [source for source, dataset in datasets.items() if dataset.kind == "table"]
    folders = {source: dataset for source, dataset in datasets.items() if source not in tables}
    base = tables[0] if not folders else next(iter(folders))
    cases = datasets[base].samples
    places = {base: tuple(range(len(cases)))}
    rules: list[str] = []
    if len(folders) > 1:
        match = match_cases(folders, names)
        places, rules = dict(match.places), [match.rule]
    of_rows: dict[str, dict[int, int]] = {}  # by table, the row of each case of the base
    for table in (table for table in tables if table != base):
        rule, of_rows[table] = _rows_of(datasets[table].samples, cases, once=table == lead)
        rules.append(rule)
    kept = [at for at, case in enumerate(places[base]) if all(case in rows for rows in of_rows.values())]
    if not kept:
        raise DataError(_none_matched(datasets, names))
    found = {source: tuple(own[at] for at in kept) for source, own in places.items()}
    found |= {table: tuple(rows[places[base][at]] for at in kept) for table, rows in of_rows.items()}
    return Match(" and ".join(dict.fromkeys(rules)), {source: found[source] for source in datasets})


def _rows_of(rows: Sequence[Sample], cases: Sequence[Sample], once: bool) -> tuple[str, dict[int, int]]:
    """How rows name cases, and the row of each case that is named; `once`: rows that name several name none."""
    named: dict[str, int] = {}
    for at, row in enumerate(rows):
        for name in {row.path.casefold(), "/".join(_bare(row))}:
            named[name] = -1 if name in named else at  # two rows of one name
    ways: list[tuple[str, Callable[[Sample], tuple[str, ...]]]] = [
        ("by the path that the table names", lambda case: (case.key.casefold(), "/".join(_bare(case)))),
        ("by the file name that the table names", lambda case: (case.path.casefold().split("/")[-1], _bare(case)[-1])),
        ("by the patient that the table names", lambda case: (case.patient.casefold(),)),
    ]
    best: tuple[str, dict[int, int]] = (ways[0][0], {})
    for rule, keys in ways:
        found = {
            at: place for at, case in enumerate(cases)
            if (place := next((named[key] for key in keys(case) if key in named), -1)) >= 0
        }  # fmt: skip
        tally = Counter(found.values())
        found = {at: place for at, place in found.items() if not once or tally[place] == 1}
        if len(found) > len(best[1]):
            best = (rule, found)
    return best


def told_of(match: Match, datasets: Mapping[str, DataSet], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """By source, what is to be known of the match: the rule and how many cases, and whose patients differ."""
    told: dict[str, tuple[str, ...]] = {}
    for source, places in match.places.items():
        dataset, others = datasets[source], _and(names[other] for other in match.places if other != source)
        cases = counted(len(dataset.samples), "case")
        told[source] = (f"{len(places)} of {cases} of “{names[source]}” belong to cases of {others}, {match.rule}.",)
    unlike = _of_different_patients(match, datasets)
    if unlike:
        told[next(iter(told))] += (
            f"Of {counted(unlike, 'matched case')} the folders name different patients, and they count as one; if they "
            "are different persons, the folders do not belong together.",
        )
    return told


def _of_different_patients(match: Match, datasets: Mapping[str, DataSet]) -> int:
    columns = [[datasets[source].samples[at].patient for at in places] for source, places in match.places.items()]
    return sum(len({*row} - {""}) > 1 for row in zip(*columns, strict=True))


def _rules(samples: Samples, dicom: bool) -> Iterable[tuple[str, Key]]:
    """The rules in their order, in words and as what is compared."""
    if dicom and all(sample.patient and sample.study for own in samples.values() for sample in own):
        yield "by patient and study, and by the place of the slice where a study has several cases", _by_study(samples)
        return
    yield "by path without ending", lambda _, sample: (*_bare(sample), sample.frame)
    yield "by file name without ending", lambda _, sample: (_bare(sample)[-1], sample.frame)
    last = {source: _last_word([_bare(sample)[-1] for sample in own]) for source, own in samples.items()}
    if any(last.values()):
        words = ", ".join(filter(None, last.values()))
        yield (
            f"by file name without {words}",
            lambda source, sample: (_bare(sample)[-1].removesuffix(last[source]), sample.frame),
        )


def _bare(sample: Sample) -> tuple[str, ...]:
    """Folders and file name without ending; small and capital letters count as the same."""
    *folders, name = sample.path.casefold().split("/")
    return (*folders, stem_of(name))


def _last_word(names: Sequence[str]) -> str:
    """What all names of a folder end in after their last “_” or “-”, such as _t1; "" where they differ in that."""
    ends = {name[max(name.rfind("_"), name.rfind("-")) :] if {"_", "-"} & set(name) else "" for name in names}
    return ends.pop() if len(ends) == 1 and len(names) > 1 else ""


def _by_study(samples: Samples) -> Key:
    """Patient and study; where a source has several cases of a study, the place of the slice besides."""
    several = {
        study
        for own in samples.values()
        for study, count in Counter((sample.patient, sample.study) for sample in own).items()
        if count > 1
    }
    places: dict[tuple[str, str], list[float]] = {study: [] for study in several}
    for own in samples.values():
        for sample in own:
            if (sample.patient, sample.study) in several and sample.at_mm is not None:
                places[sample.patient, sample.study].append(sample.at_mm)
    numbers = {study: _numbered(sorted(found)) for study, found in places.items()}

    def key(_: str, sample: Sample) -> Hashable:
        study = (sample.patient, sample.study)
        if study not in several:
            return study
        return None if sample.at_mm is None else (*study, numbers[study][sample.at_mm])

    return key


def _numbered(places: Sequence[float]) -> dict[float, int]:
    """A number for each of the sorted places; those that are as good as the same have one number."""
    numbers: dict[float, int] = {}
    number = 0
    for before, place in zip([*places[:1], *places], places, strict=False):
        number += place - before > _SAME_PLACE_MM
        numbers[place] = number
    return numbers


def _matched(samples: Samples, key: Key) -> list[dict[str, int]]:
    """The index in every source of each case that is in all of them, in the order of the first source."""
    tables = {source: _once(source, own, key) for source, own in samples.items()}
    first = next(iter(tables.values()))
    return [
        {source: table[value] for source, table in tables.items()}
        for value in first
        if all(value in table for table in tables.values())
    ]


def _once(source: str, own: Sequence[Sample], key: Key) -> dict[Hashable, int]:
    """The index of each case by its key, without keys that several cases have."""
    values = [key(source, sample) for sample in own]
    tally = Counter(values)
    return {value: index for index, value in enumerate(values) if value is not None and tally[value] == 1}


def _none_matched(datasets: Mapping[str, DataSet], names: Mapping[str, str]) -> str:
    examples = "; ".join(f"“{names[source]}”: {dataset.samples[0].key}" for source, dataset in datasets.items())
    return (
        f"No cases of {_and(names[source] for source in datasets)} belong together (such as {examples}). Cases do when "
        f"they have {_RULES}; name the files alike, or choose other folders."
    )


def _and(names: Iterable[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)
