"""The networks among the templates: as many trained numbers as in the literature, trained, and exported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nodes.roles import DataSource
from runtime import templates
from runtime.analysis import Analysis, analyse
from runtime.contract import contract_of
from runtime.data.batches import Batch
from runtime.data.catalogue import DataSet, Sample
from runtime.document import Document
from runtime.export import export_onnx
from runtime.graph import Graph
from runtime.learner import Learner

IMAGENET = {
    "alexnet": 61_100_840,
    "vgg-11": 132_863_336,
    "vgg-16": 138_357_544,
    "googlenet": 6_624_904,
    "resnet-18": 11_689_512,
    "resnet-34": 21_797_672,
    "resnet-50": 25_557_032,
    "resnet-101": 44_549_160,
    "resnet-152": 60_192_808,
    "se-resnet-50": 28_088_024,  # as timm's legacy_seresnet50
    "densenet-121": 7_978_856,
    "squeezenet": 1_235_496,
    "mobilenet-v2": 3_504_872,
    "shufflenet-v2": 2_278_604,
    # timm's vit_tiny_patch16_224 has 5,717,416, of which 192 are the class patch and 192 the place of it
    "vision-transformer": 5_717_416 - 2 * 192,
}
"""For 1,000 classes and colour images, as torchvision counts them unless told otherwise."""

SMALL = {"alexnet": 224, "vgg-11": 224, "vgg-16": 224, "lenet": 32, "resnet-110": 32}
"""The side of the images of a test, where it is not 64: below it nothing would be left of an image."""

VOLUMES = ("lenet", "resnet-18", "se-resnet-50", "densenet-121", "squeezenet", "googlenet", "vision-transformer")


def fitted(name: str, classes: int, channels: int = 3, size: tuple[int, ...] = (64, 64)) -> Graph:
    """A template with a folder of so many classes attached."""
    names = tuple(f"class {number}" for number in range(classes))
    samples = tuple(
        Sample(f"{place}.png", 0, channels, size, group=str(place), label=names[place % classes])
        for place in range(2 * classes)
    )
    return templates.fitted(
        templates.graph_of(name), DataSet("/data", "image", samples, "class", names, channels, size, fingerprint="f")
    )


def brought_to(graph: Graph, side: int) -> Graph:
    """The graph with images of another size."""
    document = Document(graph)
    with document.edit("Resize"):
        for node in tuple(document.nodes.values()):
            if node.type == "resize":
                document.change(node.id, size=side)
    return replace(document.graph(), training=replace(graph.training, compile="off", precision="float32"))


def learner_of(analysis: Analysis) -> Learner:
    (source,) = analysis.of_type(DataSource)
    return Learner(analysis, source, torch.device("cpu"), steps=1)


@pytest.mark.parametrize(("name", "count"), IMAGENET.items())
def test_that_a_network_has_as_many_trained_numbers_as_its_authors_say(name: str, count: int) -> None:
    analysis = analyse(fitted(name, 1000))
    assert not analysis.problems
    assert analysis.parameters == count


def test_that_the_deep_network_for_small_images_has_as_many_as_with_projections() -> None:
    # 1,727,962 with shortcuts without trained numbers, and 2,752 in the two projections
    assert analyse(fitted("resnet-110", 10)).parameters == 1_727_962 + 2_752


@pytest.mark.parametrize("name", VOLUMES)
def test_that_the_same_drawing_takes_volumes(name: str) -> None:
    analysis = analyse(fitted(name, 2, channels=1, size=(64, 64, 64)))
    assert not analysis.problems
    assert analysis.parameters


@pytest.mark.parametrize(("setting", "value"), [("width", 32), ("units", 3), ("stride", 1)])
def test_that_a_stage_is_resized_by_its_arguments(setting: str, value: int) -> None:
    graph = fitted("resnet-18", 2)
    document = Document(graph)
    stage = next(node.id for node in document.nodes.values() if node.name == "layer2")
    with document.edit("Resize"):
        document.change(stage, **{setting: value})
    before, after = analyse(graph), analyse(document.graph())
    assert not after.problems
    assert (before.parameters, before.multiply_adds) != (after.parameters, after.multiply_adds)


def check_step_and_export(name: str, folder: Path) -> None:
    """One step changes every trained number, and the exported file answers as the network does."""
    torch.manual_seed(0)
    side = SMALL.get(name, 64)
    analysis = analyse(brought_to(fitted(name, 4), side))
    assert not analysis.problems
    learner = learner_of(analysis)
    assert sum(weight.numel() for weight in learner.network.parameters()) == analysis.parameters
    before = [weight.detach().clone() for weight in learner.network.parameters()]
    learner.begin(learning=True)
    learner.learn(Batch(torch.rand(2, 3, 64, 64) * 255, torch.tensor([0, 3]), None, None, (0, 1)), 0)
    kept = [
        key
        for (key, weight), old in zip(learner.network.named_parameters(), before, strict=True)
        if torch.equal(weight, old)
    ]
    assert not kept
    contract = contract_of(learner.network.analysis)
    report = export_onnx(learner.network, folder / "model.onnx", contract, [torch.rand(3, 64, 64) * 255])
    assert report.max_abs_difference <= 1e-4


def test_that_the_smallest_network_takes_a_step_and_is_exported(tmp_path: Path) -> None:
    check_step_and_export("lenet", tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("name", [*IMAGENET, "resnet-110"])
def test_that_every_network_takes_a_step_and_is_exported(name: str, tmp_path: Path) -> None:
    check_step_and_export(name, tmp_path)
