"""Networks made from graphs: the same numbers as by hand, masks that move along, failures that name their node."""

import keyword
import subprocess
import sys
import unicodedata
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from nodes.spec import Call, function, module
from runtime.analysis import analyse
from runtime.compile import Deployed, build, compile_graph
from runtime.document import Document
from runtime.errors import GraphError, NodeFailure
from runtime.graph import Graph, Node
from runtime.names import RESERVED, identifiers
from tests.builders import graphs


def named(*names: str) -> Graph:
    return Graph({f"n{index}": Node(f"n{index}", "relu", name) for index, name in enumerate(names)})


def test_that_a_compiled_network_gives_the_numbers_of_the_same_network_by_hand():
    network = compile_graph(graphs.sound(graphs.classifier()))
    torch.manual_seed(0)
    conv, norm, dense = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.Linear(256, 2)
    images = torch.randn(3, 1, 16, 16)
    scores = network({"image_folder-1": images}).at("dense-1")
    by_hand = dense(nn.functional.max_pool2d(torch.relu(norm(conv(images))), 2).flatten(1))
    assert torch.equal(scores, by_hand)


def test_that_the_seed_of_the_project_decides_the_weights_and_the_callers_random_state_stays():
    graph = graphs.classifier()
    before = torch.random.get_rng_state()
    one, two = (compile_graph(graphs.sound(graph)).state_dict() for _ in range(2))
    other = compile_graph(graphs.sound(graphs.trained_with(graph, seed=7))).state_dict()
    assert torch.equal(before, torch.random.get_rng_state())
    assert all(torch.equal(one[key], two[key]) for key in one)
    assert not torch.equal(one["dense.weight"], other["dense.weight"])


def test_that_the_parameters_counted_without_torch_are_those_that_torch_has():
    analysis = graphs.sound(graphs.classifier())
    assert analysis.parameters == sum(weight.numel() for weight in compile_graph(analysis).parameters())


def test_that_every_trained_number_gets_a_gradient():
    network = compile_graph(graphs.sound(graphs.classifier()))
    network({"image_folder-1": torch.randn(4, 1, 16, 16)}).at("dense-1").sum().backward()
    assert all(weight.grad is not None for weight in network.parameters())


def test_that_wires_into_a_merge_keep_the_order_in_which_they_were_drawn():
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document)
        first, second = (graphs.chain(document, start, [(kind, {})]) for kind in ("sigmoid", "relu"))
        joined = graphs.add(document, "concatenate")
        for node_id in (second, first):
            graphs.wire(document, node_id, joined)
        graphs.wire(document, joined, graphs.add(document, "output"))
    images = torch.randn(1, 1, 16, 16)
    result = compile_graph(graphs.sound(document.graph()))({start: images}).at(joined)
    assert torch.equal(result, torch.cat([images.relu(), images.sigmoid()], 1))


def test_that_nodes_that_nothing_needs_are_neither_built_nor_run():
    document = Document(graphs.classifier())
    with document.edit("Draw"):
        graphs.chain(document, "image_folder-1", [("convolution", {"name": "Loose end"})])
    network = compile_graph(graphs.sound(document.graph()))
    assert not any(name.startswith("loose_end") for name, _ in network.named_children())


def test_that_a_tensor_nobody_asked_for_is_let_go_and_says_so():
    network = compile_graph(graphs.sound(graphs.classifier()))
    result = network({"image_folder-1": torch.randn(2, 1, 16, 16)})
    with pytest.raises(KeyError, match="not kept"):
        result.at("relu-1")


def test_that_an_image_that_is_its_own_target_is_kept():
    document = Document()
    with document.edit("Draw"):
        start = graphs.source(document, label="", classes=(), counts=())
        last = graphs.chain(document, start, [("convolution", {"filters": 1})])
        graphs.judge(document, last, start, "image", "squared_error")
    images = torch.randn(2, 1, 16, 16)
    assert compile_graph(graphs.sound(document.graph()))({start: images}).at(start, "image") is images


