"""What a division would give, in numbers: cheap, for a slider that is moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from runtime.data.catalogue import PARTS, DataError, DataSet, Part
from runtime.data.split import divide
from runtime.data.split_how import How, PartCounts
from runtime.data.split_kept import KeptSides
from runtime.data.split_units import units_of
from runtime.data.warnings_labels import classes_of

_NONE: Mapping[Part, int] = dict.fromkeys(PARTS, 0)


def preview(
    dataset: DataSet, how: How, values: Mapping[str, str] | None = None, kept: Sequence[KeptSides] = ()
) -> PartCounts:
    """What `divide` would give. Reads no file; `problems` say why the data cannot be divided so."""
    try:
        parts = divide(dataset, how, values, kept, compare_files=False).parts
        units = units_of(dataset, how, values or {}).units
    except DataError as error:
        empty = dict.fromkeys(PARTS, (0,) * len(dataset.classes))
        return PartCounts("", _NONE, _NONE, _NONE, dataset.classes, empty, problems=error.problems)
    samples = dataset.samples
    by_class: dict[Part, tuple[int, ...]] = {}
    for part in PARTS:
        tally = Counter(name for index in parts.of(part) for name in classes_of(samples[index]))
        by_class[part] = tuple(tally[name] for name in dataset.classes)
    return PartCounts(
        how=parts.how,
        cases={part: len(parts.of(part)) for part in PARTS},
        groups={part: len({units[index] for index in parts.of(part)}) for part in PARTS},
        patients={part: len({samples[index].patient for index in parts.of(part)} - {""}) for part in PARTS},
        classes=dataset.classes,
        by_class=by_class,
        warnings=parts.warnings,
        parts=parts,
        fingerprint=dataset.fingerprint,
    )
