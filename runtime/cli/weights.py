"""The command that tells what of given weights would fit a project, without training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.output import Out, Refused, of_the_input, told
from runtime.cli.steps import WeightsBy
from runtime.cli.train import Project
from runtime.files import load_graph
from runtime.weights.telling import Row


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(weights)


def weights(
    weights: Annotated[Path, typer.Argument(help="A run, or a file of weights.", exists=True, metavar="WEIGHTS")],
    file: Project,
    by: WeightsBy = None,
    as_json: AsJson = False,
) -> None:
    """Tell which layers of a project would begin with the weights of a run or a file, which not, and why.

    Layers are known by the names that this program gives, by those of torchvision and timm for networks that are
    templates here, or, with --weights-by order, by the order of their shapes. Nothing is trained or changed.
    """
    from runtime.weights.starting import start_of  # brings torch, which a refused call need not wait for

    out = Out(as_json)
    loaded = load_graph(file)
    out.warn(*loaded.notes)
    training = replace(loaded.graph.training, weights_from=str(weights.absolute()))
    graph = replace(loaded.graph, training=replace(training, weights_by=by or training.weights_by))
    analysis = analyse(graph)
    if analysis.errors:
        raise Refused(*told(analysis.errors, analysis))
    with of_the_input():
        report = start_of(analysis).report
    out.say(*report.sentences())
    out.say("", "Layer here ← layer of the file:", *(_line(row) for row in report.rows))
    out.result(report.record())


def _line(row: Row) -> str:
    if not row.loaded:
        return f"{row.title}: new{f' ({row.why})' * bool(row.why)}"
    noted = "summed over red, green and blue" if row.how == "summed" else row.why
    return f"{row.title} ← {row.entry}{f' ({noted})' * bool(noted)}"
