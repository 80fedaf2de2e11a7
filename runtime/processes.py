"""Whether a process that wrote its number down is still there: the same process, not a later one with its number."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

_LIMITED_INFORMATION = 0x1000  # Windows: PROCESS_QUERY_LIMITED_INFORMATION
_STILL_ACTIVE = 259  # Windows: the exit code of a process that has not ended


def started_at(pid: int) -> str:
    """A mark of when the process began, "" when there is no such living process; equal marks mean the same process."""
    if sys.platform == "linux":
        return _linux(pid)
    if sys.platform == "win32":
        return _windows(pid)
    return _unix(pid)


def _linux(pid: int) -> str:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
    # The name in brackets may hold spaces and brackets itself, so the fields are counted behind the last bracket.
    fields = text.rpartition(")")[2].split()
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def _unix(pid: int) -> str:
    words = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    plain = {"LC_ALL": "C", "PATH": "/bin:/usr/bin"}
    answer = subprocess.run(words, capture_output=True, text=True, check=False, env=plain)
    state, _, began = answer.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else " ".join(began.split())


def _windows(pid: int) -> str:
    if sys.platform != "win32":
        return ""
    kernel = ctypes.windll.kernel32
    handle = kernel.OpenProcess(_LIMITED_INFORMATION, False, pid)
    if not handle:
        return ""
    try:
        code = ctypes.c_ulong()
        times = [ctypes.c_ulonglong() for _ in range(4)]
        kernel.GetExitCodeProcess(handle, ctypes.byref(code))
        kernel.GetProcessTimes(handle, *(ctypes.byref(time) for time in times))
        return str(times[0].value) if code.value == _STILL_ACTIVE else ""
    finally:
        kernel.CloseHandle(handle)
