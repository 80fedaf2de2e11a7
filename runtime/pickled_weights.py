"""A child process that turns a pickled state dict into a safetensors file: `FILE.pth FILE.safetensors`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping

import torch
from safetensors.torch import save_file
from torch import Tensor

_INSIDE = ("state_dict", "model_state_dict", "model", "net")  # where training scripts usually put it


def main(words: list[str]) -> int:
    """Convert; 1 with one line on stderr when the file is not such a thing."""
    source, target = words
    try:
        # Only tensors and plain containers are built: a pickle could run anything else.
        read = torch.load(source, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - whatever a hostile file brings about becomes the reason
        said = " ".join(str(error).split())
        reason = "it holds more than tensors, and is not opened" if "weights_only" in said else said[:200]
        print(reason, file=sys.stderr)  # noqa: T201 (it speaks to its parent)
        return 1
    tensors = dict(_tensors(read))
    if not tensors:
        print("it holds no tensors by name", file=sys.stderr)  # noqa: T201
        return 1
    save_file(tensors, target)
    return 0


def _tensors(read: object) -> Iterator[tuple[str, Tensor]]:
    if not isinstance(read, Mapping):
        return
    inside = next((read[name] for name in _INSIDE if isinstance(read.get(name), Mapping)), read)
    for name, value in inside.items():
        if isinstance(value, Tensor):
            yield str(name), value.detach().contiguous().clone()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
