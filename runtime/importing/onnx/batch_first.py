"""Steps on tensors that do not begin with the batch, rewritten as steps on such that do.

Exporters turn the batch away: recurrent layers take their steps first, attention lays heads beside cases, and dense
layers on sequences take cases and steps as one axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from runtime.importing.onnx.idle import drop_unread
from runtime.importing.onnx.laying import laid
from runtime.importing.onnx.program import Numbers, Program, Step
from runtime.importing.onnx.spelling import constant
from runtime.importing.onnx.turning import Turn, turn_of
from runtime.importing.onnx.views import ARRANGING, Digit, Digits, View, arranged, joined, part, whole, without

RECURRENT = frozenset({"LSTM", "GRU", "RNN"})
TURNED = "batch_first"
"""The attribute of a recurrent step that this pass rewrote: (N, steps, features) -> (N, steps, units), (N, units)."""

_EACH = frozenset({
    "Abs", "Add", "Celu", "Clip", "Div", "Dropout", "Elu", "Erf", "Exp", "Gelu", "HardSigmoid", "HardSwish",
    "LeakyRelu", "Log", "Mish", "Mul", "Neg", "Pow", "Reciprocal", "Relu", "Selu", "Sigmoid", "Softplus", "Softsign",
    "Sqrt", "Sub", "Tanh",
})  # fmt: skip
"""Operators on each value by itself."""


def batch_first(program: Program) -> None:
    """Rewrite the program where that is possible; other steps stay as they are."""
    walk = _Walk(program)
    for step in program.steps:
        walk.take(step)
    program.steps = walk.steps
    program.outputs = tuple(walk.same.get(name, name) for name in program.outputs)
    drop_unread(program)


class _Walk:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.steps: list[Step] = []
        self.same: dict[str, str] = {}
        self.views: dict[str, View] = {}  # of tensors that do not begin with the batch, and of those laid out here
        self.stacks: dict[str, tuple[int, list[View]]] = {}  # laid behind each other -> the axis, and what they were
        self.ends: dict[str, tuple[str, int, int]] = {}  # answers to all steps -> to the last, features, directions
        self.known: dict[tuple[View, tuple[Digits, ...]], str] = {}

    def take(self, step: Step) -> None:
        step.inputs = [self.same.get(name, name) for name in step.inputs]
        data = [name for name in step.inputs if name and name not in self.program.constants]
        if step.kind in RECURRENT:
            done = self._recurrent(step)
        elif step.kind == "Concat":
            done = self._join(step)
        elif step.kind in ARRANGING:
            known = step.inputs[0] in self.views or step.inputs[0] in self.stacks
            done = self._arrange(step) if known else self._turn_away(step)
        elif not any(self._is_turned(name) for name in data):
            done = False
        else:
            done = self._compute(step, data)
        if not done:
            self.steps.append(step)

    def _is_turned(self, name: str) -> bool:
        return name in self.stacks or (name in self.views and not self.views[name].batch_first)

    def _view(self, name: str) -> View | None:
        """What is known of a tensor; None for one that begins with something else than the batch."""
        shape = self.program.shapes[name]
        return self.views.get(name) or (whole(name, shape) if shape[:1] == (self.program.batch,) else None)

    def _turn_away(self, step: Step) -> bool:
        """Note what a step makes that brings the batch elsewhere. The step stays, for what can only be drawn so."""
        view = None if step.inputs[0] in self.program.constants else self._view(step.inputs[0])
        views = None if view is None else arranged(self.program, step, view)
        for name, view in zip(step.outputs, views or [], strict=False):
            if not view.batch_first:
                self.views[name] = view
        return False

    def _arrange(self, step: Step) -> bool:
        name = step.inputs[0]
        stack = self.stacks.get(name)
        views = self._picked(step, *stack) if stack else arranged(self.program, step, self.views[name])
        done = [self._settle(name, view, step) for name, view in zip(step.outputs, views or [], strict=False)]
        return bool(done) and all(done)

    def _settle(self, name: str, view: View, step: Step) -> bool:
        """Note what a tensor is; lay it out where it begins with the batch."""
        view = self._ended(view)
        if not view.batch_first:
            self.views[name] = view
            return False
        made = self._laid(view, view.axes[1:], step)
        if made is None:
            return False
        self.same[name] = made
        self.views[made] = view
        return True

    def _laid(self, view: View, axes: Sequence[Digits], step: Step) -> str | None:
        key = (view, tuple(axes))
        if key not in self.known:
            found = laid(self.program, view, axes, step.name)
            if found is None:
                return None
            self.known[key], steps = found
            self.steps += steps
        return self.known[key]

    def _ended(self, view: View) -> View:
        """The answer to the last step of each direction, where the view shows just that."""
        if view.root not in self.ends or any(digit.axis == 1 for axis in view.axes for digit in axis):
            return view
        last, units, directions = self.ends[view.root]
        whole_width = max((digit.stride * digit.size for digit in _along(view, 2)), default=1)
        backward = view.start[2] >= units
        if whole_width > units or (not backward and view.start[2] + whole_width > units):
            return view
        if (directions == 1 and backward) or view.start[1] != (0 if backward else self._steps_of(view) - 1):
            return view
        axes = tuple(tuple(replace(one, axis=min(one.axis, 1)) for one in axis) for axis in view.axes)
        return View(last, (0, view.start[2]), axes)

    def _steps_of(self, view: View) -> int:
        return self.program.shapes[view.root][1]

    def _join(self, step: Step) -> bool:
        """A concatenation of parts that lie one behind the other is what they are parts of."""
        views = [self.views[name] for name in step.inputs if name in self.views]
        if len(views) < len(step.inputs):
            return False
        axis = step.attributes["axis"] % len(views[0].axes)
        view = joined(views, axis)
        if view is None and not all(one.batch_first for one in views):
            self.stacks[step.outputs[0]] = (axis, views)
        return view is not None and self._settle(step.outputs[0], view, step)

    def _picked(self, step: Step, axis: int, views: Sequence[View]) -> list[View] | None:
        """One place of tensors that were laid behind each other, such as the last answer of one of several layers."""
        index = self.program.constant(step.input(1))
        if step.kind != "Gather" or step.attributes.get("axis", 0) != axis or index is None or index.ndim:
            return None
        place = int(index) % sum(view.shape[axis] for view in views)
        for view in views:
            if place < view.shape[axis]:
                found = part(view, axis, place, 1)
                return None if found is None else [without(found, axis)]
            place -= view.shape[axis]
        return None

    def _compute(self, step: Step, data: list[str]) -> bool:
        ends = 2 if step.kind == "MatMul" and len(data) == 2 else 1
        views = {name: self._view(name) for name in data}
        turns = {None if view is None else turn_of(view, self.program.batch, ends) for view in views.values()}
        rank = len(self.program.shapes[step.outputs[0]])
        turn = turns.pop()
        if turns or turn is None or turn.rank != rank or len(step.outputs) != 1:
            return False
        fixed = _fixed(self.program, step, rank)
        shapes = {self.program.shapes[name][:-ends] for name in data}
        if fixed is None or len(shapes) > 1:
            return False
        given: dict[str, str | None] = dict(fixed)
        for name, view in views.items():
            given[name] = None if view is None else self._laid(view, turn.inner(view.axes), step)
        inputs = [given.get(name, name) for name in step.inputs]
        known = [name for name in inputs if name is not None]
        if len(known) == len(inputs):
            self._write(step, known, turn)
        return len(known) == len(inputs)

    def _write(self, step: Step, inputs: list[str], turn: Turn) -> None:
        name = self.program.fresh("turned")
        attributes = {**step.attributes, "axis": -1} if "axis" in step.attributes else step.attributes
        shape = turn.inner_shape(self.program.shapes[step.outputs[0]], self.program.batch)
        self.program.shapes[name] = shape
        self.steps.append(Step(step.kind, inputs, [name], attributes, step.name))
        self.views[step.outputs[0]] = turn.back(self.program, name)

    def _recurrent(self, step: Step) -> bool:
        """Let a recurrent layer read (N, steps, features), and give (N, steps, answers) and the last of them."""
        program, batch = self.program, self.program.batch
        view = self._view(step.inputs[0])
        first = 0 if step.attributes.get("layout", 0) else 1
        if view is None or len(view.axes) != 3 or view.axes[first] != ((Digit(0, 1, batch),) if batch > 1 else ()):
            return False
        signal = self._laid(view, [view.axes[1 - first], view.axes[2]], step)
        width = program.constant(step.input(2))
        if signal is None or width is None or width.ndim != 3:
            return False
        (directions, _, units), steps = width.shape, view.shape[1 - first]
        every, last = program.fresh("every"), program.fresh("last")
        program.shapes[every] = (batch, steps, directions * units)
        program.shapes[last] = (batch, directions * units)
        self.ends[every] = (last, units, directions)
        told = {**step.attributes, TURNED: True}
        answers = [every, last, *step.outputs[2:]]
        self.steps.append(Step(step.kind, [signal, *step.inputs[1:]], answers, told, step.name))
        axes = _answers((batch, steps), (directions, units), first)
        for name, root, own in zip(step.outputs, (every, last), axes, strict=False):
            if name:
                self._settle(name, View(root, (0,) * len(program.shapes[root]), own), step)
        return True


def _answers(cases: tuple[int, int], features: tuple[int, int], first: int) -> list[tuple[Digits, ...]]:
    """The axes of both answers of a recurrent layer, whose batch is the first axis or (`first` 1) the second of its
    signal.
    """
    (batch, steps), (directions, units) = cases, features
    many, reads = Digit(0, 1, batch), Digit(1, 1, steps)
    every = [reads, Digit(2, units, directions), Digit(2, 1, units)]
    last = [Digit(1, units, directions), Digit(1, 1, units)]
    every.insert(2 * first, many)
    last.insert(first, many)
    return [tuple((digit,) if digit.size != 1 else () for digit in axes) for axes in (every, last)]


def _along(view: View, axis: int) -> Digits:
    return tuple(digit for digits in view.axes for digit in digits if digit.axis == axis)


def _fixed(program: Program, step: Step, rank: int) -> dict[str, str] | None:
    """The constants of a step that works on each value or along the last axis, for a tensor with other axes before it;
    None for a step that works otherwise.
    """
    held = {name: program.constants[name] for name in step.inputs if name in program.constants}
    last = step.attributes.get("axis", -1) in (-1, rank - 1)
    match step.kind:
        case "MatMul":
            return {} if all(one.ndim == 2 for one in held.values()) and step.inputs[0] not in held else None
        case "Gemm":
            plain = not step.attributes.get("transA", 0) and step.inputs[0] not in held
            offset = held.get(step.input(2))
            return {} if plain and (offset is None or offset.ndim == 1) else None
        case "Softmax" | "LogSoftmax" | "LayerNormalization":
            return {} if last else None
        case "ReduceMean":
            axes = next(iter(held.values()), None)
            along = axes is not None and axes.size == 1 and int(axes.flat[0]) in (-1, rank - 1)
            kept = along and step.attributes.get("keepdims", 1)
            return {name: constant(program, [-1], whole=True) for name in held} if kept else None
    if step.kind not in _EACH or any(one.size != (one.shape or (1,))[-1] for one in held.values()):
        return None
    return {name: _flat(program, one) for name, one in held.items()}


def _flat(program: Program, numbers: Numbers) -> str:
    return constant(program, numbers.reshape(-1) if numbers.ndim else numbers)
