"""Changes to a drawing as plain frozen records, and what carries them out on a document inside an open edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nodes.spec import Port
from runtime.document import Document
from runtime.graph import Json, Node, Wire
from runtime.wiring import misfit

WIDTH, HEIGHT, STEP = 256.0, 28.0, 40.0
"""A bar of the drawing, and from the top of one to the top of the next below it, in scene pixels."""

NEW = ""
"""Stands in a wire for the node that is about to be added."""

Settings = tuple[tuple[str, Json], ...]
Layer = tuple[str, Settings]
"""A node type's id with its settings."""


@dataclass(frozen=True, slots=True)
class Insert:
    """Put layers, one behind the other, onto wires that leave one port."""

    layers: tuple[Layer, ...]
    wires: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class Add:
    """Add a node below another, with wires in which NEW stands for it."""

    type: str
    below: str
    wires: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class Set:
    """Give a setting a value."""

    node: str
    setting: str
    value: Json


@dataclass(frozen=True, slots=True)
class Unset:
    """Take settings out of a node, so that the defaults hold."""

    node: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retype:
    """Make a node one of another type; it keeps the settings that both have."""

    node: str
    type: str


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw a wire; where only one may end it takes the place of the one before."""

    wire: Wire


@dataclass(frozen=True, slots=True)
class Redraw:
    """Put one wire in place of another, in the same order among those that end at the port."""

    old: Wire
    new: Wire


@dataclass(frozen=True, slots=True)
class Cut:
    """Remove wires."""

    wires: tuple[Wire, ...]


@dataclass(frozen=True, slots=True)
class Drop:
    """Remove a node and join what it stood between."""

    node: str


@dataclass(frozen=True, slots=True)
class Watch:
    """Tell the best epoch by another measure; "" is the validation loss."""

    measure: str


@dataclass(frozen=True, slots=True)
class TrainWith:
    """Give a setting of the training a value."""

    setting: str
    value: int | float | str


Edit = Insert | Add | Set | Unset | Retype | Draw | Redraw | Cut | Drop | Watch | TrainWith


def carry_out(edit: Edit, document: Document) -> None:
    """Make the change. Raises KeyError when a node that it names is gone."""
    match edit:
        case Insert(layers, wires):
            _insert(document, layers, wires)
        case Add(type_id, below, wires):
            _add(document, type_id, below, wires)
        case Set(node, setting, value):
            changed: dict[str, Any] = {setting: value}
            document.change(node, **changed)
        case Unset(node, settings):
            for name in settings:
                document.reset(node, name)
        case Retype(node, type_id):
            _retype(document, node, type_id)
        case Draw(wire):
            _draw(document, wire)
        case Redraw(old, new):
            _redraw(document, old, new)
        case Cut(wires):
            for wire in wires:
                document.disconnect(wire)
        case Drop(node):
            _drop(document, node)
        case Watch(measure):
            document.train_with(replace(document.training, watch=measure))
        case TrainWith(setting, value):
            training: dict[str, Any] = {setting: value}
            document.train_with(replace(document.training, **training))


def downstream(wires: Iterable[Wire], node_id: str) -> frozenset[str]:
    """The nodes that depend on the node, itself included."""
    wires = tuple(wires)
    reached, waiting = {node_id}, [node_id]
    while waiting:
        start = waiting.pop()
        fresh = {wire.target for wire in wires if wire.source == start} - reached
        reached |= fresh
        waiting += fresh
    return frozenset(reached)


def port_named(ports: Iterable[Port], name: str) -> Port | None:
    """The port of this name."""
    return next((port for port in ports if port.name == name), None)


def _insert(document: Document, layers: tuple[Layer, ...], wires: tuple[Wire, ...]) -> None:
    for type_id, settings in layers:
        kind, above = document.find(type_id), wires[0].source
        if kind is None:
            raise KeyError(type_id)
        new = _place(document, type_id, kind.title, above, dict(settings))
        for wire in wires:
            _redraw(document, wire, Wire(new, kind.outputs[0].name, wire.target, wire.input))
        document.connect(Wire(above, wires[0].output, new, kind.inputs[0].name))
        _make_room(document, new, above)
        wires = tuple(Wire(new, kind.outputs[0].name, wire.target, wire.input) for wire in wires)


def _add(document: Document, type_id: str, below: str, wires: tuple[Wire, ...]) -> None:
    kind = document.find(type_id)
    new = _place(document, type_id, kind.title if kind is not None else "", below, {})
    x, y = document.nodes[new].position
    document.change(new, position=(x, _free_row(_beside(document, new), x, y, but=new)))
    for wire in wires:
        _draw(document, Wire(wire.source or new, wire.output, wire.target or new, wire.input))


def _place(document: Document, type_id: str, title: str, above: str, settings: Mapping[str, Json]) -> str:
    x, y = document.nodes[above].position
    return document.add(type_id, title, (x, y + STEP), settings, document.nodes[above].sheet)


def _make_room(document: Document, new: str, above: str) -> None:
    """Move what follows down where the new bar would cover another; beside a branch that stays, move the bar."""
    x, y = document.nodes[new].position
    if _occupied(_beside(document, new), x, y, new):
        top = document.nodes[above].position[1]
        _shift(document, downstream(document.wires, new) - {new}, top, STEP)
    while _occupied(_beside(document, new), x, y, new):
        x += WIDTH + 32.0
    document.change(new, position=(x, y))


def _shift(document: Document, node_ids: Iterable[str], top: float, dy: float) -> None:
    for node_id in node_ids:
        x, y = document.nodes[node_id].position
        if y > top:
            document.change(node_id, position=(x, y + dy))


def _beside(document: Document, node_id: str) -> Mapping[str, Node]:
    """The nodes on the node's sheet."""
    return document.on(document.nodes[node_id].sheet)


