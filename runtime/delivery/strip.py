"""Takes out of an ONNX model what torch leaves in it: stack traces, source lines, file names; and proves it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import onnx

from runtime.errors import RunError

_SHORTEST = 4  # signs; "/" or "" would be found everywhere


def strip(model: onnx.ModelProto) -> None:
    """Clear all metadata and doc strings of the model, its functions, graphs, nodes, values and weights."""
    _clear(model)
    for function in model.functions:
        _clear(function)
        _nodes(function.node)
    _graph(model.graph)


def refuse_private(model: onnx.ModelProto, texts: Sequence[str]) -> None:
    """Raise RunError when one of the texts stands anywhere in the model but in the numbers of its weights."""
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for tensor in bare.graph.initializer:
        tensor.ClearField("raw_data")
    data = bare.SerializeToString()
    for text in texts:
        escaped = json.dumps(text, ensure_ascii=False)[1:-1]  # as the metadata spell it: C:\\Users
        if len(text) >= _SHORTEST and (text.encode() in data or escaped.encode() in data):
            raise RunError(f"The exported file would hold the path “{text}” of this machine; rename the node with it.")


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
