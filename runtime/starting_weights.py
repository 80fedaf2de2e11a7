"""Weights to begin a training with: another run's or a file's, matched by name and shape."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from runtime.checkpoint import load_checkpoint
from runtime.errors import RunError

PICKLED = (".pt", ".pth", ".bin", ".ckpt")
_SECONDS = 120.0  # that reading a pickled file may take
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Matched:
    """What of the given weights fitted a network; names are those of the network's state dict."""

    where: str
    taken: tuple[str, ...]
    misshapen: tuple[str, ...]  # name, shape given and shape needed, in words
    missing: tuple[str, ...]  # in the network only: they begin at random
    unused: tuple[str, ...]  # in the given weights only

    def sentences(self) -> tuple[str, ...]:
        """The report, one sentence each."""
        told = [f"{len(self.taken)} of {self._wanted()} tensors of the network begin with the weights of {self.where}."]
        if self.misshapen:
            told.append(f"Of another shape, and so begun at random: {_some(self.misshapen)}.")
        if self.missing:
            told.append(f"Not in {self.where}, and so begun at random: {_some(self.missing)}.")
        if self.unused:
            told.append(f"In {self.where} only, and not used: {_some(self.unused)}.")
        return tuple(told)

    def _wanted(self) -> int:
        return len(self.taken) + len(self.misshapen) + len(self.missing)


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a run's best epoch, a safetensors file or a PyTorch state dict, on the CPU, by name.

    A pickled file is read in a child process that builds tensors and nothing else (`weights_only`). Raises RunError.
    """
    if path.is_dir():
        state, _ = load_checkpoint(path / "checkpoints", "best")
        return _network(state.tensors)
    if not path.is_file():
        raise RunError(f"There are no weights at {path}: name a run folder, a .safetensors or a .pth file.")
    if path.suffix.casefold() == ".safetensors":
        return _network(_loaded(path, path.name))
    if path.suffix.casefold() in PICKLED:
        return _unpickled(path)
    raise RunError(
        f"{path.name} is no file of weights that can be read: a run folder, .safetensors and {', '.join(PICKLED)} fit."
    )


def begin_with(network: nn.Module, place: str) -> Matched:
    """Read the weights of a run folder or a file and copy what fits into the network. Raises RunError."""
    path = Path(place)
    return take_over(network, read_weights(path), path.name)


@torch.no_grad()
def take_over(network: nn.Module, given: Mapping[str, Tensor], where: str) -> Matched:
    """Copy what fits by name and shape into the network. Raises RunError when nothing does."""
    own = network.state_dict()
    given = {name.removeprefix("module."): tensor for name, tensor in given.items()}  # as DistributedDataParallel keeps
    fitting = [name for name in own if name in given and given[name].shape == own[name].shape]
    misshapen = tuple(
        f"{name} ({_shape(given[name])} where {_shape(own[name])} is needed)"
        for name in own
        if name in given and given[name].shape != own[name].shape
    )
    if not fitting:
        names = f"the network has {_some(tuple(own))}, and there is {_some(tuple(given))}"
        raise RunError(
            f"None of the {len(given)} tensors in {where} fits this network by name and shape: "
            f"{_some(misshapen) if misshapen else names}."
        )
    for name in fitting:
        own[name].copy_(given[name])
    missing = tuple(name for name in own if name not in given)
    return Matched(where, tuple(fitting), misshapen, missing, tuple(name for name in given if name not in own))


def _network(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's part of a checkpoint of this program; any other file as it is."""
    stem = "network."
    own = {name.removeprefix(stem): tensor for name, tensor in tensors.items() if name.startswith(stem)}
    return own or dict(tensors)


def _loaded(path: Path, title: str) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise RunError(f"{title} is damaged, or no safetensors file: {' '.join(str(error).split())[:200]}") from error


def _unpickled(path: Path) -> dict[str, Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "weights.safetensors"
        words = [sys.executable, "-P", "-m", "runtime.pickled_weights", str(path.absolute()), str(plain)]
        try:
            done = subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise RunError(f"{path.name} could not be read within {_SECONDS:.0f} s.") from None
        if done.returncode or not plain.exists():
            reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["the reader ended unasked"]
            raise RunError(f"{path.name} cannot be read as a state dict: {reason[0][:300]}")
        return {name: tensor.clone() for name, tensor in _loaded(plain, path.name).items()}


def _shape(tensor: Tensor) -> str:
    return "×".join(str(side) for side in tensor.shape) or "one number"


def _some(names: tuple[str, ...]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
