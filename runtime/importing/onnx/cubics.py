"""What this program's own exports do to enlarge images bicubically, found again: shares of gathered pixels, added."""

from __future__ import annotations

import numpy as np

from runtime.importing.onnx.idle import drop_unread
from runtime.importing.onnx.program import Numbers, Program, Step

KIND = "Cubic"


def find_cubics(program: Program) -> None:
    """Make one step of each such group of operators (as runtime.modules.cubic computes them), for all axes at once."""
    makers = program.makers()
    found: dict[str, Step] = {}
    for place, step in enumerate(program.steps):
        taken = _sum(program, step, makers) if step.kind == "ReduceSum" else None
        if taken is None or not _is_cubic(*taken[2:]):
            continue
        source, axis = taken[:2]
        size = list(program.shapes[step.outputs[0]][2:])
        before = found.get(source)
        if before is not None and before.attributes["last"] < axis:
            source = before.inputs[0]
        made = Step(KIND, [source], step.outputs, {"size": size, "last": axis}, step.name)
        found[step.outputs[0]] = program.steps[place] = made
    if found:
        drop_unread(program)


def _sum(program: Program, step: Step, makers: dict[str, Step]) -> tuple[str, int, int, Numbers] | None:
    """The tensor of which a sum takes pixels along an axis, that axis, how many pixels it has, and the share of each
    in every new one: (old, new).
    """
    stack, axes = makers.get(step.inputs[0]), program.constant(step.input(1))
    if stack is None or stack.kind != "Concat" or stack.attributes["axis"] != 0 or axes is None or axes.tolist() != [0]:
        return None
    parts = [_part(program, name, makers) for name in stack.inputs]
    first = parts[0]
    if first is None or step.attributes.get("keepdims", 1):
        return None
    source, axis = first[:2]
    old, new = program.shapes[source][axis], program.shapes[step.outputs[0]][axis]
    weights = np.zeros((old, new), np.float32)
    for part in parts:
        if part is None or part[:2] != (source, axis) or part[2].shape != (new,):
            return None
        np.add.at(weights, (part[2], np.arange(new)), part[3])
    return source, axis, old, weights


def _part(program: Program, name: str, makers: dict[str, Step]) -> tuple[str, int, Numbers, Numbers] | None:
    """The tensor, the axis, the places that are gathered along it, and what each is multiplied with."""
    lifted = makers.get(name)
    shared = makers.get(lifted.inputs[0]) if lifted is not None and lifted.kind == "Unsqueeze" else None
    taken = makers.get(shared.inputs[0]) if shared is not None and shared.kind == "Mul" else None
    if shared is None or taken is None or taken.kind != "Gather":
        return None
    places, shares = program.constant(taken.input(1)), program.constant(shared.input(1))
    rank = len(program.shapes[taken.inputs[0]])
    axis = taken.attributes.get("axis", 0) % rank
    if places is None or shares is None or places.ndim != 1 or axis < 2 or rank - shares.ndim > axis:
        return None
    if shares.size != places.size or shares.shape[shares.ndim - (rank - axis)] != shares.size:
        return None
    return taken.inputs[0], axis, places, shares.reshape(-1)


def _is_cubic(old: int, weights: Numbers) -> bool:
    """Whether these are the shares of a bicubic interpolation (Keys 1981, a = -1/2) that makes an axis longer."""
    new = weights.shape[1]
    if new < old:
        return False
    centres = (np.arange(new) + 0.5) * old / new
    distance = np.abs(np.arange(old)[:, None] + 0.5 - centres)
    near = (1.5 * distance - 2.5) * distance**2 + 1
    far = ((-0.5 * distance + 2.5) * distance - 4) * distance + 2
    made = np.where(distance < 1, near, np.where(distance < 2, far, 0))
    made /= made.sum(0, keepdims=True)
    return bool(np.abs(made - weights).max() < 1e-4)
