"""The table of series with their stacks: what belongs together, what is wrong with it, and the verdict."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from runtime.data.catalogue import Found, Pose, Series, Slice, Stack, Verdict
from runtime.data.facts import Facts
from runtime.data.stack_order import gaps, in_order, shear, step_of, uneven
from runtime.data.stacks import Group, Image, divided
from runtime.data.twins import Twins
from runtime.data.wording import counted

_PURPOSES = {
    "localizer": "localizer (scout) images",
    "screen": "pictures of a screen",
    "projection": "projections of a volume (MIP)",
}


def series_of(twins: Twins) -> tuple[Series, ...]:
    """One row per SeriesInstanceUID; plain images and volumes have one row per folder, named by the folder."""
    groups: dict[tuple[str, str, str], list[Facts]] = defaultdict(list)
    for fact in twins.kept:
        uid = fact.found.series if fact.found.kind == "dicom" else ""
        groups[fact.found.kind, fact.found.study, uid or _folder(fact.found)].append(fact)
    others = any(fact.found.kind == "dicom" and fact.purpose not in _PURPOSES for fact in twins.kept)
    return tuple(_row(uid, study, kind, groups[kind, study, uid], twins, others) for kind, study, uid in sorted(groups))


def _folder(found: Found) -> str:
    return PurePosixPath(found.path).parent.as_posix()


def _row(uid: str, study: str, kind: str, members: list[Facts], twins: Twins, others: bool) -> Series:
    files = [member.found for member in members]
    stacks = _dicom_stacks(members, others) if kind == "dicom" else _plain_stacks(members)
    paths = {file.path for file in files}
    largest = stacks[0]
    return Series(
        uid=uid,
        patient=_common(file.patient for file in files),
        modality=_common(file.modality for file in files),
        slices=sum(file.size[0] if len(file.size) == 3 else 1 for file in files),
        frames=sum(file.frames for file in files),
        rows=largest.rows,
        columns=largest.columns,
        spacing_mm=largest.spacing_mm,
        problems=(*_mixtures(files, kind, stacks), *_twins(paths, twins), *_stack_problems(stacks, kind)),
        study=study,
        kind=files[0].kind,
        stacks=stacks,
    )


def _common(values: Iterable[str]) -> str:
    tally = Counter(values)
    return min(tally, key=lambda value: (-tally[value], value))


def _mixtures(files: Sequence[Found], kind: str, stacks: Sequence[Stack]) -> list[str]:
    """What differs between the files of one row although it should be equal."""
    problems = []
    sizes = Counter(file.size for file in files)
    if len(sizes) > 1:
        problems.append(f"mixes {len(sizes)} image sizes: {_listed(sizes)}")
    channels = Counter(file.channels for file in files)
    if kind == "signal":
        return [f"mixes signals of different numbers of leads: {_listed_leads(channels)}"] if len(channels) > 1 else []
    if len(channels) > 1:
        problems.append(f"mixes grey images ({channels[1]}) with colour images ({len(files) - channels[1]})")
    if kind != "dicom":
        return problems
    patients = {file.patient for file in files}
    if len(patients) > 1:
        problems.append(f"names {len(patients)} different patients in one series")
    spacings = {file.spacing_mm for file in files}
    if len(spacings) > 1:
        problems.append(f"mixes {len(spacings)} pixel spacings")
    turned = [stack for stack in stacks if "orientation " in stack.name]
    if len(turned) > 1:
        sizes_of = ", ".join(str(len(stack.slices)) for stack in turned)
        problems.append(f"mixes orientations: its stacks hold {sizes_of} images")
    if len(stacks) > 1:
        problems.append(f"is divided into {len(stacks)} stacks")
    return problems


def _listed(sizes: Counter[tuple[int, ...]]) -> str:
    ranked = sorted(sizes.items(), key=lambda entry: (-entry[1], entry[0]))
    return ", ".join(f"{'×'.join(map(str, size))} ({count})" for size, count in ranked[:4])


def _listed_leads(channels: Counter[int]) -> str:
    return ", ".join(f"{leads} ({count})" for leads, count in sorted(channels.items()))


def _twins(paths: set[str], twins: Twins) -> list[str]:
    """Copies that were left out, and images that are there in two codings."""
    problems = []
    copies = [pair for pair in twins.copies if pair[1] in paths]
    if copies:
        named = counted(len(copies), "duplicate")
        problems.append(f"holds {named} of an image, used once, such as {copies[0][0]} and {copies[0][1]}")
    doubles = [pair for pair in twins.doubles if pair[1] in paths]
    if doubles:
        named = counted(len(doubles), "image")
        problems.append(f"holds {named} a second time in another coding, such as {doubles[0][0]} and {doubles[0][1]}")
    return problems


def _stack_problems(stacks: Sequence[Stack], kind: str) -> list[str]:
    """Why stacks of several images make no volume, and why stacks are excluded."""
    if kind != "dicom":
        return []
    told = []
    for stack in stacks:
        reason = stack.reason if stack.verdict == "excluded" else stack.no_volume if len(stack.slices) > 1 else ""
        if reason:
            told.append(f"{stack.name}: {reason}" if stack.name else reason)
    return list(dict.fromkeys(told))


def _dicom_stacks(members: Sequence[Facts], others: bool) -> tuple[Stack, ...]:
    return tuple(_stack(group, others) for group in divided(members))


def _stack(group: Group, others: bool) -> Stack:
    ordered = in_order(group.images)
    first = ordered[0]
    found = first.fact.found
    step = step_of(ordered)
    spacing = (step, found.spacing_mm[0], found.spacing_mm[1]) if step and found.spacing_mm else None
    no_volume = _no_volume(group, ordered, step)
    reasons = [*_numbered(group, ordered), *_notes(ordered)]
    excluded = others and first.fact.purpose in _PURPOSES
    if excluded:
        reasons = [f"holds {_PURPOSES[first.fact.purpose]}, beside images of the patient"]
    noted = reasons or (no_volume and len(ordered) > 1)
    return Stack(
        name=", ".join(group.words),
        verdict="excluded" if excluded else "note" if noted else "use",
        reason="; ".join(reasons),
        no_volume=no_volume,
        rows=found.size[0],
        columns=found.size[1],
        channels=found.channels,
        spacing_mm=spacing,
        slices=tuple(_slice(image) for image in ordered),
        pose=_pose(first) if step else None,
        ordered=bool(step) and not group.repeated and not gaps(ordered, step or 0.0),
        uneven=bool(step and no_volume) and no_volume == uneven(ordered, step or 0.0),
    )


def _slice(image: Image) -> Slice:
    return Slice(image.fact.found.path, image.frame, round(image.along, 6) if image.plane else None)


def _pose(image: Image) -> Pose | None:
    plane = image.plane
    return Pose(plane.corner, plane.across, plane.down, plane.normal) if plane else None


def _numbered(group: Group, ordered: Sequence[Image]) -> list[str]:
    """That instance numbers had to decide, where they had."""
    if group.by_number:
        return ["its images are told from others at the same places by their instance numbers alone"]
    files = {image.fact.found.path for image in ordered}
    if len(files) > 1 and any(image.plane is None for image in ordered):
        return ["its images do not say where they lie; they are in the order of their instance numbers"]
    return []


def _notes(ordered: Sequence[Image]) -> list[str]:
    """The notes of its files, each once with its number of images."""
    tally = Counter(note for image in ordered for note in image.fact.found.notes)
    count = len(ordered)
    return [note if times == count == 1 else f"{times} of {count}: {note}" for note, times in sorted(tally.items())]


def _no_volume(group: Group, ordered: Sequence[Image], step: float | None) -> str:
    """Why the images make no volume; "" when they do."""
    count = len(ordered)
    if count == 1:
        return "a single image is no volume"
    unknown = sum(image.plane is None for image in ordered)
    if unknown:
        if all(image.fact.moments for image in ordered):
            return f"its {count} frames follow each other in time, not in space"
        return f"{unknown} of {count} images do not say where they lie in the patient"
    if group.repeated == count:
        return f"{count} images share a place (moments, echoes or copies)"
    if group.repeated:
        return f"{group.repeated} images share a place with another (moments, echoes or copies), told apart by nothing"
    if step is None:
        return "its images lie at one place"
    if ordered[0].fact.found.spacing_mm is None:
        return "its pixel spacing is not known"
    return "; ".join(filter(None, [*gaps(ordered, step), shear(ordered)])) or uneven(ordered, step)


def _plain_stacks(members: Sequence[Facts]) -> tuple[Stack, ...]:
    """Plain images of a folder as one stack; every volume, and every file of several pages, as one of its own."""
    stacks: list[Stack] = []
    single = []
    for member in sorted(members, key=lambda member: member.found.path):
        found = member.found
        if found.kind == "volume":
            spacing = found.spacing_mm if found.spacing_mm and len(found.spacing_mm) == 3 else None
            slices = tuple(Slice(found.path, index) for index in range(found.size[0]))
            stacks.append(_plain(found, slices, "", (spacing[0], spacing[1], spacing[2]) if spacing else None))
        elif found.frames > 1:
            slices = tuple(Slice(found.path, index) for index in range(found.frames))
            stacks.append(_plain(found, slices, ""))
        else:
            single.append(found)
    if single:
        alone = "single pictures do not say where they lie, and their names are not trusted"
        noted = [replace(found, notes=()) for found in single]
        stack = _plain(noted[0], tuple(Slice(found.path) for found in single), alone)
        notes = Counter(note for found in single for note in found.notes)
        told = "; ".join(f"{times} of {len(single)}: {note}" for note, times in sorted(notes.items()))
        stacks.append(replace(stack, name="", verdict="note" if told else "use", reason=told))
    return tuple(stacks)


def _plain(
    found: Found, slices: tuple[Slice, ...], no_volume: str, spacing: tuple[float, float, float] | None = None
) -> Stack:
    reason = "; ".join(found.notes)
    verdict: Verdict = "note" if reason else "use"
    name = PurePosixPath(found.path).name
    rows, columns = (1, *found.size)[-2:]
    return Stack(
        name, verdict, reason, no_volume, rows, columns, found.channels, spacing, slices, ordered=not no_volume
    )  # fmt: skip
