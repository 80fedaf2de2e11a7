"""How busy the device is, and how much of its memory is taken; None for what a system does not tell."""

from __future__ import annotations

import os
import time
from pathlib import Path

import torch

from runtime.nvml import Nvml


class DeviceLoad:
    """Asked once an epoch."""

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._nvml = Nvml() if device.type == "cuda" else None
        uuid = "" if self._nvml is None else str(torch.cuda.get_device_properties(device).uuid)
        self._gpu = None if self._nvml is None else self._nvml.gpu(uuid)
        self._wall, self._own = time.monotonic(), time.process_time()

    def load(self) -> float | None:
        """The share of the device in use, 0-1: of a GPU in the last moments, of the processors since the last call."""
        if self._nvml is not None:
            return None if self._gpu is None else self._nvml.load(self._gpu)
        wall, own = time.monotonic(), time.process_time()
        passed, used = wall - self._wall, own - self._own
        self._wall, self._own = wall, own
        share = used / (passed * (os.cpu_count() or 1)) if passed > 0 else 0.0
        return round(min(max(share, 0.0), 1.0), 3)

    def memory(self) -> tuple[int | None, int | None]:
        """Bytes in use and bytes there are: of the GPU by all programs, else of the computer by this process."""
        if self._device.type == "cuda":
            free, whole = torch.cuda.mem_get_info(self._device)
            return int(whole - free), int(whole)
        return _resident(), physical_memory()


def _resident() -> int | None:
    """Bytes of memory that this process holds."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * int(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError, IndexError):
        return None


def physical_memory() -> int | None:
    """Bytes of memory that this computer has."""
    try:
        return int(os.sysconf("SC_PHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, AttributeError):
        return None
