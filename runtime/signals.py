"""Which signals ask a process politely to end: the system shutting down, the terminal closing, Ctrl+C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


def polite() -> tuple[signal.Signals, ...]:
    """Those that mean: stop and keep what was learned; () outside of the main thread, which cannot hear them.

    One that was ignored on purpose, as `nohup` does with the closing of the terminal, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return ()
    named = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    known = [signal.Signals[name] for name in named if name in signal.Signals.__members__]
    return tuple(one for one in known if one.name != "SIGHUP" or signal.getsignal(one) is not signal.SIG_IGN)


@contextmanager
def asked_to_stop(do: Callable[[], None]) -> Iterator[None]:
    """While this is open a polite request to end (SIGTERM, Ctrl+C, the end of the session) does `do`."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        do()

    before = {number: signal.signal(number, stop) for number in polite()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
