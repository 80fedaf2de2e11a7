"""Tensors by name from where a user has weights: a run, a safetensors file, a state dict, another program's file."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor

from runtime.checkpoint import load_checkpoint
from runtime.errors import RunError
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import Array, ImportRefused
from runtime.weights.matching import COUNTER
from runtime.weights.pickled import ORDER

PICKLED = (".pt", ".pth", ".bin", ".ckpt", ".tar")
_SECONDS = 120.0  # that reading a pickled file may take


def keeps_order(path: Path) -> bool:
    """Whether tensors are read from there in the order of their network: safetensors files have that of their names."""
    return path.suffix.casefold() in PICKLED


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a run's best epoch, a safetensors file, a PyTorch state dict, an ONNX file (by the names it gives
    them) or a network of NNabla (by the names of its layers as they are imported), on the CPU, by name.

    A pickled file is read in a child process that builds tensors and nothing else (`weights_only`), with limits of
    time and memory. Numbers of 16 bits stay as they are; whole numbers, as of a quantised model, are left out.

    Raises RunError for a place without weights, a damaged file, one of whole numbers alone, and numbers that are not
    finite.
    """
    if path.is_dir():
        state, _ = load_checkpoint(path / "checkpoints", "best")
        return _checked(_network(state.tensors), path.name)
    if not path.is_file():
        raise RunError(f"There are no weights at {path}: name a run folder, or a file ({', '.join(_READERS)}).")
    ending = path.suffix.casefold()
    reader = _READERS.get(ending)
    if reader is None:
        fits = ", ".join(_READERS)
        raise RunError(f"{path.name} is no file of weights that can be read: a run folder and files ({fits}) fit.")
    return _checked(reader(path), path.name)


def _checked(tensors: Mapping[str, Tensor], title: str) -> dict[str, Tensor]:
    kept = {name: one for name, one in tensors.items() if one.is_floating_point() or name.endswith(COUNTER)}
    if not kept:
        raise RunError(f"{title} holds whole numbers alone, as a quantised model does; weights in decimals are needed.")
    for name, tensor in kept.items():
        if not bool(torch.isfinite(tensor).all()):
            raise RunError(f"{title} is of no use: “{name}” holds numbers that are not finite (NaN or infinite).")
    return kept


def _network(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's part of a checkpoint of this program; any other file as it is."""
    stem = "network."
    own = {name.removeprefix(stem): tensor for name, tensor in tensors.items() if name.startswith(stem)}
    return own or dict(tensors)


def _safe(path: Path) -> dict[str, Tensor]:
    return _network(_loaded(path, path.name))


def _loaded(path: Path, title: str) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise RunError(f"{title} is damaged, or no safetensors file: {' '.join(str(error).split())[:200]}") from error


def _unpickled(path: Path) -> dict[str, Tensor]:
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "weights.safetensors"
        words = [sys.executable, "-P", "-m", "runtime.weights.pickled", str(path.absolute()), str(plain)]
        try:
            done = subprocess.run(words, capture_output=True, timeout=_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise RunError(f"{path.name} could not be read within {_SECONDS:.0f} s.") from None
        if done.returncode or not plain.exists():
            reason = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:] or ["the reader ended unasked"]
            raise RunError(f"{path.name} cannot be read as a state dict: {reason[0][:300]}")
        tensors = _loaded(plain, path.name)
        with safe_open(plain, framework="pt") as file:
            names = json.loads((file.metadata() or {})[ORDER])
        return {name: tensors[name].clone() for name in names}


def _from_onnx(path: Path) -> dict[str, Tensor]:
    from runtime.importing.onnx.weights import onnx_weights  # only who names such a file waits for onnx

    return _tensors(path, onnx_weights)


def _from_nnabla(path: Path) -> dict[str, Tensor]:
    return _tensors(path, lambda file: read_foreign(file).weights)


def _tensors(path: Path, read: Callable[[Path], Mapping[str, Array]]) -> dict[str, Tensor]:
    try:
        arrays = read(path)
    except ImportRefused as error:
        raise RunError(str(error)) from error
    if not arrays:
        raise RunError(f"{path.name} holds a network without weights.")
    return {name: torch.from_numpy(array.copy()) for name, array in arrays.items()}


_READERS: Mapping[str, Callable[[Path], dict[str, Tensor]]] = {
    ".safetensors": _safe,
    **dict.fromkeys(PICKLED, _unpickled),
    ".onnx": _from_onnx,
    ".nnp": _from_nnabla,
}
"""By the ending of the file."""
