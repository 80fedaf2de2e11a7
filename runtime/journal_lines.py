"""Drawings and steps as lines of JSON, exactly: what a journal writes, and reads again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast, get_args

from runtime.changes import Change, Done, Step
from runtime.graph import MAIN, Block, Graph, Node, Training, Wire
from runtime.owner import Owner, owner_in
from runtime.training_values import read_training

FORMAT = 1
_CHANGES: dict[str, type[Change]] = {kind.__name__: kind for kind in get_args(Change)}


@dataclass(frozen=True, slots=True)
class Head:
    """The first line: whose journal it is, and the drawing that its steps begin with."""

    owner: Owner
    project: Path | None  # the project's file, None when it had none yet
    sha256: str  # of that file's content as it was last loaded or saved, "" without a file
    graph: Graph


def head_out(head: Head) -> str:
    """The first line, without its end."""
    project = None if head.project is None else str(head.project)
    facts = {"format": FORMAT, "owner": asdict(head.owner), "project": project, "sha256": head.sha256}
    return json.dumps({**facts, "graph": _graph_out(head.graph)})


def head_in(line: str) -> Head:
    """The first line read; a ValueError when it is none that this version can read."""
    read = _read(line)
    match read:
        case {"format": 1, "owner": owner, "project": str() | None as project, "sha256": str(sha256), "graph": graph}:
            return Head(owner_in(owner), None if project is None else Path(project), sha256, _graph_in(graph))
    raise ValueError("this is not the first line of a journal")


def step_out(done: Done, step: Step) -> str:
    """A step that was done, as a line without its end."""
    return json.dumps({"done": done, "label": step.label, "changes": [_change_out(entry) for entry in step.changes]})


def step_in(line: str) -> tuple[Done, Step]:
    """A step read; a ValueError when the line is torn or damaged."""
    match _read(line):
        case {"done": "do" | "merge" | "undo" | "redo" as done, "label": str(label), "changes": list(changes)}:
            return cast("Done", done), Step(label, tuple(_change_in(entry) for entry in changes))
    raise ValueError("this line is no step")


def _read(line: str) -> object:
    try:
        return json.loads(line)
    except RecursionError as error:
        raise ValueError("this line is nested too deep") from error


def _graph_out(graph: Graph) -> dict[str, object]:
    nodes = [_node_out(node) for node in graph.nodes.values()]
    wires = [asdict(wire) for wire in graph.wires]
    blocks = [asdict(block) for block in graph.blocks.values()]
    return {"nodes": nodes, "wires": wires, "blocks": blocks, "training": asdict(graph.training)}


def _graph_in(read: object) -> Graph:
    match read:
        case {"nodes": list(nodes), "wires": list(wires), "training": training}:
            drawn = [_node_in(node) for node in nodes]
            joined = tuple(_wire_in(wire) for wire in wires)
            named = [_block_in(block) for block in cast("dict[str, Any]", read).get("blocks", [])]
            blocks = {block.id: block for block in named}
            return Graph({node.id: node for node in drawn}, joined, _training_in(training), blocks)
    raise ValueError("this is no drawing")


def _change_out(change: Change) -> dict[str, object]:
    parts = {entry.name: _part_out(getattr(change, entry.name)) for entry in fields(change)}
    return {"kind": type(change).__name__, **parts}


def _part_out(part: Node | Wire | Block | Training | int) -> object:
    if isinstance(part, Node):
        return _node_out(part)
    return part if isinstance(part, int) else asdict(part)


def _change_in(read: object) -> Change:
    if not isinstance(read, dict) or read.get("kind") not in _CHANGES:
        raise ValueError("this is no change")
    kind = _CHANGES[read.pop("kind")]
    changed = {"TrainingChanged": _training_in, "BlockChanged": _block_in}.get(kind.__name__, _node_in)
    read_as = {"node": _node_in, "wire": _wire_in, "block": _block_in, "at": _place_in}
    parts: dict[str, Any] = {name: read_as.get(name, changed)(part) for name, part in read.items()}
    try:
        return kind(**parts)
    except TypeError as error:
        raise ValueError(f"this is no {kind.__name__}: {error}") from error


def _node_out(node: Node) -> dict[str, object]:
    told: dict[str, object] = {
        "id": node.id, "type": node.type, "name": node.name, "settings": dict(node.settings), "position": node.position
    }  # fmt: skip
    return {**told, "sheet": node.sheet} if node.sheet != MAIN else told


def _node_in(read: object) -> Node:
    match read:
        case {"id": str(name), "type": str(kind), "name": str(title), "settings": dict(settings),
              "position": [int() | float() as across, int() | float() as down]}:  # fmt: skip
            sheet = cast("dict[str, Any]", read).get("sheet", MAIN)
            if isinstance(sheet, str):
                return Node(name, kind, title, settings, (across, down), sheet)
    raise ValueError("this is no node")


def _wire_in(read: object) -> Wire:
    match read:
        case {"source": str(source), "output": str(output), "target": str(target), "input": str(entry)}:
            return Wire(source, output, target, entry)
    raise ValueError("this is no wire")


def _block_in(read: object) -> Block:
    match read:
        case {"id": str(name), "name": str(title), "help": str(about)}:
            return Block(name, title, about)
    raise ValueError("this is no block")


def _training_in(read: object) -> Training:
    if not isinstance(read, dict):
        raise ValueError("this is no training")
    return read_training(read)


def _place_in(read: object) -> int:
    if not isinstance(read, int):
        raise ValueError("this is no place")
    return read
