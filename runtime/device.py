"""Where a run computes, and how it is made repeatable."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from runtime.device_load import physical_memory
from runtime.devices import FoundDevice, gpus_of, missing
from runtime.errors import RunError
from runtime.graph import Device, Training


def pick_device(wanted: Device) -> torch.device:
    """The device of a run; "auto" takes the first GPU if there is one. Raises RunError for a GPU that is not there."""
    if wanted == "cpu":
        return torch.device("cpu")
    numbers = gpus_of(wanted)
    if numbers:
        if lack := missing(wanted, len(numbers), found_devices()):
            raise RunError(lack)
        return torch.device("cuda", numbers[0])
    if torch.cuda.is_available():
        return torch.device("cuda", 0)
    if wanted == "cuda":
        raise RunError(f"There is no NVIDIA GPU that can be used ({why_no_gpu()}); choose the device “auto” or “cpu”.")
    return torch.device("cpu")


def why_no_gpu() -> str:
    """Why no GPU can be used where there is none."""
    return "this PyTorch was built for the processor only" if torch.version.cuda is None else "no driver answers"


def usable_device(wanted: Device) -> torch.device:
    """Where to measure a network that was trained elsewhere: as it was trained if that is here, else as "auto"."""
    return pick_device("auto" if wanted != "cpu" and missing(wanted, 1, found_devices()) else wanted)


def found_devices() -> tuple[FoundDevice, ...]:
    """What this PyTorch can compute on here: the processor first, then every GPU by number."""
    cores = os.cpu_count() or 1
    found = [FoundDevice("cpu", f"CPU, {cores} core{'s' if cores > 1 else ''}", physical_memory() or 0)]
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        told = torch.cuda.get_device_properties(number)
        found.append(FoundDevice(f"cuda:{number}", str(told.name), int(told.total_memory)))
    return tuple(found)


def check_devices(training: Training) -> None:
    """Raise RunError when this machine has not what the training is to compute on, before anything is begun."""
    if lack := missing(training.device, training.processes, found_devices()):
        raise RunError(lack)


def device_name(device: torch.device, processes: int = 1) -> str:
    """The device as people know it: "cpu", "cuda (NVIDIA H100)", or "cpu, 2 processes"."""
    name = f"cuda ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else "cpu"
    return name if processes == 1 else f"{name}, {processes} processes"


def mixed(seed: int, *salt: int | str) -> int:
    """A seed of 63 bits that follows from the project's seed and what it is for; near seeds give unlike numbers."""
    text = "/".join(str(part) for part in (seed, *salt))
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest()[:8], "big") >> 1


def seed_epoch(seed: int, epoch: int) -> None:
    """Set all random states of torch for an epoch.

    Every epoch draws from the seed and its own number alone, so a resumed run draws what an uninterrupted one does.
    """
    torch.manual_seed(mixed(seed, "epoch", epoch))


def settle(device: torch.device) -> None:
    """Settings of the whole process: the same algorithms each time, so that a run can be repeated."""
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = device.type == "cuda"


@contextmanager
def without_denormals() -> Iterator[None]:
    """While the block runs, this thread and those that it starts take numbers below 1.2e-38 for 0.

    A processor needs many times as long for them, and what an optimizer remembers of a neuron that died comes to be
    full of them. They change no weight: a step that they make is lost in its last bit.
    """
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def free_memory(device: torch.device) -> int:
    """Bytes that are free on the device (the computer's own memory for "cpu"); a careful guess where it is not told."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if sys.platform == "win32":
        return 4 * 2**30
    try:
        return int(os.sysconf("SC_AVPHYS_PAGES")) * int(os.sysconf("SC_PAGE_SIZE"))
    except (ValueError, OSError):
        return 4 * 2**30


def whole_memory(device: torch.device) -> int:
    """Bytes of memory that the device has (the computer for "cpu"), 0 where that is not told."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    return physical_memory() or 0


def is_out_of_memory(error: BaseException) -> bool:
    """Whether torch ran out of memory, on a GPU or in the computer."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "can't allocate memory" in str(error)


def memory_message(device: torch.device, batch: int) -> str:
    """What to tell when memory ran out."""
    smaller = f"a smaller batch, such as {batch // 2}, or smaller images" if batch > 1 else "smaller images"
    where = "the GPU" if device.type == "cuda" else "this computer"
    return f"The memory of {where} is not enough for a batch of {batch}; use {smaller}."
