"""Simple recurrent layers that an exporter wrote out step by step, found again as one step each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from runtime.importing.onnx.idle import drop_unread
from runtime.importing.onnx.program import Numbers, Program, Sizes, Step
from runtime.importing.onnx.spelling import constant
from runtime.importing.onnx.views import ARRANGING, RESHAPING, Digit, View, arranged

_ACTIVATIONS = {"Tanh": "Tanh", "Relu": "Relu"}


@dataclass(frozen=True, slots=True)
class _Product:
    """source · weights + offset; the offset is 0 where there is none."""

    source: str
    weights: Numbers
    offset: Numbers

    @property
    def ends(self) -> Sizes:
        """How many numbers go in and come out."""
        return self.weights.shape


@dataclass(slots=True)
class _Answer:
    """An answer to one step: activation(product of the answer before + what comes in at the step `at`)."""

    step: Step
    signal: str  # what comes in at all steps: (steps, batch, units)
    at: int
    before: _Product | Numbers  # numbers where it is the first


@dataclass(slots=True)
class _Direction:
    """All answers of one layer in one direction, in the order of the signal."""

    answers: list[Step]
    into: _Product
    back: _Product
    reverse: bool
    names: dict[str, int] = field(default_factory=dict)  # of the answers -> their step

    @property
    def layer(self) -> tuple[str, Sizes, str]:
        """What two directions of one layer have in common."""
        return self.into.source, self.into.ends, self.answers[0].kind


def find_unrolled(program: Program) -> None:
    """Make one recurrent step of all steps of a layer, read from the beginning or in both directions."""
    look = _Look(program)
    directions = look.directions()
    layers: dict[tuple[str, Sizes, str], list[_Direction]] = {}
    for one in sorted(directions, key=lambda direction: direction.reverse):
        own = layers.setdefault(one.layer, [])
        if not own or (len(own) == 1 and own[0].reverse != one.reverse):
            own.append(one)
    for own in layers.values():
        _write(program, look, own)
    if layers:
        drop_unread(program)


class _Look:
    """What the tensors of a program are made of."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.makers = program.makers()

    def directions(self) -> list[_Direction]:
        answers = [one for step in self.program.steps if (one := self._answer(step)) is not None]
        after = {self.origin(one.before.source): one for one in answers if isinstance(one.before, _Product)}
        found = []
        for first in answers:
            if isinstance(first.before, _Product):
                continue
            chain = [first]
            while (name := chain[-1].step.outputs[0]) in after:
                chain.append(after.pop(name))
            if (made := self._direction(chain)) is not None:
                found.append(made)
        return found

    def origin(self, name: str) -> str:
        """The tensor that holds the same values in the same order, before its axes were written otherwise."""
        while (maker := self.makers.get(name)) is not None and maker.kind in RESHAPING:
            name = maker.inputs[0]
        return name

    def _direction(self, chain: Sequence[_Answer]) -> _Direction | None:
        """The chain, if it goes through a whole signal in order, with the same weights, from an answer of 0."""
        first, signal = chain[0], chain[0].signal
        products = [one.before for one in chain if isinstance(one.before, _Product)]
        count, into = self.program.shapes[signal][0], self._product(signal)
        places = [one.at for one in chain]
        forward, reverse = (places == order for order in (list(range(count)), list(range(count))[::-1]))
        if len(chain) < 2 or not (forward or reverse) or into is None or isinstance(first.before, _Product):
            return None
        back = products[0]
        alike = all(one.weights is back.weights and np.array_equal(one.offset, back.offset) for one in products)
        same = all(one.signal == signal and one.step.kind == first.step.kind for one in chain)
        if not (alike and same and np.allclose(first.before, back.offset, atol=1e-6)):
            return None
        answers = [one.step for one in chain][:: 1 if forward else -1]
        names = {step.outputs[0]: place for place, step in enumerate(answers)}
        return _Direction(answers, into, back, reverse, names=names)

    def _answer(self, step: Step) -> _Answer | None:
        added = self.makers.get(step.inputs[0]) if step.kind in _ACTIVATIONS else None
        if added is None or added.kind != "Add":
            return None
        for own, other in (added.inputs, added.inputs[::-1]):
            place = self._place(other)
            before = self.program.constants[own] if own in self.program.constants else self._product(own)
            if place is not None and before is not None:
                return _Answer(step, *place, before)
        return None

    def _place(self, name: str) -> tuple[str, int] | None:
        """The tensor (steps, batch, units) of which this is all of one step, and which."""
        way = []
        while (maker := self.makers.get(name)) is not None and maker.kind in ARRANGING and not self._turns(maker):
            way.append((maker, name))
            name = maker.inputs[0]
        shape = self.program.shapes.get(name, ())
        if len(shape) != 3 or shape[1] != self.program.batch or not way:
            return None
        view = View(name, (0,) * 4, tuple((Digit(axis, 1, side),) for axis, side in enumerate(shape, start=1)))
        for step, made in reversed(way):
            views = arranged(self.program, step, view)
            if views is None:
                return None
            view = views[step.outputs.index(made)]
        kept = [digit for axis in view.axes for digit in axis if digit.size > 1]
        wanted = [Digit(axis, 1, shape[axis - 1]) for axis in (2, 3) if shape[axis - 1] > 1]
        if kept != wanted:
            return None
        if maker is not None and self._turns(maker):
            return maker.inputs[0], shape[0] - 1 - view.start[1]
        return name, view.start[1]

    def _turns(self, step: Step) -> bool:
        """Whether the step hands on a signal from its end to its beginning."""
        if step.kind != "Slice" or self.program.shapes[step.inputs[0]] != self.program.shapes[step.outputs[0]]:
            return False
        axes, backwards = (self.program.constant(step.input(place)) for place in (3, 4))
        return axes is not None and backwards is not None and axes.tolist() == [0] and backwards.tolist() == [-1]

    def _product(self, name: str) -> _Product | None:
        step = self.makers.get(name)
        if step is not None and step.kind == "Gemm" and not step.attributes.get("transA", 0):
            held, offset = (self.program.constants.get(step.input(place)) for place in (1, 2))
            plain = step.attributes.get("alpha", 1) == step.attributes.get("beta", 1) == 1
            if held is None or not plain or (step.input(2) and offset is None):
                return None
            weights = held.T if step.attributes.get("transB", 0) else held
            return _Product(step.inputs[0], weights, _along(offset, weights.shape[1]))
        offset = None
        if step is not None and step.kind == "Add":
            for held_at, other in ((0, 1), (1, 0)):
                if (held := self.program.constants.get(step.inputs[held_at])) is not None and held.ndim == 1:
                    offset, step = held, self.makers.get(step.inputs[other])
                    break
        if step is None or step.kind != "MatMul":
            return None
        weights = self.program.constants.get(step.inputs[1], np.zeros(0))
        return _Product(step.inputs[0], weights, _along(offset, weights.shape[1])) if weights.ndim == 2 else None


