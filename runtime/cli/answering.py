"""Commands that answer for as long as a window asks: requests as JSON lines on stdin, answers on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from runtime.data.catalogue import DataError
from runtime.errors import GraphError, RunError
from runtime.files import ProjectError

Into = Annotated[Path, typer.Argument(help="The folder for what is written; the reader removes it.")]


def answered(lines: Iterable[str], answer: Callable[[Mapping[str, Any]], Path]) -> Iterator[dict[str, Any]]:
    """One answer for each line: the file that `answer` gives, or {"error"} in words."""
    for line in lines:
        request = json.loads(line)
        try:
            told = {"file": str(answer(request))}
        except (RunError, DataError, GraphError, ProjectError) as fault:
            told = {"error": str(fault)}
        yield {"id": request["id"], **told}


def answer_on_stdout(answer: Callable[[Mapping[str, Any]], Path]) -> None:
    """Answer the lines of stdin until they end."""
    for told in answered(sys.stdin, answer):
        typer.echo(json.dumps(told))
        sys.stdout.flush()
