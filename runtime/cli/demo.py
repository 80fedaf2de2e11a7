"""The demo: practice data become a trained, evaluated, exported and checked model in one go."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from runtime import templates
from runtime.cli.data import tell_dataset
from runtime.cli.output import FAILED, Out


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Where everything is written.")] = Path("netloom-demo"),
    headless: Annotated[bool, typer.Option("--headless", help="Do not open the window at the end.")] = False,
    epochs: Annotated[int | None, typer.Option(min=1, help="Fewer epochs end sooner.")] = None,
) -> None:
    """From nothing to a checked model: write practice data, make a project, train, evaluate, export, and open it."""
    from runtime.cli.deliver import export_run
    from runtime.cli.train import tell_evaluation, train_job
    from runtime.data.labels import read_dataset
    from runtime.data.practice import write_practice
    from runtime.evaluate import evaluate
    from runtime.files import load_graph, save_graph
    from runtime.job import make_job
    from runtime.runs import Run, default_run_folder

    talk = Out()
    data, project = out / "data", out / "t1-t2.netloom"
    talk.say("1 of 5  Writing practice data: T1 and T2 slices of made-up heads.")
    if not data.exists():
        write_practice("t1-t2", data)
    dataset = read_dataset(data)
    tell_dataset(talk, dataset)
    talk.say("2 of 5  Making a project from the template “image-classifier”.")
    save_graph(templates.fitted(templates.graph_of("image-classifier"), dataset), project)
    talk.say("3 of 5  Training.")
    record = train_job(make_job(load_graph(project).graph, default_run_folder(project), epochs=epochs), talk)
    run = Run(Path(record["run"]))
    talk.say("4 of 5  Evaluating on the test patients, which the training has not seen.")
    tell_evaluation(talk, evaluate(run, "test").as_dict())
    talk.say("5 of 5  Exporting to ONNX, and comparing the file with the trained model.")
    exported = export_run(run, "onnx", run.folder / "exports" / "model.onnx")
    if exported["max_abs_difference"] > 1e-4:
        talk.say(f"The exported file differs by {exported['max_abs_difference']:.2g}.")
        raise typer.Exit(FAILED)
    talk.say(
        "Done. Everything lies here:",
        f"  practice data  {data}",
        f"  project        {project}",
        f"  run            {run.folder}",
        f"  evaluation     {run.folder / 'evaluation-test.json'}",
        f"  model          {exported['file']} (differs from the trained model by at most "
        f"{exported['max_abs_difference']:.1g}, {exported['checked_cases']} cases)",
    )
    if not headless and _has_display():
        raise typer.Exit(subprocess.call([sys.executable, "-P", "-m", "designer.app", str(project)]))


def _has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, else when a display is named."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
