"""Words of a call that say how cases are divided, and how much memory the data may take."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from runtime.cli.output import WRONG_CALL, Refused
from runtime.data.memory_budget import memory_setting
from runtime.training_values import shares_of


def division(
    parts: str | None, column: str | None, held_out: str | None, folds: int | None, fold: int | None
) -> Mapping[str, Any]:
    """The settings that a call names (`Training`); None for those that it does not."""
    shares = None if parts is None else _shares(parts)
    return {"parts": shares, "split_column": column, "held_out": held_out, "folds": folds, "fold": fold}


def _shares(text: str) -> tuple[float, ...]:
    """Three shares of 1, from shares or per cent. Raises Refused."""
    words = [word for word in re.split(r"[/,;:\s]+", text.strip()) if word]
    try:
        numbers = [float(word.rstrip("%")) for word in words]
    except ValueError as error:
        said = f"--parts is “{text}”; three shares that add up to 1 or 100 fit, such as 70/15/15."
        raise Refused(said, code=WRONG_CALL) from error
    try:
        return shares_of(numbers)
    except ValueError as error:
        raise Refused(str(error), code=WRONG_CALL) from error


def use_memory(text: str) -> None:
    """Take this as the budget for data in this process and its children. Raises Refused for what is no amount."""
    if text:
        os.environ["NETLOOM_MEMORY"] = text
    given = os.environ.get("NETLOOM_MEMORY")
    try:
        if given:
            memory_setting(given)
    except ValueError as error:
        raise Refused(str(error), code=WRONG_CALL) from error
