"""The units of several numbers, written as one text: “years, kg”."""

from __future__ import annotations

from nodes.spec import Unfit


def units_each(text: str, count: int) -> tuple[str, ...]:
    """The unit of each of `count` numbers: one for each, separated by commas, or one for all; () for no text.

    Raises Unfit when there are neither one nor `count`.
    """
    if not text.strip():
        return ()
    units = tuple(unit.strip() for unit in text.split(",")) if count > 1 else (text.strip(),)
    if len(units) == 1:
        return units * count
    if len(units) != count:
        raise Unfit(
            f"The unit names {len(units)} units ({text}), but there are {count} numbers to learn; give one for all, or "
            "one for each, separated by commas.",
            "unit",
        )
    return units
