"""Signs of life of a worker beside its events: the time of worker.json, which it sets anew while it works or waits."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

SILENT_S = 60.0
"""A worker of which nothing is seen for so long may hang."""


def show_life(run_folder: Path) -> None:
    """Say that this worker goes on. A folder without worker.json is no run that anybody watches."""
    with suppress(OSError):
        os.utime(run_folder / "worker.json")


def sign_of_life(run_folder: Path) -> tuple[int, int]:
    """Something that changes with every sign of life; how old it is must be told by the clock of who looks."""
    return _changed(run_folder / "worker.json"), _changed(run_folder / "events.jsonl")


def checkpoint_age(run_folder: Path) -> float | None:
    """Seconds since the last checkpoint from which the run could go on; None without one."""
    written = [path.stat().st_mtime for path in (run_folder / "checkpoints").glob("last*.safetensors")]
    return max(0.0, time.time() - max(written)) if written else None


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
