"""The named weights of an ONNX file, without its network."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from runtime.importing.imported import Array
from runtime.importing.onnx.program import weights_in
from runtime.importing.onnx.reading import read_model


def onnx_weights(path: Path) -> Mapping[str, Array]:
    """The initial values of a file by the names it gives them, numbers with a fraction only, in the file's own shapes.

    PyTorch writes them as its state dict has them, but for the weights of MatMul, which are transposed. Raises
    ImportRefused with one sentence.
    """
    found = weights_in(read_model(path).graph)
    return {name: array for name, array in found.items() if array.dtype == np.float32}
