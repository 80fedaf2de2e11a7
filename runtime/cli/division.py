"""Options of `netloom train` that say how cases are divided, and how much memory the data may take."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from runtime.cli.output import WRONG_CALL, Refused
from runtime.data.memory_budget import memory_setting
from runtime.graph import SplitBy
from runtime.training_values import shares_of

Split = Annotated[SplitBy | None, typer.Option(help="What stays together when the parts are made.")]
Parts = Annotated[str | None, typer.Option(help="Shares of training, validation and test, such as 70/15/15.")]
SplitColumn = Annotated[
    str | None,
    typer.Option("--split-column", help="For --split column: a column of the label table, or a DICOM keyword."),
]
HeldOut = Annotated[
    str | None, typer.Option("--held-out", help="The value of that column whose cases are the test part.")
]
FoldCount = Annotated[int | None, typer.Option(min=0, help="Divide into so many folds; 0 for none.")]
Fold = Annotated[int | None, typer.Option(min=1, help="Which fold tests; the next one validates.")]
MostMemory = Annotated[
    str, typer.Option(help="The most that data may take in memory, such as 2GB (also NETLOOM_MEMORY).")
]


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
