"""Self-attention, found again in the products, dense layers and rearrangements that exporters write it with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from runtime.importing.onnx.idle import drop_unread
from runtime.importing.onnx.program import Numbers, Program, Sizes, Step, same_number
from runtime.importing.onnx.spelling import constant
from runtime.importing.onnx.views import ARRANGING, Digit, Digits, View, arranged, whole

KIND = "SelfAttention"


@dataclass(frozen=True, slots=True)
class _Seen:
    """A tensor as another one, arranged anew and multiplied with a number."""

    view: View
    factor: float = 1.0


@dataclass(frozen=True, slots=True)
class _Dense:
    """A dense layer on (N, places, features); weights as outputs × inputs."""

    source: str
    weights: Numbers
    offset: Numbers
    name: str


@dataclass(frozen=True, slots=True)
class _Part:
    """Queries, keys or values: rows of a dense layer."""

    dense: _Dense
    rows: Numbers
    factor: float


def find_attention(program: Program) -> None:
    """Make one step of each self-attention: queries, keys and values of one tensor, as many features as it has, no
    mask, and a dense layer behind.
    """
    if not any(step.kind == "Softmax" for step in program.steps):
        return
    for step in list(program.steps):
        made = _Finder(program).ending_in(step)
        if made:
            at = program.steps.index(step)
            program.steps[at : at + 1] = made
    drop_unread(program)


class _Finder:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.makers = program.makers()

    def ending_in(self, end: Step) -> list[Step] | None:
        """The steps that take the place of the dense layer at the end of an attention; None for another step."""
        out = self._dense(end)
        if out is None:
            return None
        seen = self._seen(out.source)
        looked = self._looked(seen.view.root)
        if looked is None or seen.factor != 1:
            return None
        query, key, value, heads = looked
        source, shape = query.dense.source, self.program.shapes[query.dense.source]
        _, places, features = shape
        axes = _axes((places, places), (heads, features // heads), self.program.batch)
        parts = (query, key, value)
        fits = seen.view.axes == axes and out.weights.shape == (features, features) and features % heads == 0
        if not fits or any(one.dense.source != source or one.rows.size != features for one in parts):
            return None
        scale = query.factor * key.factor / (features // heads) ** -0.5
        weights = self._weights(parts, 1.0 if same_number(scale, 1.0) else scale)
        told = {"heads": heads, "weights": {**weights, "proj.weight": out.weights, "proj.bias": out.offset}}
        return list(self._placed(source, shape, told, end, out.name))

    def _looked(self, name: str) -> tuple[_Part, _Part, _Part, int] | None:
        """What softmax(query · key) · value was made of, and how many heads."""
        last = self._product(name)
        chances = self.makers.get(last.inputs[0]) if last else None
        if last is None or chances is None or chances.kind != "Softmax":
            return None
        rank = len(self.program.shapes[name])
        if chances.attributes.get("axis", -1) not in (-1, rank - 1) or rank not in (3, 4):
            return None
        scores = self._seen(chances.inputs[0])
        first = self._product(scores.view.root)
        if first is None or scores.view != whole(scores.view.root, self.program.shapes[scores.view.root]):
            return None
        heads = self.program.shapes[name][1] if rank == 4 else 1
        query = self._part(first.inputs[0], heads, turned=False)
        key = self._part(first.inputs[1], heads, turned=True)
        value = self._part(last.inputs[1], heads, turned=False)
        if query is None or key is None or value is None or value.factor != 1:
            return None
        return _Part(query.dense, query.rows, query.factor * scores.factor), key, value, heads

    def _product(self, name: str) -> Step | None:
        step = self.makers.get(name)
        known = self.program.constants
        return step if step is not None and step.kind == "MatMul" and step.inputs[1] not in known else None

    def _part(self, name: str, heads: int, *, turned: bool) -> _Part | None:
        """What of a dense layer a tensor (N, heads, places, features), or turned (N, heads, features, places), is."""
        seen = self._seen(name)
        maker = self.makers.get(seen.view.root)
        dense = self._dense(maker) if maker is not None else None
        shape = self.program.shapes[seen.view.root]
        if dense is None or len(shape) != 3:
            return None
        axes = seen.view.axes
        cases, looks = (axes[0], axes[1]) if len(axes) == 4 else (axes[0], ())
        features, places = (axes[-2], axes[-1]) if turned else (axes[-1], axes[-2])
        own = (*looks, *features)
        alone = cases == _digits(0, self.program.batch) and places == _digits(1, shape[1]) and not seen.view.start[1]
        if not alone or any(digit.axis != 2 for digit in own):
            return None
        rows = np.full(1, seen.view.start[2])
        for digit in own:
            rows = (rows[:, None] + digit.stride * np.arange(digit.size)).reshape(-1)
        return _Part(dense, rows, seen.factor) if rows.size % heads == 0 else None

    def _dense(self, step: Step) -> _Dense | None:
        weights = self.program.constants.get(step.input(1))
        if step.kind not in ("MatMul", "Linear", "Gemm") or weights is None or weights.ndim != 2:
            return None
        told = step.attributes
        if len(self.program.shapes[step.inputs[0]]) != 3 or told.get("transA", 0):
            return None
        weights = (weights if told.get("transB", 0) else weights.T) * np.float32(told.get("alpha", 1.0))
        given = self.program.constants.get(step.input(2))
        if given is None and step.input(2):
            return None
        offset = np.zeros(1) if given is None else given.reshape(-1) * told.get("beta", 1.0)
        return _Dense(step.inputs[0], weights, np.broadcast_to(offset, weights.shape[:1]), step.input(1))

    def _seen(self, name: str) -> _Seen:
        step = self.makers.get(name)
        if step is not None and step.kind in ARRANGING and step.inputs[0] not in self.program.constants:
            before = self._seen(step.inputs[0])
            views = arranged(self.program, step, before.view)
            if views is not None:
                return _Seen(views[step.outputs.index(name)], before.factor)
        if step is not None and step.kind in ("Mul", "Div"):
            number, other = self.program.number(step.inputs[1]), step.inputs[0]
            if number is None and step.kind == "Mul":
                number, other = self.program.number(step.inputs[0]), step.inputs[1]
            if number and self.program.shapes[name] == self.program.shapes.get(other):
                before = self._seen(other)
                return _Seen(before.view, before.factor * (number if step.kind == "Mul" else 1 / number))
        return _Seen(whole(name, self.program.shapes[name]))

    def _weights(self, parts: tuple[_Part, _Part, _Part], scale: float) -> dict[str, Numbers]:
        factors = (scale, 1.0, 1.0)
        rows = [part.dense.weights[part.rows] * factor for part, factor in zip(parts, factors, strict=True)]
        offsets = [part.dense.offset[part.rows] * factor for part, factor in zip(parts, factors, strict=True)]
        return {"qkv.weight": np.concatenate(rows), "qkv.bias": np.concatenate(offsets)}

    def _placed(self, source: str, shape: Sizes, told: dict[str, object], end: Step, name: str) -> Iterator[Step]:
        """The attention on images (N, features, *size): those whose places were brought in a row before, or the row."""
        batch, places, features = shape
        view = self._seen(source).view if self._seen(source).factor == 1 else whole(source, shape)
        image = self.program.shapes[view.root]
        rows = tuple(digit for axis, side in enumerate(image[2:], start=2) for digit in _digits(axis, side))
        if view.axes == (_digits(0, batch), rows, _digits(1, image[1])) and not any(view.start):
            source = view.root
        else:
            image = (batch, features, places)
            yield Step("Transpose", [source], [source := self._tensor(image)], {"perm": [0, 2, 1]}, end.name)
        looked, row = self._tensor(image), self._tensor((batch, features, places))
        yield Step(KIND, [source], [looked], {**told, "weight_name": name}, end.name)
        yield Step("Reshape", [looked, constant(self.program, (-1, features, places), whole=True)], [row], {}, end.name)
        yield Step("Transpose", [row], end.outputs, {"perm": [0, 2, 1]}, end.name)

    def _tensor(self, shape: Sizes) -> str:
        name = self.program.fresh("attention")
        self.program.shapes[name] = shape
        return name


def _digits(axis: int, side: int) -> Digits:
    return (Digit(axis, 1, side),) if side > 1 else ()


def _axes(places: tuple[int, int], looks: tuple[int, int], batch: int) -> tuple[Digits, ...]:
    """(N, heads, places, features) as (N, places, heads · features); with one head there is no axis for it."""
    heads, features = looks
    if heads == 1:
        return (_digits(0, batch), _digits(1, places[0]), _digits(2, features))
    return (_digits(0, batch), _digits(2, places[0]), _digits(1, heads) + _digits(3, features))