def _along(offset: Numbers | None, units: int) -> Numbers:
    return np.zeros(units, np.float32) if offset is None else np.broadcast_to(offset, (units,))


def _write(program: Program, look: _Look, directions: Sequence[_Direction]) -> None:
    """Put the recurrent step before the first answer, and take each answer that is read out of what it gives."""
    first = directions[0]
    (count, batch, _), units = program.shapes[first.into.source], first.back.ends[1]
    every = program.fresh("every")
    program.shapes[every] = (count, len(directions), batch, units)
    ways = {(False,): "forward", (True,): "reverse", (False, True): "bidirectional"}
    told = {
        "hidden_size": units, "direction": ways[tuple(one.reverse for one in directions)],
        "activations": [_ACTIVATIONS[first.answers[0].kind]] * len(directions),
    }  # fmt: skip
    weights = [
        constant(program, np.stack([one.into.weights.T for one in directions])),
        constant(program, np.stack([one.back.weights.T for one in directions])),
        constant(program, np.stack([np.concatenate([one.into.offset, one.back.offset]) for one in directions])),
    ]
    layer = Step("RNN", [first.into.source, *weights], [every], told, first.answers[0].name)
    own = {id(step) for one in directions for step in one.answers}
    steps: list[Step] = []
    for step in program.steps:
        if id(step) in own and layer not in steps:
            steps.append(layer)
        steps += _taken(program, look, step, every, directions)
    program.steps = steps


def _taken(program: Program, look: _Look, step: Step, every: str, directions: Sequence[_Direction]) -> list[Step]:
    """A step as it is; an answer, or all of them laid behind each other, out of what the recurrent step gives."""
    for place, one in enumerate(directions):
        if step.outputs[0] in one.names:
            at = one.names[step.outputs[0]]
            return _cut(program, every, step, (at, at + 1), place)
        if step.kind == "Concat" and step.attributes["axis"] == 0 and len(program.shapes[step.outputs[0]]) == 3:
            order = [one.names.get(look.origin(name), -1) for name in step.inputs]
            if order == list(range(len(one.answers))):
                return _cut(program, every, step, (0, len(order)), place)
    return [step]


def _cut(program: Program, every: str, step: Step, steps: tuple[int, int], place: int) -> list[Step]:
    shape, part = program.shapes[step.outputs[0]], program.fresh("answers")
    program.shapes[part] = (steps[1] - steps[0], 1, *program.shapes[every][2:])
    ends = [constant(program, one, whole=True) for one in ([steps[0], place], [steps[1], place + 1], [0, 1])]
    return [
        Step("Slice", [every, *ends], [part], {}, step.name),
        Step("Reshape", [part, constant(program, shape, whole=True)], step.outputs, {}, step.name),
    ]
