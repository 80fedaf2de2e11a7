"""The project file: one JSON file in a stable order, read with distrust and written so that nothing can be lost."""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, cast

from nodes.settings import Form
from nodes.spec import find
from runtime.graph import Graph, Json, Node, Training, Wire
from runtime.store import write_safely
from runtime.training_values import read_training

FORMAT = 1
"""The number of this file format. A newer one opens read-only; an older one passes through `_MIGRATIONS`."""

_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}
_MOST_BYTES = 64 * 2**20
_MOST_NODES = 10_000
_DEEPEST = 64
_MOST_DIGITS = 300
_FAR = 1e9


class ProjectError(Exception):
    """The project cannot be read or written; the text tells the user which file and why."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A project as read: the graph, and what the user should know about the file."""

    graph: Graph
    notes: tuple[str, ...] = ()
    read_only: bool = False


class _Wrong(ValueError):
    """Something in the file is not what it should be; the text says where."""


def load_graph(path: Path) -> Loaded:
    """Read a project file; raises ProjectError for a file that is none."""
    if path.is_dir():
        raise ProjectError(f"{path} is a folder; name a project file (NAME.netloom).")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise _Wrong(f"it is larger than {_MOST_BYTES // 2**20} MB, which no project is")
        raw = path.read_bytes()
    except OSError as error:
        raise ProjectError(f"{path.name} could not be read: {error.strerror or error}.") from error
    except _Wrong as error:
        raise ProjectError(f"{path.name} is not opened: {error}.") from error
    try:
        return _loaded(_parse(raw), path.resolve().parent)
    except _Wrong as error:
        raise ProjectError(f"{path.name} is not a project that can be opened: {error}.") from error


def save_graph(graph: Graph, path: Path) -> str:
    """Write the project beside, flush it to the disk, read it back, and only then put it in the old file's place.

    Gives the SHA-256 of what the file holds now.
    """
    content = dumps(graph, path.resolve().parent).encode("utf-8")
    try:
        write_safely(path, content)
    except OSError as error:
        raise ProjectError(
            f"Nothing was saved to {path.name}: {error.strerror or error}. The file is as it was; "
            "choose another place, or make room and save again."
        ) from error
    return hashlib.sha256(content).hexdigest()


def dumps(graph: Graph, beside: Path) -> str:
    """The graph as the text of a project file that lies in the folder `beside`."""
    nodes = [_node_out(node, beside) for node in graph.nodes.values()]
    wires = [[wire.source, wire.output, wire.target, wire.input] for wire in graph.wires]
    text = _TEXT % (FORMAT, _line(asdict(graph.training)), _lines(nodes), _lines(wires))
    return text.encode("utf-8", "replace").decode("utf-8")


_TEXT = """{
"format": %d,
"program": "netloom",
"training": %s,
"sheets": {
"main": {
"nodes": [%s],
"wires": [%s]
}
}
}
"""


def _lines(entries: Iterable[object]) -> str:
    """One entry a line, so that a difference between two versions reads well."""
    return ",".join("\n" + _line(entry) for entry in entries)


def _line(entry: object) -> str:
    return json.dumps(entry, ensure_ascii=False, allow_nan=False)


def _parse(raw: bytes) -> dict[str, Any]:
    if not raw.strip(b"\0 \r\n\t"):
        raise _Wrong("it is empty")
    try:
        text = raw.decode("utf-8-sig")
        _check_depth(text)
        read = json.loads(
            text, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_int=_int, parse_float=_float
        )
    except UnicodeDecodeError as error:
        raise _Wrong("it is not text") from error
    except json.JSONDecodeError as error:
        raise _Wrong(f"it is damaged at line {error.lineno}, column {error.colno}") from error
    if not isinstance(read, dict):
        raise _Wrong("it does not begin as a project does")
    return read


def _check_depth(text: str) -> None:
    depth = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth > _DEEPEST:
            raise _Wrong("its brackets are nested too deep")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise _Wrong("a name stands twice in one place")
    return read


def _no_constant(word: str) -> None:
    raise _Wrong(f"the number {word} stands in it")


