"""`netloom batch`: which batch size suits a project on this machine."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from runtime.analysis import analyse
from runtime.batch_search import found_batch
from runtime.cli.data import AsJson
from runtime.cli.device_options import DeviceOption, Processes
from runtime.cli.output import Out, Refused, of_the_input, told
from runtime.cli.train import Project
from runtime.files import load_graph
from runtime.readiness import training_problems


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(batch)


def batch(
    file: Project,
    device: DeviceOption = None,
    processes: Processes = None,
    lines: Annotated[bool, typer.Option("--lines", help="Print one JSON object for each size as it is tried.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try which batch size suits a project on this machine, with real training steps on random images."""
    out = Out(as_json or lines)
    loaded = load_graph(file)
    out.warn(*loaded.notes)
    analysis = analyse(loaded.graph)
    problems = (*analysis.problems, *training_problems(analysis, as_attached=False))
    if any(problem.severity == "error" for problem in problems):
        raise Refused(*told(problems, analysis))

    def tell(size: int, pace: float) -> None:
        if lines:
            typer.echo(json.dumps({"tried": size, "images_per_second": round(pace, 1)}))
        else:
            out.say(f"A batch of {size}: {pace:,.0f} cases a second.")

    with of_the_input():
        found = found_batch(loaded.graph, device, processes, tell)
    out.say(found.words())
    record: dict[str, Any] = {"batch": found.batch, "largest": found.largest, "message": found.words()}
    out.result(record)
