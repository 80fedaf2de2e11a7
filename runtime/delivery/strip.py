"""Takes out of an ONNX model what torch leaves in it: stack traces, source lines, file names."""

from __future__ import annotations

from collections.abc import Iterable

import onnx


def strip(model: onnx.ModelProto) -> None:
    """Clear all metadata and doc strings of the model, its functions, graphs, nodes, values and weights."""
    _clear(model)
    for function in model.functions:
        _clear(function)
        _nodes(function.node)
    _graph(model.graph)


def bare(model: onnx.ModelProto) -> bytes:
    """The file without the numbers of its weights: every name and text in it."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for tensor in copy.graph.initializer:
        tensor.ClearField("raw_data")
    data: bytes = copy.SerializeToString()
    return data


def _graph(graph: onnx.GraphProto) -> None:
    _clear(graph)
    for values in (graph.input, graph.output, graph.value_info, graph.initializer):
        for value in values:
            _clear(value)
    _nodes(graph.node)


def _nodes(nodes: Iterable[onnx.NodeProto]) -> None:
    for node in nodes:
        _clear(node)
        for attribute in node.attribute:
            attribute.doc_string = ""
            for graph in (*attribute.graphs, *((attribute.g,) if attribute.HasField("g") else ())):
                _graph(graph)
            if attribute.HasField("t"):
                _clear(attribute.t)


_Described = (
    onnx.ModelProto | onnx.FunctionProto | onnx.GraphProto | onnx.NodeProto | onnx.ValueInfoProto | onnx.TensorProto
)


def _clear(part: _Described) -> None:
    part.ClearField("doc_string")
    part.ClearField("metadata_props")
