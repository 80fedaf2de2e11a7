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
    known = tuple(getattr(signal, name) for name in named if hasattr(signal, name))
    return tuple(one for one in known if one is not getattr(signal, "SIGHUP", None) or not _ignored(one))


def _ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN
