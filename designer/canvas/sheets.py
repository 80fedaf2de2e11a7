"""What may stand on which sheet: the types that are offered there, and why a block cannot be used inside itself."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from nodes.blocks import BlockPort
from nodes.spec import REGISTRY, NodeType
from runtime.document import Document
from runtime.graph import MAIN, block_of, use_of


def types_of_blocks(document: Document) -> list[type[NodeType]]:
    """The types of the nodes that use the document's blocks."""
    found = (document.find(use_of(block_id)) for block_id in document.blocks)
    return [kind for kind in found if kind is not None]


def types_on(document: Document, sheet: str) -> list[type[NodeType]]:
    """The types that can be added to a sheet; the document's own blocks first, also where they cannot be used."""
    own = [kind for kind in REGISTRY.values() if sheet != MAIN or not issubclass(kind, BlockPort)]
    return [*types_of_blocks(document), *own]


def blocks_within(document: Document, block_id: str) -> frozenset[str]:
    """The blocks that stand in a block, also inside others, itself included."""
    found: set[str] = set()
    waiting = [block_id]
    while waiting:
        block = waiting.pop()
        if block not in found:
            found.add(block)
            waiting += {inner for node in document.on(block).values() if (inner := block_of(node.type))}
    return frozenset(found)


def why_not_here(document: Document, sheet: str, type_id: str) -> str:
    """Why a node of a type cannot stand on a sheet, in words; "" when it can."""
    tr, kind, block = QCoreApplication.translate, document.find(type_id), block_of(type_id)
    if sheet == MAIN:
        if kind is not None and issubclass(kind, BlockPort):
            return tr("Canvas", "“{0}” belongs inside a block; open one by a double click first.").format(kind.title)
        return ""
    if not block or sheet not in blocks_within(document, block):
        return ""
    name, here = (document.blocks[one].name if one in document.blocks else one for one in (block, sheet))
    if block == sheet:
        return tr("Canvas", "This is the block “{0}”; a block cannot be used inside itself.").format(here)
    text = tr("Canvas", "“{0}” holds “{1}” itself, so it cannot be used inside “{1}”.")
    return text.format(name, here)
