"""Steps that are too large: the loss leaps, climbs, or is no number any more."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from runtime.coach.course import Course, mean, median
from runtime.coach.finding import Finding

WORSE = 1.25  # times the loss of knowing nothing: beyond what an unlucky start gives
LEAPS = 0.25  # of the loss: an epoch's mean over many batches moves by some per cent where steps fit
RISES = 2  # of the last four changes: one rise is an accident
QUIET = 0.05  # of the loss of knowing nothing: below it, leaps are those of a task that is solved
WINDOW = 5  # epochs: the shortest stretch in which up and down can be told from a trend
SOON = 3  # epochs after which a loss beyond all measure is told


def not_finite(course: Course) -> Iterator[Finding]:
    """A loss or a trained number is not finite any more: the training stopped itself."""
    if course.failure is None or course.failure.code != "not_finite":
        return
    done = len(course.epochs)
    when = f"after {done} whole epoch{'' if done == 1 else 's'}" if done else "in the first epoch"
    yield Finding(
        "not_finite",
        f"Loss or weights were no finite numbers any more {when}: with {course.steps} the steps were too large for "
        "values of this size, so they grew without end.",
        course.failure.node,
    )


def rate_too_high(course: Course) -> Iterator[Finding]:
    """The training loss stays above that of a new network, or both losses leap up and down.

    Validation has to leap as well: strong dropout alone makes the training loss uneven.
    """
    losses = course.training
    if len(losses) < SOON or not course.plain:
        return
    last = losses[-WINDOW:]
    if min(losses[-SOON:]) > WORSE * course.untrained:
        yield Finding(
            "rate_too_high",
            f"The training loss is {median(last):.3g} after {len(losses)} epochs, worse than the "
            f"{course.untrained:.3g} of a network that learned nothing: with {course.steps} the steps overshoot.",
        )
    elif course.level(mean(last)) > QUIET and _leaps(last) and _leaps(course.validation[-WINDOW:]):
        yield Finding(
            "rate_too_high",
            f"The training loss leaps between {min(last):.3g} and {max(last):.3g} in the last {WINDOW} epochs instead "
            f"of falling: with {course.steps} the steps overshoot.",
        )


def _leaps(losses: list[float]) -> bool:
    if len(losses) < WINDOW:
        return False
    changes = [after - before for before, after in pairwise(losses)]
    far = mean([abs(change) for change in changes]) >= LEAPS * mean(losses)
    return far and sum(change > 0 for change in changes) >= RISES
