"""Which cases train, validate and test: as the data say, or by patient from a seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from runtime.data.catalogue import PARTS, DataError, DataSet, Part, Parts, Sample
from runtime.data.split_copies import copies_across_parts
from runtime.data.split_groups import assign_groups

By = Literal["patient", "image"]
Shares = tuple[float, float, float]
_WAYS_OUT = (
    "Ways out: add patients; name the parts in a column 'split' of a table or by folders train, validation and test; "
    "or split by image (--split image, or “Split by” in the training settings), where images of one patient may be on "
    "both sides and the measures look better than they are."
)


def split(dataset: DataSet, seed: int, by: By = "patient", shares: Shares = (0.70, 0.15, 0.15)) -> Parts:
    """Divides a data set into training, validation and test.

    Parts that the data name are kept; what they lack is split off from their training part (validation always, test
    only when the data name neither). Otherwise whole patients are divided by a hash of the seed and the patient, so
    that a case stays on its side when data are added; then as few patients as possible move so that every class is in
    training and validation.

    Raises DataError when a class has too few patients for training and validation, when one patient is in two named
    parts, or when no case is left for training.
    """
    _check_shares(shares)
    if not dataset.samples:
        raise DataError("There are no cases to split.")
    groups = [sample.group if by == "patient" else sample.key for sample in dataset.samples]
    given = {sample.part for sample in dataset.samples if sample.part is not None}
    warnings: list[str] = []
    if given:
        sides, how = _as_given(dataset, groups, seed, by, shares, warnings)
    else:
        sides = _divided(dataset, range(len(groups)), groups, seed, by, shares, warnings)
        how = f"by {_unit(dataset.samples, by)}, seed {seed}"
    warnings += _leaks(dataset.samples, sides)
    warnings += _missing_classes(dataset, sides)
    warnings += copies_across_parts(dataset, sides)
    return _parts(dataset, groups, sides, by, how, warnings)


def _check_shares(shares: Shares) -> None:
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-6 or shares[0] == 0 or shares[1] == 0:
        raise DataError(
            f"The shares of training, validation and test are {', '.join(f'{share:g}' for share in shares)}: they "
            "have to add up to 1, and those of training and validation have to be above 0."
        )


def _unit(samples: Sequence[Sample], by: By) -> str:
    return "patient" if by == "patient" and any(sample.patient for sample in samples) else "image"


def _divided(
    dataset: DataSet,
    indexes: Sequence[int],
    groups: Sequence[str],
    seed: int,
    by: By,
    shares: Shares,
    warnings: list[str],
) -> dict[int, Part]:
    """Divides some of the samples by group; refuses when a class cannot be both in training and in validation."""
    classes: dict[str, set[str]] = {}
    for index in indexes:
        label = dataset.samples[index].label
        classes.setdefault(groups[index], set()).update([] if label is None else [label])
    unit = _unit(dataset.samples, by)
    counts = Counter(label for labels in classes.values() for label in labels)
    reasons = too_few(counts, len(classes), unit)
    if reasons:
        raise DataError(*reasons)
    sides = assign_groups(classes, seed, shares)
    if shares[2] > 0 and "test" not in sides.values():
        warnings.append(f"There are too few {unit}s for a test part: {len(classes)}.")
    return {index: sides[groups[index]] for index in indexes}


def too_few(counts: Mapping[str, int], groups: int, unit: str) -> tuple[str, ...]:
    """Why so many patients (or images, as `unit` says) of each class, and in all, cannot be shared out, and the ways
    out; () when they can. Training and validation need different ones: two in all, and two for each class."""
    few = sorted(label for label, count in counts.items() if count < 2)
    if few:
        tally = ", ".join(f"{label} {count}" for label, count in sorted(counts.items()))
        return (
            f"Training and validation need different {unit}s, so each class needs at least two; too few have "
            f"{', '.join(few)} ({unit}s per class: {tally}).",
            _WAYS_OUT if unit == "patient" else "Add images to these classes, or leave the classes out.",
        )
    if groups < 2:
        return (
            f"Training and validation need different {unit}s, and there is only one {unit}.",
            _WAYS_OUT if unit == "patient" else "Add images.",
        )
    return ()


def _as_given(
    dataset: DataSet, groups: Sequence[str], seed: int, by: By, shares: Shares, warnings: list[str]
) -> tuple[dict[int, Part], str]:
    """The parts that the data name, with what is missing split off from training."""
    named: dict[str, set[Part]] = {}
    for sample, group in zip(dataset.samples, groups, strict=True):
        if sample.part is not None:
            named.setdefault(group, set()).add(sample.part)
    _refuse_leaks(named)
    sides: dict[int, Part] = {}
    loose = 0
    for index, (sample, group) in enumerate(zip(dataset.samples, groups, strict=True)):
        known = named.get(group, set())
        default: Part = next(iter(known)) if known else "train"
        sides[index] = sample.part if sample.part is not None else default
        loose += sample.part is None
    if loose:
        warnings.append(
            f"{loose} {'case is' if loose == 1 else 'cases are'} in no named part: such cases train, or go with the "
            "other images of their patient."
        )
    training = [index for index, side in sides.items() if side == "train"]
    if not training:
        raise DataError(
            f"The data name the parts {', '.join(sorted(set(sides.values())))}, and no case is left for training: add "
            "a folder train, or choose a folder that names no parts."
        )
    how = "as the data say"
    if "validation" not in sides.values():
        rest: Shares = shares
        if "test" in sides.values():
            both = shares[0] + shares[1]
            rest = (shares[0] / both, shares[1] / both, 0.0)
        sides |= _divided(dataset, training, groups, seed, by, rest, warnings)
        how += f", the rest split off from training by {_unit(dataset.samples, by)}, seed {seed}"
    return sides, how


def _refuse_leaks(named: Mapping[str, set[Part]]) -> None:
    leaking = [parts for parts in named.values() if len(parts) > 1]
    if leaking:
        parts = [part for part in PARTS if any(part in some for some in leaking)]
        raise DataError(
            f"{len(leaking)} {'patient has' if len(leaking) == 1 else 'patients have'} images in more than one of the "
            f"parts that the data name ({', '.join(parts)}): the measures would look better than they are. Move all "
            "images of a patient into one part, or split by image (--split image, or “Split by” in the training "
            "settings) to go on regardless."
        )


def _leaks(samples: Sequence[Sample], sides: Mapping[int, Part]) -> list[str]:
    """A warning when patients are on several sides, which only a split by image allows."""
    parts: dict[str, set[Part]] = {}
    for index, side in sides.items():
        if samples[index].patient:
            parts.setdefault(samples[index].patient, set()).add(side)
    several = sum(len(some) > 1 for some in parts.values())
    if not several:
        return []
    return [
        f"The split is by image: {several} of {len(parts)} patients have images in more than one of training, "
        "validation and test. The measures will look better than they are on new patients: do not report them."
    ]


def _missing_classes(dataset: DataSet, sides: Mapping[int, Part]) -> list[str]:
    """Classes that one of the parts in use lacks."""
    warnings = []
    labels = {sample.label for sample in dataset.samples if sample.label is not None}
    for part in PARTS:
        there = [index for index, side in sides.items() if side == part]
        missing = sorted(labels - {dataset.samples[index].label for index in there})
        if there and missing:
            warnings.append(f"No case of {', '.join(missing)} is in the {part} part.")
    return warnings


def _parts(
    dataset: DataSet, groups: Sequence[str], sides: Mapping[int, Part], by: By, how: str, warnings: Sequence[str]
) -> Parts:
    indexes = {part: tuple(sorted(index for index, side in sides.items() if side == part)) for part in PARTS}
    counts = " / ".join(str(len({groups[index] for index in indexes[part]})) for part in PARTS)
    return Parts(
        train=indexes["train"],
        validation=indexes["validation"],
        test=indexes["test"],
        how=f"{how}: {counts} {_unit(dataset.samples, by)}s",
        warnings=tuple(warnings),
    )
