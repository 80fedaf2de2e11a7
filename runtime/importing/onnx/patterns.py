"""Finding small groups of operators that together are one layer: patterns written as nested tuples of operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from runtime.importing.onnx.program import Program, Step, same_number

_EITHER_WAY = frozenset({"Add", "Mul", "Max", "Min"})


@dataclass(frozen=True, slots=True)
class Op:
    """An operator with these inputs; `as_` keeps the step that was found under a name."""

    kind: str
    inputs: tuple[Pattern, ...]
    as_: str = ""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Any constant, kept under a name."""

    name: str


Pattern = Op | Fixed | str | float
"""An operator, a constant, a tensor (the same name is the same tensor), or a constant number."""


@dataclass(slots=True)
class Found:
    """What a pattern matched: tensors by name, steps by name, and all steps."""

    tensors: dict[str, str] = field(default_factory=dict)
    named: dict[str, Step] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def op(kind: str, *inputs: Pattern, as_: str = "") -> Op:
    """A pattern of an operator."""
    return Op(kind, inputs, as_)


class Finder:
    """Looks for patterns in a program as it is now."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.makers = program.makers()
        self.readers = program.readers()

    def at(self, step: Step, pattern: Op) -> Found | None:
        """The pattern ending in this step, if nothing else reads what lies inside of it."""
        for found in self._step(step, pattern, Found()):
            if self._closed(found, step):
                return found
        return None

    def _closed(self, found: Found, end: Step) -> bool:
        inside = {id(step) for step in found.steps}
        for step in found.steps:
            if step is end:
                continue
            for name in step.outputs:
                if name in self.program.outputs or any(id(one) not in inside for one in self.readers.get(name, ())):
                    return False
        return True

    def _step(self, step: Step, pattern: Op, before: Found) -> Iterator[Found]:
        given = [name for name in step.inputs if name]
        if step.kind != pattern.kind or step.domain or len(given) < len(pattern.inputs):
            return
        known = Found(dict(before.tensors), dict(before.named), [*before.steps, step])
        if pattern.as_:
            known.named[pattern.as_] = step
        orders: list[Sequence[Pattern]] = [pattern.inputs]
        if step.kind in _EITHER_WAY and len(pattern.inputs) == 2:
            orders.append(pattern.inputs[::-1])
        for order in orders:
            yield from self._inputs(step.inputs[: len(order)], order, known)

    def _inputs(self, names: Sequence[str], patterns: Sequence[Pattern], known: Found) -> Iterator[Found]:
        if not names:
            yield known
            return
        for found in self._tensor(names[0], patterns[0], known):
            yield from self._inputs(names[1:], patterns[1:], found)

    def _tensor(self, name: str, pattern: Pattern, known: Found) -> Iterator[Found]:
        if isinstance(pattern, Op):
            if name in self.makers:
                yield from self._step(self.makers[name], pattern, known)
        elif isinstance(pattern, float):
            number = self.program.number(name)
            if number is not None and same_number(number, pattern):
                yield known
        else:
            key = pattern.name if isinstance(pattern, Fixed) else pattern
            fixed = name in self.program.constants
            if fixed == isinstance(pattern, Fixed) and known.tensors.get(key, name) == name:
                yield Found({**known.tensors, key: name}, known.named, known.steps)


def replaced(program: Program, found: Found, end: Step, step: Step) -> None:
    """Put one step in the place of those found."""
    gone = {id(one) for one in found.steps}
    steps = []
    for one in program.steps:
        if one is end:
            steps.append(step)
        elif id(one) not in gone:
            steps.append(one)
    program.steps = steps
