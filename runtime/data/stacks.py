"""A series divided into stacks: images of one orientation, size and spacing, no two at one place.

Neither file names nor the order of the files have a say; instance numbers only where nothing else tells images apart.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from runtime.data.facts import Facts
from runtime.data.geometry import Plane
from runtime.data.marks import Marks

SAME_PLACE_MM = 0.01
_TILT = 1e-3  # difference of direction cosines that is another orientation
_APART = ("localizer", "screen", "projection")


@dataclass(frozen=True, slots=True)
class Image:
    """One frame of a file with all that decides where it belongs."""

    fact: Facts
    frame: int
    plane: Plane | None
    marks: Marks
    along: float  # its place along its normal, mm; 0 where it is not known
    cosines: tuple[float, ...]  # its orientation, rounded; () where it is not known


@dataclass(frozen=True, slots=True)
class Group:
    """Images that belong together, and the words that tell them from the rest of the series."""

    words: tuple[str, ...]
    images: tuple[Image, ...]
    by_number: bool = False  # told apart by their instance numbers alone
    repeated: int = 0  # images that still share a place with another


def images_of(fact: Facts) -> list[Image]:
    """The frames of a file, each with its plane and marks."""
    frames = fact.found.frames
    # One plane for several frames means that they lie at one place, one moment after the other.
    planes = fact.planes * frames if fact.moments and len(fact.planes) == 1 else fact.planes
    marks = fact.marks or (Marks(),)
    known = len(planes) == frames
    return [
        _image(fact, frame, planes[frame] if known else None, marks[frame if len(marks) > 1 else 0])
        for frame in range(frames)
    ]


def _image(fact: Facts, frame: int, plane: Plane | None, marks: Marks) -> Image:
    if plane is None:
        return Image(fact, frame, None, marks, 0.0, ())
    cosines = tuple(round(part, 4) + 0.0 for part in (*plane.across, *plane.down))
    return Image(fact, frame, plane, marks, plane.along, cosines)


def divided(facts: Sequence[Facts]) -> list[Group]:
    """The stacks of one series, the largest first."""
    hard: dict[tuple[object, ...], list[Image]] = defaultdict(list)
    images = [image for fact in facts for image in images_of(fact)]
    turns = _orientations(images)
    for image in images:
        hard[_frame_of(image, turns)].append(image)
    shared = [{place[i] for place in hard} for i in range(_WORDED)]
    groups = []
    for place, members in hard.items():
        words = tuple(_word(i, place[i]) for i in range(_WORDED) if len(shared[i]) > 1)
        groups += _separated(tuple(filter(None, words)), members)
    return sorted(groups, key=lambda group: (-len(group.images), group.words, _least(group.images)))


_WORDED = 6


def _frame_of(image: Image, turns: dict[tuple[float, ...], int]) -> tuple[object, ...]:
    """What images of one stack have in common whatever else they say."""
    found = image.fact.found
    spacing = tuple(round(side, 4) for side in found.spacing_mm) if found.spacing_mm else None
    alone = found.frames > 1 and image.plane is None
    return (
        image.fact.purpose if image.fact.purpose in _APART else "",
        found.size,
        spacing,
        found.channels,
        turns.get(image.cosines, -1),
        found.path if alone else "",
        found.patient,
        found.frames > 1 and image.fact.moments,
    )


def _word(index: int, value: object) -> str:
    """One part of what images have in common, as a reader would say it."""
    match index:
        case 0:
            return str(value)
        case 1 if isinstance(value, tuple):
            return "×".join(map(str, value)) + " pixels"
        case 2:
            return "spacing " + ("×".join(f"{side:g}" for side in value) + " mm" if isinstance(value, tuple) else "?")
        case 3:
            return "grey" if value == 1 else "colour"
        case 4:
            return f"orientation {value + 1}" if isinstance(value, int) and value >= 0 else "no known place"
    return str(value)


def _orientations(images: Sequence[Image]) -> dict[tuple[float, ...], int]:
    """The number of the orientation that each written one belongs to; those closer than the tolerance are one."""
    written = sorted({image.cosines for image in images if image.plane})
    groups: list[list[tuple[float, ...]]] = []
    for cosines in written:
        near = [group for group in groups if any(_close(cosines, other) for other in group)]
        merged = [cosines, *(other for group in near for other in group)]
        groups = [group for group in groups if group not in near] + [merged]
    tally = Counter(image.cosines for image in images)
    groups.sort(key=lambda group: (-sum(tally[cosines] for cosines in group), min(group)))
    return {cosines: number for number, group in enumerate(groups) for cosines in group}


def _close(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= _TILT


def _separated(words: tuple[str, ...], images: Sequence[Image]) -> list[Group]:
    """The images as groups of which none has two at one place, as far as their marks or numbers allow."""
    if any(image.plane is None for image in images):
        return [Group(words, tuple(images))]
    places = places_of(images)
    most, count = max(Counter(places).values()), len(set(places))
    if most == 1:
        return [Group(words, tuple(images))]
    if count == 1:
        return [Group(words, tuple(images), repeated=len(images))]
    # A frame of reference may be new in every file of a series that was made anonymous: alone it divides nothing.
    for word in ("frame of reference", *Marks().named()):
        values: dict[str, list[Image]] = defaultdict(list)
        for image in images:
            said = {**image.marks.named(), "frame of reference": image.fact.frame_of_reference}
            values[said[word]].append(image)
        full = all(len(set(places_of(members))) == count for members in values.values())
        if len(values) > 1 and (full or word == "stack"):
            return [
                group
                for value, members in sorted(values.items())
                for group in _separated((*words, f"{word} {value or '?'}"), members)
            ]
    return _by_number(words, images, places, most)


def _by_number(words: tuple[str, ...], images: Sequence[Image], places: Sequence[int], most: int) -> list[Group]:
    """The first image at each place, the second, and so on, as their instance numbers count; else all in one."""
    numbers = [image.fact.found.instance for image in images]
    even = set(Counter(places).values()) == {most}
    if not even or None in numbers or len(set(numbers)) < len(numbers):
        return [Group(words, tuple(images), repeated=len(places) - len(set(places)))]
    sets: list[list[Image]] = [[] for _ in range(most)]
    seen: Counter[int] = Counter()
    for _, place, image in sorted(zip(numbers, places, images, strict=True), key=lambda entry: entry[0] or 0):
        sets[seen[place]].append(image)
        seen[place] += 1
    return [
        Group((*words, f"set {number} of {most}"), tuple(members), by_number=True)
        for number, members in enumerate(sets, start=1)
    ]


def places_of(images: Sequence[Image]) -> list[int]:
    """For each image the number of its place along the normal; those closer than the tolerance share one."""
    order = sorted(range(len(images)), key=lambda index: images[index].along)
    places = [0] * len(images)
    for before, after in pairwise(order):
        places[after] = places[before] + (images[after].along - images[before].along > SAME_PLACE_MM)
    return places


def _least(images: Sequence[Image]) -> tuple[float, str]:
    return min((image.along, image.fact.found.path) for image in images)
