"""A training that hardly moves: from the start, or after it has learned something."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from runtime.coach.course import Course, mean, median
from runtime.coach.finding import Finding

STILL = 0.01  # of their own size: trained numbers that moved less in several epochs have learned nothing yet
LITTLE = 0.7  # of the loss of knowing nothing: above it, hardly anything is learned
SOON = 3  # epochs after which numbers that stand still are told
SLOW = 10  # epochs in which a slow, steady fall can be told from a start
STEADY = 0.8  # of the epochs in which the loss falls
FALL = 0.25  # of the loss at the start: more than that in ten epochs is no crawl
SPENT = 0.5  # the second half of a crawl falls at least so much of the first half; else it comes to rest
REST = 8  # epochs without change before a plateau is told; patience is usually of this size
LONGEST = 50  # epochs that are looked at for it, however long the run is
CHANGE = 0.02  # of the loss: what shuffling alone does to an epoch's mean
SOLVED = 0.05  # of the loss of knowing nothing: a task that is solved has no further to go
FADED = 0.05  # of the greatest learning rate: a schedule at its end is meant to stand still


def rate_too_low(course: Course) -> Iterator[Finding]:
    """The trained numbers hardly moved, or the loss falls steadily and next to not at all."""
    losses = course.training
    if len(losses) < SOON or not course.plain or not course.level(losses[-1]) > LITTLE:
        return
    moved = _moved(course)
    if moved is not None and moved < STILL:
        yield Finding(
            "rate_too_low",
            f"In {len(losses)} epochs the weights changed by {100 * moved:.2g} % of their size and the training loss "
            f"went from {losses[0]:.4g} to {losses[-1]:.4g}: with {course.steps} the steps are too small.",
        )
    elif len(losses) >= SLOW and _crawls(losses):
        yield Finding(
            "rate_too_low",
            f"The training loss falls in nearly every epoch, but only from {losses[0]:.4g} to {losses[-1]:.4g} in "
            f"{len(losses)} epochs: with {course.steps} the steps are too small.",
        )


def plateau(course: Course) -> Iterator[Finding]:
    """Training and validation loss have come to rest, well below the start and well above 0."""
    window = min(max(REST, len(course.epochs) // 3), LONGEST)
    losses, checked = course.training, course.validation
    if len(losses) < window + SOON or not course.plain or course.rates[-1:] < [FADED * max(course.rates, default=0.0)]:
        return
    if not SOLVED < course.level(losses[-1]) <= LITTLE or not (_rests(losses[-window:]) and _rests(checked[-window:])):
        return
    yield Finding(
        "plateau",
        f"In the last {window} epochs neither loss changed: training stays near {mean(losses[-window:]):.3g}, "
        f"validation near {mean(checked[-window:]):.3g}. More epochs like these bring nothing; smaller steps may.",
    )


def _moved(course: Course) -> float | None:
    """By how much of their size the layers moved since the training began; the layer in the middle."""
    values = [value for value in course.seen[-1].moved.values() if value is not None] if course.seen else []
    return median(values) if values else None


def _crawls(losses: list[float]) -> bool:
    changes = [before - after for before, after in pairwise(losses)]
    half = len(changes) // 2
    falls, early, late = sum(change > 0 for change in changes), sum(changes[:half]), sum(changes[-half:])
    return falls >= STEADY * len(changes) and losses[0] - losses[-1] < FALL * losses[0] and late >= SPENT * early > 0


def _rests(losses: list[float]) -> bool:
    """Whether the second half of a stretch is no better and not much worse than the first."""
    half = len(losses) // 2
    before, after = mean(losses[:half]), mean(losses[-half:])
    return -3 * CHANGE * before < before - after < CHANGE * before
