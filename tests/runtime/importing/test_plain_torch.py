"""Networks written in PyTorch by hand, as both of its exporters write them, become drawings with the same numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from runtime.importing.foreign import read_foreign
from tests.builders.onnx_models import TOLERANCE, by_drawing, by_onnxruntime, difference, network_of
from tests.builders.plain_torch import NETWORKS, Elman, made

pytestmark = pytest.mark.long


def exported(network: nn.Module, image: torch.Tensor, path: Path, newer: bool) -> Path:
    """Write the file as people do, with any number of cases."""
    if newer:
        shapes = ({0: torch.export.Dim("batch", min=1, max=64)},)
        torch.onnx.export(network, (image,), path, external_data=False, verbose=False, dynamic_shapes=shapes)
    else:
        torch.onnx.export(
            network, (image,), path, dynamo=False, input_names=["x"], dynamic_axes={"x": {0: "n"}}, opset_version=17
        )
    return path


@pytest.mark.filterwarnings("ignore")  # of pieces of torch and onnxscript that the exports run through
@pytest.mark.parametrize("newer", [True, False], ids=["newer", "older"])
@pytest.mark.parametrize("kind", NETWORKS, ids=lambda kind: kind.__name__)
def test_that_a_network_of_ordinary_layers_answers_as_its_file(kind, newer, tmp_path):
    network, image = made(kind), torch.randn(3, *NETWORKS[kind], generator=torch.Generator().manual_seed(1))
    path = exported(network, image, tmp_path / "network.onnx", newer)
    imported = read_foreign(path)
    (given,) = by_drawing(imported, [image.numpy()])
    assert difference(given, by_onnxruntime(path, [image.numpy()])[0]) <= TOLERANCE
    assert any(weight.requires_grad for weight in network_of(imported).parameters())
    if kind is Elman:
        kinds = [node.type for node in imported.graph.nodes.values()]
        assert kinds.count("rnn") == 3
        assert "matrix_product" not in kinds
