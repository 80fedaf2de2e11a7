"""Every layer gives the same numbers in ONNX as in PyTorch, with a batch of another size."""

import onnxruntime
import pytest
import torch
from torch import nn

import nodes  # noqa: F401 (registers every type)
from nodes.blocks import BlockPort
from nodes.placeholder import Placeholder
from nodes.roles import Condition, Loss, Metric, Optimizer, Output, Source
from nodes.spec import REGISTRY
from runtime.compile import build

ROLES = (Source, Output, Loss, Metric, Optimizer, BlockPort)  # none of which is there in the exported model
LAYERS = [
    (id, {}, kind.example)
    for id, kind in sorted(REGISTRY.items())
    if kind.inputs and not issubclass(kind, (*ROLES, Condition, Placeholder))
    if not (kind.cuts or kind.joins or kind.simulates)
]
SPECIAL = [
    ("max_pooling", {"round_up": True}, ((3, 7, 7),)),
    ("average_pooling", {"kernel": 3, "padding": "same"}, ((3, 7, 7),)),
    ("average_pooling", {"kernel": 3, "padding": "same", "count_border": True}, ((3, 7, 7),)),
    ("convolution", {"kernel": 4, "stride": 2, "edge": "reflect"}, ((3, 7, 8),)),
    ("convolution", {"edge": "circular"}, ((3, 5, 6, 5),)),
    ("transposed_convolution", {"kernel": 3, "stride": 3}, ((3, 4, 5, 3),)),
    ("upsample", {"mode": "linear", "factor": 3}, ((3, 7, 8),)),
    ("upsample", {"mode": "linear"}, ((2, 3, 4, 5),)),
    ("upsample", {"size": [5, 9]}, ((3, 7, 8),)),
    ("adaptive_average_pooling", {"size": 3}, ((3, 7, 8),)),
    ("pad", {"fill": "reflect"}, ((3, 4, 5),)),
    ("pad", {"fill": "circular"}, ((3, 4, 5),)),
    ("instance_normalization", {}, ((3, 4, 5, 6),)),
]


def drawn(id, batch, shape):
    """Values that the layer takes: an embedding takes whole numbers from 0."""
    return torch.rand(batch, *shape) if id == "embedding" else torch.randn(batch, *shape)


class Wrapped(nn.Module):
    """A layer, or a function of tensors, as a module."""

    def __init__(self, runs):
        super().__init__()
        self.runs = runs

    def forward(self, *inputs):
        return self.runs(*inputs)


@pytest.mark.long
@pytest.mark.parametrize(("id", "raw", "example"), [*LAYERS, *SPECIAL])
def test_that_a_layer_gives_the_same_in_onnx(id, raw, example):
    kind = REGISTRY[id]
    node, wrong = kind.read(raw)
    assert not wrong
    given = {
        port.name: (value, value) if port.many else value for port, value in zip(kind.inputs, example, strict=True)
    }
    shapes = [shape for value in given.values() for shape in (value if isinstance(value[0], tuple) else (value,))]
    model = Wrapped(build(node.call(**given))).eval()
    program = torch.onnx.export(
        model,
        tuple(drawn(id, 2, shape) for shape in shapes),
        dynamo=True,
        verbose=False,
        dynamic_shapes=(tuple({0: torch.export.Dim.DYNAMIC} for _ in shapes),),
    )
    session = onnxruntime.InferenceSession(program.model_proto.SerializeToString())
    fresh = [drawn(id, 3, shape) for shape in shapes]
    names = [taken.name for taken in session.get_inputs()]
    answer = session.run(None, {name: value.numpy() for name, value in zip(names, fresh, strict=True)})[0]
    torch.testing.assert_close(torch.from_numpy(answer), model(*fresh).detach(), rtol=1e-4, atol=1e-4)
