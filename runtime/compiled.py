"""A network whose program code torch.compile writes, where that works; else the network as it is."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping

import torch
from torch import Tensor

from runtime.compile import Network
from runtime.device import is_out_of_memory
from runtime.graph import Compiled
from runtime.steps import TORCH_ERRORS, Pass, Runs

FAILURES: tuple[type[Exception], ...] = (*TORCH_ERRORS, OSError, ImportError, subprocess.SubprocessError)
"""What compiling may end in: its errors, a compiler that is missing, one that fails."""


def cannot_compile(device: torch.device) -> str:
    """What is missing on this machine for compiling, as a clause; "" when nothing is known to be."""
    if sys.platform == "win32" and shutil.which("cl") is None:
        return "there is no C++ compiler (cl) on this machine"
    if device.type == "cuda" and importlib.util.find_spec("triton") is None:
        return "Triton is not installed"
    if device.type == "cpu" and not any(shutil.which(name) for name in ("c++", "g++", "clang++", "cl")):
        return "there is no C++ compiler on this machine"
    return ""


def _compiled(network: Network) -> Runs:
    # One pass serves several optimizers, and the looks at layers: its buffers must outlive the first way backwards.
    torch._functorch.config.donated_buffer = False
    run: Runs = torch.compile(network.tensors, dynamic=False)
    return run


class Runner:
    """Runs a network, compiled if that is wanted; `warning` says why it is not, once that is known.

    "auto" does not compile: no network was yet measured to gain more than the minute that compiling takes.
    """

    def __init__(self, network: Network, wanted: Compiled, device: torch.device) -> None:
        self._network = network
        self._run = _compiled(network) if wanted == "on" else None
        self.warning = ""
        missing = cannot_compile(device)
        if self._run is not None and missing:
            self._give_up(missing)

    def __call__(self, feeds: Mapping[str, Tensor], masks: Mapping[str, Tensor]) -> Pass:
        """As the network."""
        run = self._run if self._network.training else None
        return self._network(feeds, masks, run)  # type: ignore[no-any-return]

    def gives_up(self, error: Exception) -> bool:
        """Whether the error may have come from compiling: then the network runs as it is from now on."""
        if self._run is None or is_out_of_memory(error):
            return False
        self._give_up((" ".join(str(error).split()) or type(error).__name__)[:200])
        return True

    def _give_up(self, reason: str) -> None:
        self._run = None
        self.warning = f"The network could not be compiled and is trained without it: {reason}."