def _free_row(nodes: Mapping[str, Node], x: float, y: float, but: str) -> float:
    while _occupied(nodes, x, y, but):
        y += STEP
    return y


def _occupied(nodes: Mapping[str, Node], x: float, y: float, but: str) -> bool:
    return any(
        abs(node.position[0] - x) < WIDTH and abs(node.position[1] - y) < HEIGHT
        for node_id, node in nodes.items()
        if node_id != but
    )


def _retype(document: Document, node_id: str, type_id: str) -> None:
    node, old, kind = document.nodes[node_id], document.find(document.nodes[node_id].type), document.find(type_id)
    if kind is None:
        raise KeyError(type_id)
    named = old is None or not node.name.startswith(old.title)
    known = {setting.name for setting in kind.settings()}
    kept = {name: value for name, value in node.settings.items() if name in known}
    document.retype(node_id, type_id, node.name if named else document.unique_name(kind.title, node.sheet), kept)


def _draw(document: Document, wire: Wire) -> None:
    kind = document.find(document.nodes[wire.target].type)
    end = port_named(kind.inputs if kind is not None else (), wire.input)
    if end is not None and not end.many:
        for old in document.graph().wires_into(wire.target):
            if old.input == wire.input and old != wire:
                document.disconnect(old)
    document.connect(wire)


def _redraw(document: Document, old: Wire, new: Wire) -> None:
    there = [wire for wire in document.wires if (wire.target, wire.input) == (old.target, old.input)]
    behind = there[there.index(old) + 1 :] if (new.target, new.input) == (old.target, old.input) else []
    for wire in (old, *behind):
        document.disconnect(wire)
    for wire in (new, *behind):
        document.connect(wire)


def _drop(document: Document, node_id: str) -> None:
    sound = [wire for wire in document.wires if {wire.source, wire.target} <= set(document.nodes)]
    came = next((wire for wire in sound if wire.target == node_id), None)
    behind = downstream(sound, node_id) - {node_id}
    kind = document.find(document.nodes[came.source].type) if came is not None else None
    start = port_named(kind.outputs, came.output) if came is not None and kind is not None else None
    for old in [wire for wire in sound if wire.source == node_id]:
        after = document.find(document.nodes[old.target].type)
        end = port_named(after.inputs, old.input) if after is not None else None
        if came is not None and start is not None and end is not None and not misfit(start, end):
            _redraw(document, old, Wire(came.source, came.output, old.target, old.input))
    x, y = document.nodes[node_id].position
    beside = {other: node for other, node in _beside(document, node_id).items() if other != node_id}
    document.remove(node_id)
    if not _occupied(beside, x, y, node_id):
        _shift(document, behind, y, -STEP)
