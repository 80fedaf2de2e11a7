"""From images as found to the cases a source is asked for: slices, volumes, neighbouring slices, another spacing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from runtime.data.catalogue import Catalogue, DataError, DataSet, Found, Sample, Skipped, Stack
from runtime.data.faults import FileFault, check_budget
from runtime.data.signal_forms import formed_signals
from runtime.data.taken import Taken
from runtime.data.turning import turn_of, turned, turned_pose
from runtime.data.wording import counted, tally

_FLAT = 3.0  # times as long as wide: a voxel that a 3-D kernel should know of
Key = tuple[str, int]
T = TypeVar("T", int, tuple[int, ...])


@dataclass
class _Forming:
    """The samples as found by file and frame, and what became of the stacks."""

    dataset: DataSet
    taken: Taken
    found: Mapping[str, Found]
    samples: Mapping[Key, Sample]
    made: list[Sample] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def formed(dataset: DataSet, catalogue: Catalogue, taken: Taken) -> DataSet:
    """The data set with the cases that `taken` asks for; what fits into none is listed. Raises DataError."""
    if dataset.kind == "signal":
        return formed_signals(dataset, catalogue, taken)
    if taken.plain:
        return dataset
    _check(taken, dataset)
    found = {item.path: item for item in catalogue.found}
    samples = {(sample.path, sample.frame): sample for sample in dataset.samples}
    forming = _Forming(dataset, taken, found, samples)
    _WAYS[taken.take](forming, _stacks(catalogue, samples))
    cases = [_with_spacing(forming, sample) for sample in forming.made]
    kept = tuple(sorted(filter(None, cases), key=lambda sample: (sample.path, sample.frame)))
    if not kept:
        reasons = tally(forming.skipped)[:5]
        raise DataError(
            f"No case in {dataset.folder} can be taken {_named(taken)}: {'; '.join(reasons) or 'nothing fits'}."
        )
    return _whole(forming, kept)


def _check(taken: Taken, dataset: DataSet) -> None:
    if taken.leads or taken.rate_hz or taken.stored_rate_hz:
        raise DataError(f"{dataset.folder} holds images, which have no leads and no sampling rate; choose signals.")
    if taken.take == "neighbouring slices" and (taken.neighbours < 1 or taken.neighbours % 2 == 0):
        raise DataError(f"{taken.neighbours} neighbouring slices have no middle one; give an odd number, such as 3.")
    if any(not 0 < side < 1e4 for side in taken.spacing):
        raise DataError(f"A spacing of {_mm(taken.spacing)} does not fit; give millimetres above 0.")
    if dataset.label == "boxes" and (taken.spacing or taken.take == "volumes"):
        raise DataError(
            "Boxes are given in pixels of the images as found; take them as found, without another spacing, or learn "
            "something else from them."
        )


def _named(taken: Taken) -> str:
    words = taken.take if taken.take == "as found" else f"as {taken.take}"
    return words + (f" with a spacing of {_mm(taken.spacing)}" if taken.spacing else "")


def _mm(spacing: Sequence[float]) -> str:
    return "×".join(f"{side:g}" for side in spacing) + " mm"


def _stacks(catalogue: Catalogue, samples: Mapping[Key, Sample]) -> list[Stack]:
    """The stacks with at least one image that is a sample."""
    stacks = [stack for row in catalogue.series for stack in row.stacks if stack.verdict != "excluded"]
    paths = {path for path, _ in samples}
    return [stack for stack in stacks if any(place.path in paths for place in stack.slices)]


def _as_found(forming: _Forming, _: Sequence[Stack]) -> None:
    forming.made = list(forming.dataset.samples)


def _slices(forming: _Forming, stacks: Sequence[Stack]) -> None:
    """Every slice of every volume; other images are slices already."""
    if forming.dataset.kind != "volume":
        return _as_found(forming, stacks)
    for sample in forming.dataset.samples:
        for index in range(sample.size[0]):
            forming.made.append(_slice(sample, index))
    return None


def _slice(sample: Sample, index: int) -> Sample:
    return replace(
        sample,
        frame=index,
        size=sample.size[1:],
        slices=((sample.path, index),),
        masks=((sample.mask, index),) if sample.mask else (),
    )


def _neighbours(forming: _Forming, stacks: Sequence[Stack]) -> None:
    """Every slice with those beside it as channels; beyond the first and the last slice these are repeated."""
    beside, volumes = forming.taken.neighbours // 2, forming.dataset.kind == "volume"
    for stack in stacks:
        keys = [(place.path, place.frame) for place in stack.slices]
        if not stack.ordered:
            _leave_out(forming, stack, stack.no_volume or "its slices are in no known order")
            continue
        group = forming.samples[keys[0][0], 0].group if volumes else _group(forming, keys)
        for index, (path, frame) in enumerate(keys):
            own = forming.samples.get((path, 0 if volumes else frame))
            if own is None:
                continue  # without a label: it is a neighbour only
            window = tuple(keys[min(max(index + step, 0), len(keys) - 1)] for step in range(-beside, beside + 1))
            case = _slice(own, frame) if volumes else own
            channels = own.channels * len(window)
            forming.made.append(replace(case, slices=window, channels=channels, group=group))


def _group(forming: _Forming, keys: Sequence[Key]) -> str:
    """What must stay together: the patient, or all slices of the stack, for they share their pixels."""
    return min(forming.samples[key].group for key in keys if key in forming.samples)


def _volumes(forming: _Forming, stacks: Sequence[Stack]) -> None:
    """Every stack as one volume, turned to the standard axes; volumes found in one file stay as they are."""
    if forming.dataset.kind == "volume":
        return _as_found(forming, stacks)
    for stack in stacks:
        even = stack.uneven and bool(forming.taken.spacing)
        if stack.no_volume and not even:
            _leave_out(forming, stack, stack.no_volume)
            continue
        members = [forming.samples.get((place.path, place.frame)) for place in stack.slices]
        reason = _disagreement(members)
        if reason:
            _leave_out(forming, stack, reason)
        else:
            forming.made.append(_volume(stack, [sample for sample in members if sample], even))
    return None


def _disagreement(members: Sequence[Sample | None]) -> str:
    """Why slices cannot be one case; "" when they can."""
    known = [sample for sample in members if sample]
    if len(known) < len(members):
        return f"{len(members) - len(known)} of its {len(members)} slices have no label or mask"
    asked: tuple[tuple[str, Callable[[Sample], object]], ...] = (
        ("labels", lambda sample: (sample.label, sample.labels, sample.number, sample.numbers)),
        ("parts (train, validation, test)", lambda sample: sample.part),
        ("patients", lambda sample: sample.patient),
        ("masks: some have one, some have none", lambda sample: sample.mask is None),
    )
    for what, value in asked:
        if len({value(sample) for sample in known}) > 1:
            return f"its slices have different {what}"
    return ""


def _volume(stack: Stack, members: Sequence[Sample], even: bool) -> Sample:
    first = members[0]
    count = len(members)
    positions: tuple[float, ...] = ()
    if even and stack.spacing_mm:
        positions = tuple(place.position_mm or 0.0 for place in stack.slices)
        count = round((positions[-1] - positions[0]) / stack.spacing_mm[0]) + 1
    turn = turn_of(stack.pose) if stack.pose else ()
    size = (count, stack.rows, stack.columns)
    masks = tuple((sample.mask, sample.frame) for sample in members if sample.mask)
    return replace(
        first,
        size=turned(size, turn),
        slices=tuple((place.path, place.frame) for place in stack.slices),
        masks=masks,
        mask=masks[0][0] if masks else None,
        turn=turn,
        positions=positions,
        spacing_mm=turned(stack.spacing_mm, turn) if stack.spacing_mm else None,
        pose=turned_pose(stack.pose, turn, size, stack.spacing_mm) if stack.pose and stack.spacing_mm else None,
        group=first.patient or min(sample.group for sample in members),
    )


def _leave_out(forming: _Forming, stack: Stack, reason: str) -> None:
    forming.left_out.append(f"{stack.name}: {reason}" if stack.name else reason)
    paths = {place.path for place in stack.slices if (place.path, place.frame) in forming.samples}
    form = "no volume" if forming.taken.take == "volumes" else "no neighbouring slices"
    forming.skipped += [Skipped(path, f"is part of {form}: {reason}") for path in sorted(paths)]


def _with_spacing(forming: _Forming, sample: Sample) -> Sample | None:
    """The sample with the size that it has at the spacing asked for; None, and listed, where it cannot have it."""
    wanted = forming.taken.spacing
    own = sample.spacing_mm or forming.found[sample.path].spacing_mm
    own = own[-len(sample.size) :] if own is not None and len(own) >= len(sample.size) else None
    sample = replace(sample, spacing_mm=own)
    if not wanted:
        return sample
    target = wanted * len(sample.size) if len(wanted) == 1 else wanted
    if len(target) != len(sample.size):
        raise DataError(
            f"The spacing {_mm(wanted)} has {len(wanted)} numbers, but the cases have {len(sample.size)} axes; give "
            f"one number, or {len(sample.size)}."
        )
    if own is None:
        forming.skipped.append(Skipped(sample.path, "does not say its spacing in millimetres, so it is not resampled"))
        return None
    size = tuple(max(1, round(n * has / want)) for n, has, want in zip(sample.size, own, target, strict=True))
    try:
        check_budget(f"{'×'.join(map(str, size))} pixels at {_mm(target)}", *size, sample.channels)
    except FileFault as fault:
        forming.skipped.append(Skipped(sample.path, str(fault)))
        return None
    return replace(sample, resampled=size)


def _whole(forming: _Forming, kept: tuple[Sample, ...]) -> DataSet:
    dataset, taken = forming.dataset, forming.taken
    digest = hashlib.sha256(f"{dataset.fingerprint} {taken}".encode())
    for sample in kept:
        digest.update(repr(sample).encode("utf-8", "surrogateescape"))
    classes, gone = _classes_left(dataset, kept)
    return replace(
        dataset,
        classes=classes,
        samples=kept,
        channels=_commonest(sample.channels for sample in kept),
        size=_commonest(sample.resampled or sample.size for sample in kept),
        fingerprint=digest.hexdigest(),
        said=(*dataset.said, f"Taken {_named(taken)}: {counted(len(kept), 'case')}."),
        warnings=(*dataset.warnings, *_warnings(forming, kept), *gone),
        skipped=(*dataset.skipped, *forming.skipped),
        taken=taken,
    )


def _classes_left(dataset: DataSet, kept: Sequence[Sample]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The classes that cases are left of, and a sentence on the others, which cannot be learned."""
    if dataset.label != "class":
        return dataset.classes, ()
    there = {sample.label for sample in kept}
    gone = [name for name in dataset.classes if name not in there]
    if not gone:
        return dataset.classes, ()
    what = "The class" if len(gone) == 1 else "The classes"
    whom = "it" if len(gone) == 1 else "them"
    names = ", ".join(f"“{name}”" for name in gone)
    left = tuple(name for name in dataset.classes if name in there)
    return left, (f"{what} {names} cannot be learned: no case is left of {whom} in this form.",)


