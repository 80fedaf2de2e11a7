"""Networks that take the cheapest answer: the most frequent class for every case, background for every pixel."""

from __future__ import annotations

from collections.abc import Iterator

from runtime.coach.course import Course
from runtime.coach.finding import Finding

LATELY = 3  # epochs in a row: networks often begin so, and go on
HARDLY = 0.1  # of how often the rest truly occurs
FEW = 10  # cases of the validation part below which shares say nothing
RARE = 0.01  # of the cases: a rest as rare as this may well be missed


def majority(course: Course) -> Iterator[Finding]:
    """Nearly all cases of the validation part are taken for one class."""
    if course.cases.get("validation", 0) < FEW:
        return
    for node, predicted, true in _lately(course, "class"):
        top = max(range(len(predicted[-1])), key=predicted[-1].__getitem__)
        rest = 1 - true[-1][top]
        if rest > RARE and all(1 - shares[top] <= HARDLY * rest for shares in predicted):
            name = _names(course, node)[top]
            yield Finding(
                "majority",
                f"{100 * predicted[-1][top]:.0f} % of the validation cases are taken for “{name}”, but only "
                f"{100 * true[-1][top]:.0f} % are: the network found that this answer alone is right most often.",
                node,
            )


def empty_masks(course: Course) -> Iterator[Finding]:
    """Next to no pixel of the validation part is taken for anything but background."""
    for node, predicted, true in _lately(course, "mask"):
        drawn = 1 - true[-1][0]
        if drawn > 0 and all(1 - shares[0] <= HARDLY * drawn for shares in predicted):
            yield Finding(
                "empty_masks",
                f"{_per_cent(1 - predicted[-1][0])} of the validation pixels are marked, where {_per_cent(drawn)} "
                "belong to a structure: so few pixels count little in the loss that empty masks are nearly right.",
                node,
            )


def _lately(course: Course, label: str) -> Iterator[tuple[str, list[list[float]], list[list[float]]]]:
    """For each loss with such labels what was predicted and what is true, by class, in the last epochs."""
    last = course.seen[-LATELY:]
    for node in last[-1].predicted if len(last) == LATELY else ():
        target = course.target(node)
        predicted = [[share or 0.0 for share in one.predicted.get(node, ())] for one in last]
        true = [[share or 0.0 for share in one.true.get(node, ())] for one in last]
        if target is not None and target.label == label and all((*predicted, *true)):
            yield node, predicted, true


def _names(course: Course, node: str) -> tuple[str, ...]:
    target = course.target(node)
    return target.classes if target is not None else ()


def _per_cent(share: float) -> str:
    return f"{100 * share:.2g} %"
