"""What a choice among trained runs shows of each, read from the run folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from designer.training.runs_panel import title_of
from runtime.runs import find_runs


@dataclass(frozen=True)
class TrainedRun:
    """A run that has a best epoch, which can be evaluated and exported."""

    folder: Path
    title: str
    finished: bool  # it was trained to its end


def trained_runs(project: Path) -> tuple[TrainedRun, ...]:
    """The runs of a project file that have a best epoch, newest first; what cannot be read is left out."""
    return tuple(_read(project))


def _read(project: Path) -> Iterator[TrainedRun]:
    for run in reversed(find_runs(project) if project.is_file() else []):
        try:
            if any((run.folder / "checkpoints").glob("best*.safetensors")):
                yield TrainedRun(run.folder, title_of(run), run.status == "finished")
        except OSError:
            continue  # its folder is just being deleted, or may not be read
