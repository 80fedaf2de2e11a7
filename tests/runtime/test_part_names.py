"""Optimizers follow the frames and blocks that they name when these are renamed."""

from __future__ import annotations

from runtime.analysis import analyse
from runtime.document import Document
from runtime.fixes import fixes_for
from runtime.framed import nodes_in
from runtime.optimized import nodes_of_part, optimizer_problems
from runtime.part_names import parts_followed
from runtime.ungrouping import ungroup
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


def trained(document: Document) -> dict[str, set[str]]:
    """The names of the layers that each optimizer trains."""
    analysis = analyse(document.graph())
    return {
        analysis.title(optimizer): {analysis.graph.nodes[node].name for node in nodes}
        for optimizer, nodes in analysis.trained.items()
    }


def frames(document: Document, name: str) -> list[set[str]]:
    return [
        {document.nodes[one].name for one in nodes_in(document.nodes, node)}
        for node in document.nodes.values()
        if node.type == "frame" and node.name == name
    ]


def dissolve(document: Document, *names: str) -> None:
    with document.edit("Ungroup"):
        for name in names:
            ungroup(document, next(node.id for node in document.nodes.values() if node.name == name))


def test_that_the_nodes_of_a_dissolved_block_stay_the_part_that_its_optimizer_trains() -> None:
    document = Document(players())
    before = trained(document)
    with document.edit("Make room"):
        for name, x in (("Real", 600.0), ("Made", 1200.0)):
            document.change(next(n.id for n in document.nodes.values() if n.name == name), position=(x, 0.0))
    dissolve(document, "Real", "Made")
    assert not document.blocks
    assert parts(document)["Judge's"] == "Judge"
    assert [len(inside) for inside in frames(document, "Judge")] == [3, 3]
    assert trained(document)["Maker's"] == before["Maker's"]
    assert trained(document)["Judge's"] == {"Look", "Score", "Look 2", "Score 2"}
    document.undo()
    assert trained(document) == before
    assert not frames(document, "Judge")


def test_that_no_other_node_comes_into_the_part_of_a_dissolved_block() -> None:
    document = Document(players())
    before = set(document.nodes)
    dissolve(document, "Real")
    inside = set().union(*frames(document, "Judge"))
    made = [node for node in document.nodes.values() if node.id not in before and node.type != "frame"]
    assert inside == {node.name for node in made} != set()


def test_that_a_layer_moved_out_of_every_part_is_told_of_and_can_be_mended() -> None:
    document = Document(players())
    assert not list(optimizer_problems(analyse(document.graph())))
    with document.edit("Put beside it"):
        ready = next(node.id for node in document.nodes.values() if node.type == "normalise")
        made = next(node.id for node in document.nodes.values() if node.name == "Make")
        new = document.add("convolution", "Alone", (900.0, 900.0), {"filters": 1})
        wires = [wire for wire in document.wires if wire.target == made]
        for wire in wires:
            document.disconnect(wire)
        document.connect(type(wires[0])(ready, "out", new, "image"))
        document.connect(type(wires[0])(new, "out", made, wires[0].input))
    assert nodes_of_part(document.graph(), "Maker", {}) == {made}
    analysis = analyse(document.graph())
    (problem,) = optimizer_problems(analysis)
    assert "No optimizer trains “Alone”" in problem.message
    assert problem.severity == "warning"
    assert [fix.label for fix in fixes_for(problem, analysis)] == ["Leave “Alone” as it is"]
