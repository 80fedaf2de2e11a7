"""The steps of a compiled graph: calls on numbered tensors, run one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import torch
from torch import Tensor

from runtime.augmenting import joined
from runtime.errors import NodeFailure
from runtime.modules.moves import Moves
from runtime.plan import Place, Plan, Work

Runs = Callable[..., Any]

TORCH_ERRORS = (RuntimeError, ValueError, TypeError, IndexError, KeyError, ArithmeticError, AttributeError)


@dataclass(frozen=True, slots=True)
class _Step:
    """One call on the slots of a pass; `frees` are the slots that nothing reads later."""

    node: str
    run: Runs
    takes: tuple[int, ...]
    gives: int
    frees: tuple[int, ...]
    moves: tuple[str, ...]
    learns: bool = False  # trained numbers are at or before it


class Pass:
    """The tensors of one pass through a network. `masks` holds the mask, or the boxes, of each source, moved with its
    images: int64 (N, *size), or float32 (N, M, 5)."""

    __slots__ = ("_slots", "_values", "masks")

    def __init__(self, values: list[Any], slots: Mapping[Place, int], masks: dict[str, Tensor]) -> None:
        self._values = values
        self._slots = slots
        self.masks = masks

    def at(self, node_id: str, output: str = "out") -> Tensor:
        """The tensor that left this port, if an output, loss or metric reads it. Raises KeyError for others."""
        found = self._values[self._slots[node_id, output]]
        if found is None:
            raise KeyError(f"the tensor at {node_id}.{output} was not kept: no output, loss or metric reads it")
        tensor: Tensor = found
        return tensor

    def in_float32(self) -> None:
        """Bring what was computed with 16 bits to float32, which losses, metrics and answers work with."""
        for slot, value in enumerate(self._values):
            if isinstance(value, Tensor) and value.dtype in (torch.float16, torch.bfloat16):
                self._values[slot] = value.float()


class Steps:
    """A plan made ready to run: modules bound, tensors numbered."""

    def __init__(
        self, plan: Plan, runs: Mapping[str, Runs], titles: Mapping[str, str], learning: Set[str] = frozenset()
    ) -> None:
        self.titles = titles
        self._learning = learning  # the nodes with trained numbers at or before them
        self.inputs = plan.inputs
        self.slots: dict[Place, int] = {}
        for place in plan.feeds:
            self._slot(place)
        last = {place: index for index, work in enumerate(plan.work) for place in work.takes}
        kept = set(plan.kept)
        self.steps: list[_Step] = []
        for index, work in enumerate(plan.work):
            self._add(work, runs[work.node], [
                place for place in dict.fromkeys(work.takes) if last[place] == index and place not in kept
            ])  # fmt: skip
        self.size = len(self.slots)

    def _slot(self, place: Place) -> int:
        return self.slots.setdefault(place, len(self.slots))

    def _append(self, step: _Step) -> None:
        """Add a step; an augmentation that alone reads the one before it is joined with it."""
        last = self.steps[-1] if self.steps else None
        if last is not None and step.takes == (last.gives,) and last.gives in step.frees and step.moves == last.moves:
            both = joined(last.run, step.run)
            if both is not None:
                self.steps[-1] = replace(last, run=both, gives=step.gives)
                return
        self.steps.append(step)

    def _add(self, work: Work, run: Runs, done: Sequence[Place]) -> None:
        takes = tuple(self._slot(place) for place in work.takes)
        frees = tuple(self.slots[place] for place in done)
        if len(work.gives) == 1:
            learns = work.node in self._learning
            self._append(_Step(work.node, run, takes, self._slot(work.gives[0]), frees, work.moves, learns))
            return
        whole = self._slot((work.node, ""))
        self.steps.append(_Step(work.node, run, takes, whole, frees, work.moves))
        for number, place in enumerate(work.gives):
            freed = (whole,) if number == len(work.gives) - 1 else ()
            self.steps.append(_Step(work.node, itemgetter(number), (whole,), self._slot(place), freed, ()))

    def run(self, values: list[Any], masks: dict[str, Tensor], cast: torch.dtype | None = None) -> None:
        """Fill `values` (inputs first) step by step. Raises NodeFailure.

        With `cast`, steps that have trained numbers at or before them compute with these 16 bits where torch holds
        that to be safe (autocast); the preparation of images is always exact.
        """
        values += [None] * (self.size - len(values))
        if cast is None:
            self._run(self.steps, values, masks)
            return
        kind = values[0].device.type
        for learns, steps in groupby(self.steps, lambda step: step.learns):
            with torch.autocast(kind, cast) if learns else nullcontext():
                self._run(list(steps), values, masks)

    def _run(self, steps: Sequence[_Step], values: list[Any], masks: dict[str, Tensor]) -> None:
        step: _Step | None = None
        try:
            for step in steps:
                takes = step.takes
                if step.moves and masks:
                    values[step.gives] = _moved(step, values[takes[0]], masks)
                elif len(takes) == 1:
                    values[step.gives] = step.run(values[takes[0]])
                else:
                    values[step.gives] = step.run(*[values[slot] for slot in takes])
                for slot in step.frees:
                    values[slot] = None
        except TORCH_ERRORS as error:
            if step is None or isinstance(error, NodeFailure):
                raise
            raise _failure(step.node, self.titles[step.node], error, [values[slot] for slot in step.takes]) from error


def _moved(step: _Step, image: Tensor, masks: dict[str, Tensor]) -> Tensor:
    """Run a step that moves pixels on an image and on the masks (whole numbers) and boxes of its sources alike."""
    if not isinstance(step.run, Moves):
        raise TypeError("it moves pixels, but cannot move masks along")
    own = {source: masks[source] for source in step.moves if source in masks}
    boxes = {source: tensor for source, tensor in own.items() if tensor.is_floating_point()}
    moved, drawn, framed = step.run.along(image, {name: own[name] for name in own.keys() - boxes.keys()}, boxes)
    masks.update(drawn)
    masks.update(framed)
    return moved


def _failure(node_id: str, name: str, error: Exception, inputs: Sequence[Any]) -> NodeFailure:
    if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
        return NodeFailure(f"“{name}” needs more memory than is free; use smaller batches or smaller images.", node_id)
    came = ", ".join("×".join(map(str, item.shape)) for item in inputs if isinstance(item, Tensor))
    reason = " ".join(str(error).split())[:300] or type(error).__name__
    return NodeFailure(f"“{name}” failed on an input of {came or 'nothing'} (batch first): {reason}", node_id)
