"""ONNX files as other programs wrote them become drawings with onnxruntime's numbers; bad ones are refused in words."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from onnx.helper import make_node as step

from runtime.analysis import analyse
from runtime.compile import compile_graph
from runtime.document import Document
from runtime.files import load_graph
from runtime.framed import BAR
from runtime.graph import Graph
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import ImportRefused
from runtime.importing.onnx.weights import onnx_weights
from runtime.importing.writing import write_imported
from runtime.weights.starting import start_of
from tests.builders import graphs
from tests.builders.onnx_models import TOLERANCE, by_drawing, by_onnxruntime, difference, model, network_of, written

ONE_LAYER = (
    "AvgPool2d", "BatchNorm2d_eval", "Conv2d", "Conv2d_depthwise", "Conv2d_padding", "Conv2d_strided", "Conv3d",
    "ConvTranspose2d", "ELU", "Embedding", "LeakyReLU", "Linear", "MaxPool2d", "MaxPool3d", "PReLU_2d", "PixelShuffle",
    "ReLU", "Sigmoid", "Softmax", "ZeroPad2d",
)  # fmt: skip
SMALL = ("iris_mlp/Network", "pytorch_cifar10/ImageClassifier", "pytorch_mnist_onnx2c/pytorch")
LARGE = ("bvlc_alexnet", "resnet50", "squeezenet", "vgg19", "zfnet512")


def stored(folder: Path, number: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """An input and the output that its makers stored with a model."""
    place = folder / f"test_data_set_{number}"
    image, answer = (numpy_helper.to_array(onnx.load_tensor(place / f"{name}_0.pb")) for name in ("input", "output"))
    return image, answer


@pytest.mark.parametrize("name", ONE_LAYER)
def test_that_a_layer_of_pytorch_gives_its_stored_answer(real_data, name):
    folder = real_data / "onnx" / "pytorch-converted" / f"test_{name}"
    image, answer = stored(folder)
    (given,) = by_drawing(read_foreign(folder / "model.onnx"), [image])
    assert difference(given, answer) <= TOLERANCE


def test_that_a_network_of_cntk_gives_its_stored_answers(real_data):
    imported = read_foreign(real_data / "onnx" / "mnist-8" / "model.onnx")
    for number in range(2):
        image, answer = stored(real_data / "onnx" / "mnist-8", number)
        assert difference(by_drawing(imported, [image])[0], answer) <= TOLERANCE


@pytest.mark.parametrize("name", SMALL)
def test_that_a_network_of_pytorch_gives_the_answers_of_onnxruntime(real_data, name):
    path = real_data / "onnx" / f"{name}.onnx"
    imported = read_foreign(path)
    (shape,) = (node.settings["shape"] for node in imported.graph.nodes.values() if node.type == "input")
    image = np.random.default_rng(0).random((1, *shape)).astype(np.float32)
    assert difference(by_drawing(imported, [image])[0], by_onnxruntime(path, [image])[0]) <= TOLERANCE


@pytest.mark.long
def test_that_operators_that_were_tried_out_are_understood(real_data):
    path = real_data / "onnx" / "style_transfer" / "candy.onnx"
    image = (np.random.default_rng(0).random((1, 3, 720, 720)) * 255).astype(np.float32)
    assert difference(by_drawing(read_foreign(path), [image])[0], by_onnxruntime(path, [image])[0]) <= TOLERANCE


@pytest.mark.long
@pytest.mark.parametrize("name", LARGE)
def test_that_a_large_network_gives_the_raw_scores_of_onnxruntime_and_its_stored_answer(real_data, name):
    path = real_data / "onnx" / "light" / f"light_{name}.onnx"
    softmax = onnx.load(path).graph.node[-1]
    image = np.random.default_rng(0).random((1, 3, 224, 224)).astype(np.float32)
    (given,) = by_drawing(read_foreign(path), [image])
    (scores,) = by_onnxruntime(path, [image], end=softmax.input[0])
    assert difference(given, scores) <= TOLERANCE
    answer = numpy_helper.to_array(onnx.load_tensor(path.with_name(f"light_{name}_output_0.pb")))
    chances = torch.softmax(torch.from_numpy(given), 1).numpy()
    assert difference(chances.reshape(-1), answer.reshape(-1)) <= TOLERANCE


def test_that_a_file_without_an_operator_set_is_refused(real_data):
    with pytest.raises(ImportRefused, match=r"^super_resolution.onnx does not say which operator set"):
        read_foreign(real_data / "onnx" / "super_resolution" / "super_resolution.onnx")


def small() -> onnx.ModelProto:
    generator = np.random.default_rng(1)
    weights = {
        "stem.weight": generator.normal(size=(3, 1, 3, 3)).astype(np.float32) / 3,
        "head.weight": generator.normal(size=(2, 3)).astype(np.float32),
        "head.bias": np.zeros(2, np.float32),
    }  # fmt: skip
    steps = [
        step("Conv", ["x", "stem.weight"], ["a"]), step("Relu", ["a"], ["b"]),
        step("GlobalAveragePool", ["b"], ["c"]), step("Flatten", ["c"], ["d"]),
        step("Gemm", ["d", "head.weight", "head.bias"], ["y"], transB=1),
    ]  # fmt: skip
    return model(steps, ("n", 1, 9, 9), weights)


def test_that_a_drawing_keeps_the_names_of_its_weights_and_is_a_project_that_begins_with_them(tmp_path):
    imported = read_foreign(written(small(), tmp_path))
    assert sorted(imported.weights) == ["head.bias", "head.weight", "stem.weight"]
    done = write_imported(imported, tmp_path / "taken.netloom")
    graph = load_graph(done.project).graph
    assert graph.nodes == imported.graph.nodes
    begins_with_all(graph, imported)


def test_that_an_onnx_file_is_named_as_the_weights_of_a_drawing(tmp_path):
    path = written(small(), tmp_path)
    imported = read_foreign(path)
    training = replace(imported.graph.training, weights_from=str(path))
    begins_with_all(replace(imported.graph, training=training), imported)


def test_that_normalisations_which_an_onnx_file_has_merged_are_told(tmp_path):
    path = written(small(), tmp_path)
    document = Document()
    with document.edit("Draw"):
        start = graphs.add(document, ("input", {"shape": [1, 9, 9]}))
        stem = ("convolution", {"name": "stem", "filters": 3, "kernel": 3, "bias": False})
        last = graphs.chain(document, start, [stem, "batch_normalization", "relu", "global_average_pooling"])
        graphs.chain(document, last, ["flatten", ("dense", {"name": "head", "units": 2}), "output"])
    graph = document.graph()
    report = start_of(analyse(replace(graph, training=replace(graph.training, weights_from=str(path))))).report
    assert [row.layer for row in report.new] == ["batch_normalization"]
    assert any("normalisation merged" in said for said in report.sentences())


def begins_with_all(graph, imported):
    analysis = analyse(graph)
    start, network = start_of(analysis), compile_graph(analysis)
    assert not start.report.new
    assert not start.report.unused
    start.put(network)
    assert (network.state_dict()["head.weight"].numpy() == imported.weights["head.weight"]).all()


def test_that_a_drawing_learns(tmp_path):
    imported = read_foreign(written(small(), tmp_path))
    network = network_of(imported).train()
    torch.manual_seed(0)
    images, classes = torch.randn(8, 1, 9, 9), torch.randint(0, 2, (8,))
    optimizer = torch.optim.Adam(network.parameters(), lr=0.05)
    losses = []
    for _ in range(10):
        scores = network({network.inputs[0]: images}).at(_last(imported.graph), "out")
        loss = torch.nn.functional.cross_entropy(scores, classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]


def _last(graph: Graph) -> str:
    (end,) = (node_id for node_id, node in graph.nodes.items() if node.type == "output")
    return graph.wires_into(end)[0].source


def test_that_nodes_lie_from_top_to_bottom_and_none_on_another(tmp_path):
    steps = [step("Conv", ["x", name], [2 * name]) for name in "abc"]
    steps.append(step("Concat", ["aa", "bb", "cc"], ["y"], axis=1))
    weights = {name: np.ones((2, 3, 1, 1), np.float32) for name in "abc"}
    graph = read_foreign(written(model(steps, ("n", 3, 8, 8), weights), tmp_path)).graph
    for wire in graph.wires:
        assert graph.nodes[wire.source].position[1] < graph.nodes[wire.target].position[1]
    places = [node.position for node in graph.nodes.values()]
    for one, other in itertools.combinations(places, 2):
        assert any(abs(one[axis] - other[axis]) > BAR[axis] for axis in (0, 1))


def test_that_the_weights_alone_can_be_read(tmp_path):
    found = onnx_weights(written(small(), tmp_path))
    assert {name: array.shape for name, array in found.items()} == {
        "stem.weight": (3, 1, 3, 3), "head.weight": (2, 3), "head.bias": (2,)
    }  # fmt: skip


def test_that_a_damaged_file_is_refused(tmp_path):
    path = written(small(), tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ImportRefused, match=r"^model.onnx is damaged|^model.onnx is no valid"):
        read_foreign(path)


def test_that_weights_are_read_beside_the_file_and_nowhere_else(tmp_path):
    beside = tmp_path / "model"
    beside.mkdir()
    made = small()
    onnx.save(made, beside / "model.onnx", save_as_external_data=True, location="weights.bin", size_threshold=0)
    assert len(read_foreign(beside / "model.onnx").weights) == 3
    (beside / "weights.bin").rename(tmp_path / "weights.bin")
    with pytest.raises(ImportRefused, match="not there"):
        read_foreign(beside / "model.onnx")
    outside = onnx.load(beside / "model.onnx", load_external_data=False)
    for tensor in outside.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location":
                entry.value = "../weights.bin"
    (beside / "model.onnx").write_bytes(outside.SerializeToString())
    with pytest.raises(ImportRefused, match="not in its own folder"):
        read_foreign(beside / "model.onnx")


def test_that_a_free_size_is_chosen_and_told(tmp_path):
    made = model([step("Relu", ["x"], ["y"])], ("n", 3, "rows", "columns"))
    imported = read_foreign(written(made, tmp_path))
    assert any("3×224×224" in left.why for left in imported.left)


def test_that_a_newer_operator_set_is_refused(tmp_path):
    made = model([step("Relu", ["x"], ["y"])], ("n", 3), opset=9999)
    with pytest.raises(ImportRefused, match="operator set 9999"):
        read_foreign(written(made, tmp_path))
