"""Each operator of ONNX with a counterpart gives onnxruntime's numbers as nodes; the others are refused in words."""

import numpy as np
import pytest
from onnx.helper import make_node as step

from runtime.importing.foreign import read_foreign
from runtime.importing.imported import ImportRefused
from tests.builders.onnx_models import compared, model, written

IMAGE, FEATURES, SIGNAL, VOLUME = ("n", 4, 8, 7), ("n", 6), ("n", 4, 6), ("n", 2, 5, 6, 7)


def drawn(*shape: int, seed: int = 3) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def number(value: float) -> np.ndarray:
    return np.array(value, np.float32)


ONE = {  # name: operator from “x” (and weights) to “y”, shape, weights, node types that must be there
    "convolution": (("Conv", {"pads": [1, 1, 1, 1], "strides": [2, 1]}), IMAGE, [drawn(5, 4, 3, 3), drawn(5)],
                    "convolution"),
    "uneven borders": (("Conv", {"pads": [0, 1, 2, 3]}), IMAGE, [drawn(5, 4, 3, 3)], "pad"),
    "same upper": (("Conv", {"auto_pad": "SAME_UPPER", "strides": [2, 2]}), IMAGE, [drawn(5, 4, 3, 3)], "convolution"),
    "depthwise": (("Conv", {"group": 4}), IMAGE, [drawn(8, 1, 3, 3), drawn(8)], "depthwise_convolution"),
    "groups": (("Conv", {"group": 2, "dilations": [2, 1]}), IMAGE, [drawn(6, 2, 3, 3)], "convolution"),
    "volume": (("Conv", {}), VOLUME, [drawn(3, 2, 3, 3, 3)], "convolution"),
    "signal": (("Conv", {"pads": [1, 1]}), SIGNAL, [drawn(3, 4, 3)], "convolution"),
    "transposed": (("ConvTranspose", {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 0]}), IMAGE,
                   [drawn(4, 3, 3, 3), drawn(3)], "transposed_convolution"),
    "transposed, cut unevenly": (("ConvTranspose", {"strides": [2, 2], "pads": [0, 0, 1, 1]}), IMAGE,
                                 [drawn(4, 3, 3, 3)], "slice"),
    "transposed, cut more at the beginning": (("ConvTranspose", {"strides": [2, 2], "pads": [2, 1, 0, 0]}), IMAGE,
                                              [drawn(4, 3, 3, 3)], "transposed_convolution"),
    "max pooling": (("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}), IMAGE, [],
                    "max_pooling"),
    "max pooling, rounded up": (("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}), IMAGE, [],
                                "max_pooling"),
    "max pooling, uneven": (("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"}), IMAGE,
                            [], "max_pooling"),
    "average pooling": (("AveragePool", {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}), IMAGE, [], "average_pooling"),
    "average pooling, border counted": (("AveragePool", {"kernel_shape": [3, 3], "pads": [0, 1, 1, 1],
                                                         "count_include_pad": 1}), IMAGE, [], "average_pooling"),
    "global average": (("GlobalAveragePool", {}), IMAGE, [], "global_average_pooling"),
    "global maximum": (("GlobalMaxPool", {}), IMAGE, [], "global_max_pooling"),
    "dense": (("Gemm", {"transB": 1, "alpha": 0.5, "beta": 2.0}), FEATURES, [drawn(3, 6), drawn(3)], "dense"),
    "product": (("MatMul", {}), FEATURES, [drawn(6, 3)], "dense"),
    "product along the last axis": (("MatMul", {}), SIGNAL, [drawn(6, 3)], "convolution"),
    "batch normalisation": (("BatchNormalization", {"epsilon": 1e-3}), IMAGE,
                            [drawn(4), drawn(4), drawn(4), np.abs(drawn(4)) + 1], "batch_normalization"),
    "instance normalisation": (("InstanceNormalization", {}), IMAGE, [drawn(4), drawn(4)], "instance_normalization"),
    "layer normalisation": (("LayerNormalization", {"axis": 1}), IMAGE, [drawn(4, 8, 7), drawn(4, 8, 7)],
                            "layer_normalization"),
    "layer normalisation, last": (("LayerNormalization", {}), SIGNAL, [drawn(6), drawn(6)], "layer_normalization"),
    "local response": (("LRN", {"size": 3, "alpha": 0.1, "bias": 2.0}), IMAGE, [], "local_response_normalization"),
    "leaky": (("LeakyRelu", {"alpha": 0.2}), IMAGE, [], "leaky_relu"),
    "slopes": (("PRelu", {}), IMAGE, [drawn(4, 1, 1)], "prelu"),
    "softmax over pixels": (("Softmax", {"axis": 3}), IMAGE, [], "softmax"),
    "hard sigmoid": (("HardSigmoid", {"alpha": 0.3, "beta": 0.4}), IMAGE, [], "hard_tanh"),
    "clip": (("Clip", {}), IMAGE, [number(0), number(6)], "relu6"),
    "clip below": (("Clip", {}), IMAGE, [number(-0.5)], "hard_tanh"),
    "numbers added": (("Add", {}), IMAGE, [number(2.5)], "scale"),
    "a number for each channel": (("Mul", {}), IMAGE, [-np.abs(drawn(4, 1, 1))], "depthwise_convolution"),
    "a number for each column": (("Mul", {}), IMAGE, [drawn(7)], "depthwise_convolution"),
    "a number for each feature": (("Mul", {}), FEATURES, [drawn(6)], "depthwise_convolution"),
    "a number for each value": (("Add", {}), IMAGE, [drawn(1, 4, 8, 7)], "position_embedding"),
    "divided": (("Div", {}), IMAGE, [number(4)], "scale"),
    "square": (("Pow", {}), IMAGE, [number(2)], "function"),
    "exponential": (("Exp", {}), IMAGE, [], "function"),
    "border": (("Pad", {}), IMAGE, [whole(0, 0, 1, 2, 0, 0, 3, 0), number(1.5)], "pad"),
    "border mirrored": (("Pad", {"mode": "reflect"}), IMAGE, [whole(0, 0, 2, 2, 0, 0, 2, 2)], "pad"),
    "border taken away": (("Pad", {}), IMAGE, [whole(0, 0, -1, 2, 0, 0, 1, -2)], "slice"),
    "middle": (("Slice", {}), IMAGE, [whole(1, 1), whole(7, 6), whole(2, 3)], "crop"),
    "half of the channels": (("Slice", {}), IMAGE, [whole(2), whole(4), whole(1)], "channel_part"),
    "some rows": (("Slice", {}), IMAGE, [whole(-3), whole(99), whole(2)], "slice"),
    "one row": (("Gather", {"axis": 2}), IMAGE, [np.array(-2, np.int64)], "slice"),
    "transposition": (("Transpose", {"perm": [0, 3, 1, 2]}), IMAGE, [], "permute"),
    "reshape": (("Reshape", {}), IMAGE, [whole(0, 8, -1)], "reshape"),
    "flatten": (("Flatten", {}), IMAGE, [], "flatten"),
    "shuffle": (("DepthToSpace", {"blocksize": 2}), ("n", 8, 3, 3), [], "pixel_shuffle"),
    "mean of pixels": (("ReduceMean", {"keepdims": 0}), IMAGE, [whole(2, 3)], "global_average_pooling"),
    "mean of channels": (("ReduceMean", {}), IMAGE, [whole(1)], "global_average_pooling"),
    "sum": (("ReduceSum", {"keepdims": 0}), IMAGE, [whole(2)], "scale"),
    "smallest": (("ReduceMin", {}), IMAGE, [whole(2, 3)], "global_max_pooling"),
    "nearest": (("Resize", {"mode": "nearest", "coordinate_transformation_mode": "asymmetric",
                            "nearest_mode": "floor"}), IMAGE, [number(0)[None][:0], np.array([1, 1, 2, 3], np.float32)],
                "upsample"),
    "blended": (("Resize", {"mode": "linear"}), IMAGE, [number(0)[None][:0], np.array([1, 1, 2, 2], np.float32)],
                "upsample"),
    **{kind: ((kind, {}), IMAGE, [], found) for kind, found in {
        "Relu": "relu", "Tanh": "tanh", "Softplus": "softplus", "Softsign": "softsign", "HardSwish": "hard_swish",
        "Mish": "mish", "Elu": "elu", "Celu": "celu", "Selu": "selu", "Gelu": "gelu", "LogSoftmax": "log_softmax",
        "Neg": "scale", "Abs": "function", "Dropout": "dropout"}.items()},
}  # fmt: skip


