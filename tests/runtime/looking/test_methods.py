"""Maps are those that captum makes of an equal network written by hand."""

import numpy as np
import pytest
import torch
from captum.attr import LRP, IntegratedGradients, LayerAttribution, LayerGradCam, Occlusion
from captum.attr._utils.lrp_rules import EpsilonRule
from torch import nn

from runtime.compile import compile_graph
from runtime.errors import NodeFailure, RunError
from runtime.looking.explained import Explained
from runtime.looking.methods import explained_for, gradcam_node, method_map
from tests.builders import graphs

LAYERS = (
    ("convolution", {"filters": 3}), "batch_normalization", "relu", "max_pooling",
    ("convolution", {"filters": 4, "name": "Second"}), "relu", "flatten",
)  # fmt: skip
BEFORE = (("normalise", {"method": "range to 0–1", "low": 0.0, "high": 200.0}),)


SIDES = {1: (32,), 2: (16, 16), 3: (8, 8, 8)}
MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


class ByHand(nn.Module):
    """The same network as a person would write it; it takes the image as normalised."""

    def __init__(self, axes=2):
        super().__init__()
        conv, norm, pool = {
            1: (nn.Conv1d, nn.BatchNorm1d, nn.MaxPool1d), 2: (nn.Conv2d, nn.BatchNorm2d, nn.MaxPool2d),
            3: (nn.Conv3d, nn.BatchNorm3d, nn.MaxPool3d),
        }[axes]  # fmt: skip
        self.conv1, self.norm = conv(1, 3, 3, padding=1), norm(3)
        self.relu1, self.pool = nn.ReLU(), pool(2)
        self.conv2, self.relu2 = conv(3, 4, 3, padding=1), nn.ReLU()
        self.dense = nn.Linear(4 * (SIDES[axes][0] // 2) ** axes, 2)

    def forward(self, image):
        found = self.pool(self.relu1(self.norm(self.conv1(image))))
        return self.dense(torch.flatten(self.relu2(self.conv2(found)), 1))


def both(axes=2):
    """A network of nodes and the same by hand, with the same weights, none of them as torch begins with."""
    side = SIDES[axes]
    of = {"kind": "signals", "length": side[0]} if axes == 1 else {"size": side}
    graph = graphs.classifier(layers=LAYERS, before=BEFORE, found_size=side, **of)
    network = compile_graph(graphs.sound(graph)).eval()
    torch.manual_seed(3)
    for name, tensor in network.state_dict().items():
        if "num_batches" not in name:
            tensor.copy_(torch.rand_like(tensor) + 0.5 if "running_var" in name else torch.randn_like(tensor) * 0.4)
    hand = ByHand(axes).eval()
    hand.load_state_dict(dict(zip(hand.state_dict(), network.state_dict().values(), strict=True)))
    return network, hand, torch.rand(1, 1, *side) * 200


def same(ours, theirs, tolerance=1e-4):
    ours, theirs = ours.detach().numpy(), theirs.detach().numpy()
    assert ours.shape == theirs.shape
    assert np.abs(theirs).max() > 0
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_the_network_that_is_explained_gives_the_scores_of_the_network(axes):
    network, hand, image = both(axes)
    same(Explained(network)(image), hand(image / 200))


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_grad_cam_is_that_of_captum(axes):
    network, hand, image = both(axes)
    explained = explained_for(network, "gradcam")
    assert explained.analysis.title(gradcam_node(explained)) == "Relu 2"
    theirs = LayerGradCam(hand, hand.relu2).attribute(image / 200, target=1, relu_attributions=True)
    large = LayerAttribution.interpolate(theirs, tuple(image.shape[2:]), MODES[axes])
    same(method_map(explained, image, 1, "gradcam"), large[0, 0])


def test_that_grad_cam_is_made_of_the_node_that_is_named():
    network, hand, image = both()
    theirs = LayerGradCam(hand, hand.conv1).attribute(image / 200, target=0, relu_attributions=True)
    large = LayerAttribution.interpolate(theirs, (16, 16), "bilinear")
    first = next(node for node in network.analysis.order if node.startswith("convolution"))
    same(method_map(explained_for(network, "gradcam"), image, 0, "gradcam", first), large[0, 0])


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_occlusion_is_that_of_captum(axes):
    network, hand, image = both(axes)
    plain = (image / 200).mean().expand_as(image)
    theirs = Occlusion(hand).attribute(
        image / 200, sliding_window_shapes=(1, *[2] * axes), strides=(1, *[1] * axes), baselines=plain, target=1
    )
    same(method_map(explained_for(network, "occlusion"), image, 1, "occlusion"), theirs[0, 0])


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_integrated_gradients_are_those_of_captum_and_add_up_to_the_change_of_the_score(axes):
    network, hand, image = both(axes)
    dark = ((image / 200).mean() if axes == 1 else (image / 200).amin()).expand_as(image)  # of a signal its mean
    theirs = IntegratedGradients(hand).attribute((image / 200).requires_grad_(), baselines=dark, target=0, n_steps=50)
    ours = method_map(explained_for(network, "gradients"), image, 0, "gradients")
    same(ours, theirs[0, 0])
    change = float((hand(image / 200) - hand(dark))[0, 0].detach())
    assert float(ours.sum()) == pytest.approx(change, abs=0.05 * abs(change) + 0.02)


def by_captum(hand, image, target):
    for module in hand.children():
        if isinstance(module, nn.Conv1d | nn.BatchNorm1d | nn.Conv3d | nn.BatchNorm3d):
            module.rule = EpsilonRule()  # captum has default rules for two axes alone
    return LRP(hand).attribute((image / 200).requires_grad_(), target=target)


@pytest.mark.parametrize("axes", [1, 2, 3])
def test_that_relevance_is_that_of_captum(axes):
    network, hand, image = both(axes)
    theirs = by_captum(hand, image, 1)
    same(method_map(explained_for(network, "relevance"), image, 1, "relevance"), theirs[0, 0], 1e-3)


def test_that_relevance_adds_up_to_the_score_through_branches_and_other_activations():
    layers = (("convolution", {"filters": 4, "bias": False}), "leaky_relu", "average_pooling", "flatten")
    graph = graphs.classifier(layers=layers, before=("normalise",))
    network = compile_graph(graphs.sound(graph)).eval()
    torch.nn.init.zeros_(network.get_parameter("dense.bias"))
    explained = explained_for(network, "relevance")
    image = torch.rand(1, 1, 16, 16) * 100
    score = float(explained(image)[0, 1].detach())
    assert float(method_map(explained, image, 1, "relevance").sum()) == pytest.approx(score, rel=1e-3)


def test_that_a_layer_that_relevance_cannot_explain_is_named():
    layers = ("convolution", ("group_normalization", {"groups": 4, "name": "Norm of mine"}), "relu", "flatten")
    network = compile_graph(graphs.sound(graphs.classifier(layers=layers)))
    with pytest.raises(NodeFailure, match="through “Norm of mine”") as told:
        explained_for(network, "relevance")
    assert told.value.node.startswith("group_normalization")


def test_that_grad_cam_without_a_convolution_says_what_to_choose():
    network = compile_graph(graphs.sound(graphs.classifier(layers=("flatten",))))
    with pytest.raises(RunError, match="choose occlusion"):
        method_map(explained_for(network, "gradcam"), torch.rand(1, 1, 16, 16), 0, "gradcam")


@pytest.mark.parametrize("method", ["gradcam", "occlusion", "gradients", "relevance"])
def test_that_masks_are_explained_by_the_sum_over_the_pixels_of_a_class(method):
    network = compile_graph(graphs.sound(graphs.segmenter())).eval()
    explained = explained_for(network, method)
    image = torch.rand(1, 1, 16, 16) * 100
    scores = explained.scores(image).detach()
    count = explained.look_at(scores, 1)
    inside = (scores.argmax(1) == 1)[0]
    assert count == int(inside.sum()) > 0
    assert float(explained(image)[0, 1].detach()) == pytest.approx(float(scores[0, 1][inside].sum()), rel=1e-4)
    found = method_map(explained, image, 1, method)
    assert found.shape == (16, 16)
    assert torch.isfinite(found).all()
    assert float(found.abs().max()) > 0
