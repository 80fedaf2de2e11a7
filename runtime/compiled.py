"""A network whose program code torch.compile writes, where that works; else the network as it is."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, Literal

import torch
from torch import Tensor

from runtime.compile import Network
from runtime.device import is_out_of_memory
from runtime.steps import TORCH_ERRORS, Pass, Runs

Way = Literal["plain", "compiled", "graphs"]
"""How a network is run in training: as it is, by code that torch.compile writes, or that with CUDA graphs."""

FAILURES: tuple[type[Exception], ...] = (*TORCH_ERRORS, OSError, ImportError, subprocess.SubprocessError)
"""What compiling may end in: its errors, a compiler that is missing, one that fails."""


def cannot_compile(device: torch.device, way: Way = "compiled") -> str:
    """What is missing on this machine for compiling, as a clause; "" when nothing is known to be."""
    if way == "graphs" and device.type != "cuda":
        return "CUDA graphs need an NVIDIA GPU"
    if sys.platform == "win32" and shutil.which("cl") is None:
        return "there is no C++ compiler (cl) on this machine"
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        return "Triton is not installed"
    if device.type == "cpu" and not any(shutil.which(name) for name in ("c++", "g++", "clang++", "cl")):
        return "there is no C++ compiler on this machine"
    return ""


def _compiled(network: Network, way: Way) -> Runs:
    from torch._functorch import config  # loads what a training that is not compiled does without

    # One pass serves several optimizers, and the looks at layers: its buffers must outlive the first way backwards.
    config.donated_buffer = False
    # Random numbers are drawn as torch draws them, so that a compiled step learns what a plain one does.
    options: dict[str, Any] = {"fallback_random": True}
    if way != "graphs":
        return _whole(network, options)
    run = _whole(network, {**options, "triton.cudagraphs": True})  # as the mode reduce-overhead

    def replayed(given: list[Tensor], masks: dict[str, Tensor]) -> tuple[list[Any], dict[str, Tensor]]:
        torch.compiler.cudagraph_mark_step_begin()  # type: ignore[no-untyped-call]
        values, moved = run(given, masks)
        # The next replay writes over what this one gave, and losses and metrics keep some of that.
        kept = [value.clone() if isinstance(value, Tensor) else value for value in values]
        return kept, {source: mask.clone() for source, mask in moved.items()}

    return replayed


def _whole(network: Network, options: dict[str, Any]) -> Runs:
    """The network as one graph: one that falls into pieces compiles long and gains little, so it is an error."""
    run: Runs = torch.compile(network.tensors, dynamic=False, fullgraph=True, options=options)
    return run


class Runner:
    """Runs a network in one of the ways; `reason` says why it is run plainly instead, once that is known.

    Batches of another size than the first are run plainly: code is written for one size, and takes long to write.
    """

    def __init__(self, network: Network, way: Way, device: torch.device) -> None:
        self._network = network
        self._run = None if way == "plain" else _compiled(network, way)
        self._sizes: list[torch.Size] | None = None  # of the first batch
        self.reason = ""
        missing = cannot_compile(device, way)
        if self._run is not None and missing:
            self._give_up(missing)

    def __call__(self, feeds: Mapping[str, Tensor], masks: Mapping[str, Tensor]) -> Pass:
        """As the network."""
        run = self._run if self._network.training and self._of_the_size(feeds) else None
        return self._network(feeds, masks, run)  # type: ignore[no-any-return]

    def _of_the_size(self, feeds: Mapping[str, Tensor]) -> bool:
        sizes = [tensor.shape for tensor in feeds.values()]
        if self._sizes is None:
            self._sizes = sizes
        return sizes == self._sizes

    def gives_up(self, error: Exception) -> bool:
        """Whether the error may have come from compiling: then the network runs as it is from now on."""
        if self._run is None or is_out_of_memory(error):
            return False
        self._give_up((" ".join(str(error).split()) or type(error).__name__)[:200])
        return True

    def _give_up(self, reason: str) -> None:
        self._run = None
        self.reason = reason.rstrip(".")

    @property
    def warning(self) -> str:
        """The reason as a sentence; "" while nothing is known."""
        return f"The network could not be compiled and is trained without it: {self.reason}." if self.reason else ""