@pytest.mark.parametrize("name", ONE)
def test_that_an_operator_becomes_a_node_with_its_numbers(name, tmp_path):
    (kind, attributes), shape, arrays, expected = ONE[name]
    weights = {f"w{place}": array for place, array in enumerate(arrays)}
    made = model([step(kind, ["x", *weights], ["y"], **attributes)], shape, weights)
    imported = compared(made, tmp_path, drawn(3, *shape[1:], seed=7))
    assert expected in {node.type for node in imported.graph.nodes.values()}


X = "x"
GROUPS = {  # steps from “x” to “y”, weights, node types between Input and Output
    "gelu": ([step("Div", [X, "r"], ["a"]), step("Erf", ["a"], ["b"]), step("Add", ["b", "one"], ["c"]),
              step("Mul", [X, "c"], ["d"]), step("Mul", ["d", "half"], ["y"])],
             {"r": number(2**0.5), "one": number(1), "half": number(0.5)}, ["gelu"]),
    "silu": ([step("Sigmoid", [X], ["a"]), step("Mul", [X, "a"], ["y"])], {}, ["silu"]),
    "hard swish": ([step("Add", [X, "three"], ["a"]), step("Clip", ["a", "zero", "six"], ["b"]),
                    step("Mul", [X, "b"], ["c"]), step("Div", ["c", "six"], ["y"])],
                   {"three": number(3), "zero": number(0), "six": number(6)}, ["hard_swish"]),
    "layer normalisation": ([
        step("Transpose", [X], ["t"], perm=[0, 2, 3, 1]), step("ReduceMean", ["t", "last"], ["m"]),
        step("Sub", ["t", "m"], ["d"]), step("Pow", ["d", "two"], ["p"]), step("ReduceMean", ["p", "last"], ["v"]),
        step("Add", ["v", "eps"], ["e"]), step("Sqrt", ["e"], ["s"]), step("Div", ["d", "s"], ["n"]),
        step("Mul", ["n", "w"], ["nw"]), step("Add", ["nw", "b"], ["nb"]),
        step("Transpose", ["nb"], ["y"], perm=[0, 3, 1, 2])],
        {"last": whole(-1), "two": number(2), "eps": number(1e-5), "w": drawn(4), "b": drawn(4)},
        ["layer_normalization"]),
    "group normalisation": ([
        step("Reshape", [X, "parts"], ["r"]), step("InstanceNormalization", ["r", "ones", "zeros"], ["i"]),
        step("Shape", [X], ["shape"]), step("Reshape", ["i", "shape"], ["n"]), step("Mul", ["n", "w"], ["nw"]),
        step("Add", ["nw", "b"], ["y"])],
        {"parts": whole(0, 2, -1), "ones": np.ones(2, np.float32), "zeros": np.zeros(2, np.float32),
         "w": drawn(4, 1, 1), "b": drawn(4, 1, 1)}, ["group_normalization"]),
    "channel shuffle": ([step("Reshape", [X, "five"], ["a"]), step("Transpose", ["a"], ["b"], perm=[0, 2, 1, 3, 4]),
                         step("Reshape", ["b", "four"], ["y"])],
                        {"five": whole(-1, 2, 2, 8, 7), "four": whole(-1, 4, 8, 7)}, ["channel_shuffle"]),
    "size read and flattened": ([
        step("Shape", [X], ["s"]), step("Gather", ["s", "zero"], ["n"]), step("Unsqueeze", ["n", "zeros"], ["nn"]),
        step("Concat", ["nn", "rest"], ["to"], axis=0), step("Reshape", [X, "to"], ["f"]),
        step("MatMul", ["f", "w"], ["p"]), step("Add", ["p", "b"], ["y"])],
        {"zero": np.array(0, np.int64), "zeros": whole(0), "rest": whole(-1), "w": drawn(224, 3), "b": drawn(3)},
        ["flatten", "dense"]),
    "offset of a convolution": ([step("Conv", [X, "w"], ["c"]), step("Add", ["c", "b"], ["y"])],
                                {"w": drawn(3, 4, 3, 3), "b": drawn(1, 3, 1, 1)}, ["convolution"]),
    "squeeze and excitation": ([step("GlobalAveragePool", [X], ["a"]), step("Conv", ["a", "w"], ["c"]),
                                step("Sigmoid", ["c"], ["s"]), step("Mul", [X, "s"], ["y"])],
                               {"w": drawn(4, 4, 1, 1)},
                               ["global_average_pooling", "convolution", "sigmoid", "multiply"]),
    "split and joined": ([step("Split", [X], ["a", "b"], axis=1, num_outputs=2), step("Relu", ["a"], ["c"]),
                          step("Concat", ["b", "c", "b"], ["y"], axis=1)], {},
                         ["channel_part", "relu", "channel_part", "scale", "concatenate"]),
}  # fmt: skip


