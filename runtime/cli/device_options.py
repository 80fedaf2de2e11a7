"""`netloom devices`, and the options of `netloom train` that say where it computes."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from runtime.cli.data import AsJson
from runtime.cli.output import Out
from runtime.devices import device_faults, gpu_in_sight, gpus_named, gpus_of, record_of
from runtime.graph import Training


def register(app: typer.Typer) -> None:
    """Enter the command of this file."""
    app.command()(devices)


def device_of(text: str) -> str:
    """A device of a call, as the settings spell it."""
    word = re.sub(r"\s", "", text).casefold()
    for fault in device_faults(word, len(gpus_of(word)) or 1):
        raise typer.BadParameter(fault)
    return gpus_named(gpus_of(word)) or word


DeviceOption = Annotated[
    str | None,
    typer.Option(
        parser=device_of, metavar="<auto, cpu, cuda, or cuda:0,cuda:1>",
        help="Where to compute: auto takes a GPU if there is one; several GPUs by number share the training.",
    ),
]  # fmt: skip
Processes = Annotated[
    int | None,
    typer.Option(min=1, help="So many processes share the training, each with a batch (and a GPU) of its own."),
]


def refuse_missing_devices(training: Training) -> None:
    """Raise RunError for devices that are not here, where several are wanted or one by its number.

    For others nothing is asked, so that torch need not be waited for: the training itself finds its device.
    """
    several = training.processes > 1 and training.device != "cpu" and gpu_in_sight()
    if several or gpus_of(training.device):
        from runtime.device import check_devices

        check_devices(training)


def devices(as_json: AsJson = False) -> None:
    """List what a training can compute on here: the processor and every GPU, by the names that --device takes."""
    from runtime.amounts import THIN, memory
    from runtime.device import found_devices, why_no_gpu

    out = Out(as_json)
    found = found_devices()
    for one in found:
        size = f", {memory(one.memory).replace(THIN, ' ')} of memory" if one.memory else ""
        out.say(f"{one.device:8} {one.name}{size}")
    note = why_no_gpu() if len(found) == 1 else ""
    if note:
        out.say(f"There is no NVIDIA GPU that can be used: {note}.")
    out.result({"devices": [record_of(one) for one in found], "note": note})
