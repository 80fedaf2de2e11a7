"""What was not saved when a window was killed: the journals of dead processes, read as far as they are whole."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from runtime.changes import Step
from runtime.document import Document
from runtime.graph import Graph
from runtime.journal import SUFFIX
from runtime.journal_lines import Head, head_in, step_in

_log = logging.getLogger("netloom.recovery")


@dataclass(frozen=True, slots=True)
class Found:
    """A journal: the drawing as it was last saved, and the steps after that."""

    path: Path
    head: Head
    steps: tuple[Step, ...]
    last: datetime  # when the last step was written, in local time

    @property
    def project(self) -> Path | None:
        """The project's file, None when it had none yet."""
        return self.head.project


def recoverable(folder: Path) -> list[Found]:
    """The journals in the folder that hold what is saved nowhere, the newest first.

    Those of processes that live, here or on another machine, are left alone; those that hold nothing new are removed.
    """
    lost = []
    for path in folder.glob(f"*{SUFFIX}"):
        found = read_journal(path)
        if found is None or found.head.owner.alive:
            continue
        if found.steps and replay(found) != found.head.graph:
            lost.append(found)
        else:
            path.unlink(missing_ok=True)
    return sorted(lost, key=lambda found: found.last, reverse=True)


def replay(found: Found) -> Graph:
    """The drawing with all its steps."""
    document = Document(found.head.graph)
    for step in found.steps:
        document.repeat(step)
    return document.graph()


def read_journal(path: Path) -> Found | None:
    """A journal as far as it is whole: the line that was being written is left out. None when not one line is whole."""
    try:
        lines = path.read_bytes().split(b"\n")
        last = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
        head = head_in(lines[0].decode("ascii"))
    except (OSError, ValueError) as error:
        _log.warning("%s holds no whole step: %s", path.name, error)
        return None
    return Found(path, head, _steps(head.graph, lines[1:]), last)


def _steps(graph: Graph, lines: Iterable[bytes]) -> tuple[Step, ...]:
    """The steps, where what was taken back right away is no step; ends at the first line that is damaged."""
    kept: list[tuple[Step, bool]] = []  # with whether it can be taken back: a step of this journal, not an undo
    for done, step in _whole(graph, lines):
        if done == "merge" and kept:
            before, _ = kept.pop()
            step = Step(step.label, before.changes + step.changes)
        elif done == "undo" and kept and kept[-1][1]:
            kept.pop()
            continue
        elif done == "undo":
            step = Step(f"Undo: {step.label}", step.changes)
        kept.append((step, done != "undo"))
    return tuple(step for step, _ in kept)


def _whole(graph: Graph, lines: Iterable[bytes]) -> Iterator[tuple[str, Step]]:
    """The lines that can be read and that fit the drawing, up to the first that is or does not."""
    document = Document(graph)
    for line in lines:
        try:
            done, step = step_in(line.decode("ascii"))
            document.repeat(step)
        except (ValueError, KeyError):
            return
        yield done, step
