"""The driver's own library for NVIDIA GPUs (NVML): how busy one is, and which processes hold its memory. No torch."""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TOLD_NOTHING = 2**64 - 1  # NVML_VALUE_NOT_AVAILABLE
_ROOM = 128  # processes of one GPU that are asked for
_NAME = 256


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that computes on a GPU; `name` is "" and `memory` (bytes) None where the system does not tell."""

    pid: int
    name: str
    memory: int | None


class _ProcessInfo(ctypes.Structure):
    """nvmlProcessInfo_t of nvmlDeviceGetComputeRunningProcesses_v3."""

    _fields_ = (
        ("pid", ctypes.c_uint),
        ("memory", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


class Nvml:
    """The library, begun; every question is answered with nothing where there is no driver or it does not tell."""

    def __init__(self, file: str = "") -> None:
        self._library: Any = None
        try:
            library = ctypes.CDLL(file or ("nvml.dll" if sys.platform == "win32" else "libnvidia-ml.so.1"))
        except OSError:
            return
        if library.nvmlInit_v2() == 0:
            self._library = library

    def gpu(self, uuid: str) -> ctypes.c_void_p | None:
        """The GPU with this UUID, as torch writes it; None when it is not there."""
        handle, name = ctypes.c_void_p(), f"GPU-{uuid}".encode()
        if self._library is None:
            return None
        failed = self._library.nvmlDeviceGetHandleByUUID(ctypes.c_char_p(name), ctypes.byref(handle))
        return None if failed else handle

    def load(self, gpu: ctypes.c_void_p) -> float | None:
        """The share of the last moments in which the GPU computed, 0-1."""
        rates = (ctypes.c_uint * 2)()  # of computing and of memory, in per cent
        failed = self._library.nvmlDeviceGetUtilizationRates(gpu, ctypes.byref(rates))
        return None if failed else rates[0] / 100

    def other_holders(self) -> tuple[Holder, ...]:
        """Who else holds memory of the GPUs on which this process computes (of all, where it is on none), most first.

        One entry for each process.
        """
        on_each = [list(self._holders(gpu)) for gpu in self._gpus()]
        shared = [holders for holders in on_each if os.getpid() in [one.pid for one in holders]]
        others = {one.pid: one for holders in shared or on_each for one in holders if one.pid != os.getpid()}
        return tuple(sorted(others.values(), key=lambda one: -(one.memory or 0)))

    def _gpus(self) -> Iterator[ctypes.c_void_p]:
        count = ctypes.c_uint()
        if self._library is None or self._library.nvmlDeviceGetCount_v2(ctypes.byref(count)):
            return
        for number in range(count.value):
            handle = ctypes.c_void_p()
            if self._library.nvmlDeviceGetHandleByIndex_v2(ctypes.c_uint(number), ctypes.byref(handle)) == 0:
                yield handle

    def _holders(self, gpu: ctypes.c_void_p) -> Iterator[Holder]:
        ask = getattr(self._library, "nvmlDeviceGetComputeRunningProcesses_v3", None)  # not of old drivers
        count, found = ctypes.c_uint(_ROOM), (_ProcessInfo * _ROOM)()
        if ask is None or ask(gpu, ctypes.byref(count), found):
            return
        for one in found[: count.value]:
            yield Holder(one.pid, self._name(one.pid), None if one.memory == _TOLD_NOTHING else one.memory)

    def _name(self, pid: int) -> str:
        """The program of a process without its folder and its arguments, which may hold names."""
        text = ctypes.create_string_buffer(_NAME)
        told = process_name(pid)
        if told or self._library.nvmlSystemGetProcessName(ctypes.c_uint(pid), text, ctypes.c_uint(_NAME)):
            return told
        return text.value.decode("utf-8", "replace").replace("\\", "/").rpartition("/")[2]


def process_name(pid: int) -> str:
    """The name of a process where /proc tells it, else ""."""
    try:
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
