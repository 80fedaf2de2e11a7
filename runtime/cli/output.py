"""What commands say and where: results on stdout, talk beside it, a progress bar only where somebody watches."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from runtime.analysed import Analysis
from runtime.errors import GraphError, InputError, RunError
from runtime.listing import by_fault, title_of_all
from runtime.problems import Problem

PROBLEMS = 1
WRONG_CALL = 2
FAILED = 3

Tick = Callable[[int, int], None]


class Refused(Exception):
    """The command ends here: sentences for the person who called, and the exit code."""

    def __init__(self, *lines: str, code: int = PROBLEMS) -> None:
        super().__init__(" ".join(lines))
        self.lines = lines
        self.code = code


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

    def ends_in(self, file: Path) -> bool:
        """Whether what is said to the person who called goes into this file, which may be given away."""
        try:
            return os.path.samestat(os.fstat(sys.stderr.fileno()), file.stat())
        except (OSError, ValueError):
            return False

    def result(self, record: Any) -> None:
        """Print the one JSON object, if one was asked for."""
        if self.as_json:
            typer.echo(json.dumps(record, ensure_ascii=False, allow_nan=False))


def told(problems: Sequence[Problem], analysis: Analysis) -> list[str]:
    """Problems as lines, each with the name of the node; a fault of a block that is used several times is one line."""
    return [
        f"{'Error' if problem.severity == 'error' else 'Note'}: "
        f"{f'{title_of_all(analysis, ids)}: ' if problem.node else ''}{problem.message}"
        for problem, ids in by_fault(problems).items()
    ]


def program() -> str:
    """What is typed to call this program again: it is on the PATH unless it was started through start.py."""
    if os.environ.get("NETLOOM_STARTED_BY") != "start.py":
        return "netloom"
    return f"{'python' if sys.platform == 'win32' else 'python3'} start.py"


def duration(seconds: float) -> str:
    """How long something takes, as one would say it."""
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


@contextmanager
def of_the_input() -> Iterator[None]:
    """Around what looks at the input only: what goes wrong here is a problem of it, not a failure on the way."""
    try:
        yield
    except (GraphError, InputError):
        raise
    except RunError as error:
        raise Refused(str(error)) from error


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Around work that ends in a file: makes its folder, and says in words when it cannot be written."""
    if out.is_dir():
        raise Refused(f"{out} is a folder; name the file to write.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise Refused(f"{out} could not be written: {reason}. Choose another place.", code=FAILED) from error


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
