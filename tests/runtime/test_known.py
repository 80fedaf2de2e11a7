"""An analysis that builds on the one before says the same as a fresh one, whatever was edited."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.analysis import analyse
from runtime.document import Document
from runtime.graph import Wire
from tests.builders import blocks, graphs

STARTS = [graphs.classifier(), graphs.segmenter(), blocks.residual(), blocks.siamese()]
TYPES = ["relu", "convolution", "dense", "flatten", "add", "max_pooling", "softmax", "resize"]


def edit(document: Document, data: st.DataObject) -> None:
    nodes = sorted(document.nodes)
    node_id = data.draw(st.sampled_from(nodes))
    match data.draw(st.sampled_from(["set", "rename", "retype", "cut", "wire", "remove", "undo"])):
        case "set":
            name = data.draw(st.sampled_from(["filters", "kernel", "units", "size", "repeat", "weights", "low"]))
            document.change(
                node_id, **{name: data.draw(st.sampled_from([0, 1, 2, 5, "shared", "=width", "no number"]))}
            )
        case "rename":
            document.change(node_id, name=data.draw(st.sampled_from(["A", "B", "width", "channels"])))
        case "retype":
            document.retype(node_id, data.draw(st.sampled_from(TYPES)), "Other", {})
        case "cut" if document.wires:
            document.disconnect(data.draw(st.sampled_from(document.wires)))
        case "wire" if document.wires:
            wire = data.draw(st.sampled_from(document.wires))
            beside = sorted(document.on(document.nodes[wire.target].sheet))
            document.connect(Wire(wire.source, wire.output, data.draw(st.sampled_from(beside)), wire.input))
        case "remove":
            document.remove(node_id)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_that_an_analysis_after_an_edit_equals_a_fresh_one(data: st.DataObject):
    document = Document(data.draw(st.sampled_from(STARTS)))
    before = analyse(document.graph())
    for _ in range(data.draw(st.integers(1, 6))):
        if not document.nodes:
            return
        with document.edit("Edit"):
            edit(document, data)
        before = analyse(document.graph(), before)
        fresh = analyse(document.graph())
        assert before == fresh
        assert list(before.facts) == list(fresh.facts)
