"""Optimizers go by the names of frames and blocks: when one of these gets another name, they follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from nodes.roles import Optimizer
from runtime.changes import NodeChanged
from runtime.document import Document
from runtime.framed import is_frame


@contextmanager
def parts_followed(document: Document, merge: str | None = None) -> Iterator[None]:
    """Inside an open edit: optimizers that name a frame or block follow when it is renamed here.

    They do not where another frame or block has the old name too, for that is named still. `merge` is that of the edit:
    what followed in the step that it joins goes on following, also while a name that is being typed is one that
    another part has.
    """
    before = _names(document)
    yield
    for key, name in _names(document).items():
        old = before.get(key, name)
        if old != name:
            for node_id in _followers(document, old, before, merge):
                document.change(node_id, part=name)


def _names(document: Document) -> Mapping[str, str]:
    frames = {f"frame {node.id}": node.name for node in document.nodes.values() if is_frame(node)}
    return {**frames, **{f"block {block.id}": block.name for block in document.blocks.values()}}


def _followers(document: Document, old: str, names: Mapping[str, str], merge: str | None) -> list[str]:
    naming = [
        node.id for node in document.nodes.values()
        if node.settings.get("part") == old and issubclass(document.find(node.type) or object, Optimizer)
    ]  # fmt: skip
    if list(names.values()).count(old) == 1:
        return naming
    followed = _followed(document, merge)
    return [node_id for node_id in naming if node_id in followed]


def _followed(document: Document, merge: str | None) -> set[str]:
    """The nodes whose part was changed in the step that is being gone on with."""
    step = document.joined(merge)
    changes = step.changes if step is not None else ()
    return {
        change.new.id for change in changes
        if isinstance(change, NodeChanged) and change.old.settings.get("part") != change.new.settings.get("part")
    }  # fmt: skip
