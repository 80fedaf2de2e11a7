"""Commands about training: check, train, runs, stop, evaluate."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from runtime.analysis import Analysis, analyse
from runtime.attach import reattach
from runtime.cli.data import AsJson
from runtime.cli.output import FAILED, PROBLEMS, Out, tell_problems
from runtime.events import Epoch, Event, Failed, Finished, Started, Warned, parse
from runtime.files import load_graph
from runtime.job import Job, make_job
from runtime.readiness import training_problems
from runtime.runs import Run, create_run, default_run_folder, find_runs

Project = Annotated[Path, typer.Argument(help="A project file.")]
RunFolder = Annotated[Path, typer.Argument(help="A run folder.")]
Data = Annotated[Path | None, typer.Option("--data", help="Another folder instead of the project's own.")]
PartName = Annotated[Literal["test", "validation", "train"] | None, typer.Option(help="Which cases.")]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(check)
    app.command()(train)
    app.command()(runs)
    app.command()(stop)
    app.command()(evaluate)


def check(file: Project, as_json: AsJson = False) -> None:
    """List every problem; ends with 0 when the project can train, 1 when not."""
    out = Out(as_json)
    loaded = load_graph(file)
    analysis = analyse(loaded.graph)
    problems = (*analysis.problems, *training_problems(analysis))
    ready = not any(problem.severity == "error" for problem in problems)
    out.warn(*loaded.notes)
    tell_problems(out, problems, lambda node: analysis.graph.nodes[node].name)
    out.say(f"{analysis.parameters} parameters in {len(analysis.order)} nodes." + (" It can train." if ready else ""))
    out.result(
        {
            "ok": ready,
            "parameters": analysis.parameters,
            "problems": [
                {"node": item.node, "field": item.field, "severity": item.severity, "message": item.message}
                for item in problems
            ],
            "nodes": [_node_record(analysis, node_id) for node_id in analysis.graph.nodes],
        }
    )
    raise typer.Exit(0 if ready else PROBLEMS)


def _node_record(analysis: Analysis, node_id: str) -> dict[str, Any]:
    node = analysis.graph.nodes[node_id]
    facts = analysis.facts.get(node_id)
    return {"id": node.id, "type": node.type, "name": node.name, "shape": list((facts and facts.shape) or ())}


def train(
    file: Project,
    data: Data = None,
    run: Annotated[Path | None, typer.Option(help="The run folder to write.")] = None,
    epochs: Annotated[int | None, typer.Option(min=1)] = None,
    batch: Annotated[int | None, typer.Option(min=1, help="Images in one step.")] = None,
    device: Annotated[Literal["auto", "cpu", "cuda"] | None, typer.Option()] = None,
    seed: Annotated[int | None, typer.Option(min=0)] = None,
    split: Annotated[Literal["patient", "image"] | None, typer.Option(help="What stays together.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --run.")] = False,
    events: Annotated[bool, typer.Option("--events", help="Print the event lines on stdout.")] = False,
    as_json: AsJson = False,
) -> None:
    """Train a project; the run folder holds all that is needed to understand and repeat it."""
    out = Out(as_json=True)  # stdout carries the events and the last line alone
    loaded = load_graph(file)
    out.warn(*loaded.notes)
    graph = reattach(loaded.graph, data) if data is not None else loaded.graph
    analysis = analyse(graph)
    problems = (*analysis.problems, *training_problems(analysis))
    if any(problem.severity == "error" for problem in problems):
        tell_problems(out, problems, lambda node: graph.nodes[node].name)
        raise typer.Exit(PROBLEMS)
    folder = run or default_run_folder(file)
    job = make_job(
        graph, folder, epochs=epochs, batch=batch, device=device, seed=seed, split=split, resume=resume
    )  # fmt: skip
    record = train_job(job, out, events=events)
    typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))


def train_job(job: Job, out: Out, events: bool = False) -> dict[str, Any]:
    """Train as this process; gives the record of the run. Exits when the run failed."""
    from runtime.worker import run_worker

    run = create_run(job)
    teller = Teller(out, events)
    status = run_worker(job, teller.hear)
    if isinstance(teller.last, Failed):
        out.say(teller.last.message)
        if status == FAILED:
            out.say(f"Details: {run.folder / 'log.txt'}")
    if not isinstance(teller.last, Finished):
        raise typer.Exit(status or FAILED)
    return run_record(run.folder, teller.last)


def run_record(folder: Path, last: Finished) -> dict[str, Any]:
    """The last line of `netloom train`; metrics that are not defined for their cases are left out."""
    metrics = {name: value for name, value in last.metrics.items() if value is not None}
    return {"run": str(folder), "epochs": last.epochs, "best_epoch": last.best_epoch, "metrics": metrics}


class Teller:
    """Says what a run does: as event lines, or as sentences for a person."""

    def __init__(self, out: Out, events: bool) -> None:
        self.out = out
        self.events = events
        self.last: Event | None = None

    def hear(self, text: str) -> None:
        """Pass one event line on."""
        self.last, _ = parse(text)
        if self.events:
            typer.echo(text)
        else:
            self._say(self.last)

    def _say(self, event: Event) -> None:
        match event:
            case Started():
                cases = ", ".join(f"{count} {part}" for part, count in event.cases.items())
                self.out.say(f"Training on {event.device}: {cases} ({event.split}).")
            case Warned(message):
                self.out.warn(message)
            case Epoch():
                known = {name: value for name, value in event.metrics.items() if value is not None}
                told = ", ".join(f"{name} {value:.4g}" for name, value in known.items())
                left = f", about {event.remaining_s:.0f} s left" if event.remaining_s else ""
                self.out.say(f"Epoch {event.epoch}{' (best)' if event.best else ''}: {told}{left}")
            case Finished(reason=reason) if reason:
                self.out.say(reason)


def runs(folder: Annotated[Path, typer.Argument(help="Where to look.")] = Path()) -> None:
    """List the runs of a project, or of the projects in a folder, oldest first."""
    for run in find_runs(folder):
        typer.echo(f"{run.status:9} {_when(run)}  {run.folder}")


def _when(run: Run) -> str:
    began = datetime.datetime.fromtimestamp(run.folder.stat().st_mtime)
    return f"{began:%Y-%m-%d %H:%M}"


def stop(run: RunFolder) -> None:
    """Ask a run to stop; it keeps what it has learned."""
    found = Run(run)
    if found.status != "running":
        typer.echo(f"{run} is not running: it is {found.status}.", err=True)
        raise typer.Exit(PROBLEMS)
    found.ask_to_stop()
    typer.echo(f"{run} was asked to stop.")


def evaluate(run: RunFolder, data: Data = None, part: PartName = None, as_json: AsJson = False) -> None:
    """Measure a trained run on one part of its data (test, unless told otherwise), or on another folder."""
    from runtime.evaluate import evaluate as measure

    out = Out(as_json)
    record = measure(Run(run), part, data).as_dict()
    tell_evaluation(out, record)
    out.result(record)


def tell_evaluation(out: Out, record: Mapping[str, Any]) -> None:
    """Say what was measured."""
    out.say(f"{record['part']}: {record['cases']} cases of {record['patients']} patients.")
    for name, value in record["metrics"].items():
        interval = record["intervals"].get(name, {})
        between = f"  ({interval['low']:.3g} to {interval['high']:.3g})" if interval.get("low") is not None else ""
        out.say(f"  {name}: {value:.4g}{between}")
    out.warn(*record["warnings"])
    if record["confusion"]:
        out.say("Rows are the truth, columns the prediction:", f"  {', '.join(record['classes'])}")
        out.say(*(f"  {row}" for row in record["confusion"]))
