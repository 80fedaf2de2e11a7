"""Names of classes that say that there is no finding, and what follows from them for two classes."""

from __future__ import annotations

from collections.abc import Sequence

NOTHING = (
    "no finding", "no_finding", "nothing", "none", "negative", "neg", "background", "normal", "healthy", "no", "false",
    "0", "0.0",
)  # fmt: skip


def says_nothing(label: str) -> bool:
    """Whether a class is that of cases in which nothing is to be found."""
    return label.strip().casefold() in NOTHING


def nothing_among(classes: Sequence[str]) -> int | None:
    """The place of the class without a finding; None where no class, or more than one, is named like it."""
    places = [place for place, name in enumerate(classes) if says_nothing(name)]
    return places[0] if len(places) == 1 else None


def positive_among(classes: Sequence[str]) -> int | None:
    """The place of the one of two classes that is to be found: the second, but the first where the second says that
    nothing is there (such as “healthy” or “no finding”). None where there are not two classes."""
    if len(classes) != 2:
        return None
    return 0 if nothing_among(classes) == 1 else 1
