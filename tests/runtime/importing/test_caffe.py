"""Networks and solvers of Caffe become drawings; the counts of weights are those that Caffe has."""

from dataclasses import replace

import pytest

from runtime.importing.foreign import read_foreign
from tests.builders.imported import learned_a_step, with_data

FILES = {  # by path: channels, trained numbers as published, whether a solver trains it
    "examples/mnist/lenet.prototxt": (1, 431_080, False),
    "examples/mnist/lenet_train_test.prototxt": (1, 431_080, False),
    "examples/mnist/lenet_solver.prototxt": (1, 431_080, True),
    "examples/cifar10/cifar10_quick_train_test.prototxt": (3, 145_578, False),
    "examples/cifar10/cifar10_quick_solver.prototxt": (3, 145_578, True),
    "models/bvlc_alexnet/deploy.prototxt": (3, 60_965_224, False),
    "models/bvlc_alexnet/train_val.prototxt": (3, 60_965_224, False),
    "models/bvlc_alexnet/solver.prototxt": (3, 60_965_224, True),
}
SIZES = {"mnist": (28, 28), "cifar10": (32, 32)}


def sized(graph, name):
    """The drawing with the size of its images, where the file leaves that to the data."""
    size = next((size for stem, size in SIZES.items() if stem in name), None)
    nodes = {
        key: replace(node, settings={"size": size, **node.settings}) if size and node.type == "image_folder" else node
        for key, node in graph.nodes.items()
    }
    return replace(graph, nodes=nodes)


@pytest.mark.parametrize("name", FILES)
def test_that_a_file_of_caffe_opens_with_its_count_of_weights(real_data, name):
    channels, parameters, solved = FILES[name]
    found = read_foreign(real_data / "caffe_prototxt" / name)
    analysis = with_data(sized(found.graph, name), channels)
    assert not analysis.errors
    assert analysis.parameters == parameters
    told = " ".join(one.what for one in found.left)
    assert ("how the network is trained" in told) == ("train" in name)
    if solved and parameters < 1_000_000:
        assert not learned_a_step(analysis)


def test_that_all_shared_files_are_tried(real_data):
    folder = real_data / "caffe_prototxt"
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*.prototxt")} == set(FILES)


def test_that_batchnorm_and_scale_are_one_node_and_layers_may_write_where_they_read(tmp_path):
    text = """
    input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8
    layer { name: "conv" type: "Convolution" bottom: "data" top: "a"
            convolution_param { num_output: 4 kernel_h: 3 kernel_w: 1 pad_h: 1 pad_w: 0 bias_term: false } }
    layer { name: "norm" type: "BatchNorm" bottom: "a" top: "a" }
    layer { name: "gain" type: "Scale" bottom: "a" top: "a" scale_param { bias_term: true } }
    layer { name: "relu" type: "ReLU" bottom: "a" top: "a" }
    layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "a" top: "b" }
    """
    path = tmp_path / "small.prototxt"
    path.write_text(text, encoding="utf-8")
    found = read_foreign(path)
    kinds = [node.type for node in found.graph.nodes.values() if node.type not in ("comment", "output")]
    assert kinds == ["image_folder", "convolution", "batch_normalization", "relu", "add"]
    analysis = with_data(found.graph)
    assert not analysis.errors
    assert analysis.parameters == 3 * 4 * 3 + 2 * 4


def test_that_a_solver_tells_what_it_sets_and_what_is_otherwise_here(tmp_path):
    (tmp_path / "net.prototxt").write_text("""
    name: "Small"
    layer { name: "pictures" type: "Data" top: "data" top: "label" transform_param { crop_size: 8 }
            data_param { source: "shown/train_lmdb" batch_size: 20 } }
    layer { name: "dense" type: "InnerProduct" bottom: "data" top: "d" param { lr_mult: 1 } param { lr_mult: 2 }
            inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "d" bottom: "label" }
    """, encoding="utf-8")  # fmt: skip
    solver = tmp_path / "solver.prototxt"
    solver.write_text('net: "net.prototxt" base_lr: 0.1 weight_decay: 0.02 lr_policy: "fixed" clip_gradients: 35')
    found = read_foreign(solver)
    assert "Batches of 20." in found.taken
    assert not any("epochs" in said for said in found.taken)
    assert any("weight decay 0.02" in said for said in found.taken)
    assert found.graph.training.clip == 35
    told = " ".join(one.what for one in found.left)
    for word in ("biases of “dense”", "pieces of 8 pixels", "xavier", "shown/train_lmdb"):
        assert word in told
