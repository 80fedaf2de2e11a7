"""Reshapes and transpositions that follow each other: what they do together, told by where each value goes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import permutations

import numpy as np

from runtime.importing.onnx.program import Numbers, Program, Sizes, Step
from runtime.importing.onnx.spelling import constant
from runtime.importing.onnx.views import RESHAPING

_MOST_VALUES = 2**24
_MOST_AXES = 4


def shorten(program: Program) -> None:
    """Make one step of each chain that is one layer."""
    done: set[int] = set()
    for step in list(program.steps):
        if id(step) not in done and step.kind in {*RESHAPING, "Transpose"}:
            _shorten_from(program, step, done)


def _shorten_from(program: Program, first: Step, done: set[int]) -> None:
    chain = _chain(program, first)
    done.update(id(step) for step in chain)
    if len(chain) < 2:
        return
    for length in range(len(chain), 1, -1):
        part = chain[:length]
        if not any(step.kind == "Transpose" for step in part):
            continue
        start, end = program.shapes[part[0].inputs[0]][1:], program.shapes[part[-1].outputs[0]][1:]
        if math.prod(start) > _MOST_VALUES:
            return
        made = _as_one(program, part, start, end)
        if made is not None:
            gone = {id(step) for step in part[:-1]}
            at = next(place for place, step in enumerate(program.steps) if step is part[-1])
            program.steps[at] = made
            program.steps = [step for step in program.steps if id(step) not in gone]
            return


def _chain(program: Program, first: Step) -> list[Step]:
    """The steps from this one on that only arrange values within each case, each alone reading the one before."""
    readers = program.readers()
    chain: list[Step] = []
    step = first
    while _arranges(program, step):
        chain.append(step)
        after = readers.get(step.outputs[0], [])
        if len(after) != 1 or step.outputs[0] in program.outputs or after[0].inputs[0] != step.outputs[0]:
            break
        step = after[0]
    return chain


def _arranges(program: Program, step: Step) -> bool:
    if step.kind == "Transpose":
        return bool(step.attributes.get("perm", [1])[0] == 0)
    names = (step.inputs[0], step.outputs[0])
    return step.kind in RESHAPING and all(program.shapes[name][:1] == (program.batch,) for name in names)


def _as_one(program: Program, chain: list[Step], start: Sizes, end: Sizes) -> Step | None:
    went = np.arange(math.prod(start)).reshape(start)
    for step in chain:
        if step.kind == "Transpose":
            went = went.transpose([axis - 1 for axis in step.attributes["perm"][1:]])
        else:
            went = went.reshape(program.shapes[step.outputs[0]][1:])
    before = np.arange(math.prod(start)).reshape(start)
    source, outputs, name = chain[0].inputs[0], chain[-1].outputs, chain[-1].name
    if (went.reshape(-1) == before.reshape(-1)).all():
        return Step("Reshape", [source, constant(program, (-1, *end), whole=True)], outputs, {}, name)
    for kind, attributes, moved in _arrangements(before):
        if moved.shape == end and (moved == went).all():
            return Step(kind, [source], outputs, attributes, name)
    return None


def _arrangements(before: Numbers) -> Iterator[tuple[str, dict[str, object], Numbers]]:
    """The layers that arrange values, with what each makes of the given ones."""
    shape = before.shape
    if len(shape) > _MOST_AXES:
        return
    for order in permutations(range(len(shape))):
        yield "Transpose", {"perm": [0, *(axis + 1 for axis in order)]}, before.transpose(order)
    for groups in range(2, shape[0]):
        if shape[0] % groups == 0:
            parted = before.reshape(groups, shape[0] // groups, *shape[1:])
            yield "ChannelShuffle", {"groups": groups}, parted.swapaxes(0, 1).reshape(shape)
    if len(shape) == 3:
        for factor in range(2, math.isqrt(shape[0]) + 1):
            if shape[0] % factor**2 == 0:
                yield "DepthToSpace", {"blocksize": factor, "mode": "CRD"}, _to_space(before, factor)
        for factor in range(2, min(shape[1:]) + 1):
            if shape[1] % factor == 0 and shape[2] % factor == 0:
                yield "SpaceToDepth", {"blocksize": factor, "mode": "CRD"}, _to_depth(before, factor)


def _to_space(before: Numbers, factor: int) -> Numbers:
    channels, rows, columns = before.shape
    parted = before.reshape(channels // factor**2, factor, factor, rows, columns)
    return parted.transpose(0, 3, 1, 4, 2).reshape(channels // factor**2, rows * factor, columns * factor)


def _to_depth(before: Numbers, factor: int) -> Numbers:
    channels, rows, columns = before.shape
    parted = before.reshape(channels, rows // factor, factor, columns // factor, factor)
    return parted.transpose(0, 2, 4, 1, 3).reshape(channels * factor**2, rows // factor, columns // factor)
