"""Commands that hand a model on: export, generate, code."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.output import PROBLEMS, Out, Refused, of_the_input, told, writing
from runtime.cli.run_folders import trained_run
from runtime.data.wording import counted
from runtime.files import load_graph
from runtime.runs import Run

Format = Literal["onnx", "python", "pt2"]
Precision = Literal["single", "half", "int8"]
To = Annotated[
    Format, typer.Option("--to", help="An ONNX file, a folder of Python (or one .py file), or PyTorch's own .pt2 file.")
]
OutFile = Annotated[Path, typer.Option("--out", help="The file to write.", readable=False)]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(export)
    app.command()(generate)
    app.command()(code)


def export(
    run: Annotated[Path, typer.Argument(help="A run folder.", readable=False)],
    to: To,
    out: OutFile,
    opset: Annotated[int | None, typer.Option(help="The ONNX operator set; the newest unless told otherwise.")] = None,
    precision: Annotated[Precision, typer.Option(help="Smaller numbers of an ONNX file; the loss is told.")] = "single",
    as_json: AsJson = False,
) -> None:
    """Export the best checkpoint of a run, and check it on cases that did not train it."""
    talk = Out(as_json)
    record = export_run(trained_run(run), to, out, opset, precision)
    talk.warn(*record["notes"])
    talk.say(f"{record['file']}: {checked(record)}.")
    for name, (single, smaller) in record["loss"].items():
        talk.say(f"{name.replace('_', ' ')} on validation cases: {single:.4g} in single precision, {smaller:.4g} here.")
    talk.result(record)


def export_run(
    run: Run, to: Format, out: Path, opset: int | None = None, precision: Precision = "single"
) -> dict[str, Any]:
    """Export, check, and give the record of it."""
    with nullcontext() if to == "python" and out.is_dir() else writing(out):
        from runtime.delivery import exporting  # brings torch, which a bad place need not wait for

        report = exporting.export_run(run, to, out, opset, precision)
    return {
        "file": str(report.file),
        "opset": report.opset,
        "checked_cases": report.checked_cases,
        "max_abs_difference": report.max_abs_difference,
        "drawn": report.drawn,
        "precision": report.precision,
        "loss": dict(report.loss),
        "notes": list(report.notes),
    }


def checked(record: dict[str, Any]) -> str:
    """How the exported file was checked, in words."""
    cases, difference = counted(record["checked_cases"], "case"), record["max_abs_difference"]
    same = "the same as" if difference == 0 else f"at most {difference:.1g} from"
    if record["drawn"]:
        cases = counted(record["checked_cases"], "draw")
    where = "of noise" if record["drawn"] else "of the validation part"
    if record["precision"] != "single":
        name = {"half": "in half precision", "int8": "with 8-bit layers"}[record["precision"]]
        return f"{name}; its answers to validation cases are {same} those in single precision"
    return f"checked on {cases} {where}; its answers are {same} those of the trained model"


def generate(
    model: Annotated[Path, typer.Argument(help="A run folder, or an exported ONNX file.", readable=False)],
    out: Annotated[Path, typer.Option("--out", help="The folder to write the images into.", readable=False)],
    count: Annotated[int, typer.Option(min=1, max=10_000, help="How many images.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same images.")] = 0,
    wanted: Annotated[
        str, typer.Option("--class", help="Of a conditional generator: the class to make; all in turn unless given.")
    ] = "",
) -> None:
    """Have a trained generator make images out of noise: PNG files, and all of them side by side."""
    from runtime.delivery.generate import generate as make
    from runtime.delivery.predictors import predictor_of

    with of_the_input():
        predictor = predictor_of(trained_run(model).folder if model.is_dir() else model, few=True)
        made = make(predictor, out, count, seed, wanted)
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
