"""The command that writes the report and the model card of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import Out, of_the_input, writing
from runtime.cli.run_folders import RunFolder, trained_run


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(report)


def report(
    run: RunFolder,
    out: Annotated[Path, typer.Option("--out", help="The page to write (HTML).", readable=False)],
    statements: Annotated[
        Path | None,
        typer.Option(help="A JSON file with what only the author can write; else what the run keeps.", readable=False),
    ] = None,
    pictures: Annotated[
        bool, typer.Option("--pictures", help="Show the worst cases; pixels may tell who somebody is.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the report of a run as one printable page, and model_card.json beside it; without identifiers.

    For research use only.
    """
    from runtime.report.statements import STATEMENTS, kept_statements, read_statements
    from runtime.report.writing import report_of, write_report

    talk = Out(as_json)
    with of_the_input():
        trained = trained_run(run)
        written = read_statements(statements) if statements is not None else kept_statements(trained.folder)
    talk.warn(*trained.job.notes)
    made = report_of(trained, written, pictures)
    with writing(out):
        card = write_report(made, out)
    missing = [one.key for one in STATEMENTS if one.key not in written]
    talk.say(f"{out}: the report, for research use only. {card}: the same facts for programs.")
    if missing:
        talk.say(f"Not reported, for the author to write: {', '.join(missing)}.")
    talk.result({"file": str(out), "card": str(card), "not_reported": missing})