def _int(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise _Wrong("a number in it is too long")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _Wrong("a number in it is too large")  # it would be read as infinite, which no project can be saved with
    return number


def _loaded(read: dict[str, Any], beside: Path) -> Loaded:
    version = _typed(read, "format", int, "")
    notes: list[str] = []
    if version > FORMAT:
        notes.append(f"This project was made by a newer version (format {version}); it is opened for reading only.")
    while version < FORMAT:
        if version not in _MIGRATIONS:
            raise _Wrong(f"its format {version} is not known")
        read = _MIGRATIONS[version](read)
        version += 1
    sheet = _typed(_typed(read, "sheets", dict, ""), "main", dict, "sheets.")
    listed = _typed(sheet, "nodes", list, "sheets.main.")
    if len(listed) > _MOST_NODES:
        raise _Wrong(f"it has {len(listed)} nodes; {_MOST_NODES} fit")
    nodes: dict[str, Node] = {}
    for index, entry in enumerate(listed):
        node = _node_in(entry, f"nodes[{index}].", beside)
        if node.id in nodes:
            fresh = next(name for number in range(2, _MOST_NODES) if (name := f"{node.id}-{number}") not in nodes)
            notes.append(f"Two nodes were called {node.id}; “{node.name}” is now {fresh}.")
            node = replace(node, id=fresh)
        nodes[node.id] = node
    wires, lost = _wires_in(_typed(sheet, "wires", list, "sheets.main."), nodes)
    notes += lost
    training = _training_in(_typed(read, "training", dict, ""))
    return Loaded(Graph(nodes, wires, training), tuple(notes), read_only=version > FORMAT)


def _typed(read: Mapping[str, Any], name: str, kind: type, where: str) -> Any:
    value = read.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise _Wrong(f"{where}{name} is {json.dumps(value)[:40]}, where {_WORDS[kind]} should be")
    return value


_WORDS: dict[type, str] = {int: "a whole number", str: "text", list: "a list", dict: "a group of names"}


def _node_in(entry: object, where: str, beside: Path) -> Node:
    if not isinstance(entry, dict):
        raise _Wrong(f"{where[:-1]} is not a node")
    position = _typed(entry, "position", list, where)
    numbers = [place for place in position if isinstance(place, int | float) and abs(place) < _FAR]
    if len(position) != 2 or len(numbers) != 2:
        raise _Wrong(f"{where}position is not a pair of numbers")
    settings = _typed(entry, "settings", dict, where)
    node = Node(
        id=_typed(entry, "id", str, where),
        type=_typed(entry, "type", str, where),
        name=_typed(entry, "name", str, where),
        settings=settings,
        position=(float(numbers[0]), float(numbers[1])),
    )
    return replace(node, settings=_with_paths(node, lambda text: _absolute(text, beside)))


def _wires_in(listed: Iterable[object], nodes: Mapping[str, Node]) -> tuple[tuple[Wire, ...], list[str]]:
    wires: dict[Wire, None] = {}
    notes: list[str] = []
    for entry in listed:
        if not isinstance(entry, list) or len(entry) != 4 or not all(isinstance(part, str) for part in entry):
            raise _Wrong("a wire is not written as source, output, target, input")
        wire = Wire(*entry)
        if wire.source in nodes and wire.target in nodes:
            wires[wire] = None
        else:
            notes.append(f"A wire from {wire.source} to {wire.target} led to a node that is not there; it is left out.")
    return tuple(wires), notes


def _training_in(read: Mapping[str, Any]) -> Training:
    """The training settings; what is of the wrong kind is refused by name."""
    try:
        return read_training(read)
    except ValueError as error:
        raise _Wrong(f"training.{error}") from error


def _node_out(node: Node, beside: Path) -> dict[str, Json]:
    settings = _with_paths(node, lambda text: _relative(text, beside))
    return {
        "id": node.id,
        "type": node.type,
        "name": node.name,
        "position": [_short(place) for place in node.position],
        "settings": {name: _listed(value) for name, value in settings.items()},
    }


def _short(number: float) -> float | int:
    return int(number) if number.is_integer() else round(number, 2)


def _listed(value: object) -> Json:
    return [_listed(part) for part in value] if isinstance(value, tuple) else cast("Json", value)


def _with_paths(node: Node, moved: Callable[[str], str]) -> dict[str, Json]:
    """The settings with `moved` applied to those that are declared as a folder or a file."""
    kind = find(node.type)
    declared = kind.settings() if kind else ()
    places = {setting.name for setting in declared if setting.form in (Form.FOLDER, Form.FILE)}
    return {
        name: moved(value) if name in places and isinstance(value, str) and value else value
        for name, value in node.settings.items()
    }


def _relative(text: str, beside: Path) -> str:
    """Relative where the way is short, so that a project and its data can be moved together."""
    path = Path(text)
    if not path.is_absolute():
        return text
    try:
        relative = Path(os.path.relpath(path, beside))
    except ValueError:  # another drive
        return path.as_posix()
    return path.as_posix() if relative.parts.count("..") > 3 else relative.as_posix()


def _absolute(text: str, beside: Path) -> str:
    return os.path.normpath(beside / text)
