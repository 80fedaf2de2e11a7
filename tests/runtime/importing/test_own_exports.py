"""Nodes that an ONNX export takes apart into many operators come back as themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from runtime.compile import Deployed, Network, compile_graph
from runtime.delivery.contract import contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.document import Document
from runtime.graph import Graph
from tests.builders import graphs
from tests.builders.onnx_models import taken_back

FOUND_AGAIN: tuple[graphs.Layer, ...] = (
    ("upsample", {"mode": "cubic", "size": (20, 24)}), ("convolution", {"filters": 8}), "max_pooling", "max_pooling",
    ("self_attention", {"heads": 2}), ("reshape", {"shape": (8, 30)}),
    ("lstm", {"units": 5, "both": True, "gives": "every step"}), ("gru", {"units": 4, "both": True}),
    ("dense", {"units": 1}), "ordinal_scale",
)  # fmt: skip
"""Nodes that an export takes apart into many operators, or writes with the batch elsewhere."""


def exported(graph: Graph, path: Path) -> Network:
    """Write the network of a graph, untrained, as an ONNX file."""
    torch.manual_seed(0)
    analysis = graphs.sound(graph)
    network, contract = compile_graph(analysis).eval(), contract_of(analysis)
    (source,) = Deployed(network).inputs
    (entry,) = contract.inputs
    export_onnx(network, path, contract, [{source: torch.randn(entry.channels, *entry.size) * 50} for _ in range(2)])
    return network


@pytest.mark.long
def test_that_nodes_which_an_export_takes_apart_come_back_as_themselves_with_their_weights(tmp_path: Path) -> None:
    document = Document()
    with document.edit("Draw"):
        origin = graphs.source(document, classes=("a", "b", "c"), counts=(5, 5, 5))
        last = graphs.chain(document, origin, FOUND_AGAIN)
        graphs.judge(document, last, origin, "class", "cross_entropy")
    path = tmp_path / "model.onnx"
    network = exported(document.graph(), path)
    imported = taken_back(path)
    wanted = {layer if isinstance(layer, str) else layer[0] for layer in FOUND_AGAIN} - {"reshape"}
    assert wanted <= {node.type for node in imported.graph.nodes.values()}
    assert "matrix_product" not in {node.type for node in imported.graph.nodes.values()}
    trained = sum(one.numel() for one in network.parameters())
    assert sum(array.size for array in imported.weights.values()) == trained


@pytest.mark.long
@pytest.mark.parametrize("size", [(20, 21), (40, 21), (9, 16, 12)])
def test_that_patches_and_what_stitches_them_come_back_as_two_nodes(size: tuple[int, ...], tmp_path: Path) -> None:
    document = Document()
    with document.edit("Draw"):
        sides = (40, *(37,) * (len(size) - 1))
        origin = graphs.source(document, size=sides, found_size=sides)
        whole = graphs.chain(document, origin, ["normalise"])
        last = graphs.chain(document, whole, [("patches", {"size": size}), ("convolution", {"filters": 2})])
        stitch = graphs.add(document, "stitch")
        graphs.wire(document, last, stitch, input="pieces")
        graphs.wire(document, whole, stitch, input="image")
        graphs.chain(document, stitch, ["output"])
    exported(document.graph(), tmp_path / "model.onnx")
    imported = taken_back(tmp_path / "model.onnx")
    nodes = {node.type: node for node in imported.graph.nodes.values()}
    assert nodes["patches"].settings["size"] == list(size)
    assert "stitch" in nodes
    assert any("foreground" in left.what for left in imported.left)
