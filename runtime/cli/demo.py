"""The demo: practice data become a trained, evaluated, exported and checked model in one go."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer

from runtime import template_fit, templates
from runtime.cli.data import tell_dataset
from runtime.cli.output import Out, Refused, program, writing
from runtime.graph import Graph

_TEMPLATE = "image-classifier"


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", help="Where everything is written.", readable=False)] = Path(
        "netloom-demo"
    ),
    headless: Annotated[bool, typer.Option("--headless", help="Do not open the window at the end.")] = False,
    epochs: Annotated[
        int, typer.Option(min=1, help="How long to train; the six take less than a minute on two processor cores.")
    ] = 6,
) -> None:
    """From nothing to a checked model: write practice data, make a project, train, evaluate, export, and open it.

    It can be repeated in the same folder: the practice data are used again, and each time makes a new run.
    """
    from runtime.cli.deliver import checked, export_run
    from runtime.cli.evaluation import tell_evaluation
    from runtime.cli.train import train_job
    from runtime.evaluation.evaluate import evaluate
    from runtime.files import load_graph
    from runtime.job import make_job
    from runtime.runs import Run, default_run_folder

    talk, out = Out(), out.absolute()
    graph = _with_data(talk, out / "data")
    talk.say(f"2 of 5  Making a project from the template “{_TEMPLATE}”.")
    project = _save_project(graph, out)
    talk.say("3 of 5  Training.")
    record = train_job(make_job(load_graph(project).graph, default_run_folder(project), epochs=epochs), talk)
    run = Run(Path(record["run"]))
    talk.say("4 of 5  Evaluating: the validation patients calibrate, the test patients, never seen before, judge.")
    evaluate(run, "validation")
    tell_evaluation(talk, evaluate(run, "test").as_dict())
    talk.say("5 of 5  Exporting to ONNX, and comparing the file with the trained model.")
    exported = export_run(run, "onnx", run.folder / "exports" / "model.onnx")
    talk.say(
        "",
        f"Done. Everything lies in {out}:",
        f"  practice data  {out / 'data'}",
        f"  project        {project}",
        f"  run            {run.folder}",
        f"  evaluation     {run.folder / 'evaluation-test.json'}",
        f"  model          {exported['file']}",
        f"The model was {checked(exported)}.",
        f'To look at it:   {program()} "{project}"',
        f'To apply it:     {program()} predict "{exported["file"]}" FOLDER --out predictions.csv',
    )
    if not headless and _has_display():
        raise typer.Exit(subprocess.call([sys.executable, "-P", "-m", "designer.app", str(project)]))


def _with_data(talk: Out, data: Path) -> Graph:
    """The template's graph with practice data, which are written if they are not there yet."""
    from runtime.data.labels import read_dataset
    from runtime.data.practice import write_practice

    if data.exists():
        talk.say(f"1 of 5  Using the practice data that are in {data}.")
    else:
        talk.say("1 of 5  Writing practice data: T1 and T2 slices of made-up heads.")
        begun = data.with_name("data.part")  # so that an interrupted demo leaves no data that look complete
        shutil.rmtree(begun, ignore_errors=True)
        write_practice("t1-t2", begun)
        begun.rename(data)
    dataset = read_dataset(data)
    tell_dataset(talk, dataset)
    if dataset.label != "class":
        raise Refused(f"{data} holds something else than the practice data; name another folder with --out.")
    return template_fit.fitted(templates.graph_of(_TEMPLATE), dataset)


def _save_project(graph: Graph, out: Path) -> Path:
    """Save the project; one of an earlier demo that was changed since is kept, and the new one gets a number."""
    from runtime.files import save_graph

    fresh = out / "new-project.part"
    with writing(fresh):
        save_graph(graph, fresh)
        names = chain(["t1-t2"], (f"t1-t2-{number}" for number in count(2)))
        places = (out / f"{name}.netloom" for name in names)
        place = next(place for place in places if not place.exists() or place.read_bytes() == fresh.read_bytes())
        fresh.replace(place)
    return place


def _has_display() -> bool:
    """Whether a window can be shown: always on Windows and macOS, else when a display is named."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
