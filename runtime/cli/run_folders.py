"""Commands about runs that are there: runs, stop; and the runs that other commands are given."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import Out, Refused, duration, of_the_input, program, writing
from runtime.liveness import checkpoint_age
from runtime.run_facts import facts_of, record_of
from runtime.runs import Run, find_runs

RunFolder = Annotated[Path, typer.Argument(help="A run folder.", readable=False)]

_STANDS = {
    "finished": "has finished", "stopped": "was stopped", "failed": "has failed", "died": "has died"
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(runs)
    app.command()(stop)


def runs(
    folder: Annotated[Path, typer.Argument(help="A project file, a folder, or a run.", readable=False)] = Path(),
    as_json: AsJson = False,
    lines: Annotated[bool, typer.Option("--lines", help="Print one JSON object for each run as it is read.")] = False,
) -> None:
    """List the runs of a project, or those in a folder and its projects, oldest first, and how they stand."""
    if not folder.exists():
        raise Refused(f"{folder} is not there; name a project file or a folder.")
    out = Out(as_json)
    found = find_runs(folder)
    if lines:
        for run in reversed(found):  # the newest are looked at first
            typer.echo(json.dumps(record_of(facts_of(run)), ensure_ascii=False, allow_nan=False))
        return
    for run in found:
        out.say(f"{run.status:9} {_when(run)}  {run.folder}")
    if not found:
        typer.echo(f"There are no runs in {folder.resolve()}.", err=True)
    if as_json:
        out.result({"runs": [record_of(facts_of(run)) for run in found]})


def _when(run: Run) -> str:
    began = datetime.datetime.fromtimestamp((run.folder / "job.json").stat().st_mtime)
    return f"{began:%Y-%m-%d %H:%M}"


def stop(
    run: RunFolder,
    kill: Annotated[
        bool, typer.Option("--kill", help="End its process at once: for one that does not answer any more.")
    ] = False,
) -> None:
    """Ask a run to stop; it keeps what it has learned and can be resumed."""
    found = existing_run(run)
    if found.status != "running":
        raise Refused(f"{run} is not running: it {_STANDS[found.status]}.")
    if kill:
        _kill(found)
        return
    with writing(found.folder / "stop"):
        found.ask_to_stop()
    typer.echo(f"{run} was asked to stop.")


def _kill(run: Run) -> None:
    age = checkpoint_age(run.folder)
    if not run.kill():
        raise Refused(f"{run.folder} is not trained by a process of this computer; kill it where it runs.")
    kept = "it had no checkpoint yet" if age is None else f"its last checkpoint is {duration(age)} old; resume it there"
    typer.echo(f"{run.folder} was killed: {kept}.")


def existing_run(folder: Path) -> Run:
    """A run that is there. Raises Refused when the folder holds none, or a damaged one."""
    if folder.is_file():
        raise Refused(f"{folder} is a file; name a run folder.")
    if folder.is_dir() and not (folder / "job.json").exists():
        raise Refused(f"{folder} is not a run folder; `{program()} runs` lists those that are there.")
    run = Run(folder)
    with of_the_input():
        run.job  # noqa: B018 (reading it is the check)
    return run


def trained_run(folder: Path) -> Run:
    """A run with a checkpoint. Raises Refused."""
    run = existing_run(folder)
    if not any((run.folder / "checkpoints").glob("best*.safetensors")):
        raise Refused(f"{folder} has no checkpoint yet; it has to be trained for at least one epoch.")
    return run
