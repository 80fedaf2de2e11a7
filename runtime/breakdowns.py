"""What breaks down beneath a training, the memory or the device, in words. Judged by what PyTorch says; no torch."""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path

from runtime.amounts import THIN, memory
from runtime.analysis import analyse
from runtime.errors import Breakdown, OutOfMemory
from runtime.job import Job
from runtime.memory import forecast

_MEMORY = (
    "can't allocate memory", "out of memory", "Cannot allocate memory", "CUBLAS_STATUS_ALLOC_FAILED",
    "can't start new thread",
)  # fmt: skip
_DEVICE = ("CUDA error", "cuDNN error", "CUBLAS_STATUS", "NVML", "device-side assert")
_WANTED = re.compile(r"tried to allocate ([\d.]+) (bytes|KiB|MiB|GiB)", re.IGNORECASE)
_FREE = re.compile(r"of which ([\d.]+) (bytes|KiB|MiB|GiB) is free")
_UNITS = {"bytes": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def breakdown(error: BaseException, job: Job) -> Breakdown | None:
    """The failure of a run as a sentence, when the memory or the device failed; None for anything else.

    An error that another was made of is looked at as well.
    """
    seen: BaseException | None = error
    while seen is not None:
        if _is_memory(seen):
            return OutOfMemory(_memory_sentence(str(seen), job))
        if isinstance(seen, RuntimeError) and any(words in str(seen) for words in _DEVICE):
            return Breakdown(_device_sentence(str(seen)))
        seen = seen.__cause__
    return None


def largest_batch(job: Job, free: int) -> int:
    """The largest batch, at most half of the job's, whose forecast fits into so many bytes; 0 when none does."""
    analysis = analyse(job.graph)
    one = forecast(analysis, 1)
    fits = (free - one.parameters) // max(one.activations_per_image, 1)
    return max(0, min(job.training.batch // 2, fits))


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in _MEMORY)
    )


def _memory_sentence(said: str, job: Job) -> str:
    batch, on_gpu = job.training.batch, "CUDA" in said or "GPU" in said
    where = "the GPU" if on_gpu else "this computer"
    wanted, found = _amount(_WANTED, said), _amount(_FREE, said)
    free = found if found is not None else _free_memory()
    fits = largest_batch(job, free) if free is not None else batch // 2
    asked = f": {memory(wanted).replace(THIN, ' ')} more were asked for" if wanted else ""
    asked += f", {memory(free).replace(THIN, ' ')} were free" if wanted and free is not None else ""
    way = "use smaller images or a smaller network"
    if batch > 1:
        way = f"use a batch of {max(fits, 1)} at most, or smaller images"
    return f"The memory of {where} is not enough for a batch of {batch}{asked}. The last checkpoint is kept; {way}."


def _device_sentence(said: str) -> str:
    first = said.strip().splitlines()[0].removeprefix("CUDA error: ")[:200]
    if "assert" in said:
        way = "a value may lie outside of what a node takes: train with the device “cpu”, which names the node"
    else:
        way = "see that its driver runs and no other program holds it, or choose the device “cpu”"
    return f"The GPU failed while it computed ({first}). The last checkpoint is kept; resume the run, and {way}."


def _amount(pattern: re.Pattern[str], said: str) -> int | None:
    found = pattern.search(said)
    return None if found is None else int(float(found[1]) * _UNITS[found[2].lower()])


def _free_memory() -> int | None:
    """Bytes that this process may still take of the computer's memory, None where the system does not tell."""
    if sys.platform != "linux":
        return None
    import resource

    told = {
        name: int(rest.split()[0]) * 1024
        for name, rest in (line.split(":", 1) for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        if rest.strip().endswith("kB")
    }
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return told.get("MemAvailable")
    taken = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    return min(told.get("MemAvailable", limit), max(limit - taken, 0))
