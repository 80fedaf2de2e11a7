"""The entry point: opens the window or runs a command, and turns every failure into a sentence and an exit code."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import typer
from typer.exceptions import TyperException

from runtime.cli import data, deliver, demo, train
from runtime.cli.output import FAILED, PROBLEMS, WRONG_CALL
from runtime.data.catalogue import DataError
from runtime.errors import GraphError, RunError
from runtime.files import ProjectError

app = typer.Typer(
    name="netloom",
    help="Draw a neural network, train it on your own medical images, take away a checked ONNX file. "
    "Without a command, or with a project file alone, the window opens.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="--debug, anywhere, shows the details of a failure. For research use only.",
)
for module in (data, train, deliver, demo):
    module.register(app)


def main() -> None:
    """Run the command in sys.argv and exit: 0 done, 1 the input has problems, 2 wrong call, 3 failed while running."""
    words = [word for word in sys.argv[1:] if word != "--debug"]
    os.environ.setdefault("PYTHONSAFEPATH", "1")  # -P does not reach the processes that are started from here
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not words or words[0].endswith(".netloom"):
        sys.exit(open_window(words))
    sys.exit(run(words, debug="--debug" in sys.argv))


def open_window(words: list[str]) -> int:
    """Start the window as a program of its own, so that nothing here ever imports it."""
    if len(words) > 1:
        typer.echo(f"One project at a time: {len(words)} were named.", err=True)
        return WRONG_CALL
    return subprocess.call([sys.executable, "-P", "-m", "designer.app", *words])


def run(words: list[str], debug: bool = False) -> int:
    """Run one command and give its exit code; no traceback is shown unless `debug`."""
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(logging.NullHandler())
    try:
        ended = app(args=words, prog_name="netloom", standalone_mode=False)
    except TyperException as error:
        typer.echo(f"{error.format_message()} `netloom {words[0]} --help` shows what fits.", err=True)
        return WRONG_CALL
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("Stopped.", err=True)
        return FAILED
    except Exception as error:
        if debug:
            raise
        return _told(error)
    return ended if isinstance(ended, int) else 0


def _told(error: Exception) -> int:
    """Say what went wrong in words; only what nobody foresaw leaves a log with the details."""
    match error:
        case DataError() | GraphError():
            for problem in error.problems:
                typer.echo(str(getattr(problem, "message", problem)), err=True)
            return PROBLEMS
        case ProjectError():
            typer.echo(str(error), err=True)
            return PROBLEMS
        case RunError():
            typer.echo(str(error), err=True)
            return FAILED
    handle, name = tempfile.mkstemp(prefix="netloom-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    reason = str(error).strip().splitlines()
    typer.echo(f"It could not be done: {reason[0] if reason else type(error).__name__}", err=True)
    typer.echo(f"The details are in {Path(name)}; --debug shows them.", err=True)
    return FAILED
