"""Weights of a file under the names and in the shapes that the compiled network has."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from runtime.analysis import analyse
from runtime.graph import Graph
from runtime.importing.imported import Array, Left
from runtime.names import identifiers
from runtime.opening import opened
from runtime.paths import place_of

_DENSE = ("dense", "binary_dense")


def weights_of(
    graph: Graph, parameters: Mapping[str, Mapping[str, str]], given: Mapping[str, Array]
) -> tuple[dict[str, Array], list[Left]]:
    """The tensors by "IDENTIFIER.TENSOR", and what does not fit. `parameters` leads from a drawn node and the name of
    a tensor to a name in `given`.
    """
    flat = opened(graph)
    names = identifiers(flat)
    shares = flat.opened.shares if flat.opened is not None else {}
    found: dict[str, Array] = {}
    left: list[Left] = []
    used: set[str] = set()
    if not given:
        return found, left
    for node_id, node in flat.nodes.items():
        drawn = place_of(node_id)[1]
        if node_id in shares or drawn not in parameters:
            continue
        for tensor, name in parameters[drawn].items():
            if name in given:
                used.add(name)
                found[f"{names[node_id]}.{tensor}"] = _in_torch(given[name], node.type, tensor)
    left += [
        Left(f"the weights “{name}”", "no layer of the drawing has them.") for name in given if name not in used
    ]  # fmt: skip
    return found, left + _misfits(graph, found)


def _in_torch(array: Array, kind: str, tensor: str) -> Array:
    """NNabla keeps a dense layer's weights as inputs × outputs, and what belongs to channels with axes of size 1."""
    plain = np.asarray(array, dtype=np.float32)
    if tensor == "weight" and kind in _DENSE:
        return np.ascontiguousarray(plain.reshape(plain.shape[0], -1).T)
    if tensor == "weight" and kind == "depthwise_convolution":
        return np.ascontiguousarray(plain.reshape(plain.shape[0], 1, *plain.shape[1:]))
    if tensor == "weight" and plain.ndim > 2 and "convolution" in kind:
        return np.ascontiguousarray(plain)
    return np.ascontiguousarray(plain.reshape(-1))


def _misfits(graph: Graph, found: Mapping[str, Array]) -> list[Left]:
    """Nodes whose trained numbers are not as many as the file has for them."""
    analysis = analyse(graph)
    names = identifiers(analysis.graph)
    told = []
    for node_id, facts in analysis.facts.items():
        own = {key: array for key, array in found.items() if key.startswith(f"{names[node_id]}.")}
        count = sum(array.size for key, array in own.items() if not key.rpartition(".")[2].startswith("running_"))
        if own and facts.shape is not None and count != facts.parameters:
            what = f"the weights of “{facts.node.name}”"
            told.append(Left(what, f"the file has {count:,} numbers, and the node {facts.parameters:,}.", node_id))
    return told
