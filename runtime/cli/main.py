"""The entry point: opens the window or runs a command, and turns every failure into a sentence and an exit code."""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
import traceback
from itertools import pairwise
from pathlib import Path

import typer
from typer.exceptions import TyperException

from runtime.cli import (
    batch,
    cache,
    canvas_previews,
    column,
    compare,
    data,
    deliver,
    demo,
    device_options,
    evaluation,
    folds,
    gallery_maps,
    import_file,
    looking,
    match,
    operating_point,
    pacs,
    pixels,
    prediction,
    preview,
    report,
    run_folders,
    search,
    shortcuts,
    train,
    weights,
)
from runtime.cli.output import FAILED, PROBLEMS, WRONG_CALL, Refused, program
from runtime.data.catalogue import DataError
from runtime.errors import GraphError, InputError, RunError
from runtime.files import ProjectError
from runtime.importing.foreign import is_foreign

app = typer.Typer(
    name="netloom",
    help="Draw a neural network, train it on your own medical images, take away a checked ONNX file. "
    "Without a command, or with a project or a file of another program alone, the window opens.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    epilog="--debug, anywhere, shows the details of a failure. For research use only.",
)
for module in (
    data, cache, device_options, train, batch, run_folders, compare, search, evaluation, operating_point, folds, report,
    match, deliver, prediction, demo, pacs, pixels, column, preview, canvas_previews, gallery_maps, looking, shortcuts,
    import_file, weights,
):  # fmt: skip
    module.register(app)


def main() -> None:
    """Run the command in sys.argv and exit: 0 done, 1 the input has problems, 2 wrong call, 3 failed while running."""
    words = [word for word in sys.argv[1:] if word != "--debug"]
    os.environ.setdefault("PYTHONSAFEPATH", "1")  # -P does not reach the processes that are started from here
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    if not words or words[0].endswith(".netloom") or is_foreign(Path(words[0])):
        sys.exit(open_window(words))
    sys.exit(run(words, debug="--debug" in sys.argv))


def open_window(words: list[str]) -> int:
    """Start the window as a program of its own, so that nothing here ever imports it."""
    if len(words) > 1:
        typer.echo(f"One project at a time: {len(words)} words were given, where one file fits.", err=True)
        return WRONG_CALL
    if importlib.util.find_spec("PySide6") is None:
        typer.echo("The window needs PySide6, which is not installed here; the commands work without it.", err=True)
        return FAILED
    return subprocess.call([sys.executable, "-P", "-m", "designer.app", *words])


def run(words: list[str], debug: bool = False) -> int:
    """Run one command and give its exit code; no traceback is shown unless `debug`.

    With --json a failure is one JSON object on stdout too: `error` in words, and the exit code.
    """
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").addHandler(logging.NullHandler())
    try:
        _refuse_empty(words)
        ended = app(args=words, prog_name="netloom", standalone_mode=False)
    except Exception as error:
        lines, code = _told(error, words)
        if debug and code == FAILED:
            raise
    except KeyboardInterrupt:
        lines, code = ["Stopped."], FAILED
    else:
        return ended if isinstance(ended, int) else 0
    for line in lines:
        typer.echo(line, err=True)
    if "--json" in words:
        typer.echo(json.dumps({"error": " ".join(lines), "exit": code}, ensure_ascii=False))
    return code


def _refuse_empty(words: list[str]) -> None:
    """An empty word is a variable that a script forgot to set; as a path it would mean the current folder."""
    for before, word in pairwise(["", *words]):
        if not word and before not in ("--labels", "--patients"):
            where = f"after {before}" if before else "in the first place"
            raise Refused(f"An empty word came {where}; name what is meant.", code=WRONG_CALL)


def _told(error: Exception, words: list[str]) -> tuple[list[str], int]:
    """What went wrong in words, and the exit code; only what nobody foresaw leaves a log with the details."""
    match error:
        case TyperException():
            return [_wrong_call(error, words)], WRONG_CALL
        case typer.Abort():
            return ["Stopped."], FAILED
        case Refused():
            return list(error.lines), error.code
        case DataError() | GraphError() | InputError():
            return [str(getattr(problem, "message", problem)) for problem in error.problems], PROBLEMS
        case ProjectError():
            return [str(error)], PROBLEMS
        case RunError():
            return [str(error)], PROBLEMS if isinstance(error.__cause__, DataError) else FAILED
    handle, name = tempfile.mkstemp(prefix="netloom-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        log.write("".join(traceback.format_exception(error)))
    reason = str(error).strip().splitlines()
    said = f"It could not be done: {reason[0] if reason else type(error).__name__}"
    return [said, f"The details are in {Path(name)}; --debug shows them."], FAILED


def _wrong_call(error: TyperException, words: list[str]) -> str:
    said = error.format_message().strip().replace("Value error, ", "")
    names = {known.name or known.callback.__name__ for known in app.registered_commands if known.callback}
    command = f"{words[0]} " if words[0] in names else ""
    return f"{said}{'' if said.endswith(('.', '?')) else '.'} `{program()} {command}--help` shows what fits."
