"""Small ONNX models, and what they answer: by onnxruntime, and as the drawings that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

from runtime.analysis import analyse
from runtime.compile import Network, compile_graph
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import Imported
from runtime.importing.onnx.inputs import contract_in

OPSET = 20
TOLERANCE = 1e-4


def model(
    steps: Sequence[onnx.NodeProto], shape: Sequence[int | str], weights: Mapping[str, np.ndarray] | None = None,
    opset: int = OPSET, whole: bool = False,
) -> onnx.ModelProto:  # fmt: skip
    """A model from “x” to “y”."""
    kind = TensorProto.INT64 if whole else TensorProto.FLOAT
    graph = helper.make_graph(
        list(steps), "g", [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    known = opset <= onnx.defs.onnx_opset_version()
    return onnx.shape_inference.infer_shapes(made, data_prop=True) if known else made


def written(made: onnx.ModelProto, folder: Path) -> Path:
    """The model as a file."""
    path = folder / "model.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def by_onnxruntime(path: Path, images: Sequence[np.ndarray], end: str = "") -> list[np.ndarray]:
    """What onnxruntime answers; with `end`, the tensor of this name."""
    given = onnx.load(path)
    if end:
        del given.graph.output[:]
        given.graph.output.append(helper.make_tensor_value_info(end, TensorProto.FLOAT, None))
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(given.SerializeToString(), options, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    return list(session.run(None, dict(zip(names, images, strict=True))))


def network_of(imported: Imported) -> Network:
    """The compiled drawing with all weights of the file, each of which must fit."""
    analysis = analyse(imported.graph)
    assert not analysis.errors
    network = compile_graph(analysis).eval()
    network.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in imported.weights.items()})
    return network


def by_drawing(imported: Imported, images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """What the compiled drawing gives at its Output nodes, in order."""
    network = network_of(imported)
    arrays = [torch.from_numpy(np.array(image, np.float32)) for image in images]
    feeds = dict(zip(network.inputs, arrays, strict=True))
    with torch.no_grad():
        passed = network(feeds)
    ends = [node_id for node_id, node in imported.graph.nodes.items() if node.type == "output"]
    wires = [imported.graph.wires_into(end)[0] for end in ends]
    return [passed.at(wire.source, wire.output).numpy() for wire in wires]


def difference(one: np.ndarray, other: np.ndarray) -> float:
    """The largest difference, as a share of the largest answer or of 1."""
    assert one.shape == other.shape
    return float(np.abs(one - other).max() / max(1.0, np.abs(other).max()))


def compared(made: onnx.ModelProto, folder: Path, image: np.ndarray) -> Imported:
    """The drawing of a model, which answers as onnxruntime does."""
    path = written(made, folder)
    imported = read_foreign(path)
    (given,) = by_drawing(imported, [image])
    assert difference(given, by_onnxruntime(path, [image])[0]) <= TOLERANCE
    return imported


def taken_back(path: Path) -> Imported:
    """The drawing of a file that this program exported, whose answers are those of onnxruntime. What the file makes
    probabilities of are raw scores in the drawing.
    """
    imported = read_foreign(path)
    shapes = [node.settings["shape"] for node in imported.graph.nodes.values() if node.type in ("input", "noise")]
    images = [(np.random.default_rng(0).normal(size=(2, *shape)) * 50).astype(np.float32) for shape in shapes]
    ends = {node_id: node.name for node_id, node in imported.graph.nodes.items() if node.type == "output"}
    model = onnx.load(path)
    graph, contract = model.graph, contract_in(model)
    assert contract is not None
    assert [one.name for one in contract.outputs] == list(ends.values())
    makers = {name: node for node in graph.node for name in node.output}
    given = by_drawing(imported, images)
    for output, told, answer in zip(graph.output, contract.outputs, given, strict=True):
        end = makers[output.name]
        before = output.name if told.activation == "identity" else end.input[0]
        assert difference(answer, by_onnxruntime(path, images, before)[0]) <= TOLERANCE
    return imported
