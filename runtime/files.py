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
from runtime.graph import MAIN, Graph, Json, Node, Training
from runtime.kept_places import is_sign, placed, signed
from runtime.sheets_in import Sheets, Wrong, typed
from runtime.store import write_safely
from runtime.training_values import read_training

FORMAT = 2
"""The number of this file format. A newer one opens read-only; an older one passes through `_MIGRATIONS`."""

_MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: lambda read: read,  # there was one sheet, “main”, written as it is today
}
_MOST_BYTES = 64 * 2**20
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


def load_graph(path: Path) -> Loaded:
    """Read a project file; raises ProjectError for a file that is none."""
    if path.is_dir():
        raise ProjectError(f"{path} is a folder; name a project file (NAME.netloom).")
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise Wrong(f"it is larger than {_MOST_BYTES // 2**20} MB, which no project is")
        raw = path.read_bytes()
    except OSError as error:
        raise ProjectError(f"{path.name} could not be read: {error.strerror or error}.") from error
    except Wrong as error:
        raise ProjectError(f"{path.name} is not opened: {error}.") from error
    beside = path.resolve().parent
    try:
        loaded = _loaded(_parse(raw), beside)
    except Wrong as error:
        raise ProjectError(f"{path.name} is not a project that can be opened: {error}.") from error
    graph, elsewhere = placed(loaded.graph, beside, _graph_of)
    return replace(loaded, graph=graph, notes=(*loaded.notes, *elsewhere))


def _graph_of(project: Path) -> Graph | None:
    """The graph of the project beside a run; None where it cannot be read, which does not concern the run."""
    try:
        return load_graph(project).graph
    except ProjectError:
        return None


def save_graph(graph: Graph, path: Path, private: bool = False) -> str:
    """Write the project beside, flush it to the disk, read it back, and only then put it in the old file's place.

    `private`: without a word on where its data lie, for folders that may be given away (see kept_places). Gives the
    SHA-256 of what the file holds now. Raises ProjectError, and of `private` RunError.
    """
    try:
        content = dumps(signed(graph) if private else graph, path.resolve().parent).encode("utf-8")
        write_safely(path, content)
    except OSError as error:
        raise ProjectError(
            f"Nothing was saved to {path.name}: {error.strerror or error}. The file is as it was; "
            "choose another place, or make room and save again."
        ) from error
    return hashlib.sha256(content).hexdigest()


def dumps(graph: Graph, beside: Path) -> str:
    """The graph as the text of a project file that lies in the folder `beside`."""
    sheets = [_sheet_out(graph, "main", MAIN, {}, beside)]
    sheets += [
        _sheet_out(graph, block.id, block.id, {"name": block.name, "help": block.help}, beside)
        for block in graph.blocks.values()
    ]
    training = replace(graph.training, weights_from=_relative(graph.training.weights_from, beside))
    text = _TEXT % (FORMAT, _line(asdict(training)), ",\n".join(sheets))
    return text.encode("utf-8", "replace").decode("utf-8")


_TEXT = """{
"format": %d,
"program": "netloom",
"training": %s,
"sheets": {
%s
}
}
"""


def _sheet_out(graph: Graph, key: str, sheet: str, facts: Mapping[str, str], beside: Path) -> str:
    own = graph.on(sheet)
    nodes = _lines(_node_out(node, beside) for node in own.values())
    wires = _lines(
        [wire.source, wire.output, wire.target, wire.input] for wire in graph.wires if wire.target in own
    )  # fmt: skip
    head = "".join(f"{_line(name)}: {_line(text)},\n" for name, text in facts.items())
    return f'{_line(key)}: {{\n{head}"nodes": [{nodes}],\n"wires": [{wires}]\n}}'


def _lines(entries: Iterable[object]) -> str:
    """One entry a line, so that a difference between two versions reads well."""
    return ",".join("\n" + _line(entry) for entry in entries)


def _line(entry: object) -> str:
    return json.dumps(entry, ensure_ascii=False, allow_nan=False)


def _parse(raw: bytes) -> dict[str, Any]:
    if not raw.strip(b"\0 \r\n\t"):
        raise Wrong("it is empty")
    try:
        text = raw.decode("utf-8-sig")
        _check_depth(text)
        read = json.loads(
            text, object_pairs_hook=_no_twins, parse_constant=_no_constant, parse_int=_int, parse_float=_float
        )
    except UnicodeDecodeError as error:
        raise Wrong("it is not text") from error
    except json.JSONDecodeError as error:
        raise Wrong(f"it is damaged at line {error.lineno}, column {error.colno}") from error
    if not isinstance(read, dict):
        raise Wrong("it does not begin as a project does")
    return read


def _check_depth(text: str) -> None:
    depth = 0
    for mark in re.finditer(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        depth += (mark[0] in "[{") - (mark[0] in "]}")
        if depth > _DEEPEST:
            raise Wrong("its brackets are nested too deep")


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise Wrong("a name stands twice in one place")
    return read


def _no_constant(word: str) -> None:
    raise Wrong(f"the number {word} stands in it")


def _int(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise Wrong("a number in it is too long")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise Wrong("a number in it is too large")  # it would be read as infinite, which no project can be saved with
    return number


def _loaded(read: dict[str, Any], beside: Path) -> Loaded:
    version = typed(read, "format", int, "")
    notes: list[str] = []
    if version > FORMAT:
        notes.append(f"This project was made by a newer version (format {version}); it is opened for reading only.")
    while version < FORMAT:
        if version not in _MIGRATIONS:
            raise Wrong(f"its format {version} is not known")
        read = _MIGRATIONS[version](read)
        version += 1
    sheets = Sheets(lambda entry, where: _node_in(entry, where, beside), notes)
    sheets.read(typed(read, "sheets", dict, ""))
    training = _training_in(typed(read, "training", dict, ""), beside)
    graph = Graph(sheets.nodes, tuple(sheets.wires), training, sheets.blocks)
    return Loaded(graph, tuple(notes), read_only=version > FORMAT)


def _node_in(entry: object, where: str, beside: Path) -> Node:
    if not isinstance(entry, dict):
        raise Wrong(f"{where[:-1]} is not a node")
    position = typed(entry, "position", list, where)
    numbers = [place for place in position if isinstance(place, int | float) and abs(place) < _FAR]
    if len(position) != 2 or len(numbers) != 2:
        raise Wrong(f"{where}position is not a pair of numbers")
    settings = typed(entry, "settings", dict, where)
    node = Node(
        id=typed(entry, "id", str, where),
        type=typed(entry, "type", str, where),
        name=typed(entry, "name", str, where),
        settings=settings,
        position=(float(numbers[0]), float(numbers[1])),
    )
    return replace(node, settings=_with_paths(node, lambda text: _absolute(text, beside)))


def _training_in(read: Mapping[str, Any], beside: Path) -> Training:
    """The training settings; what is of the wrong kind is refused by name."""
    try:
        training = read_training(read)
        return replace(training, weights_from=training.weights_from and _absolute(training.weights_from, beside))
    except ValueError as error:
        raise Wrong(f"training.{error}") from error


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
    return text if is_sign(text) else os.path.normpath(beside / text)
