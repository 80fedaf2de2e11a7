"""Why data cannot be divided, and what to think of a division: sentences for the user that name no patient."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from runtime.data.catalogue import PARTS, DataError, DataSet, Part, Sample

_WAYS_OUT = (
    "Ways out: add patients; name the parts in a column 'split' of a table or by folders train, validation and test; "
    "or split by image (--split image, or “Split by” in the training settings), where images of one patient may be on "
    "both sides and the measures look better than they are."
)


def too_few(counts: Mapping[str, int], groups: int, unit: str) -> tuple[str, ...]:
    """Why so many patients (or images, as `unit` says) of each class, and in all, cannot be shared out, and the ways
    out; () when they can. Training and validation need different ones: two in all, and two for each class."""
    few = sorted(label for label, count in counts.items() if count < 2)
    if few:
        tally = ", ".join(f"{label} {count}" for label, count in sorted(counts.items()))
        return (
            f"Training and validation need different {plural(unit)}, so each class needs at least two; too few have "
            f"{', '.join(few)} ({plural(unit)} per class: {tally}).",
            _ways_out(unit, "Add images to these classes, or leave the classes out."),
        )
    if groups < 2:
        return (
            f"Training and validation need different {plural(unit)}, and there is only one {unit}.",
            _ways_out(unit, "Add images."),
        )
    return ()


def plural(noun: str) -> str:
    """The plural of a unit's noun."""
    if noun.startswith("value of"):
        return noun.replace("value of", "values of", 1)
    return "studies" if noun == "study" else f"{noun}s"


def _ways_out(unit: str, of_images: str) -> str:
    if unit == "image":
        return of_images
    return _WAYS_OUT if unit == "patient" else "Split by patient instead (--split patient), or choose another column."


def too_few_for_folds(folds: int, groups: int, unit: str) -> tuple[str, ...]:
    """Why so many groups cannot be shared out to folds; () when they can."""
    if groups >= folds:
        return ()
    units = plural(unit)
    return (f"{folds} folds need at least {folds} {units}, and there are {groups}; use fewer folds, or add {units}.",)


def refuse_folds_of_parts(named: Iterable[Part]) -> None:
    """Raises DataError: what the data name as test must not train in another fold."""
    parts = ", ".join(part for part in PARTS if part in set(named))
    raise DataError(
        f"The data name their parts ({parts}), so they are not divided into folds, nor is a group held out: that would "
        "mix the parts. Set folds to 0, or choose a folder or table that names no parts."
    )


def refuse_leaks(named: Mapping[str, set[Part]]) -> None:
    """Raises DataError when a group is in several of the parts that the data name."""
    leaking = [parts for parts in named.values() if len(parts) > 1]
    if leaking:
        parts = [part for part in PARTS if any(part in some for some in leaking)]
        raise DataError(
            f"{len(leaking)} {'patient has' if len(leaking) == 1 else 'patients have'} images in more than one of the "
            f"parts that the data name ({', '.join(parts)}): the measures would look better than they are. Move all "
            "images of a patient into one part, or split by image (--split image, or “Split by” in the training "
            "settings) to go on regardless."
        )


def loose_cases(samples: Sequence[Sample]) -> list[str]:
    """A warning about cases in none of the parts that the data name."""
    loose = sum(sample.part is None for sample in samples)
    if not loose:
        return []
    return [
        f"{loose} {'case is' if loose == 1 else 'cases are'} in no named part: such cases train, or go with the "
        "other images of their patient."
    ]


def leaks(samples: Sequence[Sample], sides: Mapping[int, Part], by: str) -> list[str]:
    """A warning when patients are on several sides, which only a split by image or by study allows."""
    parts: dict[str, set[Part]] = {}
    for index, side in sides.items():
        if samples[index].patient:
            parts.setdefault(samples[index].patient, set()).add(side)
    several = sum(len(some) > 1 for some in parts.values())
    if not several:
        return []
    return [
        f"The split is by {by}: {several} of {len(parts)} patients have images in more than one of training, "
        "validation and test. The measures will look better than they are on new patients: do not report them."
    ]


def missing_classes(dataset: DataSet, sides: Mapping[int, Part]) -> list[str]:
    """Classes that one of the parts in use lacks."""
    there: dict[Part, set[str | None]] = {}
    for index, side in sides.items():
        there.setdefault(side, set()).add(dataset.samples[index].label)
    labels = {sample.label for sample in dataset.samples if sample.label is not None}
    lacking = {part: sorted(labels - there[part]) for part in PARTS if part in there}
    return [f"No case of {', '.join(missing)} is in the {part} part." for part, missing in lacking.items() if missing]
