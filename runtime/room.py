"""Room on the disk of a run: noticing that there is none, keeping a little for last words, waiting until there is."""

from __future__ import annotations

import errno
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from runtime.liveness import show_life

_LOOK_EVERY_S = 0.5
_TRY_EVERY_S = 10.0  # a quota is not seen in the free space of the disk: then only trying tells
RESERVE = 2**16  # bytes


def is_full(error: OSError) -> bool:
    """Whether a file could not be written because the disk, or the user's share of it, is full."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def megabytes(count: int) -> str:
    """An amount of bytes for a sentence, rounded up: 3 MB."""
    return f"{max(1, -(-count // 10**6))} MB"


class Room:
    """The disk of a run folder, and the file in it that asks the run to stop."""

    def __init__(self, folder: Path, pause: Callable[[float], None] = time.sleep) -> None:
        self._folder = folder
        self._pause = pause
        self._reserve = folder / ".reserve"

    @property
    def free(self) -> int:
        """Bytes that can be written."""
        return shutil.disk_usage(self._folder).free

    @property
    def asked_to_stop(self) -> bool:
        """Whether the run was asked to stop."""
        return (self._folder / "stop").exists()

    def wait(self, needed: int) -> bool:
        """Wait until so many bytes are free, or it is time to try anyhow; False when the run was asked to stop."""
        began = time.monotonic()
        while not self.asked_to_stop:
            self._pause(_LOOK_EVERY_S)
            show_life(self._folder)
            if self.free >= needed or time.monotonic() - began >= _TRY_EVERY_S:
                return not self.asked_to_stop
        return False

    def keep_reserve(self) -> None:
        """Take a little room now, so that a run whose disk is full can still say so; without room, go without."""
        with suppress(OSError):
            if not self._reserve.exists() and self.free > 2 * RESERVE:
                self._reserve.write_bytes(bytes(RESERVE))

    def give_reserve(self) -> None:
        """Let the reserve go, for a few last lines."""
        with suppress(OSError):
            self._reserve.unlink(missing_ok=True)
