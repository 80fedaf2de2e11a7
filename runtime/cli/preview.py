"""The command with which the window asks what augmentation does; people see it through the inspector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from runtime.cli.output import Refused
from runtime.cli.train import Project


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command(hidden=True)(preview)


def preview(
    file: Project,
    node: Annotated[str, typer.Option("--node", help="The id of the node whose output is shown.")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the pictures, and to keep the decoded case.")],
    case: Annotated[int, typer.Option("--case", min=0, help="Which case, from 0.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same versions.")] = 0,
) -> None:
    """Show what augmentation makes of one case: its picture and nine versions as PNG files, told as one JSON line."""
    from PIL import Image

    from runtime.analysis import analyse
    from runtime.data.augment_preview import preview as made_of
    from runtime.files import load_graph

    analysis = analyse(load_graph(file).graph)
    if node not in analysis.facts:
        raise Refused(f"There is no node “{node}” in {file.name}; `netloom check {file.name} --json` lists them.")
    out.mkdir(parents=True, exist_ok=True)
    made = made_of(analysis, node, case, seed, out)
    written = []
    for index, picture in enumerate(made.overlaid()):
        path = out / f"version-{index}.png"
        Image.fromarray(picture).save(path)
        written.append(str(path))
    record = {
        "record": "preview", "case": made.case.key, "number": made.case.number, "cases": made.case.cases,
        "original": written[0], "pictures": written[1:], "masked": bool(made.masks),
    }  # fmt: skip
    typer.echo(json.dumps(record, ensure_ascii=False))
