"""Which cases train, validate and test: as the data say, or by patient, study, column or image from a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runtime.data.catalogue import PARTS, DataError, DataSet, Part, Parts
from runtime.data.split_copies import copies_across_parts
from runtime.data.split_groups import assign_folds, assign_groups
from runtime.data.split_how import USUAL, How, Shares
from runtime.data.split_kept import KeptSides, known_side
from runtime.data.split_units import Units, units_of
from runtime.data.split_words import (
    leaks,
    loose_cases,
    missing_classes,
    plural,
    refuse_folds_of_parts,
    refuse_leaks,
    too_few,
    too_few_for_folds,
)
from runtime.graph import SplitBy
from runtime.training_values import share_faults

__all__ = ["Division", "divide", "split", "too_few"]


@dataclass(frozen=True, slots=True)
class Division:
    """A data set divided: its parts, and the sides to be kept so that the same cases stay where they are."""

    parts: Parts
    sides: Mapping[str, str]  # group (atom or unit) -> side, for `split_kept.recorded`


def split(dataset: DataSet, seed: int, by: SplitBy = "patient", shares: Shares = USUAL) -> Parts:
    """The parts of a data set whose division was never recorded; see `divide`."""
    return divide(dataset, How(by, seed, shares)).parts


def divide(
    dataset: DataSet,
    how: How,
    values: Mapping[str, str] | None = None,
    kept: Sequence[KeptSides] = (),
    compare_files: bool = True,
) -> Division:
    """Divides a data set into training, validation and test.

    Parts that the data name are kept; what they lack is split off from their training part (validation always, test
    only when the data name neither). Otherwise whole groups are divided: those that `kept` records of the same
    division (`How.name`) knows stay on their side, new ones go by a hash of the seed and their name, and then as few
    of the new ones as possible move so that shares are kept and every class is in training and validation. `values`
    are the column's values by path, where the division needs one. With `compare_files` files with the same content on
    two sides are looked for.

    Raises DataError when a class has too few groups for training and validation, when one patient is in two named
    parts, or when no case is left for training.
    """
    for fault in share_faults(how.shares):
        raise DataError(fault)
    if not dataset.samples:
        raise DataError("There are no cases to split.")
    work = _Work(dataset, how, units_of(dataset, how, values or {}), [one for one in kept if one.name == how.name])
    work.warnings += work.units.warnings
    said = _sides_of(work)
    work.warnings += leaks(dataset.samples, work.sides, how.by)
    work.warnings += missing_classes(dataset, work.sides)
    if compare_files:
        work.warnings += copies_across_parts(dataset, work.sides)
    return Division(_parts(work, said), work.recorded)


@dataclass(slots=True)
class _Work:
    dataset: DataSet
    how: How
    units: Units
    kept: list[KeptSides]
    sides: dict[int, Part] = field(default_factory=dict)  # by the index of the sample
    recorded: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def classes(self, indexes: Iterable[int], of: Sequence[str]) -> dict[str, set[str]]:
        """The classes in each group."""
        found: dict[str, set[str]] = {}
        for index in indexes:
            label = self.dataset.samples[index].label
            found.setdefault(of[index], set()).update([] if label is None else [label])
        return found


def _sides_of(work: _Work) -> str:
    """Find the side of every case; gives how it was done, in words."""
    samples, how = work.dataset.samples, work.how
    unit = f"by {work.units.noun}, seed {how.seed}"
    named = {sample.part for sample in samples if sample.part is not None}
    if named and (how.folds or how.held_out):
        refuse_folds_of_parts(named)
    if named:
        return _as_given(work, unit)
    everything = range(len(samples))
    if how.folds:
        _folds(work, everything)
        return f"fold {how.fold} of {how.folds} {unit}"
    if how.held_out:
        _leave_out(work)
        return f"“{how.held_out}” of {how.column} held out, the others {unit}"
    _divided(work, everything, how.shares)
    return unit


def _kept_parts(work: _Work, groups: Iterable[str], shares: Shares) -> dict[str, Part]:
    """The groups whose part is recorded, where the part is one that is to be filled."""
    in_use = [part for part, share in zip(PARTS, shares, strict=True) if share > 0]
    sides = {group: known_side(work.kept, group) for group in groups}
    return {group: part for group, side in sides.items() for part in in_use if part == side}


def _divided(work: _Work, indexes: Sequence[int], shares: Shares) -> None:
    """Divides some of the samples by unit; refuses when a class cannot be both in training and in validation."""
    units, atoms = work.units.units, work.units.atoms
    classes = work.classes(indexes, units)
    counts = Counter(label for labels in classes.values() for label in labels)
    reasons = too_few(counts, len(classes), work.units.noun)
    if reasons:
        raise DataError(*reasons)
    sides = assign_groups(classes, work.how.seed, shares, _kept_parts(work, classes, shares))
    stays = _kept_parts(work, {atoms[index] for index in indexes}, shares)
    for index in indexes:
        work.sides[index] = stays.get(atoms[index]) or sides[units[index]]
        work.recorded[atoms[index]] = work.sides[index]
    work.recorded |= sides
    if shares[2] > 0 and "test" not in work.sides.values():
        work.warnings.append(f"There are too few {plural(work.units.noun)} for a test part: {len(classes)}.")


def _leave_out(work: _Work) -> None:
    """The test part is what is held out, the others are divided into training and validation."""
    atoms, shares = work.units.atoms, work.how.shares
    stays = _kept_parts(work, set(atoms), (1.0, 1.0, 1.0))
    tests = {atom for atom in atoms if stays.get(atom, "test" if atom in work.units.held_out else "") == "test"}
    rest = [index for index, atom in enumerate(atoms) if atom not in tests]
    if not rest:
        raise DataError(
            f"All cases have “{work.how.held_out}” in the column “{work.how.column}”, so none is left for training."
        )
    both = shares[0] + shares[1]
    for index, atom in enumerate(atoms):
        if atom in tests:
            work.sides[index] = "test"
            work.recorded[atom] = "test"
    _divided(work, rest, (shares[0] / both, shares[1] / both, 0.0))


def _folds(work: _Work, indexes: Sequence[int]) -> None:
    how, units, atoms = work.how, work.units.units, work.units.atoms
    classes = work.classes(indexes, units)
    reasons = too_few_for_folds(how.folds, len(classes), work.units.noun)
    if reasons:
        raise DataError(*reasons)
    known = {group: known_side(work.kept, group) for group in {*classes, *atoms}}
    numbers = {group: int(side) for group, side in known.items() if side is not None and side.isdigit()}
    folds = assign_folds(
        classes, how.seed, how.folds, {group: fold for group, fold in numbers.items() if group in classes}
    )
    for index in indexes:
        fold = numbers.get(atoms[index], folds[units[index]])
        work.recorded[atoms[index]] = str(fold)
        work.sides[index] = _part_of_fold(fold, how)
    work.recorded |= {group: str(fold) for group, fold in folds.items()}
    if "train" not in work.sides.values():
        raise DataError(f"No case is left for training in fold {how.fold} of {how.folds}; use fewer folds.")


def _part_of_fold(fold: int, how: How) -> Part:
    """A fold tests, the one after it validates, the others train."""
    if fold == (how.fold - 1) % how.folds:
        return "test"
    return "validation" if fold == how.fold % how.folds else "train"


def _as_given(work: _Work, unit: str) -> str:
    """The parts that the data name, with what is missing split off from training."""
    named: dict[str, set[Part]] = {}
    for sample, group in zip(work.dataset.samples, work.units.atoms, strict=True):
        if sample.part is not None:
            named.setdefault(group, set()).add(sample.part)
    refuse_leaks(named)
    for index, (sample, group) in enumerate(zip(work.dataset.samples, work.units.atoms, strict=True)):
        known = named.get(group, set())
        default: Part = next(iter(known)) if known else "train"
        work.sides[index] = sample.part if sample.part is not None else default
    work.warnings += loose_cases(work.dataset.samples)
    training = [index for index, side in work.sides.items() if side == "train"]
    if not training:
        raise DataError(
            f"The data name the parts {', '.join(sorted(set(work.sides.values())))}, and no case is left for training: "
            "add a folder train, or choose a folder that names no parts."
        )
    if "validation" in work.sides.values():
        return "as the data say"
    shares = work.how.shares
    if "test" in work.sides.values():
        both = shares[0] + shares[1]
        shares = (shares[0] / both, shares[1] / both, 0.0)
    _divided(work, training, shares)
    return f"as the data say, the rest split off from training {unit}"


def _parts(work: _Work, said: str) -> Parts:
    indexes = {part: tuple(sorted(index for index, side in work.sides.items() if side == part)) for part in PARTS}
    counts = " / ".join(str(len({work.units.units[index] for index in indexes[part]})) for part in PARTS)
    noun = work.units.noun
    return Parts(
        train=indexes["train"],
        validation=indexes["validation"],
        test=indexes["test"],
        how=f"{said}: {counts} {plural(noun)}",
        warnings=tuple(work.warnings),
    )
