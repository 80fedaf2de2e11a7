"""What commands say and where: results on stdout, talk beside it, a progress bar only where somebody watches."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from runtime.problems import Problem

PROBLEMS = 1
WRONG_CALL = 2
FAILED = 3

Tick = Callable[[int, int], None]


class Out:
    """With `as_json` stdout carries exactly one JSON object, and all talk goes to stderr."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json

    def say(self, *lines: str) -> None:
        """Talk to the person who called."""
        for line in lines:
            typer.echo(line, err=self.as_json)

    def warn(self, *lines: str) -> None:
        """Say what should be known before the result is believed."""
        for line in lines:
            typer.echo(f"Note: {line}", err=True)

    def result(self, record: Any) -> None:
        """Print the one JSON object, if one was asked for."""
        if self.as_json:
            typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))


def tell_problems(out: Out, problems: Sequence[Problem], names: Callable[[str], str]) -> None:
    """List problems, a line each, with the name of the node."""
    for problem in problems:
        where = f"{names(problem.node)}: " if problem.node else ""
        out.say(f"{'Error' if problem.severity == 'error' else 'Note'}: {where}{problem.message}")


@contextmanager
def progress(title: str) -> Iterator[Tick]:
    """A bar with the time remaining on a terminal; nothing when stderr is piped."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
