"""Recurrent layers and self-attention of ONNX files become one node each, with onnxruntime's numbers."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.helper import make_node as step
from torch import nn

from runtime.importing.foreign import read_foreign
from runtime.importing.imported import ImportRefused
from tests.builders.onnx_models import by_drawing, by_onnxruntime, compared, difference, model, written

STEPS, FEATURES, UNITS = 6, 5, 4
SIGNAL = ("n", STEPS, FEATURES)
GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
ADDED = "com.microsoft"


def drawn(*shape: int, seed: int = 3) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=shape) / 2).astype(np.float32)


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def weights(kind: str, directions: int) -> dict[str, np.ndarray]:
    rows = GATES[kind] * UNITS
    return {"w": drawn(directions, rows, FEATURES), "r": drawn(directions, rows, UNITS, seed=4),
            "b": drawn(directions, 2 * rows, seed=5)}  # fmt: skip


def layer(kind: str, directions: int, outputs: list[str], inputs: tuple[str, ...] = ("t", "w", "r", "b"), **told):
    plain = {"linear_before_reset": 1} if kind == "GRU" else {}
    way = "bidirectional" if directions == 2 else "forward"
    return step(kind, list(inputs), outputs, **{"hidden_size": UNITS, "direction": way, **plain, **told})


TURN, BACK = step("Transpose", ["x"], ["t"], perm=[1, 0, 2]), {"axis": whole(1), "whole": whole(0, 0, -1)}


def types(imported) -> list[str]:
    return sorted(node.type for node in imported.graph.nodes.values())


@pytest.mark.parametrize("directions", [1, 2])
@pytest.mark.parametrize("kind", GATES)
def test_that_a_recurrent_layer_that_answers_every_step_is_one_node(kind, directions, tmp_path):
    steps = [
        TURN, layer(kind, directions, ["every"]), step("Transpose", ["every"], ["u"], perm=[0, 2, 1, 3]),
        step("Reshape", ["u", "whole"], ["v"]), step("Transpose", ["v"], ["y"], perm=[1, 0, 2]),
    ]  # fmt: skip
    made = model(steps, SIGNAL, weights(kind, directions) | BACK)
    imported = compared(made, tmp_path, drawn(3, STEPS, FEATURES, seed=7))
    assert types(imported) == sorted(["input", "permute", kind.casefold(), "permute", "output"])


@pytest.mark.parametrize("directions", [1, 2])
def test_that_the_last_answer_is_a_setting_of_the_node(directions, tmp_path):
    ends = [step("Squeeze", ["last", "first"], ["y"])] if directions == 1 else [
        step("Gather", ["last", "one"], ["a"]), step("Gather", ["last", "two"], ["c"]),
        step("Concat", ["a", "c"], ["y"], axis=1),
    ]  # fmt: skip
    held = {"first": whole(0), "one": np.array(-2, np.int64), "two": np.array(-1, np.int64)}
    steps = [TURN, layer("LSTM", directions, ["", "last"]), *ends]
    imported = compared(model(steps, SIGNAL, weights("LSTM", directions) | held), tmp_path, drawn(3, STEPS, FEATURES))
    assert types(imported) == ["input", "lstm", "output", "permute"]
    (node,) = (one for one in imported.graph.nodes.values() if one.type == "lstm")
    assert node.settings["gives"] == "last step"


def test_that_both_the_last_answer_and_those_to_every_step_can_be_taken(tmp_path):
    steps = [
        TURN, layer("GRU", 2, ["every", "last"]), step("ReduceMean", ["every", "axes"], ["m"], keepdims=0),
        step("Transpose", ["last"], ["l"], perm=[1, 0, 2]), step("Reshape", ["l", "flat"], ["lf"]),
        step("Transpose", ["every"], ["u"], perm=[2, 0, 1, 3]), step("Reshape", ["u", "flat"], ["uf"]),
        step("Concat", ["lf", "uf"], ["y"], axis=1),
    ]  # fmt: skip
    made = model(steps, SIGNAL, weights("GRU", 2) | {"flat": whole(0, -1), "axes": whole(0)})
    imported = compared(made, tmp_path, drawn(3, STEPS, FEATURES))
    assert types(imported).count("gru") == 1


def test_that_a_recurrent_layer_with_the_batch_first_reads_the_same(tmp_path):
    """Which onnxruntime does not run on the CPU, so it is compared with the same layer with the steps first."""
    held, flat = weights("RNN", 2), {"flat": whole(0, -1)}
    early = [TURN, layer("RNN", 2, ["e"]), step("Transpose", ["e"], ["f"], perm=[2, 0, 1, 3])]
    late = [layer("RNN", 2, ["f"], ("x", "w", "r", "b"), layout=1)]
    end, signal = step("Reshape", ["f", "flat"], ["y"]), drawn(3, STEPS, FEATURES)
    path = written(model([*early, end], SIGNAL, held | flat), tmp_path)
    (wanted,) = by_onnxruntime(path, [signal])
    (given,) = by_drawing(read_foreign(written(model([*late, end], SIGNAL, held | flat), tmp_path)), [signal])
    assert difference(given, wanted) <= 1e-4


def test_that_a_layer_between_recurrent_ones_is_drawn_with_the_batch_first(tmp_path):
    held = {**weights("LSTM", 1), "one": whole(1), "d": drawn(UNITS, FEATURES), "e": drawn(FEATURES, seed=8)}
    steps = [
        TURN, layer("LSTM", 1, ["every"]), step("Squeeze", ["every", "one"], ["s"]),
        step("MatMul", ["s", "d"], ["p"]), step("Add", ["p", "e"], ["q"]), step("Relu", ["q"], ["g"]),
        layer("LSTM", 1, ["again"], ("g", "w", "r", "b")), step("Squeeze", ["again", "one"], ["z"]),
        step("Transpose", ["z"], ["y"], perm=[1, 0, 2]),
    ]  # fmt: skip
    imported = compared(model(steps, SIGNAL, held), tmp_path, drawn(3, STEPS, FEATURES))
    assert [types(imported).count(kind) for kind in ("lstm", "convolution", "relu")] == [2, 1, 1]


def _heads(name: str, source: str, order: list[int]) -> list[onnx.NodeProto]:
    return [step("Reshape", [source, "parts"], [f"{name}r"]), step("Transpose", [f"{name}r"], [name], perm=order)]


def _attention(score: list[onnx.NodeProto]) -> onnx.ModelProto:
    """Queries, keys and values of three dense layers, and one behind."""
    steps = [step("MatMul", ["x", f"w{one}"], [f"{one}m"]) for one in "qkv"]
    steps += [step("Add", [f"{one}m", f"b{one}"], [f"{one}d"]) for one in "qkv"]
    steps += [*score, step("MatMul", ["o", "wo"], ["om"]), step("Add", ["om", "bo"], ["y"])]
    held = {f"w{one}": drawn(8, 8, seed=place) for place, one in enumerate("qkvo")}
    held |= {f"b{one}": drawn(8, seed=place) for place, one in enumerate("qkvo")}
    held |= {"parts": whole(0, 0, 2, 4), "whole": whole(0, 0, 8), "scale": np.array(0.7, np.float32)}
    return model(steps, ("n", STEPS, 8), held, opset=23)


def test_that_attention_in_products_becomes_one_node_with_its_scale(tmp_path):
    made = _attention([
        *_heads("q", "qd", [0, 2, 1, 3]), *_heads("k", "kd", [0, 2, 3, 1]), *_heads("v", "vd", [0, 2, 1, 3]),
        step("MatMul", ["q", "k"], ["s"]), step("Mul", ["s", "scale"], ["z"]), step("Softmax", ["z"], ["p"], axis=-1),
        step("MatMul", ["p", "v"], ["a"]), step("Transpose", ["a"], ["at"], perm=[0, 2, 1, 3]),
        step("Reshape", ["at", "whole"], ["o"]),
    ])  # fmt: skip
    imported = compared(made, tmp_path, drawn(3, STEPS, 8))
    assert types(imported) == ["input", "output", "permute", "permute", "self_attention"]


def test_that_the_operator_attention_becomes_one_node(tmp_path):
    made = _attention([step("Attention", ["qd", "kd", "vd"], ["o"], q_num_heads=2, kv_num_heads=2)])
    assert types(compared(made, tmp_path, drawn(3, STEPS, 8))).count("self_attention") == 1


@pytest.mark.parametrize("kind", ["Attention", "MultiHeadAttention"])
def test_that_the_attention_of_onnxruntime_becomes_one_node(kind, tmp_path):
    held = {"w": drawn(8, 24), "b": drawn(24), "wo": drawn(8, 8), **{f"w{one}": drawn(8, 8) for one in "qkv"}}
    steps = [step("Attention", ["x", "w", "b"], ["o"], domain=ADDED, num_heads=2)]
    if kind != "Attention":
        steps = [step("MatMul", ["x", f"w{one}"], [one]) for one in "qkv"]
        steps.append(step(kind, ["q", "k", "v", "b"], ["o"], domain=ADDED, num_heads=2))
    graph = helper.make_graph(
        [*steps, step("MatMul", ["o", "wo"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ("n", STEPS, 8))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ("n", STEPS, 8))],
        [numpy_helper.from_array(array, name) for name, array in held.items()],
    )  # fmt: skip
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(ADDED, 1)]
    made = helper.make_model(graph, opset_imports=opsets, ir_version=9)
    assert types(compared(made, tmp_path, drawn(3, STEPS, 8))).count("self_attention") == 1


REFUSED = {
    "peepholes": (layer("LSTM", 1, ["e"], ("t", "w", "r", "b", "", "", "", "p")), "peepholes"),
    "activations": (layer("LSTM", 1, ["e"], activations=["Sigmoid", "Relu", "Tanh"]), "other activations"),
    "a beginning": (layer("LSTM", 1, ["e"], ("t", "w", "r", "b", "", "h")), "initial state"),
    "lengths": (layer("LSTM", 1, ["e"], ("t", "w", "r", "b", "l")), "sequence lengths"),
    "backwards": (layer("LSTM", 1, ["e"], direction="reverse"), "from their end only"),
    "memory": (layer("LSTM", 1, ["", "", "e"]), "cell state"),
    "reset before": (layer("GRU", 1, ["e"], ("t", "wg", "rg"), linear_before_reset=0), "linear_before_reset"),
    "cut off": (layer("LSTM", 1, ["e"], clip=1.0), "clip"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_that_what_the_nodes_do_not_do_is_refused_by_the_name_of_the_operator(name, tmp_path):
    node, word = REFUSED[name]
    node.name = "memory cell"
    held = weights("LSTM", 1) | {
        "p": drawn(1, 3 * UNITS), "h": drawn(1, 1, UNITS), "l": np.full(1, 3, np.int32), "flat": whole(0, -1),
        "wg": weights("GRU", 1)["w"], "rg": weights("GRU", 1)["r"],
    }  # fmt: skip
    order = [1, 0, 2] if name == "memory" else [2, 0, 1, 3]
    steps = [TURN, node, step("Transpose", ["e"], ["f"], perm=order), step("Reshape", ["f", "flat"], ["y"])]
    with pytest.raises(ImportRefused) as refused:
        read_foreign(written(model(steps, (1, STEPS, FEATURES), held), tmp_path))
    assert "“memory cell”" in str(refused.value)
    assert word in str(refused.value)


def test_that_a_masked_attention_is_refused_by_name(tmp_path):
    told = {"q_num_heads": 2, "kv_num_heads": 2, "is_causal": 1, "name": "looks"}
    made = _attention([step("Attention", ["qd", "kd", "vd"], ["o"], **told)])
    with pytest.raises(ImportRefused, match=r"“looks” looks back only"):
        read_foreign(written(made, tmp_path))


class Reader(nn.Module):
    """Two recurrent layers in both directions, an encoder of a transformer, and an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.read = nn.LSTM(FEATURES, UNITS, num_layers=2, batch_first=True, bidirectional=True)
        self.look = nn.TransformerEncoderLayer(2 * UNITS, 2, 16, batch_first=True)
        self.again = nn.GRU(2 * UNITS, UNITS)
        self.say = nn.Linear(UNITS, 3)

    def forward(self, signal: torch.Tensor) -> torch.Tensor:
        """(N, steps, features) -> (N, 3)."""
        seen = self.look(self.read(signal)[0])
        answer: torch.Tensor = self.say(self.again(seen.transpose(0, 1))[1][-1])
        return answer


@pytest.mark.long
@pytest.mark.filterwarnings(  # of pieces of torch and onnxscript that the export runs through
    "ignore:.*LeafSpec.*:FutureWarning", "ignore::DeprecationWarning"
)
def test_that_what_pytorch_writes_of_recurrent_layers_and_a_transformer_becomes_a_node_for_each(tmp_path):
    torch.manual_seed(0)
    path = tmp_path / "reader.onnx"
    torch.onnx.export(
        Reader().eval(), (torch.randn(2, STEPS, FEATURES),), path, dynamo=True, external_data=False, verbose=False,
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=64)},),
    )  # fmt: skip
    imported = read_foreign(path)
    image = drawn(3, STEPS, FEATURES)
    assert difference(by_drawing(imported, [image])[0], by_onnxruntime(path, [image])[0]) <= 1e-4
    kinds = types(imported)
    assert [kinds.count(one) for one in ("lstm", "gru", "self_attention", "layer_normalization")] == [2, 1, 1, 2]
    assert "matrix_product" not in kinds
