"""What goes with a class although it has nothing to do with it: scanner, format, bits, size. A network learns it first.

The rule: patients (images where no patient is known) are counted by class and by value, values that fewer than three
have together as one. A warning is given where Cramér's V, corrected for bias (Bergsma 2013), is at least 0.5, at least
8 are counted, and at most 1 in 100 random pairings of classes and values goes together as much.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np
from numpy.typing import NDArray

from runtime.data.catalogue import DataSet, Found
from runtime.data.warning_record import DataWarning

STRONG = 0.5
FEWEST = 8
_SHUFFLES = 299
_CHANCE = 0.01
_OTHERS = "others"
_RARE = 3


def confounder_warnings(dataset: DataSet, files: Mapping[str, Found]) -> Iterator[DataWarning]:
    """One warning for each property that goes with the class; `files` are those of the catalogue by path."""
    if dataset.label != "class" or len(dataset.classes) < 2:
        return
    for field, values in properties(dataset, files).items():
        finding = _judged(dataset, field, values)
        if finding is not None:
            yield finding


def properties(dataset: DataSet, files: Mapping[str, Found]) -> dict[str, list[str]]:
    """What headers tell of each case, by the name of the property; those that are the same for all are left out."""
    found: dict[str, list[str]] = {}
    for sample in dataset.samples:
        item = files.get(sample.path)
        for name, value in _of_file(item).items() if item is not None else ():
            found.setdefault(name, []).append(value)
    full = {name: values for name, values in found.items() if len(values) == len(dataset.samples)}
    return {name: values for name, values in full.items() if len(set(values)) > 1}


def _of_file(item: Found) -> dict[str, str]:
    spacing = "unknown" if item.spacing_mm is None else "×".join(f"{side:.2g}" for side in item.spacing_mm) + " mm"
    inverted = any("MONOCHROME1" in note for note in item.notes)
    return {
        "scanner": item.scanner or "unnamed",
        "modality": item.modality or "unnamed",
        "file format": PurePosixPath(item.path).suffix.casefold() or "no ending",
        "bits stored": str(item.bits or "unknown"),
        "size": "×".join(map(str, item.size)),
        "pixel spacing": spacing,
        "channels": str(item.channels),
        "compression": "lossy" if item.lossy else "not lossy",
        "presentation": item.intent or "unnamed",
        "polarity": "MONOCHROME1" if inverted else "as usual",
    }


def _judged(dataset: DataSet, field: str, values: Sequence[str]) -> DataWarning | None:
    pairs = sorted(
        {
            (sample.group, sample.label, value)
            for sample, value in zip(dataset.samples, values, strict=True)
            if sample.label is not None
        }
    )
    often = Counter(value for _, _, value in pairs)
    joined = [(label, value if often[value] >= _RARE else _OTHERS) for _, label, value in pairs]
    table = Counter(joined)
    if len(joined) < FEWEST or len({label for label, _ in table}) < 2 or len({value for _, value in table}) < 2:
        return None
    strength = cramers_v([label for label, _ in joined], [value for _, value in joined])
    if strength < STRONG or not _beyond_chance(joined, strength):
        return None
    label, value = _clearest(table)
    return _told(dataset, field, values, table, (label, value, strength))


def cramers_v(first: Sequence[str], second: Sequence[str]) -> float:
    """Cramér's V with Bergsma's correction, 0 (independent) to 1."""
    rows, columns = _coded(first), _coded(second)
    return _strength(rows, columns, int(rows.max()) + 1, int(columns.max()) + 1)


def _coded(values: Sequence[str]) -> NDArray[np.int64]:
    codes: NDArray[np.int64] = np.unique(np.asarray(values), return_inverse=True)[1].astype(np.int64)
    return codes


def _strength(rows: NDArray[np.int64], columns: NDArray[np.int64], height: int, width: int) -> float:
    count = len(rows)
    table = np.bincount(rows * width + columns, minlength=height * width).reshape(height, width)
    expected = np.outer(table.sum(1), table.sum(0)) / count
    squared = float(((table - expected) ** 2 / expected).sum()) / count
    squared = max(0.0, squared - (height - 1) * (width - 1) / (count - 1))
    high, wide = height - (height - 1) ** 2 / (count - 1), width - (width - 1) ** 2 / (count - 1)
    least = min(high, wide) - 1
    return math.sqrt(squared / least) if least > 0 else 0.0


def _beyond_chance(pairs: Sequence[tuple[str, str]], strength: float) -> bool:
    rows, columns = _coded([label for label, _ in pairs]), _coded([value for _, value in pairs])
    height, width = int(rows.max()) + 1, int(columns.max()) + 1
    chance = np.random.default_rng(0)
    as_strong = sum(
        _strength(rows, chance.permutation(columns), height, width) >= strength - 1e-9 for _ in range(_SHUFFLES)
    )
    return bool((as_strong + 1) / (_SHUFFLES + 1) <= _CHANCE)


def _clearest(table: Counter[tuple[str, str]]) -> tuple[str, str]:
    """The class and the value whose share differs the most between the class and the others."""

    def difference(entry: tuple[str, str]) -> tuple[float, str, str]:
        label, value = entry
        return _share(table, value, label, True) - _share(table, value, label, False), label, value

    return max(sorted(table), key=difference)


def _count(table: Counter[tuple[str, str]], value: str | None, label: str, inside: bool) -> int:
    return sum(
        count
        for (other, held), count in table.items()
        if (other == label) == inside and (value is None or held == value)
    )


def _share(table: Counter[tuple[str, str]], value: str, label: str, inside: bool) -> float:
    return _count(table, value, label, inside) / max(1, _count(table, None, label, inside))


def _told(
    dataset: DataSet, field: str, values: Sequence[str], table: Counter[tuple[str, str]], found: tuple[str, str, float]
) -> DataWarning:
    label, value, strength = found
    unit = "patients" if any(sample.patient for sample in dataset.samples) else "images"
    inside = f"{_count(table, value, label, True)} of {_count(table, None, label, True)} {unit} of the class “{label}”"
    outside = f"{_count(table, value, label, False)} of {_count(table, None, label, False)} of the others"
    cases = tuple(
        sample.key
        for sample, held in zip(dataset.samples, values, strict=True)
        if sample.label == label and held == value
    )
    shown = "rare values" if value == _OTHERS else f"“{value}”"
    return DataWarning(
        "confounded",
        f"The class goes with the {field}: {shown} in {inside}, and in {outside} (Cramér's V {strength:.2f}).",
        f"A network may learn the {field} instead of the disease: add cases that break the rule, or test on cases "
        f"where the {field} is the same for all classes.",
        cases,
        field,
    )
