"""Which signals ask a process politely to end: the system shutting down, the terminal closing, Ctrl+C."""

from __future__ import annotations

import signal
import threading


def polite() -> tuple[signal.Signals, ...]:
    """Those that mean: stop and keep what was learned; () outside of the main thread, which cannot hear them.

    One that was ignored on purpose, as `nohup` does with the closing of the terminal, stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return ()
    named = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
    known = [signal.Signals[name] for name in named if name in signal.Signals.__members__]
    return tuple(one for one in known if one.name != "SIGHUP" or signal.getsignal(one) is not signal.SIG_IGN)