def _commonest(values: Iterable[T]) -> T:
    """The commonest value; of equally common ones the smallest, so that the order of files does not matter."""
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value))


def _warnings(forming: _Forming, kept: Sequence[Sample]) -> list[str]:
    told = []
    if forming.left_out:
        stacks, reasons = len(forming.left_out), Counter(forming.left_out)
        what = "a volume" if forming.taken.take == "volumes" else "neighbouring slices"
        few = "; ".join(sorted(reasons)[:3]) + (" …" if len(reasons) > 3 else "")
        told.append(f"{counted(stacks, 'stack')} cannot be taken as {what}, and {_is(stacks)} not used: {few}.")
    flat = [sample for sample in kept if len(sample.size) == 3 and _flatness(sample) > _FLAT]
    if flat and not forming.taken.spacing:
        shown = _mm(tuple(round(side, 2) for side in flat[0].spacing_mm or ()))
        told.append(
            f"{counted(len(flat), 'volume')} {'has' if len(flat) == 1 else 'have'} voxels more than three times as "
            f"long as wide, such as {shown}; a 3-D kernel takes them for cubes. Give a spacing to resample them."
        )
    return told


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _flatness(sample: Sample) -> float:
    return max(sample.spacing_mm) / min(sample.spacing_mm) if sample.spacing_mm else 1.0


_WAYS: Mapping[str, Callable[[_Forming, Sequence[Stack]], None]] = {
    "as found": _as_found,
    "slices": _slices,
    "volumes": _volumes,
    "neighbouring slices": _neighbours,
}
