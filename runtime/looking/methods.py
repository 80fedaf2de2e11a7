"""Four ways to say which pixels, or moments of a signal, an answer rests on, as captum computes them."""

from __future__ import annotations

import torch
from torch import Tensor

from runtime.compile import Network
from runtime.errors import RunError
from runtime.looking.explained import Explained
from runtime.looking.method_names import Method
from runtime.looking.relevance import elementwise_nodes

_STEPS = 50  # of the path that integrated gradients follow
_AT_ONCE = 8  # images that go through the network together
_PATCHES = {1: 16, 2: 8, 3: 5}  # how many covers fit along an axis, by the number of axes
_MODES = {1: "linear", 2: "bilinear", 3: "trilinear"}


def explained_for(network: Network, method: Method, output: str = "") -> Explained:
    """The network as this method takes it. Raises RunError for an output that has no map, or that it cannot explain."""
    explained = Explained(network, output)
    if explained.contract.task == "detection":
        raise RunError("This output answers with boxes, which say themselves where something is; maps are of classes, "
                       "numbers and masks.")  # fmt: skip
    if method != "relevance":
        return explained
    return Explained(network, output, elementwise_nodes(network.analysis, explained.plan))


def method_map(explained: Explained, image: Tensor, target: int, method: Method, node: str = "") -> Tensor:
    """How much each pixel speaks for a class: (*size) for an image (1, C, *size) in real units.

    gradcam: Selvaraju et al. 2017 (doi 10.1109/ICCV.2017.74), of the activations of `node`; never negative.
    occlusion: Zeiler and Fergus 2014 (doi 10.1007/978-3-319-10590-1_53), covered with the image's mean value.
    gradients: integrated gradients, Sundararajan et al. 2017 (arXiv 1703.01365), from an image that has the darkest
    value everywhere, of a signal from the mean of each lead. relevance: layer-wise relevance propagation with the
    epsilon rule. The last three are summed over channels and are negative where a pixel speaks against the class.
    """
    match method:
        case "gradcam":
            return _gradcam(explained, image, target, node)
        case "occlusion":
            found = _occlusion(explained, image, target)
        case "gradients":
            found = _gradients(explained, image, target)
        case "relevance":
            found = _relevance(explained, image, target)
    return found.detach().sum(1)[0]


def gradcam_node(explained: Explained) -> str:
    """The node whose activations Grad-CAM weighs, unless told: the last one at the size of the last convolution before
    the scores. Raises RunError when there is no convolution."""
    facts = explained.analysis.facts
    before = (work.node for work in explained.plan.work if work.node != explained.place[0])
    maps = [node for node in before if _is_map(explained, node)]
    trained = [node for node in maps if facts[explained.analysis.shares.get(node, node)].parameters]
    if not trained:
        raise RunError(
            "Grad-CAM weighs the feature maps of a convolution, and none lies before the scores; choose occlusion, "
            "gradients or relevance."
        )
    size = (facts[trained[-1]].shape or ())[1:]
    return [node for node in maps[maps.index(trained[-1]) :] if (facts[node].shape or ())[1:] == size][-1]


def _is_map(explained: Explained, node: str) -> bool:
    """Whether a node gives channels of pixels."""
    shape = explained.analysis.facts[node].shape or ()
    return len(shape) > 1 and max(shape[1:]) > 1


def _gradcam(explained: Explained, image: Tensor, target: int, node: str) -> Tensor:
    from captum.attr import LayerAttribution, LayerGradCam

    node = node or gradcam_node(explained)
    if node not in explained.at or not _is_map(explained, node):
        raise RunError(
            f"“{explained.analysis.title(node)}” gives no feature maps for this answer; choose another node."
        )
    grad_cam = LayerGradCam(explained, explained.at[node])
    found = grad_cam.attribute(image.clone().requires_grad_(), target=target, relu_attributions=True)
    sides = tuple(image.shape[2:])
    large: Tensor = LayerAttribution.interpolate(found.detach(), sides, _MODES[len(sides)])
    return large[0, 0]


def _occlusion(explained: Explained, image: Tensor, target: int) -> Tensor:
    from captum.attr import Occlusion

    sides = image.shape[2:]
    window = tuple(max(1, -(-side // _PATCHES[len(sides)])) for side in sides)
    steps = tuple(max(1, side // 2) for side in window)
    with torch.no_grad():
        found: Tensor = Occlusion(explained).attribute(
            image, sliding_window_shapes=(image.shape[1], *window), strides=(image.shape[1], *steps),
            baselines=_plain(image, image.flatten(2).mean(2)), target=target, perturbations_per_eval=_AT_ONCE,
        )  # fmt: skip
    return found


def _gradients(explained: Explained, image: Tensor, target: int) -> Tensor:
    from captum.attr import IntegratedGradients

    found: Tensor = IntegratedGradients(explained).attribute(
        image.clone().requires_grad_(), baselines=_plain(image, _nothing(image)), target=target,
        n_steps=_STEPS, internal_batch_size=_AT_ONCE,
    )  # fmt: skip
    return found


def _relevance(explained: Explained, image: Tensor, target: int) -> Tensor:
    from captum.attr import LRP
    from captum.attr._utils.lrp_rules import EpsilonRule

    for module in explained.modules():
        if module is not explained and not list(module.children()):
            module.rule = EpsilonRule()
    found: Tensor = LRP(explained).attribute(image.clone().requires_grad_(), target=target)
    return found


def _nothing(image: Tensor) -> Tensor:
    """(1, C) what each channel has where there is nothing: the darkest value, of a signal the mean of a lead."""
    flat = image.flatten(2)
    return flat.mean(2) if image.dim() == 3 else flat.amin(2)


def _plain(image: Tensor, values: Tensor) -> Tensor:
    """An image of the same size that has one value a channel."""
    return values.reshape(*values.shape, *[1] * (image.dim() - 2)).expand_as(image)
