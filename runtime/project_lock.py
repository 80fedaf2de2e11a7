"""Who has a project open: a small hidden file beside it, seen by every window and machine that share the folder."""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from runtime.owner import Owner, owner_in, this_process

_log = logging.getLogger("netloom.lock")
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a project open for editing, and since when (local time)."""

    owner: Owner
    since: datetime


def take(project: Path) -> Holder | None:
    """Take the project for this process; gives who has it if another does, which must be alive.

    None also where no lock can be written: there the project cannot be saved either, and saving says so.
    """
    file = lock_file(project)
    for _ in range(_TRIES):
        try:
            _write(file)
        except FileExistsError:
            text, holder = _read(file)
        except OSError as error:
            _log.warning("no lock can be written beside %s: %s", project.name, error)
            return None
        else:
            return None
        if holder is not None and holder.owner == this_process():
            return None
        if holder is not None and holder.owner.alive:
            return holder
        _put_away(file, text)
    return _read(file)[1]


def release(project: Path) -> None:
    """Let the project go, if this process has it."""
    file = lock_file(project)
    _, holder = _read(file)
    if holder is not None and holder.owner == this_process():
        with suppress(OSError):  # the folder went away or became read-only: the lock is stale when this process ends
            file.unlink()


def lock_file(project: Path) -> Path:
    """The file that says who has the project open."""
    project = project.resolve()
    return project.with_name(f".{project.name}.lock")


def _write(file: Path) -> None:
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    with file.open("x", encoding="utf-8") as lock:
        lock.write(json.dumps({**asdict(this_process()), "since": since}))


def _read(file: Path) -> tuple[str, Holder | None]:
    """The text and what it says, None where it says nothing (a lock whose writing was cut off)."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "", None
    try:
        read = json.loads(text)
        return text, Holder(owner_in(read), datetime.fromisoformat(str(read.get("since"))).astimezone())
    except ValueError:
        return text, None


def _put_away(file: Path, text: str) -> None:
    """Remove a stale lock, but not one that another process put in its place since it was read."""
    aside = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        os.replace(file, aside)
        if _read(aside)[0] == text:
            aside.unlink()
        else:
            os.replace(aside, file)
