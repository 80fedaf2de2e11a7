"""The reversible records of an edit: what undo, redo, the canvas and the tests all read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from runtime.graph import Block, Node, Training, Wire


@dataclass(frozen=True, slots=True)
class NodeAdded:
    node: Node
    at: int  # place in the order of creation, so that undo brings the same order back

    def inverse(self) -> NodeRemoved:
        return NodeRemoved(self.node, self.at)


@dataclass(frozen=True, slots=True)
class NodeRemoved:
    node: Node
    at: int

    def inverse(self) -> NodeAdded:
        return NodeAdded(self.node, self.at)


@dataclass(frozen=True, slots=True)
class NodeChanged:
    old: Node
    new: Node

    def inverse(self) -> NodeChanged:
        return NodeChanged(self.new, self.old)


@dataclass(frozen=True, slots=True)
class WireAdded:
    wire: Wire
    at: int  # the order of wires is the order of a merge's inputs

    def inverse(self) -> WireRemoved:
        return WireRemoved(self.wire, self.at)


@dataclass(frozen=True, slots=True)
class WireRemoved:
    wire: Wire
    at: int

    def inverse(self) -> WireAdded:
        return WireAdded(self.wire, self.at)


@dataclass(frozen=True, slots=True)
class BlockAdded:
    block: Block
    at: int

    def inverse(self) -> BlockRemoved:
        return BlockRemoved(self.block, self.at)


@dataclass(frozen=True, slots=True)
class BlockRemoved:
    block: Block
    at: int

    def inverse(self) -> BlockAdded:
        return BlockAdded(self.block, self.at)


@dataclass(frozen=True, slots=True)
class BlockChanged:
    old: Block
    new: Block

    def inverse(self) -> BlockChanged:
        return BlockChanged(self.new, self.old)


@dataclass(frozen=True, slots=True)
class TrainingChanged:
    old: Training
    new: Training

    def inverse(self) -> TrainingChanged:
        return TrainingChanged(self.new, self.old)


Done = Literal["do", "merge", "undo", "redo"]
Change = (
    NodeAdded
    | NodeRemoved
    | NodeChanged
    | WireAdded
    | WireRemoved
    | BlockAdded
    | BlockRemoved
    | BlockChanged
    | TrainingChanged
)


@dataclass(frozen=True, slots=True)
class Step:
    """What one undo takes back: the changes of one edit, with the words for the menu."""

    label: str
    changes: tuple[Change, ...]
    merge: str | None = None

    def inverse(self) -> Step:
        """The step that takes this one back."""
        return Step(self.label, tuple(change.inverse() for change in reversed(self.changes)))
