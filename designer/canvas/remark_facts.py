"""What a remark says of itself: which nodes are remarks, how large they are, their colours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import get_args

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QColor

from designer.canvas.measures import GRID, HEIGHT, WIDTH
from designer.theme import Theme
from nodes.remarks import Colour
from runtime.framed import ABOVE, SIDE, is_frame, is_remark, least, size_of
from runtime.graph import Node

__all__ = [
    "ABOVE", "COLOURS", "SIDE", "TITLE", "all_colours", "box_of", "colour_of", "colour_title", "counted", "fitted",
    "is_frame", "is_remark", "least", "mixed", "paper", "picture_of", "size_of", "text_of",
]  # fmt: skip

TITLE = ABOVE - GRID
"""How high a frame's title is, in scene pixels."""
COLOURS: Mapping[str, str] = {
    "grey": "#8b94a0",
    "blue": "#4f86f7",
    "green": "#4fa86b",
    "yellow": "#d9b32f",
    "orange": "#e08a3c",
    "red": "#d9534f",
    "violet": "#9b6dd6",
}


def text_of(node: Node) -> str:
    """What a comment says."""
    text = node.settings.get("text", "")
    return text if isinstance(text, str) else ""


def picture_of(node: Node) -> str:
    """The template whose picture stands above a comment's text; "" for none."""
    name = node.settings.get("picture", "")
    return name if isinstance(name, str) else ""


def colour_of(node: Node) -> str:
    """The name of the remark's colour."""
    usual = "blue" if is_frame(node) else "yellow"
    colour = node.settings.get("colour", usual)
    return colour if isinstance(colour, str) and colour in COLOURS else usual


def box_of(node: Node) -> QRectF:
    """What a node covers on its sheet: a bar, or a remark."""
    return QRectF(*node.position, *(size_of(node) if is_remark(node) else (WIDTH, HEIGHT)))


def fitted(boxes: Iterable[QRectF]) -> QRectF:
    """The frame around these boxes."""
    around = QRectF()
    for box in boxes:
        around = around.united(box)
    return around.adjusted(-SIDE, -ABOVE, SIDE, SIDE)


def colour_title(colour: str) -> str:
    """The colour's name as users read it."""
    tr = QCoreApplication.translate
    names = {
        "grey": tr("Canvas", "Grey"), "blue": tr("Canvas", "Blue"), "green": tr("Canvas", "Green"),
        "yellow": tr("Canvas", "Yellow"), "orange": tr("Canvas", "Orange"), "red": tr("Canvas", "Red"),
        "violet": tr("Canvas", "Violet"),
    }  # fmt: skip
    return names[colour]


def all_colours() -> tuple[str, ...]:
    """The names of the colours, as the node types declare them."""
    return get_args(Colour)


def paper(colour: str, theme: Theme) -> QColor:
    """The ground that a note is written on."""
    return mixed(COLOURS[colour], theme.canvas if theme.dark else "#ffffff", 0.24 if theme.dark else 0.22)


def mixed(color: str, ground: str, share: float) -> QColor:
    """A colour on a ground, opaque."""
    over, under = QColor(color), QColor(ground)
    parts = ((over.red(), under.red()), (over.green(), under.green()), (over.blue(), under.blue()))
    return QColor(*(round(share * one + (1 - share) * other) for one, other in parts))


def counted(nodes: Mapping[str, Node], ids: Collection[str]) -> str:
    """How many nodes and how many remarks, in words; only what runs counts as a node."""
    tr = QCoreApplication.translate
    remarks = sum(1 for node_id in ids if node_id in nodes and is_remark(nodes[node_id]))
    bars = len(ids) - remarks
    parts = []
    if bars:
        parts.append(tr("Canvas", "1 node") if bars == 1 else tr("Canvas", "{0} nodes").format(bars))
    if remarks:
        parts.append(tr("Canvas", "1 remark") if remarks == 1 else tr("Canvas", "{0} remarks").format(remarks))
    return tr("Canvas", "{0} and {1}").format(*parts) if len(parts) == 2 else "".join(parts)
