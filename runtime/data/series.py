"""The table of series: what belongs together, how far its slices lie apart, and what is wrong with it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import PurePosixPath
from statistics import median

from runtime.data.catalogue import Found, Series
from runtime.data.facts import Facts

_SAME_PLACE_MM = 0.01
_GAP = 1.05  # of the usual step; more is a missing slice
_TILT = 1e-3  # difference of normals that is another orientation


def series_of(facts: Iterable[Facts]) -> tuple[Series, ...]:
    """One row per SeriesInstanceUID; plain images and volumes have one row per folder, named by the folder."""
    groups: dict[tuple[str, str], list[Facts]] = defaultdict(list)
    for fact in facts:
        uid = fact.found.series if fact.found.kind == "dicom" else ""
        groups[fact.found.kind if not uid else "dicom", uid or _folder(fact.found)].append(fact)
    return tuple(_row(uid, kind, members) for (kind, uid), members in groups.items())


def _folder(found: Found) -> str:
    return PurePosixPath(found.path).parent.as_posix()


def _row(uid: str, kind: str, members: list[Facts]) -> Series:
    files = [member.found for member in members]
    rows, columns = Counter(file.size[-2:] for file in files).most_common(1)[0][0]
    z, problems = _along(members) if kind == "dicom" else (None, [])
    spacing = Counter(file.spacing_mm for file in files).most_common(1)[0][0]
    known: tuple[float, float, float] | None = None
    if spacing is not None and len(spacing) == 3:
        known = (spacing[0], spacing[1], spacing[2])
    elif spacing is not None and z is not None:
        known = (z, spacing[0], spacing[1])
    return Series(
        uid=uid,
        patient=_common(file.patient for file in files),
        modality=_common(file.modality for file in files),
        slices=sum(file.size[0] if len(file.size) == 3 else 1 for file in files),
        frames=sum(file.frames for file in files),
        rows=rows,
        columns=columns,
        spacing_mm=known,
        problems=(*_mixtures(files, kind), *problems),
    )


def _common(values: Iterable[str]) -> str:
    return Counter(values).most_common(1)[0][0]


def _mixtures(files: list[Found], kind: str) -> list[str]:
    """What differs between the files of one row although it should be equal."""
    problems = []
    sizes = Counter(file.size for file in files)
    if len(sizes) > 1:
        problems.append(f"mixes {len(sizes)} image sizes: {_listed(sizes)}")
    channels = Counter(file.channels for file in files)
    if len(channels) > 1:
        problems.append(f"mixes grey images ({channels[1]}) with colour images ({len(files) - channels[1]})")
    if kind == "dicom":
        if len({file.patient for file in files}) > 1:
            problems.append(f"names {len({file.patient for file in files})} different patients in one series")
        spacings = Counter(file.spacing_mm for file in files)
        if len(spacings) > 1:
            problems.append(f"mixes {len(spacings)} pixel spacings")
    return problems


def _listed(sizes: Counter[tuple[int, ...]]) -> str:
    return ", ".join(f"{'×'.join(map(str, size))} ({count})" for size, count in sizes.most_common(4))


def _along(members: list[Facts]) -> tuple[float | None, list[str]]:
    """The step between slices along the normal (mm; None when it is not known), and what is wrong with the stack."""
    problems = _copies(members)
    placed = [(plane, member.found.path) for member in members for plane in member.planes]
    images = sum(member.found.frames for member in members)
    if len(placed) < images:
        if placed or len(members) > 1:
            problems.append(f"{images - len(placed)} of {images} images do not say where they lie in the patient")
        return None, problems
    first = placed[0][0].normal
    others = sum(max(abs(a - b) for a, b in zip(plane.normal, first, strict=True)) > _TILT for plane, _ in placed)
    if others:
        problems.append(f"mixes orientations: {others} of {images} images are tilted against the first")
        return None, problems
    step, gaps = _steps(sorted((plane.along, path) for plane, path in placed))
    tilt = _shear([plane.corner for plane, _ in placed], first) if step else None
    return step, problems + gaps + ([tilt] if tilt else [])


def _steps(placed: list[tuple[float, str]]) -> tuple[float | None, list[str]]:
    """The usual step of a sorted stack, and its gaps and repeated places in words."""
    pairs = [(after[0] - before[0], before, after) for before, after in pairwise(placed)]
    moves = [pair for pair in pairs if pair[0] > _SAME_PLACE_MM]
    problems = []
    repeated = len(pairs) - len(moves)
    if repeated:
        problems.append(
            f"{repeated + 1 if not moves else repeated} images share a place with another (phases, echoes or copies)"
        )
    if not moves:
        return None, problems
    step = median(move for move, _, _ in moves)
    for move, before, after in moves:
        if move > step * _GAP + _SAME_PLACE_MM:
            missing = max(round(move / step) - 1, 0)
            what = f"{missing} slice{'s' if missing != 1 else ''} missing" if missing else "an uneven step"
            problems.append(f"{what} between {before[1]} and {after[1]}: {step:.2f} mm expected, {move:.2f} mm found")
    return step, problems


def _shear(corners: list[tuple[float, float, float]], normal: tuple[float, float, float]) -> str | None:
    """A sentence when the stack leans (gantry tilt): its corners do not follow the normal."""
    ordered = sorted(corners, key=lambda corner: sum(a * b for a, b in zip(normal, corner, strict=True)))
    way = [b - a for a, b in zip(ordered[0], ordered[-1], strict=True)]
    along = sum(a * b for a, b in zip(normal, way, strict=True))
    aside = max(0.0, sum(part * part for part in way) - along * along) ** 0.5
    if aside <= max(0.02 * abs(along), 0.1):
        return None
    return f"the stack leans (gantry tilt): its slices shift by {aside:.1f} mm sideways over {along:.1f} mm"


def _copies(members: list[Facts]) -> list[str]:
    """Images with the same SOPInstanceUID."""
    paths: dict[str, list[str]] = defaultdict(list)
    for member in members:
        if member.instance_uid:
            paths[member.instance_uid].append(member.found.path)
    doubled = [places for places in paths.values() if len(places) > 1]
    if not doubled:
        return []
    count = sum(len(places) - 1 for places in doubled)
    return [
        f"holds {count} duplicate{'s' if count > 1 else ''} of an image, such as {doubled[0][0]} and {doubled[0][1]}"
    ]
