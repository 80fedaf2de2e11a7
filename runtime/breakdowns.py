"""What breaks down beneath a training, the memory or the device, in words. Judged by what PyTorch says; no torch."""

from __future__ import annotations

import errno
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from runtime.amounts import THIN, memory
from runtime.analysis import analyse
from runtime.errors import Breakdown, OutOfMemory
from runtime.job import Job
from runtime.memory import forecast
from runtime.nvml import Holder, Nvml, process_name
from runtime.runs import Run

if sys.platform == "linux":
    import resource  # now: when the memory has ended, nothing more can be imported

_MEMORY = (
    "can't allocate memory", "out of memory", "Cannot allocate memory", "_STATUS_ALLOC_FAILED",
    "can't start new thread",
)  # fmt: skip
_DEVICE = (
    "CUDA error", "cuDNN error", "CUBLAS_STATUS", "CUSOLVER_STATUS", "CUFFT_STATUS", "NVML", "device-side assert",
    "CUDA driver", "CUDA unknown error", "No CUDA GPUs are available",
)  # fmt: skip
_WANTED = re.compile(r"tried to allocate ([\d.]+) (bytes|KiB|MiB|GiB)", re.IGNORECASE)
_FREE = re.compile(r"of which ([\d.]+) (bytes|KiB|MiB|GiB) is free")
_OTHER = re.compile(r"Process (\d+) has ([\d.]+ (?:bytes|KiB|MiB|GiB)) memory in use")
_SIZE = re.compile(r"([\d.]+) (bytes|KiB|MiB|GiB)")
_NAMED = 3  # other programs, of those that hold most
_UNITS = {"bytes": 1, "kib": 2**10, "mib": 2**20, "gib": 2**30}


def breakdown(error: BaseException, job: Job) -> Breakdown | None:
    """The failure of a run as a sentence, when the memory or the device failed; None for anything else.

    An error that another was made of is looked at as well.
    """
    seen: BaseException | None = error
    while seen is not None:
        if _is_memory(seen):
            return OutOfMemory(_told_with_little(str(seen), job))
        if isinstance(seen, RuntimeError) and any(words in str(seen) for words in _DEVICE):
            return Breakdown(_device_sentence(str(seen), job))
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


def _told_with_little(said: str, job: Job) -> str:
    """The sentence, a short one where not even memory for working it out is left."""
    try:
        return _memory_sentence(said, job)
    except (MemoryError, ImportError, OSError):
        return f"The memory of this computer is not enough for a batch of {job.training.batch}; use a smaller one."


def _memory_sentence(said: str, job: Job) -> str:
    batch, on_gpu = job.training.batch, any(word in said for word in ("CUDA", "GPU", "_STATUS_"))
    where = "the GPU" if on_gpu else "this computer"
    wanted, found = _amount(_WANTED, said), _amount(_FREE, said)
    free = found if found is not None else _free_memory()
    fits = largest_batch(job, free) if free is not None else batch // 2
    asked = f": {_spoken(wanted)} more were asked for" if wanted else ""
    asked += f", {_spoken(free)} were free" if wanted and free is not None else ""
    way = "use smaller images or a smaller network"
    if batch > 1:
        way = f"use a batch of {max(fits, 1)} at most, or smaller images"
    kept = _kept(job)
    kept = f"{kept}; resume the run when more is free, or train a new one: " if kept else "No epoch was done yet; "
    held = _held(said) if on_gpu else ""
    return f"The memory of {where} is not enough for a batch of {batch}{asked}. {held}{kept}{way}."


def _device_sentence(said: str, job: Job) -> str:
    first = said.strip().splitlines()[0].removeprefix("CUDA error: ").rstrip(".")[:200]
    wrong = "assert" in said
    if wrong:
        way = "a value may lie outside of what a node takes: train with the device “cpu”, which names the node"
    else:
        way = "see that its driver runs and no other program holds it, or choose the device “cpu”"
    kept = _kept(job)
    way = f"{kept}; resume the run, and {way}" if kept else f"No epoch was done yet; {way}"
    return f"The GPU failed while it computed ({first}). {'' if wrong else _held(said)}{way}."


def _kept(job: Job) -> str:
    """What can be gone on from, "" where nothing can."""
    if not Run(job.folder).can_resume:
        return ""
    try:
        told = json.loads((job.folder / "checkpoints" / "last.json").read_text(encoding="utf-8"))
        return f"The last checkpoint is kept (epoch {int(told['epoch'])})"
    except (OSError, ValueError, KeyError, TypeError):
        return "The last checkpoint is kept"


def _held(said: str) -> str:
    """A sentence on the other programs that hold memory of the GPU, as its driver or PyTorch tells; "" for none."""
    others = Nvml().other_holders() or tuple(_holders_in(said))
    told = [_holder(one) for one in others[:_NAMED]]
    more = [f"{len(others) - _NAMED} more"] if len(others) > _NAMED else []
    if not told:
        return ""
    *before, last = [*told, *more]
    return f"It is used by {', '.join(before)}{' and ' if before else ''}{last} besides. "


def _holders_in(said: str) -> Iterator[Holder]:
    """The processes that PyTorch names where memory of a GPU runs out."""
    for pid, size in _OTHER.findall(said):
        yield Holder(int(pid), process_name(int(pid)), _amount(_SIZE, size))


def _holder(one: Holder) -> str:
    number = f"process {one.pid}"
    facts = [*([number] if one.name else []), *([_spoken(one.memory)] if one.memory is not None else [])]
    return f"{one.name or number} ({', '.join(facts)})" if facts else number


def _spoken(count: int) -> str:
    return memory(count).replace(THIN, " ")


def _amount(pattern: re.Pattern[str], said: str) -> int | None:
    found = pattern.search(said)
    return None if found is None else int(float(found[1]) * _UNITS[found[2].lower()])


def _free_memory() -> int | None:
    """Bytes that this process may still take of the computer's memory, None where the system does not tell."""
    if sys.platform != "linux":
        return None
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
