"""The board that templates are drawn on: sheets of nodes that are wired as they are added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from nodes.blocks import BlockInput, BlockLossOutput, BlockOutput
from nodes.spec import Kind, NodeType
from runtime.document import Document
from runtime.graph import MAIN, Json, Training, Wire, block_of, use_of

Size = tuple[int, str] | tuple[int, str, int]
"""An argument: its default, what it changes, and of what it has to be a multiple."""


@dataclass(frozen=True, slots=True)
class End:
    """An output of a node that was added: what a wire begins at."""

    node: str
    port: str

    def at(self, port: str) -> End:
        """Another output of the same node."""
        return End(self.node, port)


@dataclass(frozen=True, slots=True)
class Layer:
    """A node to be added: its type, its name ("" for that of its type) and its settings."""

    type: str
    name: str = ""
    settings: Mapping[str, Json] = field(default_factory=dict)


class Sheet:
    """One sheet of the drawing."""

    def __init__(self, document: Document, sheet: str = MAIN) -> None:
        self._document = document
        self._sheet = sheet

    @property
    def use(self) -> str:
        """The type of the nodes that use this sheet as a block."""
        return use_of(self._sheet)

    def add(self, layer: Layer, *feeds: End) -> End:
        """Add a node; the feeds enter its ports in order, and all that are left enter a port that takes many."""
        kind = self._kind(layer.type)
        name = layer.name or ("" if block_of(layer.type) else kind.title)
        node = self._document.add(layer.type, name, settings=dict(layer.settings), sheet=self._sheet)
        ports = list(kind.inputs)
        for feed in feeds:
            port = ports[0] if ports[0].many else ports.pop(0)
            self._document.connect(Wire(feed.node, feed.port, node, port.name))
        return End(node, kind.outputs[0].name if kind.outputs else "")

    def chain(self, start: End, *layers: Layer) -> End:
        """Add nodes one behind the other; gives the end of the last."""
        for layer in layers:
            start = self.add(layer, start)
        return start

    def enter(self, name: str = "image", help: str = "") -> End:
        """An input of this block."""
        return self.add(Layer(BlockInput.id, name, {"help": help} if help else {}))

    def leave(self, end: End, name: str = "out", help: str = "") -> End:
        """An output of this block, for maps or a loss. Its node is the name of the port where the block is used."""
        source = self._kind(self._document.nodes[end.node].type)
        is_loss = next(port for port in source.outputs if port.name == end.port).kind is Kind.LOSS
        kind = BlockLossOutput if is_loss else BlockOutput
        return self.add(Layer(kind.id, name, {"help": help} if help else {}), end)

    def arguments(self, **given: Size) -> None:
        """Arguments of this sheet, whole numbers."""
        for name, (default, help, *multiple) in given.items():
            settings: dict[str, Json] = {"default": str(default), "low": min(1, default), "help": help}
            self.add(Layer("argument", name, settings | ({"multiple": multiple[0]} if multiple else {})))

    def _kind(self, type_id: str) -> type[NodeType]:
        kind = self._document.find(type_id)
        if kind is None:
            raise LookupError(f"no node type {type_id}")
        return kind


class Board:
    """A drawing that is being made: the main sheet, and a sheet for each block."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.main = Sheet(document)

    def block(self, name: str, help: str) -> Sheet:
        """A new block, and what it says of itself."""
        return Sheet(self._document, self._document.add_block(name, help))

    def train_with(self, training: Training) -> None:
        """How the project is trained."""
        self._document.train_with(training)


Draw = Callable[[Board], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """A template: its name, how it is drawn, and what is told of it (the fields of runtime.templates.Template)."""

    name: str
    draw: Draw
    title: str
    task: str
    purpose: str
    says: str
    tags: tuple[str, ...]
    idea: str
    paper: str
    link: str
    next: tuple[str, ...]
