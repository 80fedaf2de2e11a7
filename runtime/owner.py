"""Which process a lock or a journal belongs to, written down so that others can tell whether it still runs."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import lru_cache

from runtime.processes import started_at


@dataclass(frozen=True, slots=True)
class Owner:
    """A process: its number, when it began (a mark, as started_at gives it), and the machine it is on."""

    pid: int
    started: str
    host: str

    @property
    def here(self) -> bool:
        """Whether it is or was on this machine."""
        return self.host == platform.node()

    @property
    def alive(self) -> bool:
        """Whether it still runs; one on another machine cannot be asked and counts as running."""
        return not self.here or (bool(self.started) and started_at(self.pid) == self.started)


def this_process() -> Owner:
    """The process that asks."""
    return _owner(os.getpid())


def owner_in(read: object) -> Owner:
    """An owner as it was written (with dataclasses.asdict); a ValueError for anything else."""
    match read:
        case {"pid": int(pid), "started": str(started), "host": str(host)}:
            return Owner(pid, started, host)
    raise ValueError("this names no process")


@lru_cache(maxsize=1)
def _owner(pid: int) -> Owner:
    return Owner(pid, started_at(pid), platform.node())
