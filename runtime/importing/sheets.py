"""One foreign network drawn as one sheet: nodes in a row for each layer, wires, and the sizes that go along them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from nodes.placeholder import Placeholder
from nodes.spec import NodeType, Shape, Unfit, Values, find
from runtime.expressions import WrongExpression, computed, is_expression
from runtime.graph import Json
from runtime.importing import learned_layers, plain_layers  # noqa: F401 (they enter what they make)
from runtime.importing.imported import ImportRefused, Left
from runtime.importing.instead import ADVICE, OTHERWISE
from runtime.importing.layers import Layer, Net
from runtime.importing.pieces import MAKERS, Made, Piece
from runtime.importing.values import Reading, Scope, Unknown

ASIDE = ("remark:data", "remark:about")
"""Comments that stand beside the drawing, and take no room in its rows."""

Place = tuple[str, str]
"""Where a value arises: the key of a drawn node, and its port."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A node to draw. `use` is the title of the block that it uses; `at` is its layer's place and its turn there."""

    key: str
    kind: str
    name: str
    settings: Mapping[str, Json]
    at: tuple[float, float, int]
    use: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Flow:
    """What leaves a layer: where it arises, its size where that is known, and whether only preparation changed it."""

    place: Place
    shape: Shape | None
    untouched: bool = False


@dataclass
class Sheet:
    """What is drawn on one sheet. `entries` and `exits` are the keys of a block's ports."""

    title: str
    nodes: list[Drawn] = field(default_factory=list)
    wires: list[tuple[Place, Place]] = field(default_factory=list)
    entries: list[str] = field(default_factory=list)
    exits: list[str] = field(default_factory=list)
    flows: dict[str, Flow] = field(default_factory=dict)  # by layer
    left: list[Left] = field(default_factory=list)

    def same(self, other: Sheet) -> bool:
        """Whether another sheet has the same nodes and wires."""
        return self.nodes == other.nodes and self.wires == other.wires

    def layer(self, layer: Layer, made: Made, entering: Sequence[Flow], scope: Scope) -> Flow:
        """Draw the nodes that a layer becomes, after what enters it; gives what leaves the last."""
        if not made:
            return entering[0]
        flows = list(entering)
        for turn, piece in enumerate(made):
            name = layer.name if _is_main(made, turn) else (find(piece.kind) or NodeType).title
            given = layer.parameters
            own = {tensor: given[role] for tensor, role in piece.parameters.items() if role in given}
            kept = replace(piece, parameters=own)
            flows = [self.piece(f"{layer.id}:{turn}", kept, name, (*layer.place, turn), flows, scope)]
            if piece.note:
                self.left.append(Left(f"{layer.type} “{layer.name}”", piece.note, f"{layer.id}:{turn}"))
        return flows[0]

    def piece(
        self, key: str, piece: Piece, name: str, at: tuple[float, float, int], entering: Sequence[Flow], scope: Scope
    ) -> Flow:
        """Draw one node behind what enters it."""
        self.nodes.append(Drawn(key, piece.kind, name, piece.settings, at, parameters=piece.parameters))
        kind = find(piece.kind)
        if kind is None:
            raise ImportRefused(f"There is no node “{piece.kind}”.")
        ports = [port.name for port in kind.inputs]
        many = len(ports) == 1 and kind.inputs[0].many
        for number, flow in enumerate(entering):
            if many or number < len(ports):
                self.wires.append((flow.place, (key, ports[0] if many else ports[number])))
        shape = _shape(kind, piece.settings, [flow.shape for flow in entering], scope.arguments)
        prepares = kind.category.name == "PREPARATION"
        return Flow((key, kind.outputs[0].name), shape, prepares and all(flow.untouched for flow in entering))

    def placeholder(self, layer: Layer, entering: Sequence[Flow], why: str) -> Flow:
        """Draw what keeps the place of a layer that has no counterpart."""
        kept = "\n".join(f"{name}={value}" for name, value in layer.settings.items())[:4000]
        advice = ADVICE.get(layer.type, OTHERWISE)
        settings: dict[str, Json] = {"original": layer.type, "kept": kept, "instead": advice}
        key = f"{layer.id}:0"
        self.nodes.append(Drawn(key, Placeholder.id, layer.name, settings, (*layer.place, 0)))
        self.wires += [(flow.place, (key, "given")) for flow in entering]
        self.left.append(Left(f"{layer.type} “{layer.name}”", f"{why}; a placeholder keeps its place. {advice}", key))
        return Flow((key, "out"), None)


