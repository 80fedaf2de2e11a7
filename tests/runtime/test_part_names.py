"""Optimizers follow the frames and blocks that they name when these are renamed."""

from __future__ import annotations

from runtime.document import Document
from runtime.part_names import parts_followed
from tests.builders.adversarial import players


def named(document: Document, name: str) -> str:
    return next(node.id for node in document.nodes.values() if node.name == name)


def parts(document: Document) -> dict[str, object]:
    return {node.name: node.settings["part"] for node in document.nodes.values() if "part" in node.settings}


def rename_frame(document: Document, old: str, new: str, merge: str | None = None) -> None:
    with document.edit(f"Rename {old}", merge), parts_followed(document, merge):
        document.change(next(n.id for n in document.nodes.values() if n.name == old and n.type == "frame"), name=new)


def test_that_the_optimizer_of_a_renamed_frame_follows_in_the_same_step_of_undo() -> None:
    document = Document(players())
    rename_frame(document, "Maker", "Painter")
    assert parts(document) == {"Judge's": "Judge", "Maker's": "Painter"}
    document.undo()
    assert parts(document) == {"Judge's": "Judge", "Maker's": "Maker"}
    assert named(document, "Maker")
    document.redo()
    assert parts(document)["Maker's"] == "Painter"


def test_that_the_optimizer_of_a_renamed_block_follows() -> None:
    document = Document(players())
    with document.edit("Rename"), parts_followed(document):
        document.change_block(next(iter(document.blocks)), name="Critic")
    assert parts(document) == {"Judge's": "Critic", "Maker's": "Maker"}


def test_that_an_optimizer_stays_with_a_name_that_another_frame_or_block_has_still() -> None:
    document = Document(players())
    with document.edit("Add"):
        document.add("frame", "Judge", position=(2000.0, 0.0))
    rename_frame(document, "Judge", "Other")
    assert parts(document)["Judge's"] == "Judge"


def test_that_typing_over_the_name_of_another_part_mixes_up_nothing() -> None:
    document = Document(players())
    for old, new in (("Maker", "Judg"), ("Judg", "Judge"), ("Judge", "Judge2")):
        rename_frame(document, old, new, merge="typing")
    assert parts(document) == {"Judge's": "Judge", "Maker's": "Judge2"}
    document.undo()
    assert parts(document) == {"Judge's": "Judge", "Maker's": "Maker"}


def test_that_nodes_that_are_no_optimizers_and_those_that_train_all_stay_as_they_are() -> None:
    document = Document(players(maker={"part": ""}))
    before = dict(document.nodes)
    rename_frame(document, "Maker", "Painter")
    changed = [node.type for node in document.nodes.values() if node != before[node.id]]
    assert changed == ["frame"]
