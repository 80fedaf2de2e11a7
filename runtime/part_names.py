"""Optimizers go by the names of frames and blocks: they follow when one gets another name, and when one dissolves."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from nodes.remarks import Frame
from nodes.roles import Optimizer
from runtime.changes import NodeChanged
from runtime.document import Document
from runtime.framed import around, is_frame, is_remark, nodes_in
from runtime.graph import Node


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


def is_named(document: Document, part: str) -> bool:
    """Whether an optimizer names this part."""
    return bool(_naming(document, part))


def frame_part(document: Document, part: str, nodes: Collection[str]) -> None:
    """Put a frame of this name around nodes of one sheet that are a part no longer; inside an open edit.

    Where other nodes would lie in it as well, each node gets a frame of its own: all of the name are the part.
    """
    own = [document.nodes[node_id] for node_id in nodes if not is_remark(document.nodes[node_id])]
    if not own:
        return
    frame = _framed(document, part, own)
    if nodes_in(document.nodes, document.nodes[frame]) != {node.id for node in own}:
        document.remove(frame)
        for node in own:
            _framed(document, part, [node])


def _framed(document: Document, part: str, nodes: Sequence[Node]) -> str:
    corner, size = around(nodes)
    frame = document.add(Frame.id, part, corner, {"size": [*size]}, nodes[0].sheet)
    document.change(frame, name=part)  # also where another node has the name: several frames may be one part
    return frame


def _names(document: Document) -> Mapping[str, str]:
    frames = {f"frame {node.id}": node.name for node in document.nodes.values() if is_frame(node)}
    return {**frames, **{f"block {block.id}": block.name for block in document.blocks.values()}}


def _followers(document: Document, old: str, names: Mapping[str, str], merge: str | None) -> list[str]:
    naming = _naming(document, old)
    if list(names.values()).count(old) == 1:
        return naming
    followed = _followed(document, merge)
    return [node_id for node_id in naming if node_id in followed]


def _naming(document: Document, part: str) -> list[str]:
    """The optimizers that name a part."""
    return [
        node.id for node in document.nodes.values()
        if node.settings.get("part") == part and issubclass(document.find(node.type) or object, Optimizer)
    ]  # fmt: skip


def _followed(document: Document, merge: str | None) -> set[str]:
    """The nodes whose part was changed in the step that is being gone on with."""
    step = document.joined(merge)
    changes = step.changes if step is not None else ()
    return {
        change.new.id for change in changes
        if isinstance(change, NodeChanged) and change.old.settings.get("part") != change.new.settings.get("part")
    }  # fmt: skip
