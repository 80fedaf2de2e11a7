"""The command that reads one column, or one element of the headers, for the window: in a process that may be ended."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.data.catalogue import DataError, DataSet, Sample


def register(app: typer.Typer) -> None:
    """Enter the command, which people are not shown."""
    app.command(name="column-values", hidden=True)(column_values)


def column_values(
    asked: Annotated[Path, typer.Argument(help="A JSON file: folder, kind, labels, column and the paths of images.")],
) -> None:
    """Tell what a column, or an element of the DICOM headers, says of each image: one record as a JSON line."""
    typer.echo(json.dumps(values_record(json.loads(asked.read_text(encoding="utf-8"))), ensure_ascii=False))


def values_record(asked: dict[str, Any]) -> dict[str, Any]:
    """The values by path, or the problems in words. Raises nothing for bad data."""
    from runtime.data.split_columns import column_values as read

    samples = tuple(Sample(path, 0, 1, (1, 1), path) for path in asked["paths"])
    dataset = DataSet(asked["folder"], asked["kind"], samples, "", (), 1, (), "", labels=asked["labels"])
    try:
        return {"record": "values", "values": read(dataset, asked["column"])}
    except DataError as error:
        return {"record": "problem", "problems": list(error.problems)}
