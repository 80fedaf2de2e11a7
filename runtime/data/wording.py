"""Numbers and lists of files in words, the same wherever they are said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runtime.data.catalogue import Skipped

_MOST_REASONS = 20


class Naming(str):
    """A sentence that names what is no file of the data set, such as the image of a row that is not there.

    `nameless` says the same without these names, for a run folder.
    """

    nameless: str

    def __new__(cls, text: str, nameless: str) -> Naming:
        """Both ways to say it."""
        made = super().__new__(cls, text)
        made.nameless = nameless
        return made

    def __reduce__(self) -> tuple[type[Naming], tuple[str, str]]:
        """A copy has both."""
        return Naming, (str(self), self.nameless)


def naming(told: str, names: str) -> Naming:
    """What is told, and after a colon the names in a list; without them the sentence ends before the colon."""
    return Naming(f"{told}: {names}.", f"{told}.")


def counted(count: int, noun: str) -> str:
    """A number with its noun: 1 patient, 2 patients."""
    if count == 1 or noun == "series":
        return f"{count} {noun}"
    return f"{count} {noun}s"


def tally(skipped: Sequence[Skipped]) -> list[str]:
    """Why files are not used: one line for each reason, the commonest first, with one file as an example."""
    ranked = by_reason(skipped)
    lines = [f"{len(paths)}: {paths[0]}{' and others' * (len(paths) > 1)}: {reason}" for reason, paths in ranked]
    left = len(lines) - _MOST_REASONS
    return [*lines[:_MOST_REASONS], f"and {counted(left, 'other reason')}"] if left > 0 else lines


def by_reason(skipped: Sequence[Skipped]) -> list[tuple[str, list[str]]]:
    """The files that are not used under each reason, the commonest first."""
    reasons: dict[str, list[str]] = {}
    for item in skipped:
        reasons.setdefault(_reason(item), []).append(item.path)
    return sorted(reasons.items(), key=lambda entry: -len(entry[1]))


def _reason(item: Skipped) -> str:
    """The reason without the file's own name, so that equal reasons are counted together."""
    reason, file = item.reason.rstrip("."), item.path.partition("#")[0]
    for name in (item.path, file, file.rpartition("/")[2]):
        for sign in (": ", " "):
            reason = reason.removeprefix(name + sign)
    if "." not in item.path and "/" not in item.path:
        return reason  # may be a word of the sentence
    return re.sub(rf"(?<![\w./]){re.escape(item.path)}(?![\w/])", "the image", reason)
