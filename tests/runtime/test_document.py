"""The document: edits, undo and redo."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from runtime.changes import NodeAdded, NodeChanged, NodeRemoved, Step, WireAdded, WireRemoved
from runtime.document import Document, EditOutsideTransaction
from runtime.graph import Graph, Node, Training, Wire


def test_that_an_edit_outside_a_transaction_is_refused() -> None:
    with pytest.raises(EditOutsideTransaction):
        Document().add("relu")


def test_that_a_raise_inside_an_edit_takes_all_of_it_back() -> None:
    document = Document()
    with document.edit("Add"):
        kept = document.add("relu")
    before = document.graph()

    def fail_half_way() -> None:
        with document.edit("Fails"):
            document.add("dense")
            document.remove(kept)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail_half_way()
    assert document.graph() == before
    assert document.undo_label == "Add"


def test_that_removing_a_node_removes_its_wires_and_undo_brings_both_back_in_the_same_order() -> None:
    document = Document()
    with document.edit("Build"):
        first, second, third = (document.add("relu") for _ in range(3))
        document.connect(Wire(first, "out", third, "image"))
        document.connect(Wire(second, "out", third, "image"))
    before = document.graph()
    with document.edit("Remove"):
        document.remove(first)
    assert first not in document.nodes
    assert document.wires == (Wire(second, "out", third, "image"),)
    document.undo()
    assert list(document.nodes) == list(before.nodes)
    assert document.wires == before.wires


def test_that_typing_is_one_step_until_it_is_sealed() -> None:
    document = Document()
    with document.edit("Add"):
        node = document.add("dense")
    for value in (1, 12, 120):
        with document.edit("Change features", merge="features"):
            document.change(node, features=value)
    document.seal()
    with document.edit("Change features", merge="features"):
        document.change(node, features=7)
    document.undo()
    assert document.nodes[node].settings == {"features": 120}
    document.undo()
    assert document.nodes[node].settings == {}


def test_that_an_edit_that_changes_nothing_is_no_step() -> None:
    document = Document()
    with document.edit("Add"):
        node = document.add("dense")
    with document.edit("Nothing"):
        document.change(node, name=document.nodes[node].name)
        document.train_with(Training())
    assert document.undo_label == "Add"


def test_that_a_recorded_step_that_does_not_fit_is_refused_and_changes_nothing() -> None:
    document = Document()
    with document.edit("Add"):
        document.add("relu")
    before = document.graph()
    held, gone = before.nodes["relu-1"], Node("dense-1", "dense", "Dense")
    kept = NodeAdded(Node("relu-2", "relu", "ReLU 2"), 1)
    for change in (
        NodeAdded(held, 0),
        NodeRemoved(gone, 0),
        NodeChanged(gone, replace(gone, name="Other")),
        WireAdded(Wire("relu-1", "out", "dense-1", "image"), 0),
        WireRemoved(Wire("relu-1", "out", "relu-2", "image"), 0),
    ):
        with pytest.raises(KeyError):
            document.repeat(Step("Add", (kept, change)))
        assert document.graph() == before


def test_that_names_are_made_unique() -> None:
    document = Document()
    with document.edit("Add"):
        names = [document.nodes[document.add("relu", "ReLU")].name for _ in range(3)]
    assert names == ["ReLU", "ReLU 2", "ReLU 3"]


def test_that_observers_hear_every_change_until_they_end_it() -> None:
    document = Document()
    heard: list[object] = []
    end = document.observe(heard.append)
    with document.edit("Add"):
        document.add("relu")
    document.undo()
    end()
    document.redo()
    assert len(heard) == 2


class Editing(RuleBasedStateMachine):
    """Random edits, undo and redo against the plain list of states they must lead to."""

    nodes = Bundle("nodes")

    def __init__(self) -> None:
        super().__init__()
        self.document = Document()
        self.history: list[Graph] = [self.document.graph()]
        self.at = 0

    def _did(self) -> None:
        now = self.document.graph()
        if now != self.history[self.at]:
            self.history = [*self.history[: self.at + 1], now]
            self.at += 1

    @rule(target=nodes, kind=st.sampled_from(["relu", "dense"]))
    def add(self, kind: str) -> str:
        with self.document.edit("Add"):
            node = self.document.add(kind)
        self._did()
        return node

    @rule(node=consumes(nodes))
    def remove(self, node: str) -> None:
        if node in self.document.nodes:
            with self.document.edit("Remove"):
                self.document.remove(node)
            self._did()

    @rule(one=nodes, other=nodes)
    def connect(self, one: str, other: str) -> None:
        if one in self.document.nodes and other in self.document.nodes:
            with self.document.edit("Connect"):
                self.document.connect(Wire(one, "out", other, "image"))
            self._did()

    @rule(node=nodes, value=st.integers(0, 3))
    def change(self, node: str, value: int) -> None:
        if node in self.document.nodes:
            with self.document.edit("Change"):
                self.document.change(node, position=(float(value), 0.0), value=value)
            self._did()

    @rule()
    def undo(self) -> None:
        self.document.undo()
        self.at = max(0, self.at - 1)

    @rule()
    def redo(self) -> None:
        self.document.redo()
        self.at = min(len(self.history) - 1, self.at + 1)

    @invariant()
    def the_state_is_the_expected_one(self) -> None:
        expected = self.history[self.at]
        assert self.document.graph() == expected
        assert list(self.document.nodes) == list(expected.nodes)


TestEditing = Editing.TestCase
TestEditing.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