def test_that_masks_move_along_with_their_images():
    steps = [("resize", {"size": (8, 12), "fit": "pad"}), ("augment", {"flip_horizontal": True, "probability": 1.0})]
    network = compile_graph(graphs.sound(graphs.segmenter(before=steps)))
    masks = torch.zeros(2, 16, 16, dtype=torch.int64)
    masks[:, 4:12, 6:14] = 1
    images = masks[:, None].float()
    result = network({"image_folder-1": images}, {"image_folder-1": masks})
    assert result.masks["image_folder-1"].shape == (2, 8, 12)
    assert result.masks["image_folder-1"].dtype == torch.int64
    assert result.masks["image_folder-1"].any()
    assert masks.shape == (2, 16, 16)


def test_that_image_and_mask_stay_on_each_other_under_augmentation():
    steps = [("augment", {"rotate": 40, "shift": 10, "zoom": 20, "probability": 1.0, "name": "Shake"})]
    document = Document(graphs.segmenter(before=steps))
    with document.edit("Look at the augmented image"):
        graphs.wire(document, "augment-1", graphs.add(document, ("output", {"name": "Seen"})))
    network = compile_graph(graphs.sound(document.graph()))
    masks = torch.zeros(4, 16, 16, dtype=torch.int64)
    masks[:, 3:9, 5:14] = 1
    result = network({"image_folder-1": masks[:, None].float()}, {"image_folder-1": masks})
    seen = result.at("augment-1")[:, 0]
    agreeing = ((seen > 0.5) == (result.masks["image_folder-1"] > 0)).float().mean()
    assert agreeing > 0.97
    assert not torch.equal(result.masks["image_folder-1"], masks)


def test_that_augmentations_in_a_row_resample_once_and_take_back_what_they_do():
    flips = [("augment", {"flip_horizontal": True, "rotate": 0, "shift": 0, "zoom": 0, "probability": 1.0})] * 2
    document = Document(graphs.segmenter(before=flips))
    with document.edit("Look at the augmented image"):
        graphs.wire(document, "augment-2", graphs.add(document, ("output", {"name": "Seen"})))
    network = compile_graph(graphs.sound(document.graph()))
    images = torch.randn(3, 1, 16, 16)
    result = network({"image_folder-1": images}, {"image_folder-1": (images[:, 0] > 0).long()})
    assert torch.allclose(result.at("augment-2"), images, atol=1e-5)
    assert torch.equal(result.masks["image_folder-1"], (images[:, 0] > 0).long())
    with pytest.raises(KeyError):
        result.at("augment-1")


def test_that_one_mask_on_two_different_ways_is_refused_in_words():
    document = Document(graphs.segmenter())
    with document.edit("Draw"):
        other = graphs.chain(
            document, "image_folder-1", [("resize", {"size": 8}), ("convolution", {"filters": 2, "name": "Coarse"})]
        )
        graphs.judge(document, other, "image_folder-1", "mask", ("dice_loss", {"name": "Coarse loss"}))
    analysis = analyse(document.graph())
    (problem,) = analysis.problems
    assert (problem.node, problem.field, problem.severity) == ("dice_loss-2", "target", "error")
    assert "“Coarse loss” compares the mask" in problem.message
    assert "resized or augmented in another way" in problem.message
    with pytest.raises(GraphError, match="in another way"):
        compile_graph(analysis)
    with document.edit("The same way for both"):
        document.change("resize-1", size=(16, 16))
        document.disconnect(next(w for w in document.graph().wires_into("convolution-1")))
        graphs.wire(document, "resize-1", "convolution-1")
    assert not analyse(document.graph()).problems


def test_that_a_graph_with_errors_is_refused_with_every_problem():
    document = Document(graphs.classifier())
    with document.edit("Break it twice"):
        document.change("convolution-1", kernel=-3)
        document.change("dense-1", units="many")
    with pytest.raises(GraphError) as caught:
        compile_graph(graphs.analyse(document.graph()))
    assert {problem.node for problem in caught.value.problems} >= {"convolution-1", "dense-1"}


def test_that_a_graph_with_nothing_at_its_end_is_refused():
    document = Document()
    with document.edit("Draw"):
        graphs.source(document)
    with pytest.raises(GraphError, match="add an Output"):
        compile_graph(graphs.sound(document.graph()))


