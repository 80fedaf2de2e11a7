"""The document owns the drawing: every edit goes through it, can be undone, and is told to its observers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

from nodes.spec import NodeType
from runtime.changes import (
    BlockAdded,
    BlockChanged,
    BlockRemoved,
    Change,
    Done,
    NodeAdded,
    NodeChanged,
    NodeRemoved,
    Step,
    TrainingChanged,
    WireAdded,
    WireRemoved,
)
from runtime.drawing import Drawing, unused
from runtime.graph import MAIN, Block, Graph, Json, Node, Training, Wire, block_of
from runtime.history import History

Observer = Callable[[Change], None]
StepObserver = Callable[[Done, Step], None]


class EditOutsideTransaction(RuntimeError):
    """A change was tried outside `with document.edit(...)`: a mistake in the program, not of the user."""


class Document:
    """Sheets of nodes and wires, changed only inside `with document.edit("Add convolution"):`."""

    def __init__(self, graph: Graph | None = None) -> None:
        self._drawing = Drawing(graph or Graph())
        self._history = History()
        self._open: list[Change] | None = None
        self._observers: dict[Observer, None] = {}
        self._step_observers: dict[StepObserver, None] = {}

    # What there is

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes of all sheets by id, oldest first."""
        return self._drawing.nodes

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The wires of all sheets, oldest first."""
        return tuple(self._drawing.wires)

    @property
    def blocks(self) -> Mapping[str, Block]:
        """The blocks by id, oldest first."""
        return self._drawing.blocks

    @property
    def training(self) -> Training:
        """How the project is trained."""
        return self._drawing.training

    def on(self, sheet: str) -> Mapping[str, Node]:
        """The nodes of one sheet by id, oldest first; the same object until the next change."""
        return self._drawing.on(sheet)

    def graph(self) -> Graph:
        """A frozen snapshot; the same object until the next change."""
        return self._drawing.graph()

    def find(self, type_id: str) -> type[NodeType] | None:
        """The type with this id: a registered one, or that of a use of one of this document's blocks."""
        return self._drawing.find(type_id)

    def uses_of(self, block_id: str) -> tuple[str, ...]:
        """The nodes that use a block, oldest first."""
        return tuple(node.id for node in self.nodes.values() if block_id and block_of(node.type) == block_id)

    def wires_of(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that begin or end at the node."""
        return tuple(wire for wire in self._drawing.wires if node_id in (wire.source, wire.target))

    # Editing

    @contextmanager
    def edit(self, label: str, merge: str | None = None) -> Iterator[None]:
        """Collect the changes made inside into one step of undo; a raise takes all of them back.

        Steps with the same `merge` that follow each other become one (typing, dragging). Nested edits join the outer.
        """
        if self._open is not None:
            yield
            return
        self._open = []
        try:
            yield
        except BaseException:
            for change in reversed(self._open):
                self._apply(change.inverse())
            raise
        else:
            if self._open:
                step = Step(label, tuple(self._open), merge)
                self._tell(self._history.record(step), step)
        finally:
            self._open = None

    def add(
        self,
        type_id: str,
        name: str = "",
        position: tuple[float, float] = (0.0, 0.0),
        settings: Mapping[str, Json] | None = None,
        sheet: str = MAIN,
    ) -> str:
        """Add a node to a sheet and give its id; the name is made unique on the sheet."""
        block = self.blocks.get(block_of(type_id))
        node_id = self._fresh_id(block.id if block is not None else type_id)
        usual = block.name if block is not None else type_id.replace("_", " ").capitalize()
        title = self.unique_name(name or usual, sheet)
        self._make(NodeAdded(Node(node_id, type_id, title, dict(settings or {}), position, sheet), len(self.nodes)))
        return node_id

    def put(self, node: Node) -> None:
        """Add a node that already has its id (loading, pasting)."""
        self._make(NodeAdded(node, len(self.nodes)))

    def remove(self, node_id: str) -> None:
        """Remove a node and the wires that hang on it; of a block's port also those where the block is used."""
        for wire in self.wires_of(node_id):
            self.disconnect(wire)
        for use in self.uses_of(self.nodes[node_id].sheet):
            for wire in self.wires_of(use):
                if (wire.target, wire.input) == (use, node_id) or (wire.source, wire.output) == (use, node_id):
                    self.disconnect(wire)
        self._make(NodeRemoved(self.nodes[node_id], list(self.nodes).index(node_id)))

    def change(
        self, node_id: str, *, name: str | None = None, position: tuple[float, float] | None = None, **settings: Json
    ) -> None:
        """Change a node's name, position or settings; what is equal already is no change."""
        old = self.nodes[node_id]
        title, place = old.name if name is None else name, old.position if position is None else position
        new = replace(old, name=title, position=place, settings={**old.settings, **settings})
        if new != old:
            self._make(NodeChanged(old, new))

    def retype(self, node_id: str, type_id: str, name: str, settings: Mapping[str, Json]) -> None:
        """Make the node one of another type, in its place and with its wires."""
        old = self.nodes[node_id]
        self._make(NodeChanged(old, replace(old, type=type_id, name=name, settings=dict(settings))))

    def reset(self, node_id: str, setting: str) -> None:
        """Take a setting back to its declared default."""
        old = self.nodes[node_id]
        if setting in old.settings:
            kept = {name: value for name, value in old.settings.items() if name != setting}
            self._make(NodeChanged(old, replace(old, settings=kept)))

    def connect(self, wire: Wire, at: int | None = None) -> None:
        """Add a wire, as the newest or at a place in the order of creation; an equal one is no change."""
        if wire not in self._drawing.wires:
            self._make(WireAdded(wire, len(self._drawing.wires) if at is None else at))

    def disconnect(self, wire: Wire) -> None:
        """Remove a wire."""
        if wire in self._drawing.wires:
            self._make(WireRemoved(wire, list(self._drawing.wires).index(wire)))

    def move_to(self, node_id: str, sheet: str) -> None:
        """Put a node on another sheet. Its wires must be gone; it keeps its id, and its name where that is free."""
        old = self.nodes[node_id]
        if old.sheet != sheet:
            self._make(NodeChanged(old, replace(old, sheet=sheet, name=self.unique_name(old.name, sheet))))

    def add_block(self, name: str, help: str = "") -> str:
        """Add an empty block and give its id; the name is made unique among the blocks."""
        block_id = next(new for number in count(1) if (new := f"block-{number}") not in self.blocks)
        title = unused(name, {block.name for block in self.blocks.values()})
        self._make(BlockAdded(Block(block_id, title, help), len(self.blocks)))
        return block_id

    def put_block(self, block: Block) -> None:
        """Add a block that already has its id (pasting)."""
        self._make(BlockAdded(block, len(self.blocks)))

    def change_block(self, block_id: str, *, name: str | None = None, help: str | None = None) -> None:
        """Change a block's name or what it says of itself; what is equal already is no change."""
        old = self.blocks[block_id]
        others = {block.name for block in self.blocks.values() if block is not old}
        title = old.name if name is None else unused(name, others)
        new = replace(old, name=title, help=old.help if help is None else help)
        if new != old:
            self._make(BlockChanged(old, new))

    def remove_block(self, block_id: str) -> None:
        """Remove a block and all on its sheet. Nothing may use it any more."""
        if used := self.uses_of(block_id):
            raise KeyError(f"the block {block_id} is used by {used[0]}")
        for node_id in tuple(self.on(block_id)):
            self.remove(node_id)
        self._make(BlockRemoved(self.blocks[block_id], list(self.blocks).index(block_id)))

    def train_with(self, training: Training) -> None:
        """Set how the project is trained."""
        if training != self.training:
            self._make(TrainingChanged(self.training, training))

    # Undo and redo

    @property
    def undo_label(self) -> str:
        """What undo would take back, "" when nothing."""
        return self._history.done[-1].label if self._history.done else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again, "" when nothing."""
        return self._history.undone[-1].label if self._history.undone else ""

    @property
    def state(self) -> object:
        """A mark of this state: the same object (`is`) when nothing was changed between; what "saved" is told by."""
        return self._history.done[-1] if self._history.done else None

    def joined(self, merge: str | None) -> Step | None:
        """The step that an edit with this `merge` would join, None when it would be a step of its own."""
        return self._history.joined(merge)

    def seal(self) -> None:
        """End the current step: what follows is a step of its own even with the same `merge`."""
        self._history.seal()

    def undo(self, *, for_good: bool = False) -> None:
        """Take the last step back; `for_good` where it was given up and redo is not to bring it again."""
        self._walk("undo", self._history.back(for_good))

    def redo(self) -> None:
        """Do the last undone step again."""
        self._walk("redo", self._history.forth())

    def _walk(self, done: Done, step: Step | None) -> None:
        if step is not None:
            for change in step.changes:
                self._apply(change)
            self._tell(done, step)

    def repeat(self, step: Step) -> None:
        """Do a recorded step as a new edit; a KeyError when it does not fit this drawing, which stays as it was."""
        self.seal()
        with self.edit(step.label):
            for change in step.changes:
                self._make(change)

    # Being watched

    def observe(self, observer: Observer) -> Callable[[], None]:
        """Tell `observer` of every change from now on, undo and redo included; gives what ends it."""
        self._observers[observer] = None
        return lambda: self._observers.pop(observer, None)

    def observe_steps(self, observer: StepObserver) -> Callable[[], None]:
        """Tell `observer` of every step once it is whole, with its changes as they were done; gives what ends it.

        "merge" brings only what is new: it belongs to the step before.
        """
        self._step_observers[observer] = None
        return lambda: self._step_observers.pop(observer, None)

    def unique_name(self, wanted: str, sheet: str = MAIN) -> str:
        """The name, with a number behind it when another node of the sheet has it."""
        return unused(wanted, {node.name for node in self.on(sheet).values()})

    def _fresh_id(self, type_id: str) -> str:
        return next(name for number in count(1) if (name := f"{type_id}-{number}") not in self.nodes)

    def _make(self, change: Change) -> None:
        if self._open is None:
            raise EditOutsideTransaction(f"wrap this in `with document.edit(...)`: {change}")
        self._drawing.check(change)
        self._apply(change)
        self._open.append(change)

    def _tell(self, done: Done, step: Step) -> None:
        for observer in tuple(self._step_observers):
            observer(done, step)

    def _apply(self, change: Change) -> None:
        self._drawing.apply(change)
        for observer in tuple(self._observers):
            observer(change)
