"""With the weights of torchvision's ResNet-18 our template gives the answers of torchvision's ResNet-18."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from runtime.analysis import analyse
from runtime.compile import compile_graph
from runtime.weights.reading import read_weights
from runtime.weights.starting import Start, matched
from tests.builders.torch_resnet import ResNet18, with_random_numbers
from tests.runtime.test_template_networks import brought_to, fitted


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[ResNet18, Path]:
    network = with_random_numbers(ResNet18(5), 3)
    path = tmp_path_factory.mktemp("weights") / "resnet18.pth"
    torch.save(network.state_dict(), path)
    return network, path


def answered(path: Path, channels: int, images: Tensor) -> tuple[Tensor, Tensor]:
    """What enters the first layer of the template that was given these weights, and its scores."""
    network = compile_graph(analyse(brought_to(fitted("resnet-18", 5, channels), 64))).eval()
    tensors = read_weights(path)
    start = Start(matched(network, tensors, path.name), tensors, ())
    assert not start.report.new
    start.put(network)
    seen: list[Tensor] = []
    network.get_submodule("conv1").register_forward_hook(lambda _module, given, _out: seen.append(given[0]))
    network.get_submodule("fc").register_forward_hook(lambda _module, _given, out: seen.append(out))
    with torch.no_grad():
        network({network.inputs[0]: images})
    return seen[0], seen[1]


def test_that_the_answers_are_the_same_with_running_statistics_and_all(trained: tuple[ResNet18, Path]) -> None:
    network, path = trained
    entered, scores = answered(path, 3, torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(1)) * 255)
    with torch.no_grad():
        expected = network(entered)
    assert expected.std() > 0.1
    torch.testing.assert_close(scores, expected, rtol=1e-4, atol=1e-4)


def test_that_a_grey_image_is_answered_as_in_all_three_channels(trained: tuple[ResNet18, Path]) -> None:
    network, path = trained
    entered, scores = answered(path, 1, torch.rand(3, 1, 64, 64, generator=torch.Generator().manual_seed(2)) * 255)
    with torch.no_grad():
        expected = network(entered.repeat(1, 3, 1, 1))
    torch.testing.assert_close(scores, expected, rtol=1e-4, atol=1e-4)
