"""What is kept together in a division: of each case its atom, which is never cut, and the unit it goes with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from runtime.data.catalogue import DataError, DataSet
from runtime.data.split_how import How


@dataclass(frozen=True, slots=True)
class Units:
    """By the index of each sample. Where atoms and units differ (a split by column), an atom is a patient and its unit
    the value of the column, the commonest one where the patient has several."""

    atoms: tuple[str, ...]
    units: tuple[str, ...]
    noun: str  # "patient"
    held_out: frozenset[str] = frozenset()  # atoms that are the test part
    warnings: tuple[str, ...] = ()


def units_of(dataset: DataSet, how: How, values: Mapping[str, str]) -> Units:
    """The units of a division; `values` are those of `How.values_column` by path.

    Raises DataError when the column says nothing of these cases, or no case has the value to be held out.
    """
    if how.by == "image":
        keys = tuple(sample.key for sample in dataset.samples)
        return Units(keys, keys, "image")
    groups = tuple(sample.group for sample in dataset.samples)
    if how.by == "patient":
        named = any(sample.patient for sample in dataset.samples)
        return Units(groups, groups, "patient" if named else "image")
    if not any(values.get(sample.path) for sample in dataset.samples):
        raise DataError(_nothing_said(how))
    return _by_study(dataset, values) if how.by == "study" else _by_column(dataset, how, values)


def _nothing_said(how: How) -> str:
    if how.by == "study":
        return (
            "The split is by study, but no file names its study: only DICOM files do. Split by patient or by image "
            "instead."
        )
    return (
        f"The split is by the column “{how.column}”, but it is empty for all cases: name another column, or split by "
        "patient."
    )


def _by_study(dataset: DataSet, values: Mapping[str, str]) -> Units:
    """Cases without a study stand for themselves."""
    studies = tuple(values.get(sample.path) or sample.group for sample in dataset.samples)
    return Units(studies, studies, "study")


def _by_column(dataset: DataSet, how: How, values: Mapping[str, str]) -> Units:
    said: dict[str, Counter[str]] = {}
    for sample in dataset.samples:
        said.setdefault(sample.group, Counter())[values.get(sample.path, "")] += 1
    unit_of = {group: _commonest(group, tally) for group, tally in said.items()}
    atoms = tuple(sample.group for sample in dataset.samples)
    return Units(
        atoms=atoms,
        units=atoms if how.held_out else tuple(unit_of[group] for group in atoms),
        noun="patient" if how.held_out else f"value of {how.column}",
        held_out=_held_out(how, said),
        warnings=_column_warnings(how, said),
    )


def _commonest(group: str, tally: Counter[str]) -> str:
    """The value that most cases of a patient have; a patient without any stands for itself."""
    named = [(-count, value) for value, count in tally.items() if value]
    return f"value {min(named)[1]}" if named else f"group {group}"


def _held_out(how: How, said: Mapping[str, Counter[str]]) -> frozenset[str]:
    if not how.held_out:
        return frozenset()
    found = frozenset(group for group, tally in said.items() if how.held_out in tally)
    if not found:
        values = sorted({value for tally in said.values() for value in tally if value})
        shown = ", ".join(values[:20]) + (" …" if len(values) > 20 else "")
        raise DataError(f"No case has “{how.held_out}” in the column “{how.column}”; its values are {shown}.")
    return found


def _column_warnings(how: How, said: Mapping[str, Counter[str]]) -> tuple[str, ...]:
    several = sum(len([value for value in tally if value]) > 1 for tally in said.values())
    nothing = sum(not any(tally) for tally in said.values())
    warnings = []
    if several:
        many = "1 patient has" if several == 1 else f"{several} patients have"
        warnings.append(
            f"{many} more than one value of “{how.column}”: all images of a patient stay together, with the commonest."
        )
    if nothing:
        many = "1 patient has" if nothing == 1 else f"{nothing} patients have"
        warnings.append(f"{many} no value of “{how.column}” and counts as a group of its own.")
    return tuple(warnings)