def test_that_a_failure_names_the_node_and_what_came():
    network = compile_graph(graphs.sound(graphs.classifier()))
    with pytest.raises(NodeFailure, match=r"“Dense”.* failed on an input of 2×400") as caught:
        network({"image_folder-1": torch.randn(2, 1, 20, 20)})
    assert caught.value.node == "dense-1"


def test_that_a_constant_takes_the_size_of_the_batch_from_what_is_fed():
    document = Document()
    with document.edit("Draw"):
        start = graphs.add(document, ("input", {"shape": (3,)}))
        constant = graphs.add(document, ("constant", {"shape": (3,), "value": 2.0}))
        total = graphs.add(document, "add")
        for node_id in (constant, start):
            graphs.wire(document, node_id, total)
        graphs.wire(document, total, graphs.add(document, "output"))
    network = compile_graph(graphs.sound(document.graph()))
    assert network.inputs == (start,)
    assert torch.equal(network({start: torch.ones(5, 3)}).at(total), torch.full((5, 3), 3.0))


def test_that_the_deployed_model_takes_any_size_and_gives_probabilities():
    network = compile_graph(graphs.sound(graphs.classifier(before=["augment"])))
    deployed = Deployed(network)
    deployed.train()
    (answer,) = deployed(torch.randn(3, 1, 31, 9) * 100)
    assert not network.training
    assert answer.shape == (3, 2)
    assert torch.allclose(answer.sum(1), torch.ones(3))


def test_that_training_never_changes_what_the_deployed_model_does_with_preparation():
    analysis = graphs.sound(graphs.classifier(before=[("window", {"preset": "lung"}), "augment"]))
    network = compile_graph(analysis)
    image = torch.randn(2, 1, 16, 16) * 500
    (answer,) = Deployed(network)(image)
    scores = network({"image_folder-1": image}).at("dense-1")
    assert torch.allclose(answer, scores.softmax(1), atol=1e-6)


def test_that_calls_are_built_from_torch_and_our_modules_only():
    assert isinstance(build(module("torch.nn.ReLU")), nn.ReLU)
    joined = build(function("torch.cat", listed=True, dim=0))
    assert joined(torch.ones(1), torch.ones(2)).shape == (3,)
    for target in ("os.system", "torch.no_such_thing", "runtime.modules.none.Such"):
        with pytest.raises(ValueError, match=target.rpartition(".")[2]):
            build(Call(target, {}))


def test_that_names_are_free_of_what_a_torch_module_has():
    assert set(dir(nn.Module())) - RESERVED - {name for name in dir(nn.Module()) if name.startswith("_")} == set()


def test_that_names_of_any_script_become_readable_identifiers():
    drawn = named("Conv 1", "conv-1", "forward", "class", "Зерно", "畳み込み", "3×3", "🩻", "ﬁlter", "")
    given_names = identifiers(drawn)
    assert list(given_names.values()) == [
        "conv_1", "conv_1_2", "forward_2", "class_2", "зерно", "畳み込み", "n_3_3", "relu", "filter", "relu_2",
    ]  # fmt: skip


@given(st.lists(st.text(max_size=80), max_size=8))
def test_that_any_names_become_unique_identifiers_that_python_reads_unchanged(names: list[str]):
    given_names = list(identifiers(named(*names)).values())
    assert len(set(given_names)) == len(names)
    for name in given_names:
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert unicodedata.normalize("NFKC", name) == name
        assert not hasattr(nn.Module, name)
        assert not name.startswith("_")


def test_that_names_stay_when_the_graph_is_drawn_again():
    graph = graphs.classifier()
    moved = replace(graph, nodes={key: replace(node, position=(9.0, 9.0)) for key, node in graph.nodes.items()})
    assert identifiers(graph) == identifiers(moved)


def test_that_planning_naming_and_contracts_need_no_torch():
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import runtime.plan, runtime.names, runtime.errors, runtime.source\n"
        "import runtime.delivery.contract, runtime.delivery.answers"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
