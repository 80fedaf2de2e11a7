"""Reading the cases of a batch that lie in the cache: checked and judged together, which costs far fewer calls."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from runtime.data.cache_as_found import frames_of
from runtime.data.pool import Failed
from runtime.delivery.prediction_cases import Given, Unread, fitted


def read_together(cases: Sequence[Given]) -> list[Given]:
    """The cases in their order, each with its pixels or with why it has none. Any thread may ask."""
    lying = [(case, case.unread) for case in cases if case.unread is not None]
    if not lying:
        return list(cases)
    read = _read(lying)
    return [next(read) if case.unread is not None else case for case in cases]


def _read(lying: Sequence[tuple[Given, Unread]]) -> Iterator[Given]:
    start = 0
    for block, sound in frames_of([(unread.stored, unread.number) for _, unread in lying]):
        asked = lying[start : start + len(block)]
        start += len(block)
        one = asked[0][1]
        given = fitted([case.row for case, _ in asked], block, one.wanted, one.unlike)
        for (case, unread), found, whole in zip(asked, given, sound, strict=True):
            yield found if whole else _decoded(case, unread)


def _decoded(case: Given, unread: Unread) -> Given:
    """A case whose entry is damaged, from its file."""
    answer = unread.stored.decoded()
    if isinstance(answer, Failed):
        return Given(replace(case.row, problem=answer.reason))
    frame = answer.array[unread.number : unread.number + 1]
    (given,) = fitted([case.row], frame, unread.wanted, unread.unlike)
    return given
