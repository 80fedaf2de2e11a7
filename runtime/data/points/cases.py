"""The images of a data set taken apart into one case for each point of a table. No torch."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nodes.nothing import nothing_among, says_nothing
from runtime.data.catalogue import Catalogue, DataError, DataSet, Sample, Skipped
from runtime.data.label_paths import listed, shared_folders
from runtime.data.points.choice import ChosenPoints
from runtime.data.points.findings import Findings, Placed, by_labels, by_table
from runtime.data.points.places import Places
from runtime.data.points.table import PointTable, read_points
from runtime.data.taken import Patch, Point
from runtime.data.wording import counted, naming

FINDING, NOTHING = "finding", "no finding"  # the classes of points that only a table of findings tells apart


def pointed(
    dataset: DataSet, catalogue: Catalogue, chosen: ChosenPoints, patch: Patch, labelled: bool = True
) -> DataSet:
    """A case for each point: a patch of its image, whose class the table says, or whether it lies on a true finding.

    A place is the middle of a pixel, counted from 0: x to the right, y down, z along the slices; in columns named
    coordX, coordY, coordZ or x_mm, y_mm, z_mm it is in millimetres (left, back, head), as in DICOM and LUNA16. The
    patch begins half its side before the nearest pixel; beyond the border of the image its outermost pixels are
    repeated. Unless `labelled`, points have no class. Rows that cannot be used are told (`warnings`, `skipped`). Raises
    DataError when no point is left, or when nothing says what the points are.
    """
    _check(dataset, patch)
    places = Places(dataset, catalogue)
    making = _Making(dataset, places, patch, read_points(chosen.table, places.index, chosen.column, chosen.encoding))
    points = making.placed(making.table)
    findings: Findings | None = None
    if labelled:
        points, findings = _judged(making, points, chosen, places)
    samples = making.samples(points, findings)
    if not samples:
        reasons = Counter(item.reason for item in making.skipped).most_common(3)
        why = "; ".join(f"{count} x {reason}" for reason, count in reasons) or "no row names an image of the folder"
        raise DataError(f"No point of {making.table.name} can be used: {why}.")
    return _whole(making, samples, chosen, findings)


def _check(dataset: DataSet, patch: Patch) -> None:
    axes = len(dataset.samples[0].size)
    if len(patch.sides) not in (1, axes) or not all(0 < side < 1e5 for side in patch.sides):
        sides = "×".join(f"{side:g}" for side in patch.sides)
        raise DataError(f"A patch of {sides or 'no'} {patch.unit} does not fit; give one side above 0, or {axes}.")
    if dataset.taken.spacing:
        raise DataError(
            "Patches are cut out of the images as found: leave out the spacing, and give the sides of the patch in mm "
            "and the size in pixels to which each patch is brought."
        )


@dataclass
class _Making:
    """The cases while they are made, and what is to be told of them."""

    dataset: DataSet
    places: Places
    patch: Patch
    table: PointTable
    said: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    def placed(self, table: PointTable) -> list[Placed]:
        """The rows whose place is known, one for each place, in the order of the images; the others are told."""
        shared = shared_folders([row.image for row in table.rows])
        unknown: list[str] = []
        found: dict[tuple[int, tuple[float, ...]], Placed] = {}
        wrong = [(line, why) for line, why in table.unread]
        for row in table.rows:
            image = self.places.image_of(row, shared)
            at = self.places.pixel(image, row.at, table.in_mm) if isinstance(image, int) else ""
            if image == "":
                unknown.append(row.image or f"line {row.line}")
            elif isinstance(image, str) or isinstance(at, str):
                wrong.append((row.line, image if isinstance(image, str) else str(at)))
            elif (known := found.setdefault((image, at), Placed(row, image, at))).row is not row:
                same = (known.row.label, known.row.finding) == (row.label, row.finding)
                but = "" if same else f", where it is said to be “{known.row.label}” and not “{row.label}”"
                wrong.append((row.line, f"gives the place of line {known.row.line} again{but}"))
        self._tell(table, unknown, wrong)
        return sorted(found.values(), key=lambda point: (point.image, point.at))

    def _tell(self, table: PointTable, unknown: Sequence[str], wrong: Sequence[tuple[int, str]]) -> None:
        self.warnings += table.warnings
        if unknown:
            name = "names" if len(unknown) == 1 else "name"
            told = f"{counted(len(unknown), 'row')} of {table.name} {name} no image of the folder"
            self.warnings.append(naming(told, listed(sorted(set(unknown)))))
        if wrong:
            lines = listed([str(line) for line, _ in sorted(wrong)])
            are = "is" if len(wrong) == 1 else "are"
            self.warnings.append(f"{counted(len(wrong), 'row')} of {table.name} {are} not used (lines {lines}).")
        self.skipped += [Skipped(f"{table.name}, line {line}", why) for line, why in sorted(wrong)]

    def samples(self, points: Sequence[Placed], findings: Findings | None) -> list[Sample]:
        """The points as cases; all else is as in their images."""
        made = []
        for number, point in enumerate(points):
            image = self.dataset.samples[point.image]
            sides = self._sides(point.image, image)
            if isinstance(sides, str):
                self.skipped.append(Skipped(f"{self.table.name}, line {point.row.line}", sides))
                continue
            lies = Point(point.at, image.size)
            if findings is not None:
                lies = replace(lies, finding=findings.of[number], missed=findings.missed.get(point.image, 0))
            made.append(replace(
                image, size=sides, point=lies, label=point.row.label if findings is not None else None
            ))  # fmt: skip
        return made

    def _sides(self, place: int, image: Sample) -> tuple[int, ...] | str:
        """The sides of the patch in pixels of the image, or why they are not known."""
        axes = len(image.size)
        sides = self.patch.sides * axes if len(self.patch.sides) == 1 else self.patch.sides
        if len(sides) != axes:
            return f"is a point of an image with {axes} axes, and the patch has {len(sides)} sides"
        if self.patch.unit == "pixels":
            return tuple(max(1, round(side)) for side in sides)
        spacing = self.places.spacing(place)
        if spacing is None:
            return "is a point of an image that does not say its spacing, and the patch is given in mm"
        return tuple(max(1, round(side / step)) for side, step in zip(sides, spacing, strict=True))


def _judged(
    making: _Making, points: Sequence[Placed], chosen: ChosenPoints, places: Places
) -> tuple[list[Placed], Findings]:
    """The points that have a class, and the findings they lie on. Raises DataError when nothing tells the class."""
    table = making.table
    if chosen.findings is None:
        if not table.label:
            raise DataError(
                f"Nothing says what the points of {table.name} are: give it a column class (with “no finding” for "
                "points where nothing is), or lay a table findings.csv beside it (image, x, y and radius)."
            )
        points = _with_class(making, points)
        findings = by_labels(points, making.patch, places)
        making.said.append(_of_labels(points, findings, making.patch))
        return list(points), findings
    truths = read_points(chosen.findings, places.index)
    true = making.placed(truths)
    points = _with_class(making, points) if table.label else points
    findings = by_table(points, true, truths.radius_in_mm, making.patch, places)
    _tell_of_truths(making, truths.name, true, points, findings)
    if table.label:
        return list(points), findings
    names = [(name or FINDING) if of >= 0 else NOTHING for of, name in zip(findings.of, findings.names, strict=True)]
    return [replace(one, row=replace(one.row, label=name)) for one, name in zip(points, names, strict=True)], findings


def _with_class(making: _Making, points: Sequence[Placed]) -> list[Placed]:
    bare = [point for point in points if not point.row.label]
    making.skipped += [Skipped(f"{making.table.name}, line {point.row.line}", "has no class") for point in bare]
    if bare:
        making.warnings.append(f"{counted(len(bare), 'point')} of {making.table.name} without a class, not used.")
    return [point for point in points if point.row.label]


def _of_labels(points: Sequence[Placed], findings: Findings, patch: Patch) -> str:
    met = len({(point.image, of) for point, of in zip(points, findings.of, strict=True) if of >= 0})
    how = f"points within {patch.radius:g} {patch.unit} of each other are on one" if patch.radius else "one for each"
    if any(point.row.finding for point in points):
        how = "as a column numbers them"
    return f"The points labelled as findings are {counted(met, 'finding')} ({how})."


def _tell_of_truths(
    making: _Making, name: str, true: Sequence[Placed], points: Sequence[Placed], findings: Findings
) -> None:
    """What a table of true findings says of the points, and where it contradicts their classes."""
    images = {point.image for point in points}
    without = sum(truth.image not in images for truth in true)
    missed = sum(findings.missed.values())
    making.said.append(
        f"{name} gives {counted(len(true), 'finding')}: {len(true) - missed - without} have a point within their "
        f"radius, {missed} have none and count as missed."
    )
    if without:
        making.warnings.append(
            f"{counted(without, 'finding')} of {name} in images without any point: they are in no case, and FROC does "
            "not count them."
        )
    if not making.table.label:
        return
    odd = sum(
        says_nothing(point.row.label) == (of >= 0) for point, of in zip(points, findings.of, strict=True)
    )  # fmt: skip
    if odd:
        making.warnings.append(
            f"{counted(odd, 'point')} whose class in {making.table.name} contradicts {name} (a finding by one, none by "
            f"the other): the network learns the class, FROC goes by {name}."
        )


def _whole(making: _Making, samples: list[Sample], chosen: ChosenPoints, findings: Findings | None) -> DataSet:
    dataset, table = making.dataset, making.table
    with_points = {sample.image_key for sample in samples}
    empty = [sample for sample in dataset.samples if sample.image_key not in with_points]
    classes = tuple(sorted({sample.label for sample in samples if sample.label is not None}))
    digest = hashlib.sha256(f"{dataset.fingerprint} {making.patch}".encode())
    for sample in samples:
        digest.update(repr((sample, sample.point)).encode("utf-8", "surrogateescape"))
    what = f": {', '.join(f'{name} {count}' for name, count in _tally(samples))}" if classes else ""
    said = [
        f"Cases are points of {table.name}, read as {table.how}: {counted(len(samples), 'point')} in "
        f"{counted(len(with_points), 'image')}{what}; round each a patch of {_sides(making.patch)}.",
        *making.said,
    ]
    warnings = [*making.warnings, *_no_negatives(classes)]
    if empty:
        warnings.append(
            f"{counted(len(empty), 'image')} without a point: {'it gives' if len(empty) == 1 else 'they give'} no case "
            "and are not among the images over which false positives are counted."
        )
    return replace(
        dataset, samples=tuple(samples), label="class" if findings is not None else "", classes=classes,
        size=_commonest(samples), fingerprint=digest.hexdigest(), labels=chosen.wanted,
        said=(*dataset.said, *said), warnings=(*dataset.warnings, *warnings),
        skipped=(*dataset.skipped, *making.skipped, *(Skipped(one.image_key, "has no point") for one in empty)),
        label_files=chosen.files(Path(dataset.folder)), taken=replace(dataset.taken, patch=making.patch),
    )  # fmt: skip


def _no_negatives(classes: tuple[str, ...]) -> list[str]:
    if not classes or nothing_among(classes) is not None:
        return []
    return [
        f"No class, or more than one, is named like points without a finding (such as “{NOTHING}”, “none” or “0”), so "
        "the classes are measured and FROC is not."
    ]


def _tally(samples: Sequence[Sample]) -> list[tuple[str, int]]:
    return sorted(Counter(sample.label or "" for sample in samples).items())


def _sides(patch: Patch) -> str:
    return f"{'×'.join(f'{side:g}' for side in patch.sides)} {patch.unit}"


def _commonest(samples: Sequence[Sample]) -> tuple[int, ...]:
    counts = Counter(sample.size for sample in samples)
    return min(counts, key=lambda size: (-counts[size], size))
