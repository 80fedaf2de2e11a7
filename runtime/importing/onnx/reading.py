"""An ONNX file as onnx reads it, once it is known to be whole, of one meaning, and to point at nothing elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError
from onnx import external_data_helper

from runtime.importing.imported import ImportRefused

_MOST_BYTES = 2**31 - 1  # where protobuf ends
_MOST_BESIDE = 4 * 2**30
_MOST_NODES = 50_000
STANDARD = ("", "ai.onnx")


def read_model(path: Path) -> onnx.ModelProto:
    """The model with all its weights in memory. Raises ImportRefused with one sentence."""
    model = _parsed(path)
    _check_operator_set(model, path.name)
    if len(model.graph.node) > _MOST_NODES:
        raise ImportRefused(f"{path.name} has {len(model.graph.node):,} operators; up to {_MOST_NODES:,} are read.")
    if model.graph.sparse_initializer:
        raise ImportRefused(f"{path.name} holds sparse weights, which are not read; export it with dense ones.")
    _load_beside(model, path)
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        raise ImportRefused(f"{path.name} is no valid ONNX model: {_first(error)}.") from error
    return model


def opset_of(model: onnx.ModelProto) -> int:
    """The version of the standard operators that the model is written in, 0 where none is told."""
    return max((entry.version for entry in model.opset_import if entry.domain in STANDARD), default=0)


def _parsed(path: Path) -> onnx.ModelProto:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ImportRefused(f"{path.name} is bigger than an ONNX file can be (2 GB).")
        data = path.read_bytes()
    except OSError as error:
        raise ImportRefused(f"{path} could not be read: {error.strerror or error}.") from error
    model = onnx.ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise ImportRefused(f"{path.name} is damaged, or no ONNX file.") from error
    if not model.graph.node:
        raise ImportRefused(f"{path.name} holds no network: its graph has no operators.")
    return model


def _check_operator_set(model: onnx.ModelProto, name: str) -> None:
    version = opset_of(model)
    if not version:
        raise ImportRefused(
            f"{name} does not say which operator set (opset) it is written in, so what its operators mean is not "
            "certain; export it anew with a newer version of the program that made it."
        )
    newest = onnx.defs.onnx_opset_version()
    if version > newest:
        raise ImportRefused(
            f"{name} is written in operator set {version}, and those up to {newest} are known; export it with an "
            "older one."
        )


def _load_beside(model: onnx.ModelProto, path: Path) -> None:
    """Read weights that lie in files of their own, if these lie in the model's folder."""
    folder = path.resolve().parent
    total = 0
    for tensor in _tensors(model.graph):
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        told = {entry.key: entry.value for entry in tensor.external_data}
        place = folder / told.get("location", "")
        if not place.resolve().is_relative_to(folder) or place.is_symlink():
            raise ImportRefused(
                f"{path.name} keeps weights at “{told.get('location')}”, which is not in its own folder; put that "
                "file beside it and export it anew."
            )
        if not place.is_file():
            raise ImportRefused(
                f"{path.name} keeps its weights in the file “{told.get('location')}” beside it, which is not there."
            )
        total += place.stat().st_size if not told.get("length", "").isdigit() else int(told["length"])
        if total > _MOST_BESIDE:
            raise ImportRefused(f"{path.name} has more than {_MOST_BESIDE >> 30} GB of weights beside it.")
        try:
            external_data_helper.load_external_data_for_tensor(tensor, str(folder))
        except (OSError, ValueError, onnx.checker.ValidationError) as error:
            raise ImportRefused(f"The weights beside {path.name} cannot be read: {_first(error)}.") from error
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            for inner in (*attribute.graphs, *((attribute.g,) if attribute.HasField("g") else ())):
                yield from _tensors(inner)


def _first(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__)[:200].rstrip(".")
