"""The drawing as plain frozen records: sheets of nodes and wires, and how to train."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from nodes.blocks import USE, BlockUse, block_type
from nodes.spec import NodeType, find
from runtime.problems import Problem
from runtime.ranges import Range

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]
Device = str  # "auto", "cpu", "cuda", or GPUs by number: "cuda:0,cuda:2"
Precision = Literal["auto", "float32", "bfloat16", "float16"]
Compiled = Literal["auto", "on", "off"]
Sampling = Literal["all", "balanced"]
MatchedBy = Literal["names", "order"]
SplitBy = Literal["patient", "study", "column", "image"]

MAIN = ""
"""The sheet that is trained; every other sheet is a block, named by its id."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node as drawn. `settings` are raw values, which may be wrong; `position` is in scene pixels, y downwards."""

    id: str  # unique in the whole document
    type: str
    name: str
    settings: Mapping[str, Json] = field(default_factory=dict)
    position: tuple[float, float] = (0.0, 0.0)
    sheet: str = MAIN


@dataclass(frozen=True, slots=True, order=True)
class Wire:
    """From an output port of one node to an input port of another, all by name; both lie on one sheet."""

    source: str
    output: str
    target: str
    input: str


@dataclass(frozen=True, slots=True)
class Block:
    """A sheet that other sheets use as a node of the type `use_of(id)`. Its ports and arguments are nodes on it."""

    id: str
    name: str
    help: str = ""


@dataclass(frozen=True, slots=True)
class Training:
    """How the project is trained: what belongs to no single node."""

    epochs: int = 10
    batch: int = 32
    seed: int = 0
    device: Device = "auto"
    processes: int = 1  # that share the training, each with a batch and (where GPUs are used) a GPU of its own
    split: SplitBy = "patient"  # what is kept together when the cases are shared out
    parts: tuple[float, float, float] = (0.7, 0.15, 0.15)  # shares of training, validation and test; they add up to 1
    split_column: str = ""  # for a split by column: a column of the label table, or a DICOM keyword such as StationName
    held_out: str = ""  # for a split by column: the value whose cases are the test part (leave one group out)
    folds: int = 0  # k of a k-fold split, 0 for none
    fold: int = 1  # which fold is the test part, from 1; the next one validates
    patience: int = 0  # epochs without improvement before stopping; 0 trains to the end
    watch: str = ""  # the metric that names the best epoch; "" is the validation loss
    accumulate: int = 1  # batches whose gradients are added up before the trained numbers are changed
    clip: float = 0.0  # the greatest length of all gradients of an optimizer together; 0 leaves them as they are
    sampling: Sampling = "all"  # each epoch all training cases once, or as many with every class equally often
    ema: float = 0.0  # decay of the running mean of the trained numbers that is measured and kept; 0 keeps them as is
    precision: Precision = "auto"
    compile: Compiled = "auto"  # whether torch.compile writes kernels for this network
    weights_from: str = ""  # a run folder or a file whose weights the training begins with; "" begins at random
    weights_by: MatchedBy = "names"  # what tells which of those weights is which; "order" is that of shapes
    loaded_rate: float = 1.0  # multiplies the learning rate of the layers that began with those weights; 0 freezes them
    loaded_frozen: int = 0  # for so many epochs those layers stay as they are
    minutes: float = 0.0  # no epoch is begun that would end later than so many minutes after the start; 0 for no limit
    search: tuple[Range, ...] = ()  # what a search may change, and between which values


@dataclass(frozen=True, slots=True)
class Use:
    """One copy of a block in an opened graph. Copies of one node that follow each other differ in `copy`."""

    base: str  # the id of the node that uses the block, in the opened graph
    node: Node  # that node as drawn
    around: str  # the path of the use that it lies in itself, MAIN for none
    kind: BlockUse  # its type, with its arguments as computed
    copy: int = 0
    copies: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """What an opened graph still knows of its blocks. A path such as “stage/unit#2” names a use of a block: the second
    copy that the node “unit” makes inside the use “stage”.
    """

    drawn: Graph
    uses: Mapping[str, Use] = field(default_factory=dict)  # by path, in the order of the drawing
    ends: Mapping[str, tuple[str, str] | None] = field(default_factory=dict)  # port of a use -> where its value arises
    shares: Mapping[str, str] = field(default_factory=dict)  # node -> the node whose weights it uses
    unfed: frozenset[tuple[str, str]] = frozenset()  # ports that get nothing, for a reason told elsewhere
    told: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """A snapshot of a document; node and wire order are the order of creation. Opened, it has no uses of blocks left:
    in their place stand copies of what they hold, on the sheets named by the paths of the uses.
    """

    nodes: Mapping[str, Node] = field(default_factory=dict)  # of all sheets
    wires: tuple[Wire, ...] = ()
    training: Training = field(default_factory=Training)
    blocks: Mapping[str, Block] = field(default_factory=dict)
    opened: Opened | None = None
    whole: Graph | None = None  # of one sheet: the drawing it was taken from

    def wires_into(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that end in the node, oldest first."""
        return tuple(wire for wire in self.wires if wire.target == node_id)

    def on(self, sheet: str) -> dict[str, Node]:
        """The nodes of one sheet by id, oldest first."""
        return {node_id: node for node_id, node in self.nodes.items() if node.sheet == sheet}

    def only(self, sheet: str) -> Graph:
        """One sheet as a graph of its own."""
        nodes = self.on(sheet)
        wires = tuple(wire for wire in self.wires if wire.source in nodes or wire.target in nodes)
        return Graph(nodes, wires, self.training, self.blocks, whole=self.whole or self)

    def find(self, type_id: str) -> type[NodeType] | None:
        """The type with this id: a registered one, or that of a use of one of the blocks."""
        return type_in(type_id, (self.whole or self).nodes.values(), self.blocks)


def use_of(block_id: str) -> str:
    """The type id of a node that uses the block."""
    return USE + block_id


def block_of(type_id: str) -> str:
    """The id of the block that nodes of this type use, "" for other types."""
    return type_id.removeprefix(USE) if type_id.startswith(USE) else ""


def type_in(type_id: str, nodes: Iterable[Node], blocks: Mapping[str, Block]) -> type[NodeType] | None:
    """The type with this id, where a block's ports and arguments are looked up among `nodes`."""
    block = blocks.get(block_of(type_id))
    if block is None:
        return find(type_id)
    own = ((node.id, node.type, node.name, node.settings) for node in nodes if node.sheet == block.id)
    return block_type(block.id, block.name, block.help, own)
