"""Commands that look at several runs or tidy them up: compare, note, delete."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.amounts import THIN, memory
from runtime.cli.data import AsJson
from runtime.cli.output import FAILED, WRONG_CALL, Out, Refused
from runtime.cli.run_folders import RunFolder, existing_run
from runtime.comparison import Comparison, compared
from runtime.errors import RunError
from runtime.run_deletion import delete_run, why_not_delete
from runtime.run_facts import record_of, size_of
from runtime.run_notes import Notes, read_notes, tidy_tags, write_notes
from runtime.runs import Run

RunFolders = Annotated[list[Path], typer.Argument(help="Run folders.", readable=False)]


def register(app: typer.Typer) -> None:
    """Enter the commands of this file."""
    app.command()(compare)
    app.command()(note)
    app.command()(delete)


def compare(runs: RunFolders, as_json: AsJson = False) -> None:
    """Say how runs did, what they cost, and how each differs from the first; with --json the curves as well."""
    found = compared([existing_run(folder) for folder in runs])
    out = Out(as_json)
    for place, facts in enumerate(found.runs):
        out.say(f"{facts.name}: {_result(found, place)}")
        if place:
            out.say(*(f"  {phrase}" for phrase in found.differences[place] or ("no difference",)))
    out.result(_record(found))


def _result(found: Comparison, place: int) -> str:
    facts = found.runs[place]
    cost = "" if facts.multiply_adds is None else f", {facts.multiply_adds} multiply-adds per {facts.one_case}"
    best = f"epoch {facts.best_epoch}, {facts.metric} {facts.value:.4g}" if facts.value is not None else "no best epoch"
    front = ", none cheaper is better" if place in found.fronts["multiply_adds"] and len(found.runs) > 1 else ""
    return f"{facts.status}, {best}{cost}{front}"


def _record(found: Comparison) -> dict[str, Any]:
    return {
        "runs": [
            {**record_of(facts), "curves": curves, "differences": list(said)}
            for facts, curves, said in zip(found.runs, found.curves, found.differences, strict=True)
        ],
        "fronts": {cost: [found.runs[place].run for place in places] for cost, places in found.fronts.items()},
    }


def note(
    run: RunFolder,
    tags: Annotated[str | None, typer.Option(help="Tags with commas between them; they replace the old.")] = None,
    text: Annotated[str | None, typer.Option(help="The note; it replaces the old.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write tags and a note to a run, or show them."""
    folder = existing_run(run).folder
    notes = read_notes(folder)
    if tags is not None or text is not None:
        kept = notes.tags if tags is None else tidy_tags(tags.split(","))
        notes = Notes(kept, notes.note if text is None else text)
        with _refusing():
            write_notes(folder, notes)
    out = Out(as_json)
    out.say(f"Tags: {', '.join(notes.tags) or 'none'}", f"Note: {notes.note or 'none'}")
    out.result({"run": str(folder), "tags": list(notes.tags), "note": notes.note})


def delete(
    runs: RunFolders,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Delete runs for good, with all they learned; one that is being trained never."""
    found = [Run(folder) for folder in runs]  # damaged ones may be deleted too
    for run in found:
        if reason := why_not_delete(run):
            raise Refused(reason)
    sizes = [size_of(run.folder) for run in found]
    what = f"{len(found)} run{'' if len(found) == 1 else 's'} ({_size(sum(sizes))})"
    if not yes and (as_json or not typer.confirm(f"Delete {what} for good?", err=True)):
        raise Refused(f"Nothing was deleted; say --yes to delete {what}.", code=WRONG_CALL)
    out, freed = Out(as_json), 0
    for run in found:
        with _refusing():
            freed += delete_run(run)
        out.say(f"{run.folder} is deleted.")
    out.say(f"{_size(freed)} are free again.")
    out.result({"deleted": [str(run.folder) for run in found], "freed": freed})


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except RunError as error:
        raise Refused(str(error), code=FAILED) from error


def _size(count: int) -> str:
    return memory(count).replace(THIN, " ")
