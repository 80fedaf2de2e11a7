"""Commands that hand a model on: export, predict, code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.output import PROBLEMS, Out, progress, tell_problems
from runtime.files import load_graph
from runtime.runs import Run

To = Annotated[Literal["onnx", "python"], typer.Option("--to", help="What to write.")]
OutFile = Annotated[Path, typer.Option("--out", help="The file to write.")]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(export)
    app.command()(predict)
    app.command()(code)


def export(
    run: Annotated[Path, typer.Argument(help="A run folder.")], to: To, out: OutFile, as_json: AsJson = False
) -> None:
    """Export the best checkpoint of a run, and check it on held-out cases."""
    talk = Out(as_json)
    record = export_run(Run(run), to, out)
    talk.say(
        f"{record['file']}: checked on {record['checked_cases']} held-out cases; "
        f"the answers differ by at most {record['max_abs_difference']:.2g}."
    )
    talk.result(record)


def export_run(run: Run, to: Literal["onnx", "python"], out: Path) -> dict[str, Any]:
    """Export, check, and give the record of it."""
    from runtime.deliver import export_run as deliver

    report = deliver(run, to, out)
    return {
        "file": str(report.file),
        "opset": report.opset,
        "checked_cases": report.checked_cases,
        "max_abs_difference": report.max_abs_difference,
    }


def predict(
    model: Annotated[Path, typer.Argument(help="A run folder, or an exported ONNX file.")],
    folder: Annotated[Path, typer.Argument(help="The images.")],
    out: OutFile,
) -> None:
    """Apply a model to a folder; every file gets a row."""
    from runtime.deliver import predictor_of
    from runtime.predict import predict_folder, write_predictions

    predictor = predictor_of(model)
    for note in predictor.notes:
        typer.echo(f"Note: {note}", err=True)
    with progress("Predicting") as tick:
        written = write_predictions(predict_folder(predictor, folder, tick), out)
    unread = f"; {written.failed} files have none, the column “problem” says why" if written.failed else ""
    typer.echo(f"{written.file}: {written.answered} predictions{unread}.")


def code(file: Annotated[Path, typer.Argument(help="A project file.")], out: OutFile) -> None:
    """Write the untrained graph as PyTorch source that runs without this program."""
    from runtime.source import python_source
    from runtime.store import write_safely

    analysis = analyse(load_graph(file).graph)
    if analysis.errors:
        tell_problems(Out(), analysis.errors, lambda node: analysis.graph.nodes[node].name)
        raise typer.Exit(PROBLEMS)
    write_safely(out, python_source(analysis).encode("utf-8"))
    typer.echo(f"{out}: {analysis.parameters} parameters.")
