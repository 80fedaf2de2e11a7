"""Every node type that computes: through compile, exported source and checked ONNX, from its own example."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import nodes  # noqa: F401 - fills the registry
from nodes.roles import Output, Source
from nodes.spec import REGISTRY, Kind
from runtime.compile import Deployed, compile_graph
from runtime.delivery.contract import contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.document import Document
from runtime.graph import Graph
from runtime.source import python_source
from tests.builders import graphs
from tests.runtime.test_source import alone

COMPUTING = sorted(
    kind.id
    for kind in REGISTRY.values()
    if hasattr(kind, "call") and kind.outputs and kind.outputs[0].kind is Kind.TENSOR
    if not issubclass(kind, Source | Output) and not (kind.cuts or kind.joins)
    if all(port.kind is Kind.TENSOR for port in kind.inputs)
)


def graph_of(kind: str) -> Graph:
    """Plain inputs of the example's shapes -> the node -> an output."""
    document = Document()
    found = REGISTRY[kind]
    with document.edit("Draw"):
        node = graphs.add(document, (kind, {"name": "Tested"}))
        for port in found.inputs:
            at = found.inputs.index(port)
            for shape in [found.example[at]] * (2 if port.many else 1):
                start = graphs.add(document, ("input", {"shape": shape}))
                graphs.wire(document, start, node, input=port.name)
        graphs.wire(document, node, graphs.add(document, "output"))
    return document.graph()


@pytest.mark.long
def test_that_every_node_that_computes_leaves_as_a_checked_onnx_file(tmp_path: Path):
    failed = {}
    for kind in COMPUTING:
        network = compile_graph(graphs.sound(graph_of(kind)))
        try:
            export_onnx(network, tmp_path / f"{kind}.onnx", contract_of(network.analysis), [])
        except Exception as error:  # noqa: BLE001 - all kinds are tried, then all failures told
            failed[kind] = str(error)
    assert failed == {}


@pytest.mark.long
def test_that_every_node_that_computes_leaves_as_source_with_identical_numbers(tmp_path: Path):
    wanted = {}
    for kind in COMPUTING:
        network = compile_graph(graphs.sound(graph_of(kind)))
        (tmp_path / f"model_{kind}.py").write_text(python_source(network.analysis), "utf-8")
        weights = {name: value.contiguous() for name, value in network.state_dict().items()}
        save_file(weights, tmp_path / f"{kind}.weights")
        shapes = [network.analysis.facts[node].shape or () for node in network.inputs]
        images = [torch.randn(2, *shape) for shape in shapes]
        np.savez(tmp_path / f"{kind}.npz", *[image.numpy() for image in images])
        with torch.inference_mode():
            wanted[kind] = Deployed(network)(*images)[0].numpy()
    (tmp_path / "probe.py").write_text(PROBE, "utf-8")
    alone(["probe.py", *COMPUTING], tmp_path)
    different = [kind for kind in COMPUTING if not np.array_equal(np.load(tmp_path / f"{kind}.npy"), wanted[kind])]
    assert different == []


PROBE = """
import importlib, sys, numpy, torch
for kind in sys.argv[1:]:
    network = importlib.import_module(f"model_{kind}").Network().load(f"{kind}.weights")
    given = numpy.load(f"{kind}.npz")
    answer = network.predict(*[torch.from_numpy(given[name]) for name in given.files])
    numpy.save(f"{kind}.npy", answer.numpy())
"""
