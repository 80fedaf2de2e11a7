"""Edits of several changes, made on a document inside an open `edit`. Nothing here knows of items or events."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from designer.canvas.fitting import best_wire, downstream, port_named, ports_of, refusal
from designer.canvas.measures import COLUMN, HEIGHT, STEP, WIDTH
from designer.canvas.naming import first_name
from designer.canvas.remark_facts import is_remark
from nodes.spec import Kind
from runtime.analysis import Analysis, misfit
from runtime.document import Document
from runtime.graph import Node, Wire

Place = tuple[float, float]


def connect(document: Document, wire: Wire) -> None:
    """Draw a wire; where only one may end it takes the place of the one before."""
    end = port_named(ports_of(document, wire.target)[0], wire.input)
    if end is not None and not end.many:
        for old in document.graph().wires_into(wire.target):
            if old.input == wire.input and old != wire:
                document.disconnect(old)
    document.connect(wire)


def redirect(document: Document, old: Wire, new: Wire) -> None:
    """Put one wire in place of another at the same port, in the same order among those that end there."""
    there = [wire for wire in document.wires if (wire.target, wire.input) == (old.target, old.input)]
    behind = there[there.index(old) + 1 :]
    for wire in (old, *behind):
        document.disconnect(wire)
    for wire in (new, *behind):
        document.connect(wire)


def through_ports(document: Document, node_id: str, wire: Wire) -> tuple[str, str] | None:
    """The input and output by which a node can sit on a wire; None when it cannot."""
    inputs, outputs = ports_of(document, node_id)
    start = port_named(ports_of(document, wire.source)[1], wire.output)
    end = port_named(ports_of(document, wire.target)[0], wire.input)
    if start is None or end is None:
        return None
    entry = next((port.name for port in inputs if not misfit(start, port)), None)
    leave = next((port.name for port in outputs if not misfit(port, end)), None)
    return None if entry is None or leave is None else (entry, leave)


def insert(document: Document, node_id: str, wires: Collection[Wire]) -> bool:
    """Put a node onto wires that leave one port; False (and nothing changed) when it does not fit on all of them."""
    ports = [through_ports(document, node_id, wire) for wire in wires]
    if not ports or any(found is None for found in ports):
        return False
    for wire, found in zip(wires, ports, strict=True):
        if found is not None:
            redirect(document, wire, Wire(node_id, found[1], wire.target, wire.input))
            document.connect(Wire(wire.source, wire.output, node_id, found[0]))
    return True


def remove(document: Document, node_ids: Collection[str], wires: Collection[Wire]) -> None:
    """Take away nodes, with what hangs on them, and wires."""
    for wire in wires:
        document.disconnect(wire)
    for node_id in node_ids:
        document.remove(node_id)


def remove_closing_gap(document: Document, node_id: str) -> None:
    """Take a node out of its row: what came in goes on to where its output went, and what stood below moves up."""
    node = document.nodes[node_id]
    behind = downstream(document.wires, node_id) - {node_id}
    below = [other for other in behind if _y(document, other) > node.position[1]]
    came = _main_wire(document, node_id)
    for old in [wire for wire in document.wires if wire.source == node_id]:
        start = port_named(ports_of(document, came.source)[1], came.output) if came else None
        end = port_named(ports_of(document, old.target)[0], old.input)
        if came is not None and start is not None and end is not None and not misfit(start, end):
            redirect(document, old, Wire(came.source, came.output, old.target, old.input))
    document.remove(node_id)
    if not occupied(document.on(node.sheet), node.position):
        shift(document, below, -STEP)


def add_below(document: Document, analysis: Analysis, type_id: str, above_id: str) -> str:
    """Add a node under another and connect it: into the stack if it passes images on, else as a branch."""
    above = document.nodes[above_id]
    x, y = above.position
    new = document.add(type_id, first_name(document, type_id, above.sheet), (x, y + STEP), sheet=above.sheet)
    onward = [wire for wire in document.wires if wire.source == above_id and _carries_tensor(document, wire)]
    first = [wire for wire in onward if wire.output == onward[0].output]
    if insert(document, new, first):
        if occupied(document.on(above.sheet), (x, y + STEP), but=new):
            below = [other for other in downstream(document.wires, new) - {new} if _y(document, other) > y]
            shift(document, below, STEP)
        place = free_place(document.on(above.sheet), (x, y + STEP), but=new)
    else:
        place = free_place(document.on(above.sheet), (x, y + STEP), but=new)
        wire = best_wire(document, above_id, new)
        if wire is not None:
            connect(document, wire)
    document.change(new, position=place)
    connect_target(document, analysis, new)
    return new


def connect_target(document: Document, analysis: Analysis, node_id: str) -> None:
    """Give a loss or metric what it compares with, when the graph offers just one thing that fits."""
    for port in ports_of(document, node_id)[0]:
        taken = any(wire.input == port.name for wire in document.graph().wires_into(node_id))
        if port.kind is not Kind.TARGET or taken:
            continue
        offers = [
            Wire(source, start.name, node_id, port.name)
            for source in document.on(document.nodes[node_id].sheet)
            for start in ports_of(document, source)[1]
            if start.kind is Kind.TARGET and _offered(analysis, source, start.name)
            and (not port.labels or start.name in port.labels)
        ]  # fmt: skip
        if len(offers) == 1 and not refusal(document, offers[0]):
            document.connect(offers[0])


def shift(document: Document, node_ids: Collection[str], dy: float) -> None:
    """Move nodes up or down."""
    for node_id in node_ids:
        x, y = document.nodes[node_id].position
        document.change(node_id, position=(x, y + dy))


def occupied(nodes: Mapping[str, Node], place: Place, but: str = "") -> bool:
    """Whether a bar at the place would cover another."""
    x, y = place
    return any(
        abs(node.position[0] - x) < WIDTH and abs(node.position[1] - y) < HEIGHT
        for node_id, node in nodes.items()
        if node_id != but and not is_remark(node)
    )


def free_place(nodes: Mapping[str, Node], wanted: Place, but: str = "") -> Place:
    """The wanted place, or the nearest free one in the same row."""
    x, y = wanted
    for step in range(len(nodes) + 1):
        for side in (1, -1):
            if not occupied(nodes, (x + side * step * COLUMN, y), but):
                return x + side * step * COLUMN, y
    return wanted


def _main_wire(document: Document, node_id: str) -> Wire | None:
    into = document.graph().wires_into(node_id)
    for port in ports_of(document, node_id)[0]:
        found = next((wire for wire in into if wire.input == port.name), None)
        if found is not None and port.kind is not Kind.TARGET:
            return found
    return None


def _carries_tensor(document: Document, wire: Wire) -> bool:
    start = port_named(ports_of(document, wire.source)[1], wire.output)
    return start is not None and start.kind is Kind.TENSOR


def _offered(analysis: Analysis, source: str, port: str) -> bool:
    facts = analysis.facts.get(source)
    return facts is None or not facts.outputs or port in facts.outputs


def _y(document: Document, node_id: str) -> float:
    return document.nodes[node_id].position[1]
