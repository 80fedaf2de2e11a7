"""Deleting a run: never one that is being trained, never anything outside its folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from runtime.errors import RunError
from runtime.locks import Locked, held
from runtime.run_facts import size_of
from runtime.runs import Run

_LAST = "job.json"  # what makes the folder a run: a deletion that breaks off can be begun again


def why_not_delete(run: Run) -> str:
    """Why the run cannot be deleted, "" when it can."""
    if not (run.folder / _LAST).is_file():
        return f"{run.folder} is not a run folder, so it is not deleted."
    if run.folder.is_symlink():
        return f"{run.folder} is a link to another place; delete the run there."
    if run.status == "running":
        return f"The run {run.folder.name} is being trained; stop it before you delete it."
    return ""


def delete_run(run: Run) -> int:
    """Delete a run for good; gives how many bytes that freed. Raises RunError that says what stands in the way."""
    if reason := why_not_delete(run):
        raise RunError(reason)
    size = size_of(run.folder)
    try:
        with held(run.folder / "lock"):
            _empty(run.folder)
        (run.folder / "lock").unlink(missing_ok=True)
        (run.folder / _LAST).unlink()
        run.folder.rmdir()
    except Locked as error:
        raise RunError(f"The run {run.folder.name} is being trained; stop it before you delete it.") from error
    except OSError as error:
        left = f"{error.strerror or error}: {error.filename}" if error.filename else str(error)
        raise RunError(f"The run {run.folder.name} could not be deleted whole ({left}); try it again.") from error
    return size


def _empty(folder: Path) -> None:
    for entry in os.scandir(folder):
        if entry.name in (_LAST, "lock"):
            continue
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)
        else:
            os.unlink(entry.path)
