"""The command that opens what other programs made: import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.output import Out, Refused, writing
from runtime.data.wording import counted
from runtime.errors import RunError
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import Imported, ImportRefused
from runtime.importing.writing import Written, write_imported


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command(name="import")(import_file)


def import_file(
    file: Annotated[Path, typer.Argument(help="A file that another program made.", readable=False)],
    out: Annotated[Path, typer.Option("--out", help="The project file to write.", readable=False)],
    replace: Annotated[bool, typer.Option("--replace", help="Write over files that are there already.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a project of what another program made, and say what was taken, what was not, and why."""
    talk = Out(as_json)
    try:
        imported = read_foreign(file)
        with writing(out):
            written = write_imported(imported, out, replacing=replace)
    except (ImportRefused, RunError) as error:
        raise Refused(str(error)) from error
    talk.say(f"{out}: {counted(_drawn(imported), 'node')} from the {imported.source} {file.name}.")
    talk.say(*(f"Taken: {sentence}" for sentence in imported.taken))
    talk.say(*(f"Not taken: {left.what}: {left.why}" for left in imported.left))
    talk.result(_record(file, imported, written))


def _record(file: Path, imported: Imported, written: Written) -> dict[str, Any]:
    analysis = analyse(imported.graph)
    return {
        "file": str(file),
        "source": imported.source,
        "project": str(written.project),
        "weights": None if written.weights is None else str(written.weights),
        "nodes": _drawn(imported),
        "parameters": analysis.parameters,
        "tensors": len(imported.weights),
        "taken": [*imported.taken],
        "left": [{"what": left.what, "why": left.why, "node": left.node} for left in imported.left],
        "problems": len(analysis.errors),
    }


def _drawn(imported: Imported) -> int:
    return len(imported.graph.nodes)
