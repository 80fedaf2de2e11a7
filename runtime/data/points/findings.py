"""Which points lie on which true finding of their image, so that several points on one finding count once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from nodes.nothing import says_nothing
from runtime.data.catalogue import DataError
from runtime.data.points.places import Places, distance
from runtime.data.points.table import Row
from runtime.data.taken import Patch


@dataclass(frozen=True, slots=True)
class Placed:
    """A row of a table with the image it names (the place among the samples) and its pixel there."""

    row: Row
    image: int
    at: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """`of` each point the number of its finding in its image (-1: none), and by image those that no point met."""

    of: tuple[int, ...]
    missed: Mapping[int, int] = field(default_factory=dict)
    names: tuple[str, ...] = ()  # of each point, what the table of findings calls it; "" where it is on none


def by_labels(points: Sequence[Placed], patch: Patch, places: Places) -> Findings:
    """Findings made of the points that are labelled as one: those of one finding number, where a column gives it, else
    those that lie within the radius of each other, in a chain. Without a radius each is a finding by itself."""
    of = [-1] * len(points)
    for own in _by_image(points).values():
        positive = [place for place in own if not says_nothing(points[place].row.label)]
        for number, together in enumerate(_joined(points, positive, patch, places)):
            for place in together:
                of[place] = number
    return Findings(tuple(of))


def by_table(
    points: Sequence[Placed], truths: Sequence[Placed], radius_in_mm: bool, patch: Patch, places: Places
) -> Findings:
    """Each point on the nearest true finding within whose radius it lies (as LUNA16 judges candidates; Setio et al.
    2017, doi 10.1016/j.media.2017.06.015). Raises DataError for findings without a radius."""
    of, names = [-1] * len(points), [""] * len(points)
    missed: dict[int, int] = {}
    there = _by_image(truths)
    far = _Distances(places)
    bare = [truth.row.line for truth in truths if truth.row.radius is None and not patch.radius]
    if bare:
        raise DataError(
            f"The finding in line {bare[0]} has no radius, so nothing says how near a point must be to meet it; give a "
            "column radius or diameter, or the setting “Hit radius”."
        )
    for image, own in _by_image(points).items():
        true = [truths[place] for place in there.get(image, ())]
        for place in own:
            near = []
            for number, truth in enumerate(true):
                mm = radius_in_mm if truth.row.radius is not None else patch.unit == "mm"
                away = far(image, points[place].at, truth.at, mm)
                if away <= (truth.row.radius if truth.row.radius is not None else patch.radius):
                    near.append((away, number))
            if near:
                of[place] = min(near)[1]
                names[place] = true[of[place]].row.label
        missed[image] = len(true) - len({of[place] for place in own} - {-1})
    return Findings(tuple(of), missed, tuple(names))


def _joined(points: Sequence[Placed], chosen: Sequence[int], patch: Patch, places: Places) -> list[list[int]]:
    """The points of one image in groups, one for each finding."""
    far = _Distances(places)

    def same(one: int, other: int) -> bool:
        a, b = points[one], points[other]
        if a.row.finding or b.row.finding:
            return a.row.finding == b.row.finding
        return bool(patch.radius) and far(a.image, a.at, b.at, patch.unit == "mm") <= patch.radius

    return _chained(chosen, same)


def _chained(chosen: Iterable[int], same: Callable[[int, int], bool]) -> list[list[int]]:
    groups: list[list[int]] = []
    for place in chosen:
        near = [group for group in groups if any(same(place, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([*(other for group in near for other in group), place])
    return sorted(groups, key=min)


def _by_image(points: Sequence[Placed]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for place, point in enumerate(points):
        found.setdefault(point.image, []).append(place)
    return found


class _Distances:
    """How far two places of an image lie apart."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def __call__(self, image: int, one: Sequence[float], other: Sequence[float], mm: bool) -> float:
        """In pixels, or in mm. Raises DataError where the image does not say its spacing."""
        spacing = self._places.spacing(image) if mm else None
        if mm and spacing is None:
            raise DataError(
                "A radius is given in mm, but not all images say their spacing in millimetres; give it in pixels."
            )
        return distance(one, other, spacing)
