"""Blocks: opened for everything that runs, shown as they are drawn, made of selections and dissolved again."""

from __future__ import annotations

import contextlib
from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.analysis import Analysis, analyse
from runtime.compile import compile_graph
from runtime.document import Document
from runtime.graph import Graph, Wire, use_of
from runtime.grouping import CannotGroup, group
from runtime.sheet_view import sheet_view
from runtime.ungrouping import CannotUngroup, ungroup
from tests.builders import blocks, graphs, resnet

RESIDUAL = blocks.residual()
ENDS = ("block_input", "block_output", "argument")


def codes(analysis: Analysis) -> list[str]:
    return sorted(problem.code for problem in analysis.problems)


def facts(analysis: Analysis) -> Counter[object]:
    """What the nodes that run make of it, whatever they are called."""
    kinds = [(known.node.type, known.shape, known.parameters, known.multiply_adds) for known in analysis.facts.values()]
    return Counter(kinds)


def with_block() -> tuple[Document, str, str]:
    """A document with an input, one use of a block of one convolution, and an output; gives the block and the use."""
    document = Document()
    with document.edit("Draw"):
        start = graphs.add(document, ("input", {"shape": (3, 8, 8)}))
        block = document.add_block("Layer")
        entry = graphs.add(document, ("block_input", {"name": "x"}), block)
        graphs.add(document, ("argument", {"name": "filters", "default": "4", "low": 1.0}), block)
        end = graphs.chain(document, entry, [("convolution", {"filters": "=filters"})])
        graphs.wire(document, end, graphs.add(document, ("block_output", {"name": "y"}), block))
        use = graphs.chain(document, start, [use_of(block)])
        graphs.wire(document, use, graphs.add(document, "output"))
    return document, block, use


def set_up(document: Document, use: str, **given: object) -> Analysis:
    with document.edit("Set"):
        document.change(use, **given)  # type: ignore[arg-type]
    return analyse(document.graph())


def test_that_a_use_takes_its_arguments_and_shows_its_sums():
    document, _, use = with_block()
    for filters in (4, 7):
        seen = sheet_view(set_up(document, use, filters=filters)).facts[use]
        assert seen.shape == (filters, 8, 8)
        assert seen.parameters == filters * (3 * 9 + 1)
        assert seen.multiply_adds == filters * 3 * 9 * 64


def test_that_an_argument_of_a_use_is_a_multiple_of_what_its_block_says():
    document, block, use = with_block()
    (argument,) = (one for one in document.graph().on(block).values() if one.type == "argument")
    with document.edit("Say"):
        document.change(argument.id, multiple=4)
    assert not set_up(document, use, filters=8).errors
    (told,) = set_up(document, use, filters=6).errors
    assert (told.node, told.message) == (use, "filters is 6; a multiple of 4 fits, such as 4 or 8.")


def test_that_repeated_copies_follow_each_other_with_weights_of_their_own():
    document, _, use = with_block()
    analysis = set_up(document, use, repeat=3)
    network = compile_graph(analysis)
    assert list(network.state_dict()) == [
        f"layer.{n}.convolution.{part}" for n in range(3) for part in ("weight", "bias")
    ]
    assert analysis.parameters == 4 * 28 + 2 * 4 * 37
    out = network({"input-1": torch.zeros(2, 3, 8, 8)})
    assert out.at(f"{use}#3/convolution-1").shape == (2, 4, 8, 8)


def test_that_a_use_repeated_no_times_passes_its_input_on():
    document, _, use = with_block()
    analysis = set_up(document, use, repeat=0)
    assert analysis.errors == ()
    assert analysis.parameters == 0
    assert sheet_view(analysis).facts[use].shape == (3, 8, 8)


def test_that_shared_weights_are_one_set_that_learns_from_every_use():
    graph = blocks.siamese()
    analysis = graphs.sound(graph)
    network = compile_graph(analysis)
    assert analysis.parameters == sum(weight.numel() for weight in network.parameters()) == 40 + 10
    image = torch.randn(2, 1, 16, 16)
    out = network({"image_folder-1": image})
    out.at("dense-1").sum().backward()
    first = network.module_of("block-1-1/convolution-1")
    assert first is network.module_of("block-1-2/convolution-1")
    assert first.weight.grad is not None
    trained = analysis.trained["adam-1"]
    assert "block-1-1/convolution-1" in trained
    assert "block-1-2/convolution-1" not in trained


def test_that_shared_weights_of_another_size_are_a_problem():
    document = Document(blocks.siamese())
    with document.edit("Widen"):
        convolution = graphs.add(document, ("convolution", {"filters": 2}))
        wire = next(wire for wire in document.wires if wire.target == "block-1-2")
        document.disconnect(wire)
        document.connect(Wire(wire.source, wire.output, convolution, "image"))
        document.connect(Wire(convolution, "out", wire.target, wire.input))
    assert codes(analyse(document.graph())) == ["shares"]


def test_that_a_problem_inside_is_told_at_its_place_and_shown_at_the_use():
    document, block, use = with_block()
    analysis = set_up(document, use, repeat=2, filters=4)
    with document.edit("Break"):
        document.change("convolution-1", kernel="=2*widht")
    analysis = analyse(document.graph())
    (problem,) = analysis.errors
    assert (problem.node, problem.field, problem.code) == (f"{use}/convolution-1", "kernel", "expression")
    assert analysis.title(problem.node) == "Layer (1) / Convolution"
    assert "no argument “widht”" in problem.message
    (shown,) = sheet_view(analysis).errors
    assert (shown.node, shown.code) == (use, "inside")
    (near,) = sheet_view(analysis, block, use).errors
    assert near.node == "convolution-1"


