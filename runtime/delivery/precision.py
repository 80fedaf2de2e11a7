"""The same ONNX model with smaller numbers: layers in 16-bit floats or 8-bit whole numbers."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from runtime.errors import RunError

Feed = Mapping[str, NDArray[np.float32]]
"""What a model takes, by the names of its inputs."""

_QUANTISED = ("Conv", "ConvTranspose", "Gemm", "MatMul")
_RECURRENT = ("LSTM", "GRU", "RNN")
_LENGTHS = 4  # the input of a recurrent layer that holds whole numbers: the lengths of the sequences
_KINDS = "convolution, dense or recurrent layer"


def halved(model: onnx.ModelProto, learned: Sequence[str]) -> onnx.ModelProto:
    """A copy whose learned layers keep their weights, and compute, in 16-bit floats.

    What lies between layers, and the preparation before them, stays in 32 bits: half precision would round Hounsfield
    units away. `learned` names the modules that have weights. Raises RunError for a model without such layers.
    """
    named = _named(model)
    layers = _layers(named, learned, (*_QUANTISED, *_RECURRENT))
    if not layers:
        raise RunError(f"This network has no {_KINDS} that could be halved; export it as it is.")
    weights = {tensor.name: tensor for tensor in named.graph.initializer}
    nodes = list(named.graph.node)
    named.graph.ClearField("node")
    for node in nodes:
        named.graph.node.extend(_half_layer(node, weights, named.graph) if node.name in layers else [node])
    _drop_unused(named.graph)
    return _checked(named)


def _half_layer(
    node: onnx.NodeProto, weights: Mapping[str, onnx.TensorProto], graph: onnx.GraphProto
) -> list[onnx.NodeProto]:
    """The layer between casts: of what it takes to 16 bits, of what it gives back to 32."""
    before, after = [], []
    for place, name in enumerate(node.input):
        if not name or (node.op_type in _RECURRENT and place == _LENGTHS):
            continue
        half = f"{name}_half"
        if name not in weights:
            half = f"{name}_half_of_{node.name}_{place}"  # a recurrent layer may begin both its states with one tensor
            before.append(
                onnx.helper.make_node("Cast", [name], [half], f"{node.name}_in_{place}", to=TensorProto.FLOAT16)
            )
        elif half not in {tensor.name for tensor in graph.initializer}:
            graph.initializer.append(numpy_helper.from_array(_as_half(weights[name]), half))
        node.input[place] = half
    for place, name in enumerate(node.output):
        if name:
            half = f"{name}_half"
            after.append(
                onnx.helper.make_node("Cast", [half], [name], f"{node.name}_out_{place}", to=TensorProto.FLOAT)
            )
            node.output[place] = half
    return [*before, node, *after]


def _as_half(weight: onnx.TensorProto) -> NDArray[np.float16]:
    with np.errstate(over="ignore"):  # what does not fit becomes infinite, which the comparison of answers refuses
        return numpy_helper.to_array(weight).astype(np.float16)


def _drop_unused(graph: onnx.GraphProto) -> None:
    taken = {name for node in graph.node for name in node.input} | {one.name for one in graph.output}
    kept = [tensor for tensor in graph.initializer if tensor.name in taken]
    graph.ClearField("initializer")
    graph.initializer.extend(kept)
    graph.ClearField("value_info")  # types of what became 16 bits


def quantised(model: onnx.ModelProto, learned: Sequence[str], calibration: Sequence[Feed]) -> onnx.ModelProto:
    """A copy whose learned layers compute with 8-bit whole numbers, their ranges taken from `calibration` cases.

    Weights per channel, activations per tensor, as QuantizeLinear and DequantizeLinear around each layer (Jacob et al.
    2018, doi:10.1109/CVPR.2018.00286). Activations are unsigned: onnxruntime makes them so anyway, and where signed
    ones pass a Reshape it then cannot open the file. Raises RunError for a model without such layers, or that cannot
    be converted.
    """
    named = _named(model)
    layers = _layers(named, learned, _QUANTISED)
    if not layers:
        raise RunError(f"This network has no {_KINDS} that could be quantised; export it as it is.")
    with tempfile.TemporaryDirectory(prefix="netloom-") as folder, _quietly():
        file = Path(folder) / "int8.onnx"
        try:
            quantize_static(
                named, file, _Cases(calibration), quant_format=QuantFormat.QDQ, op_types_to_quantize=list(_QUANTISED),
                nodes_to_quantize=sorted(layers), per_channel=True, activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
            )  # fmt: skip
        except (ValueError, TypeError, KeyError, RuntimeError) as error:
            raise RunError(f"This network cannot be quantised: {_words(error)}") from error
        return _checked(onnx.load(file))


class _Cases(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime declares no types
    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._left = iter(feeds)

    def get_next(self) -> Feed | None:
        """The next case, None after the last."""
        return next(self._left, None)


def _named(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy in which every node has a name of its own."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    taken: set[str] = set()
    for place, node in enumerate(copy.graph.node):
        if not node.name or node.name in taken:
            node.name = f"node_{place}_of_{len(copy.graph.node)}"
        taken.add(node.name)
    return copy


def _layers(model: onnx.ModelProto, learned: Sequence[str], kinds: Sequence[str]) -> set[str]:
    """The nodes of these operators that have learned weights, or take what such nodes gave."""
    behind = _behind(model, learned)
    return {node.name for node in model.graph.node if node.op_type in kinds and node.name in behind}


def _behind(model: onnx.ModelProto, learned: Sequence[str]) -> set[str]:
    """The nodes that have learned weights, or take what such nodes gave."""
    starts = tuple(f"network.{name}." for name in learned)
    reached = {tensor.name for tensor in model.graph.initializer if tensor.name.startswith(starts)}
    found = set()
    for node in model.graph.node:  # in order: what a node takes was given before
        if reached.intersection(node.input):
            found.add(node.name)
            reached.update(node.output)
    return found


def _checked(model: onnx.ModelProto) -> onnx.ModelProto:
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise RunError(f"This network cannot be written with smaller numbers: {_words(error)}") from error
    return model


def _words(error: Any) -> str:
    return " ".join(str(error).split())[:300]


@contextmanager
def _quietly() -> Iterator[None]:
    """onnxruntime advises its own preparation of models, which torch's exporter has done."""
    before = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.root.setLevel(before)
