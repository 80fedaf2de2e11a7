"""What PyTorch itself says of a node: the judge of every shape rule. On the CPU, in training mode, a batch of two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nodes.spec import NodeType, Shape, Target, Unfit, Value
from runtime.compile import build

BATCH = 2
Given = Mapping[str, Value | tuple[Value, ...]]

_REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError, ArithmeticError, NotImplementedError)


@dataclass(frozen=True)
class Refusal:
    """PyTorch, or the making of the call, refused."""

    why: str


@dataclass(frozen=True)
class Outcome:
    """What came out: the shape without the batch, and how many trained numbers it took."""

    shape: Shape
    parameters: int


def outcome(node: NodeType, given: Given) -> Outcome | Refusal:
    """Build the node for these inputs and run it once."""
    try:
        runs = build(node.call(**given))
        if isinstance(runs, nn.Module):
            runs.train()
        with torch.no_grad():
            result = runs(*tensors(given))
    except (*_REFUSALS, Unfit) as error:
        return Refusal(f"{type(error).__name__}: {error}")
    if not result.numel() or result.shape[0] != BATCH:
        return Refusal(f"nothing is left: {tuple(result.shape)}")
    trained = [value for value in runs.parameters() if value.requires_grad] if isinstance(runs, nn.Module) else []
    return Outcome(tuple(result.shape[1:]), sum(value.numel() for value in trained))


def tensors(given: Given) -> list[Tensor]:
    """Random values for every input, in port order; the wires of a port for many become one input each."""
    flat: list[Tensor] = []
    for value in given.values():
        if isinstance(value, Target):
            flat.append(target_tensor(value))
        elif value and isinstance(value[0], tuple):
            flat += [torch.rand(BATCH, *shape) for shape in value]
        else:
            flat.append(torch.rand(BATCH, *value))
    return flat


def target_tensor(target: Target) -> Tensor:
    """A batch of labels as the batches of a training hold them."""
    if target.label in ("class", "mask"):
        return torch.randint(0, len(target.classes), (BATCH, *target.shape))
    if target.label == "boxes":
        kinds = torch.randint(-1, len(target.classes), (BATCH, target.shape[0], 1)).float()
        corner = torch.rand(BATCH, target.shape[0], 2)
        return torch.cat([kinds, corner, corner + torch.rand(BATCH, target.shape[0], 2) + 0.1], -1)
    return torch.rand(BATCH, *target.shape)
