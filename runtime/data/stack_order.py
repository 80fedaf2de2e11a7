"""The slices of a stack in order, the step between them, and why they make no volume where they do not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from runtime.data.geometry import Vector
from runtime.data.stacks import SAME_PLACE_MM, Image
from runtime.data.wording import counted

_GAP = 1.05  # of the usual step; more is a missing slice
_UNEVEN = 0.01  # of the usual step, at least 0.01 mm


def in_order(images: Sequence[Image]) -> list[Image]:
    """Along the normal; at one place, or where no place is known, by time, instance number and frame."""
    return sorted(images, key=_turn)


def _turn(image: Image) -> tuple[float, float, float, float, int, str]:
    number = image.fact.found.instance
    return (
        round(image.along / SAME_PLACE_MM) * SAME_PLACE_MM,
        _number(image.marks.temporal),
        _number(image.marks.trigger),
        float("inf") if number is None else number,
        image.frame,
        image.fact.found.path,
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def step_of(ordered: Sequence[Image]) -> float | None:
    """The usual distance of neighbouring slices along the normal, mm; None where it is not known."""
    if not ordered or any(image.plane is None for image in ordered):
        return None
    moves = [b.along - a.along for a, b in pairwise(ordered) if b.along - a.along > SAME_PLACE_MM]
    return median(moves) if moves else None


def gaps(ordered: Sequence[Image], step: float) -> list[str]:
    """Missing slices, each with the two files it lies between and both distances."""
    told = []
    for before, after in pairwise(ordered):
        move = after.along - before.along
        if move > step * _GAP + SAME_PLACE_MM:
            missing = round(move / step) - 1
            if missing < 1:
                continue  # uneven, and told as such
            told.append(
                f"{counted(missing, 'slice')} missing between {before.fact.found.path} and {after.fact.found.path}: "
                f"{step:.2f} mm expected, {move:.2f} mm found"
            )
    return told


def uneven(ordered: Sequence[Image], step: float) -> str:
    """A sentence when the steps differ by more than the tolerance, although none of them is a gap."""
    moves = [after.along - before.along for before, after in pairwise(ordered)]
    worst = max((abs(move - step) for move in moves), default=0.0)
    if worst <= max(_UNEVEN * step, SAME_PLACE_MM):
        return ""
    return f"the slices lie unevenly: {min(moves):.2f} to {max(moves):.2f} mm apart"


def shear(ordered: Sequence[Image]) -> str:
    """A sentence when the stack leans (gantry tilt): its corners do not follow the normal, whatever a tag says."""
    first, last = ordered[0].plane, ordered[-1].plane
    if first is None or last is None:
        return ""
    way: Vector = tuple(b - a for a, b in zip(first.corner, last.corner, strict=True))  # type: ignore[assignment]
    along = sum(a * b for a, b in zip(first.normal, way, strict=True))
    aside = max(0.0, sum(part * part for part in way) - along * along) ** 0.5
    if aside <= max(0.02 * abs(along), 0.1):
        return ""
    return f"the stack leans (gantry tilt): its slices shift by {aside:.1f} mm sideways over {along:.1f} mm"
