"""The pipe by which processes that belong together end together: each reads it, and its end is theirs."""

from __future__ import annotations

import os
import sys
import threading

LIFELINE = "NETLOOM_LIFELINE"
"""Set in the environment of a process whose standard input is such a pipe."""
_FAILED = 3
_NOTICED_S = 2.0
_NAME = "lifeline"


def hold_on() -> None:
    """End this process at once when the one at the other end of the pipe is gone. Without a pipe nothing is done."""
    if os.environ.pop(LIFELINE, ""):
        threading.Thread(target=_wait, args=(sys.stdin.fileno(),), daemon=True, name=_NAME).start()


def end_if_let_go() -> None:
    """When the pipe has ended, so does this process, here: for one that lost the others and is about to give a reason.

    All read the same end, in any order: the first that is gone must not be taken for the cause by one that reads later.
    """
    for thread in threading.enumerate():
        if thread.name == _NAME:
            thread.join(_NOTICED_S)


def _wait(pipe: int) -> None:
    try:
        while os.read(pipe, 4096):
            pass
    except OSError:
        pass
    os._exit(_FAILED)  # a checkpoint that is being written is written beside the one before