def made_of(layer: Layer, scope: Scope) -> Made:
    """The nodes that a layer becomes; raises Unknown with the reason where it has no counterpart."""
    maker = MAKERS.get(layer.type)
    if maker is None:
        raise Unknown("it has no counterpart here")
    return maker(Reading(layer, scope))


def in_order(net: Net) -> list[Layer]:
    """The layers, each after those that lead to it; layers of a loop come in the order of the file."""
    entering = {key: {link.source for link in net.into(key)} for key in net.layers}
    done: dict[str, None] = {}
    waiting = list(net.layers)
    while waiting:
        ready = [key for key in waiting if entering[key] <= done.keys()]
        for key in ready or waiting[:1]:
            done[key] = None
        waiting = [key for key in waiting if key not in done]
    return [net.layers[key] for key in done]


def spread_out(nodes: Iterable[Drawn], step: int = 40, column: float = 288 / 7) -> dict[str, tuple[float, float]]:
    """Positions in scene pixels, as the layers lay; a layer that became several nodes pushes what is below it down."""
    listed = list(nodes)
    tall: dict[float, int] = {}
    for node in listed:
        if node.key not in ASIDE:
            tall[node.at[1]] = max(tall.get(node.at[1], 0), node.at[2] + rows_of(node, step))
    tall = tall or {0.0: 1}
    tops: dict[float, float] = {}
    top, before = 0.0, None
    for row in sorted(tall):
        if before is not None and row - before > 1.5:
            top += step * min(row - before - 1, 1.0)
        tops[row] = top
        top += step * tall[row]
        before = row
    left = min((node.at[0] for node in listed), default=0.0)
    first = min(tops.values())
    return {
        node.key: (float(round((node.at[0] - left) * column)), tops.get(node.at[1], first) + step * node.at[2])
        for node in listed
    }


def rows_of(node: Drawn, step: int = 40) -> int:
    """How many rows a node takes: a comment with much text takes several."""
    size = node.settings.get("size")
    tall = size[1] if node.kind == "comment" and isinstance(size, list) else 0
    return max(1, math.ceil((float(tall) + 8) / step)) if isinstance(tall, int | float) else 1


def _is_main(made: Made, turn: int) -> bool:
    """Whether this node carries the layer's name: the one with weights, else the first."""
    learned = [place for place, piece in enumerate(made) if piece.parameters]
    return turn == (learned[0] if learned else 0)


def _shape(
    kind: type[NodeType], settings: Mapping[str, Json], entering: Sequence[Shape | None], names: Mapping[str, Json]
) -> Shape | None:
    """The size that leaves a node, None where it cannot be known."""
    shapes = [shape for shape in entering if shape is not None]
    if len(shapes) != len(entering) or not shapes:
        return None
    try:
        plain = {name: computed(raw, names) if is_expression(raw) else raw for name, raw in settings.items()}
        node, wrong = kind.read(plain)
        many = len(kind.inputs) == 1 and kind.inputs[0].many
        given = [tuple(shapes)] if many else shapes
        if wrong or len(given) != len(kind.inputs):
            return None
        result = node.infer(**{port.name: value for port, value in zip(kind.inputs, given, strict=True)})
    except (Unfit, WrongExpression):
        return None
    return _first(result, kind)


def _first(result: Shape | Values, kind: type[NodeType]) -> Shape | None:
    found = result if isinstance(result, tuple) else result.get(kind.outputs[0].name)
    return found if isinstance(found, tuple) else None


def renamed(left: Left, keys: Mapping[str, str]) -> Left:
    """The remark with the id of the node in the drawing."""
    return replace(left, node=keys.get(left.node, ""))