@pytest.mark.parametrize(("port", "code"), [("x", "empty_port"), ("y", "empty_port")])
def test_that_an_end_without_a_wire_is_told_once(port: str, code: str):
    document, block, use = with_block()
    ends = {node.name: node.id for node in document.on(block).values()}
    target = (use, ends["x"]) if port == "x" else (ends["y"], "in")
    with document.edit("Cut"):
        document.disconnect(next(wire for wire in document.wires if (wire.target, wire.input) == target))
    (problem,) = analyse(document.graph()).errors
    assert problem.code == code
    assert f"“{'x' if port == 'x' else 'in'}”" in problem.message


def test_that_a_block_within_itself_is_refused():
    document, block, _ = with_block()
    with document.edit("Recurse"):
        document.add(use_of(block), sheet=block)
    assert "recursion" in codes(analyse(document.graph()))


def test_that_too_many_copies_are_refused_before_they_are_made():
    document, _, use = with_block()
    assert codes(set_up(document, use, repeat=10**9)) == ["too_large"]


def test_that_removing_an_end_takes_the_wires_of_every_use_along():
    document, block, use = with_block()
    end = next(node.id for node in document.on(block).values() if node.name == "x")
    before = document.graph()
    with document.edit("Remove"):
        document.remove(end)
    assert all(use not in (wire.source, wire.target) or wire.source == use for wire in document.wires)
    document.undo()
    assert document.graph() == before


def test_that_remarks_change_nothing():
    document, _, _ = with_block()
    before = analyse(document.graph())
    with document.edit("Note"):
        document.add("comment", settings={"text": "why"})
        document.add("frame", settings={"size": [400, 300]})
    after = analyse(document.graph())
    assert facts(after) == facts(before)
    assert after.problems == before.problems


def grouped_or_refused(document: Document, chosen: set[str]) -> str:
    """The new use; "" when the selection makes no block."""
    with contextlib.suppress(CannotGroup), document.edit("Group"):
        return group(document, chosen, "New block")
    return ""


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_that_grouping_and_dissolving_change_nothing_that_runs(data: st.DataObject):
    graph: Graph = data.draw(st.sampled_from([RESIDUAL, blocks.siamese(), graphs.classifier(), graphs.segmenter()]))
    document = Document(graph)
    sheet = data.draw(st.sampled_from(["", *graph.blocks]))
    chosen = data.draw(st.sets(st.sampled_from(sorted(graph.on(sheet))), min_size=1))
    before = analyse(graph)
    use = grouped_or_refused(document, chosen)
    if not use:
        assert document.graph() == graph
        return
    grouped = analyse(document.graph())
    assert facts(grouped) == facts(before)
    assert codes(grouped) == codes(before)
    with document.edit("Dissolve"):
        made = ungroup(document, use)
    assert len(made) == len([name for name in chosen if graph.nodes[name].type not in ENDS])
    assert facts(analyse(document.graph())) == facts(before)
    document.undo()
    document.undo()
    assert document.graph() == graph
    assert document.wires == graph.wires


def test_that_what_lies_between_must_be_grouped_too():
    document = Document(graphs.classifier())
    ends = ["convolution-1", "relu-1"]  # Batch normalisation lies between
    with pytest.raises(CannotGroup, match="Batch normalization"), document.edit("Group"):
        group(document, ends, "Block")


def test_that_arguments_that_a_selection_uses_become_arguments_of_its_block():
    document, block, _ = with_block()
    with document.edit("Group"):
        use = group(document, ["convolution-1"], "Inner")
    assert document.nodes[use].settings == {"filters": "=filters"}
    assert document.nodes[use].sheet == block
    assert analyse(document.graph()).errors == ()


def test_that_dissolving_puts_values_in_the_place_of_arguments():
    document, _, use = with_block()
    set_up(document, use, filters=9, repeat=2)
    with document.edit("Dissolve"):
        made = ungroup(document, use)
    assert [document.nodes[node_id].settings["filters"] for node_id in made] == [9, 9]
    assert document.blocks == {}
    with pytest.raises(CannotUngroup, match="is no block"), document.edit("Dissolve"):
        ungroup(document, made[0])


def test_that_a_resnet_50_of_blocks_has_as_many_parameters_as_the_published_one():
    graph = resnet.resnet50()
    analysis = graphs.sound(graph)
    assert analysis.parameters == resnet.PARAMETERS
    assert len(graph.on("")) == 12
    seen = sheet_view(analysis)
    shapes = [seen.facts[node.id].shape for node in graph.on("").values() if node.name.startswith("Stage")]
    assert shapes == [(256, 56, 56), (512, 28, 28), (1024, 14, 14), (2048, 7, 7)]


def test_that_a_resnet_50_without_its_blocks_is_the_same_network():
    graph = resnet.resnet50()
    flat = resnet.dissolved(graph)
    assert flat.blocks == {}
    assert facts(analyse(flat)) == facts(analyse(graph))


def test_that_remarks_alone_make_no_block():
    document, _, _ = with_block()
    with document.edit("Note"):
        note = document.add("comment")
    with pytest.raises(CannotGroup, match="Select the nodes"), document.edit("Group"):
        group(document, [note], "Block")
