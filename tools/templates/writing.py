"""From a plan to its files: the drawing, laid out as Ctrl+L does, and what is told of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import nodes  # noqa: F401 - registers the node types
import resources
from designer.canvas.layout import lay_out
from designer.canvas.measures import GRID
from runtime.document import Document
from runtime.files import dumps, load_graph
from runtime.graph import MAIN, Graph, Json
from runtime.idea import SHEET

from .board import Board, Plan
from .catalogue import PLANS
from .note_place import beside_top
from .pictures import picture_of
from .primers import PRIMERS

_TOLD = ("title", "task", "purpose", "says", "tags", "idea", "picture", "primer", "paper", "link", "next")
_DRAWN_BY_HAND = ("gan", "dcgan")
_NOTE = 384.0  # how wide a note is
_SIGNS, _LINE, _AROUND = 49, 16, 24  # signs in a line of a note, pixels of a line, and around the text
_PICTURE = (_NOTE - 20) * SHEET[1] / SHEET[0] + 8  # how high the picture above it is, with the gap below
_FOLDER = resources.path("templates")


def drawn(plan: Plan) -> Graph:
    """The drawing of a template; every sheet is laid out."""
    document = Document()
    with document.edit("Draw"):
        plan.draw(Board(document))
        for sheet in (MAIN, *document.blocks):
            for node_id, place in lay_out(document.on(sheet), document.wires, document.find).items():
                document.change(node_id, position=place)
        _explain(document, plan.name, asdict(plan))
    return document.graph()


def _explain(document: Document, name: str, told: Mapping[str, Any]) -> None:
    """A note beside the top of the network: the project keeps its explanation, wherever it goes."""
    steps = "\n".join(["Try next", *(f"– {step}" for step in told["next"])])
    primer = f"What a primer says\n{PRIMERS[name]}"
    text = "\n\n".join([told["idea"], primer, steps, f"Paper\n{told['paper']} {told['link']}"])
    lines = sum(math.ceil(len(line) / _SIGNS) or 1 for line in text.split("\n"))
    size = (_NOTE, math.ceil((lines * _LINE + _AROUND + _PICTURE) / GRID) * GRID)
    place = beside_top(document, _NOTE, size[1])
    settings: dict[str, Json] = {"text": text, "size": [*size], "picture": name}
    document.add("comment", f"About {told['title']}", place, settings)


def _given(name: str) -> Graph:
    """A template whose drawing is kept in its file, with its explanation anew."""
    document = Document(load_graph(_FOLDER / f"{name}.netloom").graph)
    with document.edit("Explain"):
        for node_id in [node.id for node in document.on(MAIN).values() if node.settings.get("picture")]:
            document.remove(node_id)
        _explain(document, name, json.loads(_found(f"{name}.json")))
    return document.graph()


def files() -> Iterator[tuple[str, str]]:
    """The name and the text of each file, as they ought to be."""
    for plan in PLANS:
        yield f"{plan.name}.netloom", dumps(drawn(plan), _FOLDER)
        yield f"{plan.name}.json", _told(plan.name, {name: getattr(plan, name, "") for name in _TOLD})
    for name in _DRAWN_BY_HAND:
        yield f"{name}.netloom", dumps(_given(name), _FOLDER)
        yield f"{name}.json", _told(name, json.loads(_found(f"{name}.json")))


def _told(name: str, told: dict[str, Json]) -> str:
    """What is told of a template, with its picture and what a primer says of it."""
    whole = {**told, "picture": [*picture_of(name)], "primer": PRIMERS[name]}
    return json.dumps({field: whole[field] for field in _TOLD}, ensure_ascii=False, indent=1) + "\n"


def write_all() -> None:
    """Write every file."""
    for name, text in files():
        (_FOLDER / name).write_text(text, encoding="utf-8", newline="\n")


def stale() -> list[str]:
    """The names of files that are missing, or not as they ought to be."""
    return [name for name, text in files() if _found(name) != text]


def _found(name: str) -> str:
    path = _FOLDER / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
