"""A child process that turns a pickled state dict into a safetensors file: `FILE.pth FILE.safetensors`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

_INSIDE = ("state_dict", "model_state_dict", "model", "net", "network", "module", "weights", "ema")
"""Where training scripts usually put it, the most telling first."""

ORDER = "order"
"""In the metadata of the file that is written: the names in their order, which such a file does not keep itself."""

_DEEPEST = 3
_SPARE_BYTES = 4 * 2**30  # for torch itself, beside several times the size of the file


def main(words: list[str]) -> int:
    """Convert; 1 with one line on stderr when the file is not such a thing."""
    source, target = words
    _limit_memory(Path(source))
    try:
        # Only tensors and plain containers are built: a pickle could run anything else.
        read = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - whatever a hostile file brings about becomes the reason
        said = " ".join(str(error).split()) or type(error).__name__
        print(_MORE if "weights_only" in said else said[:200], file=sys.stderr)  # noqa: T201 (it speaks to its parent)
        return 1
    tensors = _tensors(read)
    if not tensors:
        print("it holds no tensors by name", file=sys.stderr)  # noqa: T201
        return 1
    save_file(tensors, target, {ORDER: json.dumps(list(tensors))})
    return 0


_MORE = (
    "it holds more than tensors, and is not opened; where it was made, save the state dict alone "
    "(torch.save(model.state_dict(), …))"
)


def _tensors(read: object, depth: int = 0) -> dict[str, Tensor]:
    """The tensors by name of a state dict, or of the one that lies in what a training script saved."""
    if not isinstance(read, Mapping) or depth > _DEEPEST:
        return {}
    for name in _INSIDE:
        inside = _tensors(read.get(name), depth + 1)
        if inside:
            return inside
    named = ((str(name), value) for name, value in read.items())
    return {name: value.detach().contiguous().clone() for name, value in named if isinstance(value, Tensor)}


def _limit_memory(source: Path) -> None:
    """Cap this process's memory, where the system can (not on Windows): a small file may ask for any amount."""
    try:
        import resource
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    wanted = 4 * os.path.getsize(source) + _SPARE_BYTES
    limit = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS may refuse; the time limit remains
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