@pytest.mark.parametrize("name", GROUPS)
def test_that_operators_that_make_one_layer_become_one_node(name, tmp_path):
    steps, weights, expected = GROUPS[name]
    imported = compared(model(steps, IMAGE, weights), tmp_path, drawn(3, *IMAGE[1:], seed=7))
    types = [node.type for node in imported.graph.nodes.values()]
    assert sorted(types[1:-1]) == sorted(expected)


def test_that_attention_written_as_products_keeps_its_numbers(tmp_path):
    steps = [
        step("MatMul", ["x", "q"], ["p"]), step("Reshape", ["p", "parts"], ["r"]),
        step("Transpose", ["r"], ["t"], perm=[2, 0, 3, 1, 4]),
        *(step("Gather", ["t", str(place)], [name], axis=0) for place, name in enumerate("abc")),
        step("Transpose", ["b"], ["bt"], perm=[0, 1, 3, 2]), step("MatMul", ["a", "bt"], ["s"]),
        step("Mul", ["s", "small"], ["m"]), step("Softmax", ["m"], ["w"], axis=-1), step("MatMul", ["w", "c"], ["o"]),
        step("Transpose", ["o"], ["ot"], perm=[0, 2, 1, 3]), step("Reshape", ["ot", "whole"], ["y"]),
    ]  # fmt: skip
    weights = {
        "q": drawn(6, 18), "parts": whole(0, 4, 3, 2, 3), "whole": whole(0, 4, 6), "small": number(0.5),
        **{str(place): np.array(place, np.int64) for place in range(3)},
    }  # fmt: skip
    imported = compared(model(steps, SIGNAL, weights), tmp_path, drawn(3, 4, 6))
    assert [node.type for node in imported.graph.nodes.values()].count("matrix_product") == 2


