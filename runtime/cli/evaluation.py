"""The command that measures a trained run, and how its result is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import Out
from runtime.cli.run_folders import RunFolder, trained_run
from runtime.cli.train import Data
from runtime.data.wording import counted

PartName = Annotated[
    Literal["test", "validation", "train"] | None,
    typer.Option(help="Which cases: test unless told otherwise, or all of the folder in --data."),
]


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(evaluate)


def evaluate(run: RunFolder, data: Data = None, part: PartName = None, as_json: AsJson = False) -> None:
    """Measure a trained run on one part of its data, or on another folder.

    Intervals are 95 % and count patients, not images.
    """
    from runtime.evaluate import evaluate as measure

    out = Out(as_json)
    record = measure(trained_run(run), part, data).as_dict()
    tell_evaluation(out, record)
    out.result(record)


def tell_evaluation(out: Out, record: Mapping[str, Any]) -> None:
    """Say what was measured, how sure it is, and what speaks against it."""
    cases = counted(record["cases"], "case")
    patients = "unknown patients" if record["unknown_patients"] else counted(record["patients"], "patient")
    out.say(f"{record['part']}: {cases} of {patients}.")
    intervals = record["intervals"]
    width = max(map(len, record["metrics"]), default=0)
    for name, value in record["metrics"].items():
        interval = intervals.get(name, {})
        between = f"  ({interval['low']:.3g}–{interval['high']:.3g})" if interval.get("low") is not None else ""
        out.say(f"  {name:{width}}  {value:.4g}{between}")
    notes = [interval["note"] for interval in intervals.values() if interval.get("note")]
    out.warn(*dict.fromkeys((*notes, *record["warnings"])))
    if record["confusion"]:
        out.say("Rows are the truth, columns the prediction:", *_grid(record["classes"], record["confusion"]))


def _grid(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> list[str]:
    """The confusion matrix as lines, its columns aligned."""
    first = max(map(len, classes))
    widths = [
        max(len(name), *(len(str(row[place])) for row in confusion)) for place, name in enumerate(classes)
    ]  # fmt: skip
    head = "  ".join(f"{name:>{width}}" for name, width in zip(classes, widths, strict=True))
    rows = ("  ".join(f"{count:>{width}}" for count, width in zip(row, widths, strict=True)) for row in confusion)
    return [f"  {'':{first}}  {head}", *(f"  {name:{first}}  {row}" for name, row in zip(classes, rows, strict=True))]
