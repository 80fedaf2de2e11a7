"""Giving a node another name, with all that goes by it: a block's arguments are called by name in expressions."""

from __future__ import annotations

import re
from itertools import count

from PySide6.QtCore import QCoreApplication

from nodes.blocks import Argument, is_argument_name
from runtime.document import Document
from runtime.expressions import MARK, is_expression, names_in, with_names
from runtime.graph import block_of
from runtime.part_names import parts_followed


def rename(document: Document, node_id: str, name: str, merge: str | None = None) -> str:
    """Give a node another name, as one step of undo; gives the reason when that cannot be, "" when it was done.

    The only use of a block that bears the block's name renames it too; an argument is renamed wherever it is used, and
    optimizers follow the part that they name.
    """
    node = document.nodes[node_id]
    if name == node.name:
        return ""
    reason = why_not(document, node_id, name)
    if reason:
        return reason
    block = document.blocks.get(block_of(node.type))
    text = QCoreApplication.translate("Canvas", "Rename {0} to {1}").format(node.name, name)
    with document.edit(text, merge=merge), parts_followed(document, merge):
        if node.type == Argument.id:
            _rename_argument(document, node.sheet, node.name, name)
        if block is not None and block.name == node.name and document.uses_of(block.id) == (node_id,):
            document.change_block(block.id, name=name)
        document.change(node_id, name=name)
    return ""


def why_not(document: Document, node_id: str, name: str) -> str:
    """Why a node cannot be called so, in words; "" when it can."""
    tr, node = QCoreApplication.translate, document.nodes[node_id]
    if not name:
        return tr("Canvas", "A node needs a name; the one before is kept.")
    if any(other.name == name and other.id != node_id for other in document.on(node.sheet).values()):
        return tr("Canvas", "Another node is called “{0}”; the name before is kept.").format(name)
    if node.type == Argument.id and not is_argument_name(name):
        text = tr("Canvas", "“{0}” cannot be used in an expression; letters, digits and _ fit, such as channels.")
        return text.format(name)
    return ""


def first_name(document: Document, type_id: str, sheet: str) -> str:
    """The name that a new node of the type begins with."""
    kind = document.find(type_id)
    if type_id == Argument.id:
        return argument_name(document, "argument", sheet)
    return kind.title if kind is not None else type_id


def argument_name(document: Document, wanted: str, sheet: str) -> str:
    """The name of an argument, with a number when another has it; expressions can use it."""
    taken = {node.name for node in document.on(sheet).values()}
    if wanted not in taken:
        return wanted
    stem = re.sub(r"_\d+$", "", wanted)
    return next(name for number in count(2) if (name := f"{stem}_{number}") not in taken)


def _rename_argument(document: Document, sheet: str, old: str, new: str) -> None:
    """Call an argument by its new name: in expressions on its sheet, and where its block is used."""
    for node in tuple(document.on(sheet).values()):
        for setting, raw in node.settings.items():
            if isinstance(raw, str) and is_expression(raw) and old in names_in(raw):
                document.change(node.id, **{setting: with_names(raw, {old: f"{MARK}{new}"})})  # type: ignore[arg-type]
    for use in document.uses_of(sheet):
        settings = dict(document.nodes[use].settings)
        if old in settings:
            node = document.nodes[use]
            kept = {new if key == old else key: value for key, value in settings.items()}
            document.retype(use, node.type, node.name, kept)


def rename_block(document: Document, block_id: str, name: str, merge: str | None = None) -> None:
    """Give a block another name, as one step of undo; uses that bear its name, and optimizers that train it, follow."""
    block = document.blocks[block_id]
    if not name or name == block.name:
        return
    text = QCoreApplication.translate("Canvas", "Rename {0} to {1}").format(block.name, name)
    with document.edit(text, merge=merge), parts_followed(document, merge):
        document.change_block(block_id, name=name)
        for use in document.uses_of(block_id):
            node = document.nodes[use]
            if node.name == block.name:
                document.change(use, name=document.unique_name(document.blocks[block_id].name, node.sheet))
