"""Commands that hand a model on: export, predict, generate, code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.output import PROBLEMS, Out, Refused, of_the_input, progress, told, writing
from runtime.cli.run_folders import trained_run
from runtime.data.wording import counted
from runtime.files import load_graph
from runtime.runs import Run

To = Annotated[Literal["onnx", "python"], typer.Option("--to", help="An ONNX file, or Python source with weights.")]
OutFile = Annotated[Path, typer.Option("--out", help="The file to write.", readable=False)]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(export)
    app.command()(predict)
    app.command()(generate)
    app.command()(code)


def export(
    run: Annotated[Path, typer.Argument(help="A run folder.", readable=False)],
    to: To,
    out: OutFile,
    as_json: AsJson = False,
) -> None:
    """Export the best checkpoint of a run, and check it on cases that did not train it."""
    talk = Out(as_json)
    record = export_run(trained_run(run), to, out)
    talk.say(f"{record['file']}: {checked(record)}.")
    talk.result(record)


def export_run(run: Run, to: Literal["onnx", "python"], out: Path) -> dict[str, Any]:
    """Export, check, and give the record of it."""
    with writing(out):
        from runtime.deliver import export_run as deliver  # brings torch, which a bad place need not wait for

        report = deliver(run, to, out)
    return {
        "file": str(report.file),
        "opset": report.opset,
        "checked_cases": report.checked_cases,
        "max_abs_difference": report.max_abs_difference,
        "drawn": report.drawn,
    }


def checked(record: dict[str, Any]) -> str:
    """How the exported file was checked, in words."""
    cases, difference = counted(record["checked_cases"], "case"), record["max_abs_difference"]
    same = "the same as" if difference == 0 else f"at most {difference:.1g} from"
    if record["drawn"]:
        cases = counted(record["checked_cases"], "draw")
    where = "of noise" if record["drawn"] else "of the validation part"
    return f"checked on {cases} {where}; its answers are {same} those of the trained model"


def predict(
    model: Annotated[Path, typer.Argument(help="A run folder, or an exported ONNX file.", readable=False)],
    folders: Annotated[
        list[Path],
        typer.Argument(
            help="The images; for a model of several images a folder for each, in the order of its inputs.",
            metavar="FOLDER...", readable=False,
        ),
    ],
    out: OutFile,
) -> None:
    """Apply a model to a folder; every file gets a row. Masks are written into a folder beside the table."""
    from runtime.deliver import predictor_of
    from runtime.predict import predict_folder, write_predictions

    with of_the_input():
        predictor = predictor_of(trained_run(model).folder if model.is_dir() else model)
    for note in predictor.notes:
        typer.echo(f"Note: {note}", err=True)
    with writing(out), progress("Predicting") as tick:
        rows = predict_folder(predictor, folders, tick, on_note=Out().warn)
        written = write_predictions(rows, out)
    one = written.failed == 1
    unread = f"; {written.failed} {'file has' if one else 'files have'} none, the column “problem” says why"
    typer.echo(f"{written.file}: {counted(written.answered, 'prediction')}{unread if written.failed else ''}.")
    if written.pictures is not None:
        typer.echo(f"{written.pictures}: the masks or images that it made.")
    if not written.answered:
        where = " and ".join(map(str, folders))
        raise Refused(f"No file in {where} could be answered; choose a folder with images that fit the model.")


def generate(
    model: Annotated[Path, typer.Argument(help="A run folder, or an exported ONNX file.", readable=False)],
    out: Annotated[Path, typer.Option("--out", help="The folder to write the images into.", readable=False)],
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many images.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same images.")] = 0,
) -> None:
    """Have a trained generator make images out of noise: PNG files, and all of them side by side."""
    from runtime.deliver import predictor_of
    from runtime.generate import generate as make

    with of_the_input():
        predictor = predictor_of(trained_run(model).folder if model.is_dir() else model)
        made = make(predictor, out, count, seed)
    ends = f"black is {made.black:.3g} and white {made.white:.3g}"
    typer.echo(f"{made.overview}: {counted(made.count, 'image')}, {ends}.")


def code(file: Annotated[Path, typer.Argument(help="A project file.", readable=False)], out: OutFile) -> None:
    """Write the untrained graph as PyTorch source that runs without this program."""
    from runtime.source import python_source
    from runtime.store import write_safely

    loaded = load_graph(file)
    Out().warn(*loaded.notes)
    analysis = analyse(loaded.graph)
    if analysis.errors:
        raise Refused(*told(analysis.errors, analysis), code=PROBLEMS)
    with writing(out):
        write_safely(out, python_source(analysis).encode("utf-8"))
    typer.echo(f"{out}: {counted(analysis.parameters, 'parameter')}.")
