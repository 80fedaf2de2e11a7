"""Keeps the computer from falling asleep while a training runs, with the means of each system.

What holds it awake ends with this process, however that ends.
"""

from __future__ import annotations

import ctypes
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_CONTINUOUS, _SYSTEM = 0x80000000, 0x00000001  # Windows: ES_CONTINUOUS, ES_SYSTEM_REQUIRED
_log = logging.getLogger("netloom.worker")


@contextmanager
def awake() -> Iterator[None]:
    """While this is open the computer does not sleep for want of a user; a lid that is closed or a button counts."""
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetThreadExecutionState(_CONTINUOUS | _SYSTEM)
        try:
            yield
        finally:
            ctypes.windll.kernel32.SetThreadExecutionState(_CONTINUOUS)
        return
    holder = _holder()
    try:
        yield
    finally:
        if holder is not None:
            _let_go(holder)


def _holder() -> subprocess.Popen[bytes] | None:
    """A process that holds the system awake until its input ends, which is when this process does."""
    words = _words()
    if not words:
        _log.info("Nothing here keeps the computer from falling asleep while it trains.")
        return None
    try:
        return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        _log.info("The computer may fall asleep while it trains (%s).", error.strerror)
        return None


def _words() -> list[str]:
    if sys.platform == "darwin":
        found = shutil.which("caffeinate")
        return [found, "-i", "-w", str(os.getpid())] if found else []
    found, until = shutil.which("systemd-inhibit"), shutil.which("cat")
    if not found or not until:
        return []
    return [found, "--what=sleep:idle", "--who=Netloom", "--why=A network is being trained", "--mode=block", until]


def _let_go(holder: subprocess.Popen[bytes]) -> None:
    if holder.stdin is not None:
        holder.stdin.close()
    if sys.platform == "darwin":
        holder.terminate()
    holder.wait()
