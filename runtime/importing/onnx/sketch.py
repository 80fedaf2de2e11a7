"""The drawing while it is made: nodes with their weights, and which place on the canvas each tensor of the file is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from nodes.spec import NodeType, Shape, Unfit, find, spelled
from runtime.document import Document
from runtime.graph import Graph, Json, Wire
from runtime.importing.imported import Array, ImportRefused, Left
from runtime.importing.layered import positions
from runtime.importing.onnx.program import Numbers, Program, Step, refused
from runtime.names import identifiers

_TURNED = "answers that do not begin with the batch, in a way that cannot be written with the batch first"
Weights = Mapping[str, Numbers]


@dataclass(frozen=True, slots=True)
class Place:
    """An output port of a node, and the shape (without the batch) that leaves it."""

    node: str
    port: str
    shape: Shape


class Sketch:
    """Draws nodes and remembers where tensors are. Permutations and reshapes that follow each other become one."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.document = Document()
        self.weights: dict[str, Weights] = {}
        self.inputs: set[str] = set()  # the Input nodes
        self.places: dict[str, Place] = {}
        self.read = frozenset(program.readers())  # tensors that a step takes
        self.left: list[Left] = []
        self.step = Step("", [], [])  # the one that is being drawn
        self._behind: dict[Place, tuple[Place, tuple[int, ...]]] = {}  # a permutation -> what it permutes, and how
        self._reshaped: dict[Place, Place] = {}
        self._scaled: dict[Place, tuple[Place, float, float]] = {}
        self._steps: dict[str, Step] = {}

    # What is known of the step

    def place(self, at: int = 0) -> Place:
        """Where an input of the step is. Raises ImportRefused for a constant, which this operator cannot take here."""
        name = self.step.input(at)
        if name not in self.places:
            fixed = not name or name in self.program.constants
            kind = "a constant where the result of a layer is expected" if fixed else _TURNED
            raise self.refusal(f"works on {kind}")
        return self.places[name]

    def shape(self, at: int = 0) -> Shape:
        """The shape of an output of the step, without the batch."""
        return self.inner(self.step.outputs[at])

    def inner(self, name: str) -> Shape:
        """The shape of a tensor without the batch. Raises ImportRefused where its first axis is not the batch."""
        shape = self.program.shapes[name]
        if not shape or shape[0] != self.program.batch:
            raise self.refusal(
                f"gives {spelled(shape)}, whose first axis is not the batch of {self.program.batch} any more"
            )
        if not 2 <= len(shape) <= 5:
            raise self.refusal(f"gives {len(shape)} axes, and a batch here has 2 to 5")
        return shape[1:]

    def constant(self, at: int) -> Numbers | None:
        """The numbers at an input of the step, None where there is none. Raises ImportRefused for what layers make."""
        name = self.step.input(at)
        if not name:
            return None
        found = self.program.constants.get(name)
        if found is None:
            raise self.refusal("takes its settings or weights from another layer")
        return found

    def numbers(self, at: int) -> Numbers:
        """The numbers at an input that must be there."""
        found = self.constant(at)
        if found is None:
            raise self.refusal("lacks an input that it needs")
        return found

    def whole(self, at: int) -> tuple[int, ...]:
        """The whole numbers at an input, () where there are none."""
        found = self.constant(at)
        return () if found is None else tuple(int(number) for number in found.flat)

    def is_read(self, at: int) -> bool:
        """Whether anything takes this output of the step."""
        name = self.step.outputs[at]
        return bool(name) and (name in self.program.outputs or name in self.read)

    def refusal(self, why: str) -> ImportRefused:
        """The refusal of the file because of the step: `why` goes on after its name."""
        return refused(self.program.file, self.step, why)

    # Drawing

    def draw(
        self, type_id: str, sources: Sequence[Place], weights: Weights | None = None, name: str = "", **settings: Json
    ) -> Place:
        """Draw a node behind these places. Raises ImportRefused where it does not take them."""
        kind = find(type_id)
        if kind is None:
            raise LookupError(f"no node type {type_id}")
        if self.program.constants and not sources and kind.inputs:
            raise self.refusal("has no input")
        node, wrong = kind.read(settings)
        if wrong:
            raise self.refusal(f"has a setting that does not fit: {next(iter(wrong.values())).rstrip('.')}")
        shape = self._shape(kind, node, sources)
        node_id = self.document.add(type_id, name or kind.title, settings=settings)
        for number, place in enumerate(sources):
            port = kind.inputs[min(number, len(kind.inputs) - 1)]
            self.document.connect(Wire(place.node, place.port, node_id, port.name))
        if weights:
            self.weights[node_id] = weights
        self._steps[node_id] = self.step
        return Place(node_id, kind.outputs[0].name if kind.outputs else "", shape)

    def _shape(self, kind: type[NodeType], node: NodeType, sources: Sequence[Place]) -> Shape:
        shapes = [place.shape for place in sources]
        for number, shape in enumerate(shapes):
            port = kind.inputs[min(number, len(kind.inputs) - 1)]
            if port.rank and len(shape) not in port.rank:
                raise self.refusal(f"would be a {kind.title}, which does not take {spelled(shape)}")
        given = {}
        for number, port in enumerate(kind.inputs):
            given[port.name] = tuple(shapes[number:]) if port.many else shapes[number]
        try:
            result = node.infer(**given)
        except Unfit as error:
            why = str(error).rstrip(".")
            raise self.refusal(f"would be a {kind.title} here, and that is refused: {why}") from error
        found = result if isinstance(result, tuple) else next(iter(result.values()), ())
        return found if isinstance(found, tuple) else ()

    def permuted(self, place: Place, order: Sequence[int]) -> Place:
        """The place with its axes (from 0, without the batch) in another order."""
        base, before = self._behind.get(place, (place, tuple(range(len(place.shape)))))
        whole = tuple(before[axis] for axis in order)
        if whole == tuple(range(len(whole))):
            return base
        made = self.draw("permute", [base], order=[axis + 1 for axis in whole])
        self._behind[made] = (base, whole)
        return made

    def reshaped(self, place: Place, shape: Shape) -> Place:
        """The place with the same values in another shape."""
        base = self._reshaped.get(place, place)
        if base.shape == shape:
            return base
        made = self.draw("flatten", [base]) if len(shape) == 1 else self.draw("reshape", [base], shape=list(shape))
        self._reshaped[made] = base
        return made

    def scaled(self, place: Place, factor: float, offset: float) -> Place:
        """factor · place + offset."""
        base, before, plus = self._scaled.get(place, (place, 1.0, 0.0))
        factor, offset = before * factor, plus * factor + offset
        if (factor, offset) == (1.0, 0.0):
            return base
        made = self.draw("scale", [base], factor=factor, offset=offset)
        self._scaled[made] = (base, factor, offset)
        return made

    def apart(self, places: Sequence[Place]) -> list[Place]:
        """The places, where a second wire from one would be lost a node between."""
        seen: set[Place] = set()
        found = []
        for place in places:
            found.append(self.draw("scale", [place], name="The same") if place in seen else place)
            seen.add(place)
        return found

    def over(self, place: Place, axis: int) -> Place:
        """The place with one axis (from 0, without the batch) brought to the front, where the channels are."""
        return self.permuted(place, [axis, *(other for other in range(len(place.shape)) if other != axis)])

    def back(self, place: Place, axis: int) -> Place:
        """The reverse of `over`."""
        order = list(range(1, len(place.shape)))
        order.insert(axis, 0)
        return self.permuted(place, order)

    # The end

    def prune(self) -> None:
        """Take out what nothing reads, but for inputs and outputs."""
        while True:
            read = {wire.source for wire in self.document.wires}
            unread = [
                node_id for node_id, node in self.document.nodes.items()
                if node_id not in read and node.type not in ("output", "input", "noise")
            ]  # fmt: skip
            if not unread:
                return
            for node_id in unread:
                self.document.remove(node_id)
                self.weights.pop(node_id, None)

    def graph(self) -> Graph:
        """The drawing, laid out from top to bottom."""
        for node_id, place in positions(self.document.graph()).items():
            self.document.change(node_id, position=place)
        return self.document.graph()

    def state(self, graph: Graph) -> dict[str, Array]:
        """All weights, named as in the state dict of the compiled network."""
        names = identifiers(graph)
        return {
            f"{names[node_id]}.{key}": np.asarray(values, dtype=np.float32, order="C")
            for node_id, own in self.weights.items()
            for key, values in own.items()
        }
