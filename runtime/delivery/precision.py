"""The same ONNX model with smaller numbers: 16-bit floats, or layers of 8-bit whole numbers; preparation stays."""

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
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.transformers.float16 import convert_float_to_float16

from runtime.errors import RunError

Feed = Mapping[str, NDArray[np.float32]]
"""What a model takes, by the names of its inputs."""

_QUANTISED = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def halved(model: onnx.ModelProto, learned: Sequence[str]) -> onnx.ModelProto:
    """A copy that computes with 16-bit floats behind the first of the `learned` weights (names of modules).

    Inputs, outputs and all that comes before stay in 32 bits: half precision would round Hounsfield units away. Raises
    RunError for a model that cannot be converted.
    """
    named = _named(model)
    behind = _behind(named, learned)
    before = [node.name for node in named.graph.node if node.name not in behind]
    with _quietly():
        try:
            half = convert_float_to_float16(named, keep_io_types=True, node_block_list=before)
        except (ValueError, TypeError, KeyError, RuntimeError) as error:
            raise RunError(f"This network cannot be written in half precision: {_words(error)}") from error
    return _checked(half)


def quantised(model: onnx.ModelProto, learned: Sequence[str], calibration: Sequence[Feed]) -> onnx.ModelProto:
    """A copy whose learned layers compute with 8-bit whole numbers, their ranges taken from `calibration` cases.

    Weights per channel, activations per tensor, as QuantizeLinear and DequantizeLinear around each layer (Jacob et al.
    2018, doi:10.1109/CVPR.2018.00286). Raises RunError for a model without such layers, or that cannot be converted.
    """
    named = _named(model)
    behind = _behind(named, learned)
    layers = [node.name for node in named.graph.node if node.op_type in _QUANTISED and node.name in behind]
    if not layers:
        raise RunError("This network has no convolution or dense layer that could be quantised; export it as it is.")
    with tempfile.TemporaryDirectory(prefix="netloom-") as folder, _quietly():
        file = Path(folder) / "int8.onnx"
        try:
            quantize_static(
                named, file, _Cases(calibration), quant_format=QuantFormat.QDQ, op_types_to_quantize=list(_QUANTISED),
                nodes_to_quantize=layers, per_channel=True, activation_type=QuantType.QInt8,
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
    """onnxruntime advises its own preparation of models, which torch's exporter has done, and names every weight that
    is rounded to 0."""
    before = logging.root.level
    logging.root.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logging.root.setLevel(before)
