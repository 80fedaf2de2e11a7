"""The command that tells which cases of the folders of a project belong together."""

from __future__ import annotations

import typer

from runtime.analysis import analyse
from runtime.cli.data import AsJson
from runtime.cli.output import Out, of_the_input
from runtime.cli.train import Project
from runtime.data.wording import counted
from runtime.files import load_graph


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(match)


def match(file: Project, as_json: AsJson = False) -> None:
    """List which cases of a project with several folders belong together, by which rule, and every case that is left.

    Training learns from the cases that all folders have. A folder whose cases are drawn independently (“Matching” of
    its node) is not matched, and keeps all its cases.
    """
    from runtime.material import read_cases  # brings torch, which a refused call need not wait for

    out = Out(as_json)
    loaded = load_graph(file)
    out.warn(*loaded.notes)
    with of_the_input():
        cases = read_cases(analyse(loaded.graph))
    names = {source: loaded.graph.nodes[source].name for source in cases.of}
    out.say(f"{counted(len(cases.cases.samples), 'case')} to learn from.")
    for source, name in names.items():
        out.say(*cases.told.get(source, ()))
        out.say(*(f"  left of “{name}”: {key}" for key in cases.left(source)))
    folders = [
        {
            "source": source, "name": name, "cases": len(cases.found[source].samples), "left": cases.left(source),
            "drawn": source in cases.apart,
        }
        for source, name in names.items()
    ]  # fmt: skip
    out.result({"matched": len(cases.cases.samples), "folders": folders})
