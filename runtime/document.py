"""The document owns the drawing: every edit goes through it, can be undone, and is told to its observers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TypeVar

from runtime.changes import (
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
from runtime.graph import Graph, Json, Node, Training, Wire

Observer = Callable[[Change], None]
StepObserver = Callable[[Done, Step], None]
Key = TypeVar("Key")
Entry = TypeVar("Entry")


class EditOutsideTransaction(RuntimeError):
    """A change was tried outside `with document.edit(...)`: a mistake in the program, not of the user."""


class Document:
    """Nodes, wires and training settings, changed only inside `with document.edit("Add convolution"):`."""

    def __init__(self, graph: Graph | None = None) -> None:
        graph = graph or Graph()
        self._nodes: dict[str, Node] = dict(graph.nodes)
        self._wires: dict[Wire, None] = dict.fromkeys(graph.wires)
        self._training = graph.training
        self._done: list[Step] = []
        self._undone: list[Step] = []
        self._open: list[Change] | None = None
        self._observers: dict[Observer, None] = {}
        self._step_observers: dict[StepObserver, None] = {}
        self._snapshot: Graph | None = None
        self._merging: str | None = None

    # What there is

    @property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by id, oldest first."""
        return self._nodes

    @property
    def wires(self) -> tuple[Wire, ...]:
        """The wires, oldest first."""
        return tuple(self._wires)

    @property
    def training(self) -> Training:
        """How the project is trained."""
        return self._training

    def graph(self) -> Graph:
        """A frozen snapshot; the same object until the next change."""
        if self._snapshot is None:
            self._snapshot = Graph(dict(self._nodes), tuple(self._wires), self._training)
        return self._snapshot

    def wires_of(self, node_id: str) -> tuple[Wire, ...]:
        """The wires that begin or end at the node."""
        return tuple(wire for wire in self._wires if node_id in (wire.source, wire.target))

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
            self._record(Step(label, tuple(self._open), merge))
        finally:
            self._open = None

    def add(
        self,
        type_id: str,
        name: str = "",
        position: tuple[float, float] = (0.0, 0.0),
        settings: Mapping[str, Json] | None = None,
    ) -> str:
        """Add a node and give its id; the name is made unique."""
        node_id = self._fresh_id(type_id)
        title = self.unique_name(name or type_id.replace("_", " ").capitalize())
        self._make(NodeAdded(Node(node_id, type_id, title, dict(settings or {}), position), len(self._nodes)))
        return node_id

    def put(self, node: Node) -> None:
        """Add a node that already has its id (loading, pasting)."""
        self._make(NodeAdded(node, len(self._nodes)))

    def remove(self, node_id: str) -> None:
        """Remove a node and the wires that hang on it."""
        for wire in self.wires_of(node_id):
            self.disconnect(wire)
        self._make(NodeRemoved(self._nodes[node_id], list(self._nodes).index(node_id)))

    def change(
        self, node_id: str, *, name: str | None = None, position: tuple[float, float] | None = None, **settings: Json
    ) -> None:
        """Change a node's name, position or settings; what is equal already is no change."""
        old = self._nodes[node_id]
        new = replace(
            old,
            name=old.name if name is None else name,
            position=old.position if position is None else position,
            settings={**old.settings, **settings},
        )
        if new != old:
            self._make(NodeChanged(old, new))

    def retype(self, node_id: str, type_id: str, name: str, settings: Mapping[str, Json]) -> None:
        """Make the node one of another type, in its place and with its wires."""
        old = self._nodes[node_id]
        self._make(NodeChanged(old, replace(old, type=type_id, name=name, settings=dict(settings))))

    def reset(self, node_id: str, setting: str) -> None:
        """Take a setting back to its declared default."""
        old = self._nodes[node_id]
        if setting in old.settings:
            kept = {name: value for name, value in old.settings.items() if name != setting}
            self._make(NodeChanged(old, replace(old, settings=kept)))

    def connect(self, wire: Wire) -> None:
        """Add a wire; an equal one is no change."""
        if wire not in self._wires:
            self._make(WireAdded(wire, len(self._wires)))

    def disconnect(self, wire: Wire) -> None:
        """Remove a wire."""
        if wire in self._wires:
            self._make(WireRemoved(wire, list(self._wires).index(wire)))

    def train_with(self, training: Training) -> None:
        """Set how the project is trained."""
        if training != self._training:
            self._make(TrainingChanged(self._training, training))

    # Undo and redo

    @property
    def undo_label(self) -> str:
        """What undo would take back, "" when nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again, "" when nothing."""
        return self._undone[-1].label if self._undone else ""

    @property
    def state(self) -> object:
        """A mark of this state: the same object (`is`) when nothing was changed between; what "saved" is told by."""
        return self._done[-1] if self._done else None

    def seal(self) -> None:
        """End the current step: what follows is a step of its own even with the same `merge`."""
        self._merging = None

    def undo(self) -> None:
        """Take the last step back."""
        self.seal()
        if self._done:
            step = self._done.pop()
            taken_back = step.inverse()
            for change in taken_back.changes:
                self._apply(change)
            self._undone.append(step)
            self._tell("undo", taken_back)

    def redo(self) -> None:
        """Do the last undone step again."""
        self.seal()
        if self._undone:
            step = self._undone.pop()
            for change in step.changes:
                self._apply(change)
            self._done.append(step)
            self._tell("redo", step)

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

    def unique_name(self, wanted: str) -> str:
        """The name, with a number behind it when another node has it."""
        taken = {node.name for node in self._nodes.values()}
        if wanted not in taken:
            return wanted
        stem = re.sub(r" \d+$", "", wanted)
        return next(name for number in count(2) if (name := f"{stem} {number}") not in taken)

    def _fresh_id(self, type_id: str) -> str:
        return next(name for number in count(1) if (name := f"{type_id}-{number}") not in self._nodes)

    def _make(self, change: Change) -> None:
        if self._open is None:
            raise EditOutsideTransaction(f"wrap this in `with document.edit(...)`: {change}")
        self._check(change)
        self._apply(change)
        self._open.append(change)

    def _check(self, change: Change) -> None:
        """Raises KeyError for a change that does not fit this drawing, and could not be taken back."""
        match change:
            case NodeAdded(node) if node.id in self._nodes:
                raise KeyError(f"there is a node {node.id} already")
            case NodeRemoved(node) | NodeChanged(node) if node.id not in self._nodes:
                raise KeyError(f"no node {node.id}")
            case WireAdded(wire) if missing := {wire.source, wire.target} - set(self._nodes):
                raise KeyError(f"no node {' and no node '.join(sorted(missing))}")
            case WireRemoved(wire) if wire not in self._wires:
                raise KeyError(f"no wire {wire}")

    def _record(self, step: Step) -> None:
        if not step.changes:
            return
        self._undone.clear()
        merges = step.merge is not None and step.merge == self._merging
        before = self._done.pop().changes if merges else ()
        self._done.append(Step(step.label, before + step.changes, step.merge))
        self._merging = step.merge
        self._tell("merge" if merges else "do", step)

    def _tell(self, done: Done, step: Step) -> None:
        for observer in tuple(self._step_observers):
            observer(done, step)

    def _apply(self, change: Change) -> None:
        match change:
            case NodeAdded(node, at):
                _insert(self._nodes, node.id, node, at)
            case NodeRemoved(node):
                del self._nodes[node.id]
            case NodeChanged(_, new):
                self._nodes[new.id] = new
            case WireAdded(wire, at):
                _insert(self._wires, wire, None, at)
            case WireRemoved(wire):
                del self._wires[wire]
            case TrainingChanged(_, new_training):
                self._training = new_training
        self._snapshot = None
        for observer in tuple(self._observers):
            observer(change)


def _insert(entries: dict[Key, Entry], key: Key, entry: Entry, at: int) -> None:
    """Put an entry at a place in the order of a dict."""
    later = list(entries.items())[at:] if at < len(entries) else []
    entries[key] = entry
    for moved, kept in later:
        del entries[moved]
        entries[moved] = kept
