"""The command that measures a trained run, and how its result is told."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import Out, Refused, of_the_input
from runtime.cli.run_folders import RunFolder, trained_run
from runtime.cli.train import Data
from runtime.data.wording import counted
from runtime.data_places import data_places
from runtime.evaluation.headlines import headlines
from runtime.evaluation.predictive import predictive_intervals, predictive_values
from runtime.evaluation.record import Evaluation
from runtime.events import Event, line

PartName = Annotated[
    Literal["test", "validation", "train"] | None,
    typer.Option(help="Which cases: test unless told otherwise, or all of the folder in --data."),
]


By = Annotated[
    list[str] | None,
    typer.Option("--by", help="Results of groups too: a column of a table (sex, age, site), or a DICOM element."),
]
Prevalence = Annotated[
    float | None,
    typer.Option(min=0.0, max=1.0, help="Predictive values where so many of the patients have it; of two classes."),
]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(evaluate)


def evaluate(
    run: RunFolder,
    data: Data = None,
    part: PartName = None,
    by: By = None,
    prevalence: Prevalence = None,
    events: Annotated[
        bool, typer.Option("--events", help="Print how far it is as event lines, the result as the last line.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Measure a trained run on one part of its data, or on another folder.

    Intervals are 95 % and count patients, not cases. How often the test part was opened is counted in the run folder.
    """
    from runtime.evaluation.evaluate import evaluate as measure

    out = Out(as_json or events)  # stdout carries event lines and the result alone
    began = time.monotonic()

    def hear(event: Event) -> None:
        if events:
            typer.echo(line(event, time.monotonic() - began), err=as_json)

    names: dict[str, str] = {}
    trained = trained_run(run)
    with of_the_input():
        places = data_places(trained.job.graph, data) if data else None
    found = measure(trained, part, places, hear, by or (), names.__setitem__)
    record = found.as_dict()
    if prevalence is not None:
        record["at_prevalence"] = _at_prevalence(found, prevalence)
    tell_evaluation(out, record)
    out.say(*(f"{alias} is “{name}”; the name is not kept in the run folder." for alias, name in names.items()))
    out.result(record)


def _at_prevalence(found: Evaluation, prevalence: float) -> dict[str, Any]:
    """Predictive values where another share of the patients has it. Raises Refused where there is no such thing."""
    sensitivity, specificity = (found.metrics.get(name) for name in ("sensitivity", "specificity"))
    if found.task != "classification" or sensitivity is None or specificity is None:
        raise Refused("--prevalence fits two classes, of both of which there are cases; leave it out.")
    ppv, npv = predictive_values(sensitivity, specificity, prevalence)
    values = {"prevalence": prevalence, "ppv": ppv, "npv": npv}
    sure = predictive_intervals(sensitivity, specificity, found.intervals, prevalence)
    known = {name: value for name, value in values.items() if value == value}
    return {**known, "intervals": {name: asdict(one) for name, one in sure.items() if name in known}}


def tell_evaluation(out: Out, record: Mapping[str, Any]) -> None:
    """Say what was measured, how sure it is, and what speaks against it."""
    out.say(_of_whom(record))
    if record["opened"]:
        out.say(_opened(record["opened"]))
    _tell_metrics(out, record["metrics"], record["intervals"])
    for point in record["operating_points"]:
        out.say(f"{point['name']} from a probability of {point['threshold']:.4g} on:")
        _tell_metrics(out, point["metrics"], point["intervals"])
    if "at_prevalence" in record:
        at = record["at_prevalence"]
        out.say(f"Where {100 * at['prevalence']:g} % have {record['classes'][1]}:")
        _tell_metrics(out, {name: at[name] for name in ("ppv", "npv") if name in at}, at["intervals"])
    notes = [interval["note"] for interval in record["intervals"].values() if interval.get("note")]
    out.warn(*dict.fromkeys((*notes, *record["warnings"])))
    if record["confusion"]:
        out.say("Rows are the truth, columns the prediction:", *_grid(record["classes"], record["confusion"]))
    for group in record["subgroups"]:
        patients = counted(group["patients"], "patient")
        out.say(f"{group['column']} {group['value'] or 'not stated'}: {counted(group['cases'], 'case')} of {patients}.")
        names = headlines(record["task"], group["metrics"])
        _tell_metrics(out, {name: group["metrics"][name] for name in names}, group["intervals"])


def _of_whom(record: Mapping[str, Any]) -> str:
    cases = counted(record["cases"], "case")
    patients = "unknown patients" if record["unknown_patients"] else counted(record["patients"], "patient")
    return f"{record['part']}: {cases} of {patients}."


def _opened(times: int) -> str:
    if times == 1:
        return "The test part was opened for the first time."
    return f"The test part was opened {times} times; what was chosen by it makes it look better than it is."


def _tell_metrics(out: Out, metrics: Mapping[str, float], intervals: Mapping[str, Any]) -> None:
    width = max(map(len, metrics), default=0)
    for name, value in metrics.items():
        interval = intervals.get(name, {})
        between = f"  ({interval['low']:.3g}–{interval['high']:.3g})" if interval.get("low") is not None else ""
        out.say(f"  {name:{width}}  {value:.4g}{between}")


def _grid(classes: Sequence[str], confusion: Sequence[Sequence[int]]) -> list[str]:
    """The confusion matrix as lines, its columns aligned."""
    first = max(map(len, classes))
    widths = [
        max(len(name), *(len(str(row[place])) for row in confusion)) for place, name in enumerate(classes)
    ]  # fmt: skip
    head = "  ".join(f"{name:>{width}}" for name, width in zip(classes, widths, strict=True))
    rows = ("  ".join(f"{count:>{width}}" for count, width in zip(row, widths, strict=True)) for row in confusion)
    return [f"  {'':{first}}  {head}", *(f"  {name:{first}}  {row}" for name, row in zip(classes, rows, strict=True))]