def test_that_a_token_that_is_learned_is_joined_to_each_case(tmp_path):
    steps = [
        step("Shape", ["x"], ["s"], end=1), step("Concat", ["s", "rest"], ["to"], axis=0),
        step("Expand", ["token", "to"], ["e"]), step("Concat", ["e", "x"], ["y"], axis=1),
    ]  # fmt: skip
    compared(model(steps, SIGNAL, {"token": drawn(1, 1, 6), "rest": whole(1, 6)}), tmp_path, drawn(3, 4, 6))


def test_that_indexes_are_looked_up(tmp_path):
    made = model([step("Gather", ["table", "x"], ["y"])], ("n", 5), {"table": drawn(9, 3)}, whole=True)
    compared(made, tmp_path, np.array([[0, 3, 8, 1, 1], [2, 2, 0, 5, 4]]))


def test_that_whole_numbers_written_as_others_are_the_same_numbers(tmp_path):
    steps = [step("Cast", ["x"], ["f"], to=1), step("Mul", ["f", "w"], ["m"]), step("Cast", ["m"], ["h"], to=11),
             step("Cast", ["h"], ["y"], to=1)]  # fmt: skip
    imported = compared(model(steps, ("n", 5), {"w": number(0.25)}, whole=True), tmp_path, np.array([[0, 3, 8, 1, -1]]))
    assert [node.type for node in imported.graph.nodes.values()] == ["input", "scale", "output"]


def test_that_the_softmax_at_the_end_is_left_to_the_output_node(tmp_path):
    made = model([step("Gemm", ["x", "w"], ["s"]), step("Softmax", ["s"], ["y"])], FEATURES, {"w": drawn(6, 3)})
    imported = read_foreign(written(made, tmp_path))
    assert [node.type for node in imported.graph.nodes.values()] == ["input", "dense", "output"]
    assert any("softmax" in left.why for left in imported.left)


REFUSED = {
    "strings of cases": ([step("ReduceMean", ["x", "w"], ["y"])], {"w": whole(0)}, "batch"),
    "unknown": ([step("Hardmax", ["x"], ["y"])], {}, "Hardmax"),
    "resized otherwise": ([step("Resize", ["x", "", "w"], ["y"], mode="cubic")],
                          {"w": np.array([1, 1, 2, 2], np.float32)}, "cubic"),
    "steps": ([step("Slice", ["x", "a", "b", "c", "d"], ["y"])],
              {"a": whole(0), "b": whole(8), "c": whole(2), "d": whole(2)}, "step other than 1"),
    "compared": ([step("Greater", ["x", "w"], ["g"]), step("Cast", ["g"], ["c"], to=1), step("Mul", ["x", "c"], ["y"])],
                 {"w": number(0)}, "Greater"),
    "cut to whole numbers": ([step("Cast", ["x"], ["c"], to=7), step("Cast", ["c"], ["y"], to=1)], {}, "Cast"),
    "shape from values": ([step("NonZero", ["x"], ["i"]), step("Cast", ["i"], ["y"], to=1)], {}, "NonZero"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_that_what_cannot_be_drawn_is_refused_in_one_sentence(name, tmp_path):
    steps, weights, word = REFUSED[name]
    with pytest.raises(ImportRefused) as refusal:
        read_foreign(written(model(steps, IMAGE, weights), tmp_path))
    text = str(refusal.value)
    assert text.startswith("model.onnx")
    assert word in text
    assert text.endswith(".")
