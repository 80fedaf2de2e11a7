"""Checkpoints that survive a crash at any moment: one self-checking safetensors file each, never pickle."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from runtime.errors import RunError
from runtime.store import flush_folder, write_safely

FORMAT = 1
_HEAD = 2**16  # bytes for the names and facts of a checkpoint
Write = Callable[[Path, bytes], None]
Replace = Callable[[Path, Path], None]


class Damaged(Exception):
    """A checkpoint file cannot be trusted; the text says why, without the file's name."""


@dataclass(frozen=True, slots=True)
class State:
    """What is kept: tensors by name, and facts that JSON can hold (epoch, best so far, schedules, settings)."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def bytes(self) -> int:
        """About how many bytes it takes on the disk."""
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors.values()) + _HEAD


def save_checkpoint(
    folder: Path, name: str, state: State, *, write: Write = write_safely, replace: Replace = os.replace
) -> None:
    """Write NAME.safetensors and NAME.json; what had the name before stays as NAME-previous.

    Both files are written beside, flushed and read back; all that needs room is done before anything is renamed, and
    the renames are flushed at the end. At every moment one whole checkpoint is there. Raises OSError (a full disk)
    with the earlier checkpoint untouched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = _packed(state)
    fresh, last, previous = (folder / f"{name}{end}.safetensors" for end in ("-new", "", "-previous"))
    told = {"format": FORMAT, "sha256": hashlib.sha256(content).hexdigest(), **state.facts}
    write(fresh, content)
    write(folder / f"{name}-new.json", (json.dumps(told, indent=1, allow_nan=False) + "\n").encode("utf-8"))
    if last.exists():
        replace(last, previous)
    replace(fresh, last)
    replace(folder / f"{name}-new.json", folder / f"{name}.json")
    flush_folder(folder)


def load_checkpoint(folder: Path, name: str) -> tuple[State, tuple[str, ...]]:
    """The newest whole checkpoint of this name, and a warning for each damaged one that was passed over.

    Raises RunError when there is none that can be trusted.
    """
    warnings: list[str] = []
    for end in ("", "-new", "-previous"):
        path = folder / f"{name}{end}.safetensors"
        if not path.exists():
            continue
        try:
            return _read(path), tuple(warnings)
        except Damaged as error:
            warnings.append(f"The checkpoint {path.name} {error}; an earlier one is used.")
    if warnings:
        reasons = " ".join(text.replace("; an earlier one is used", "") for text in warnings)
        raise RunError(f"No checkpoint in {folder} can be used: {reasons} Train the run anew.")
    raise RunError(f"There is no checkpoint “{name}” in {folder}; train the run first.")


def _packed(state: State) -> bytes:
    tensors = _once(state.tensors)
    shared = {name: kept for name, kept in _owners(state.tensors).items() if name != kept}
    facts = json.dumps({"shared": shared, "facts": dict(state.facts)}, allow_nan=False, sort_keys=True)
    marks = {"format": str(FORMAT), "facts": facts, "sha256": _digest(tensors, facts)}
    return save(tensors, marks)


def _owners(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """For each name the first name that holds the same memory: what is shared is written once."""
    first: dict[tuple[int, torch.Size, tuple[int, ...], torch.dtype], str] = {}
    owners = {}
    for name, tensor in tensors.items():
        place = (tensor.data_ptr(), tensor.shape, tensor.stride(), tensor.dtype)
        owners[name] = first.setdefault(place, name) if tensor.numel() else name
    return owners


def _once(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    # A copy, for views that overlap in part: safetensors takes whole tensors only.
    owners = _owners(tensors)
    return {
        name: tensor.detach().cpu().contiguous().clone()
        for name, tensor in tensors.items()
        if owners[name] == name
    }


def _digest(tensors: Mapping[str, Tensor], facts: str) -> str:
    digest = hashlib.sha256(facts.encode("utf-8"))
    for name in sorted(tensors):
        tensor = tensors[name]
        digest.update(f"{name}/{tensor.dtype}/{tuple(tensor.shape)}".encode())
        if tensor.numel():
            digest.update(tensor.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _read(path: Path) -> State:
    try:
        with safe_open(path, framework="pt") as file:
            marks = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except (SafetensorError, OSError, ValueError) as error:
        raise Damaged("is damaged or cut off") from error
    if marks.get("format") != str(FORMAT) or "facts" not in marks:
        raise Damaged(f"is of a format ({marks.get('format', 'none')}) that this version does not read")
    if _digest(tensors, marks["facts"]) != marks.get("sha256"):
        raise Damaged("is damaged: its content does not fit its checksum")
    told = json.loads(marks["facts"])
    every = {**tensors, **{name: tensors[owner] for name, owner in told["shared"].items()}}
    return State(every, told["facts"])
