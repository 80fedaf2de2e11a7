"""The devices of a training as its settings name them, and what a machine has of them. Free of torch."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KINDS = ("auto", "cpu", "cuda")
MOST_PROCESSES = 64
_NUMBERED = re.compile(r"cuda:(0|[1-9]\d{0,2})")


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """Something to compute on: its name in the settings, its name for people, and its memory in bytes (0: not told)."""

    device: str  # "cpu", "cuda:0"
    name: str
    memory: int = 0


def gpus_of(device: str) -> tuple[int, ...]:
    """The numbers of the GPUs that a device setting such as "cuda:0,cuda:2" names; () for one that names none."""
    parts = [part.strip() for part in device.split(",")]
    found = [_NUMBERED.fullmatch(part) for part in parts]
    return tuple(int(one[1]) for one in found if one is not None) if all(found) else ()


def gpus_named(numbers: Sequence[int]) -> str:
    """The device setting that names these GPUs."""
    return ",".join(f"cuda:{number}" for number in numbers)


def device_faults(device: str, processes: int) -> Iterator[str]:
    """What of a choice of devices means nothing, one sentence each; without looking at the machine."""
    numbers = gpus_of(device)
    if device not in KINDS and (not numbers or len(set(numbers)) < len(numbers)):
        yield f"The device is “{device}”; one of {', '.join(KINDS)} fits, or GPUs by number such as cuda:0,cuda:1."
    elif isinstance(processes, bool) or not isinstance(processes, int) or not 1 <= processes <= MOST_PROCESSES:
        yield f"The processes are {processes}; a whole number from 1 to {MOST_PROCESSES} fits."
    elif numbers and processes != len(numbers):
        yield (
            f"The processes are {processes}, but the device {device} names {len(numbers)} of the GPUs: each of them "
            "gets one process. Leave the number of processes out, or name as many GPUs."
        )


def missing(device: str, processes: int, found: Sequence[FoundDevice]) -> str:
    """Why a training cannot compute where its settings say, on a machine that has these devices; "" when it can."""
    here = [one for one in found if one.device != "cpu"]
    absent = [name for name in map("cuda:{}".format, gpus_of(device)) if name not in {one.device for one in here}]
    has = ", ".join(f"{one.device} ({one.name})" for one in here) or "no GPU that can be used"
    if absent:
        return (
            f"The training settings name {' and '.join(absent)}, but this computer has {has}. Tick a device that is "
            "here in the training settings (--device)."
        )
    if device == "cuda" and not here:
        return "The training settings name a GPU, but this computer has none that can be used. Tick another device."
    if device != "cpu" and not gpus_of(device) and here and processes > len(here):
        return (
            f"{processes} processes are to share the training, but this computer has {len(here)} for them: {has}. Take "
            "as many processes as there are GPUs (--processes), or let them compute on the processor (--device cpu)."
        )
    return ""


def gpu_in_sight() -> bool:
    """Whether this computer seems to have an NVIDIA GPU, as far as that shows without asking PyTorch."""
    return shutil.which("nvidia-smi") is not None or Path("/dev/nvidia0").exists()


def record_of(found: FoundDevice) -> dict[str, Any]:
    """A device as `netloom devices --json` prints it."""
    return {"device": found.device, "name": found.name, "memory_bytes": found.memory}


def found_in(record: Mapping[str, Any]) -> FoundDevice:
    """A device as it was printed. Raises ValueError for anything else."""
    match record:
        case {"device": str(device), "name": str(name), "memory_bytes": int(memory)}:
            return FoundDevice(device, name, memory)
    raise ValueError("this is no device")
