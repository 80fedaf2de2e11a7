"""From a plan to its files: the drawing, laid out as Ctrl+L does, and what is told of it."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import nodes  # noqa: F401 - registers the node types
import resources
from designer.canvas.layout import lay_out
from designer.canvas.measures import GRID
from runtime.document import Document
from runtime.files import dumps
from runtime.graph import MAIN, Graph

from .board import Board, Plan
from .catalogue import PLANS

_TOLD = ("title", "task", "purpose", "says", "tags", "idea", "paper", "link", "next")
_NOTE, _BESIDE = 320.0, 64.0  # how wide a note is, and how far from the network
_SIGNS, _LINE, _AROUND = 41, 16, 24  # signs in a line of a note, pixels of a line, and around the text
_FOLDER = resources.path("templates")


def drawn(plan: Plan) -> Graph:
    """The drawing of a template; every sheet is laid out."""
    document = Document()
    with document.edit("Draw"):
        plan.draw(Board(document))
        for sheet in (MAIN, *document.blocks):
            for node_id, place in lay_out(document.on(sheet), document.wires, document.find).items():
                document.change(node_id, position=place)
        _explain(document, plan)
    return document.graph()


def _explain(document: Document, plan: Plan) -> None:
    """A note beside the top of the network: the project keeps its explanation, wherever it goes."""
    text = "\n\n".join([plan.idea, f"{plan.paper} {plan.link}", "\n".join(f"– {step}" for step in plan.next)])
    lines = sum(math.ceil(len(line) / _SIGNS) or 1 for line in text.split("\n"))
    size = (_NOTE, math.ceil((lines * _LINE + _AROUND) / GRID) * GRID)
    beside = [node.position[0] for node in document.on(MAIN).values() if node.position[1] < size[1]]
    place = min(beside) - _NOTE - _BESIDE, 0.0
    document.add("comment", f"About {plan.title}", place, {"text": text, "size": [*size]})


def files() -> Iterator[tuple[str, str]]:
    """The name and the text of each file, as they ought to be."""
    for plan in PLANS:
        yield f"{plan.name}.netloom", dumps(drawn(plan), _FOLDER)
        told = {name: getattr(plan, name) for name in _TOLD}
        yield f"{plan.name}.json", json.dumps(told, ensure_ascii=False, indent=1) + "\n"


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
