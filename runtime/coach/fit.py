"""How well the network fits: it learns by heart, too little, or is measured under kinder conditions than it learns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from runtime.coach.course import Course, mean, median
from runtime.coach.finding import Finding

WAIT = 3  # epochs since the best one: one or two worse epochs are chance
RISE = 1.1  # times the lowest validation loss
NOTABLE = 0.05  # of the loss of knowing nothing: a rise from 0.01 to 0.02 harms nobody
FELL = 0.9  # of the training loss at the best epoch: training went on getting better
BY_HEART = 0.5  # of the loss of knowing nothing: the training cases are learned
GAP = 0.5  # of the loss of knowing nothing between training and validation
POOR = 0.7  # of the loss of knowing nothing: above it, hardly anything is learned
LEVEL = 0.03  # of the loss: below it, three epochs against the three before have not changed
ALIKE = 1.25  # times the training loss: validation is as bad, so nothing was learned by heart
KINDER = 0.75  # of the training loss: more than what dropout of a usual strength does
CLEAR = 0.1  # of the loss of knowing nothing: the distance is worth a word
LONG = 5  # epochs in which it holds each time
ENOUGH = 6  # epochs before a network is called too small


def overfitting(course: Course) -> Iterator[Finding]:
    """Validation gets worse, or stays bad, while training gets better."""
    training, checked = course.training, course.validation
    if len(checked) <= WAIT or not course.plain:
        return
    smooth = [median(checked[max(0, place - 2) : place + 1]) for place in range(len(checked))]
    best = min(range(len(smooth)), key=smooth.__getitem__)
    low, now = smooth[best], smooth[-1]
    rose = now > RISE * low and now - low > NOTABLE * course.nothing
    if len(checked) - 1 - best >= WAIT and rose and mean(training[-WAIT:]) < FELL * training[best]:
        since = min(range(len(checked)), key=checked.__getitem__) + 1
        yield Finding(
            "overfitting",
            f"Since epoch {since} the validation loss rose from {min(checked):.3g} to {now:.3g} while the training "
            f"loss fell to {training[-1]:.3g}: the network learns the training images by heart.",
        )
    elif len(checked) >= 2 * WAIT and _gapes(course) and not _falls(checked):
        yield Finding(
            "overfitting",
            f"The training loss is {training[-1]:.3g}, the validation loss stays at {checked[-1]:.3g}: the network "
            "learns the training images by heart instead of what they have in common.",
        )


def underfitting(course: Course) -> Iterator[Finding]:
    """Training itself has come to rest near what knowing nothing costs, and validation with it."""
    training, checked = course.training, course.validation
    if len(training) < ENOUGH or not course.plain:
        return
    now = mean(training[-WAIT:])
    if course.level(now) > POOR and not _falls(training) and median(checked[-WAIT:]) < ALIKE * now:
        yield Finding(
            "underfitting",
            f"After {len(training)} epochs the training loss rests at {now:.3g}, where knowing nothing gives "
            f"{course.nothing:.3g}: the network is too small or too restrained for this task, or the images do not "
            "show it.",
        )


def validation_better(course: Course) -> Iterator[Finding]:
    """Validation is much better than training, beyond that an epoch's training loss is of its middle, not its end."""
    training, checked = course.training, course.validation
    if len(training) <= LONG or not course.plain:
        return
    at_the_end = [mean(pair) for pair in pairwise(training)][-LONG:]
    pairs = list(zip(at_the_end, checked[-LONG - 1 : -1], strict=True))
    if all(other < KINDER * own and own - other > CLEAR * course.nothing for own, other in pairs):
        yield Finding(
            "validation_better",
            f"The validation loss ({checked[-1]:.3g}) is far below the training loss ({training[-1]:.3g}): dropout and "
            "augmentation make training harder than measuring, or the validation part is small, easier, or known.",
        )


def _gapes(course: Course) -> bool:
    own, other = mean(course.training[-WAIT:]), mean(course.validation[-WAIT:])
    return course.level(own) < BY_HEART and course.level(other - own) > GAP


def _falls(losses: list[float]) -> bool:
    before, now = mean(losses[-2 * WAIT : -WAIT]), mean(losses[-WAIT:])
    return before - now > LEVEL * before
