"""The networks among the templates: as many trained numbers as in the literature, trained, and exported."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from nodes.roles import DataSource
from runtime import template_fit, templates
from runtime.analysis import Analysis, analyse
from runtime.data.batches import Batch
from runtime.data.catalogue import Box, DataSet, Sample
from runtime.delivery.contract import contract_of
from runtime.delivery.onnx_file import export_onnx
from runtime.document import Document
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

SMALL = {"alexnet": 224, "vgg-11": 224, "vgg-16": 224, "lenet": 32, "resnet-110": 32, "variational-autoencoder": 28,
         "u-net-pieces": 128}  # fmt: skip
"""The side of the images of a test, where it is not 64: below it nothing would be left of an image."""

OUTLINING = ("attention-u-net", "segnet", "fcn-8s")
REBUILDING = ("autoencoder", "srcnn", "sub-pixel", "denoising")
"""Those that learn from images alone and give images back."""

VOLUMES = ("lenet", "resnet-18", "se-resnet-50", "densenet-121", "squeezenet", "googlenet", "vision-transformer")


DETECTORS = ("yolo", "ssd", "faster-r-cnn")


def fitted(name: str, classes: int, channels: int = 3, size: tuple[int, ...] = (64, 64)) -> Graph:
    """A template with a folder of so many classes attached."""
    names = tuple(f"class {number}" for number in range(classes))
    samples = tuple(
        Sample(f"{place}.png", 0, channels, size, group=str(place), label=names[place % classes])
        for place in range(2 * classes)
    )
    return template_fit.fitted(
        templates.graph_of(name), DataSet("/data", "image", samples, "class", names, channels, size, fingerprint="f")
    )


def with_masks(name: str, classes: int, channels: int = 3, size: tuple[int, ...] = (64, 64)) -> Graph:
    """A template for segmentation with a folder of so many classes attached."""
    names = tuple(f"class {number}" for number in range(classes))
    samples = tuple(Sample(f"{place}.png", 0, channels, size, group=str(place)) for place in range(4))
    dataset = DataSet("/data", "image", samples, "mask", names, channels, size, fingerprint="f")
    return template_fit.fitted(templates.graph_of(name), dataset)


def without_labels(name: str, channels: int = 3) -> Graph:
    """A template that learns from images alone, with a folder attached."""
    samples = tuple(Sample(f"{place}.png", 0, channels, (64, 64), group=str(place)) for place in range(4))
    dataset = DataSet("/data", "image", samples, "", (), channels, (64, 64), fingerprint="f", top=255)
    return template_fit.fitted(templates.graph_of(name), dataset)


def with_boxes(name: str, classes: int, channels: int = 3) -> Graph:
    """A template for detection with a folder of so many classes attached."""
    names = tuple(f"class {number}" for number in range(classes))
    samples = tuple(
        Sample(f"{place}.png", 0, channels, (64, 64), group=str(place), boxes=(Box(names[place], 8, 8, 40, 48),))
        for place in range(classes)
    )
    dataset = DataSet("/data", "image", samples, "boxes", names, channels, (64, 64), fingerprint="f")
    return template_fit.fitted(templates.graph_of(name), dataset)


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


def convolved(*chain: tuple[int, int], window: int = 9, norm: int = 2) -> int:
    """Trained numbers of convolutions from so many maps to so many, with offsets and a normalisation."""
    return sum(before * after * window + after + norm * after for before, after in chain)


def test_that_segnet_has_as_many_trained_numbers_as_its_two_halves() -> None:
    """Thirteen convolutions down and thirteen up, mirrored; the last makes the scores and has no normalisation."""
    widths = [3, 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512]
    down = list(pairwise(widths))
    up = [(after, before) for before, after in reversed(down)][:-1]
    count = convolved(*down, *up) + convolved((64, 11), norm=0)
    assert analyse(widened(with_masks("segnet", 11))).parameters == count


def widened(graph: Graph) -> Graph:
    """With the 64 maps of the first level that the papers have."""
    document = Document(graph)
    with document.edit("Widen"):
        (width,) = (node.id for node in graph.on("").values() if node.type == "argument" and node.name == "width")
        document.change(width, default="64")
    return document.graph()


def test_that_fcn_has_as_many_trained_numbers_as_vgg_16_with_its_three_answers() -> None:
    base = 138_357_544 - (4096 * 1000 + 1000)  # VGG-16 without its last layer, whose other dense layers are windows
    answers = sum(maps * 21 + 21 for maps in (4096, 512, 256))
    larger = 21 * 21 * (4**2 + 4**2 + 16**2)
    assert analyse(with_masks("fcn-8s", 21, size=(224, 224))).parameters == base + answers + larger


def test_that_the_attention_u_net_at_full_width_has_as_many_trained_numbers_as_the_usual_one() -> None:
    """34,878,573 for colour images and one answer, with 64 to 1,024 maps; a second answer needs 65 more."""
    assert analyse(widened(with_masks("attention-u-net", 2))).parameters == 34_878_573 + 65


@pytest.mark.parametrize("name", ["attention-u-net", "segnet"])
def test_that_the_same_drawing_outlines_in_volumes(name: str) -> None:
    analysis = analyse(with_masks(name, 2, channels=1, size=(64, 64, 64)))
    assert not analysis.problems


@pytest.mark.parametrize("name", REBUILDING)
def test_that_as_many_channels_are_rebuilt_as_the_images_have(name: str) -> None:
    for channels in (1, 3):
        analysis = analyse(without_labels(name, channels))
        assert not analysis.problems
        (meaning,) = analysis.meanings.values()
        assert (meaning.task, meaning.activation) == ("image", "identity")
        (shape,) = (facts.inputs["prediction"] for facts in analysis.facts.values() if facts.node.type == "output")
        assert shape == (channels, 64, 64)


BATCHES = {
    "classification": Batch(torch.rand(2, 3, 64, 64) * 255, torch.tensor([0, 3]), None, None, (0, 1)),
    "segmentation": Batch(torch.rand(2, 3, 64, 64) * 255, None, None, torch.randint(0, 2, (2, 64, 64)), (0, 1)),
    "generation": Batch(torch.rand(2, 3, 64, 64) * 255, None, None, None, (0, 1)),
    "reconstruction": Batch(torch.rand(2, 3, 64, 64) * 255, None, None, None, (0, 1)),
    "detection": Batch(
        torch.rand(2, 3, 64, 64) * 255, None, None, None, (0, 1),
        boxes=torch.tensor([[[0.0, 1, 2, 62, 60], [1, 4, 4, 20, 20]], [[0, 8, 8, 48, 50], [1, 30, 30, 44, 44]]]),
    ),
}  # fmt: skip
TASKS = {template.name: template.task for template in templates.known()}


def with_data(name: str) -> Graph:
    """A template with data of its task: four classes, or two in the masks."""
    match TASKS[name]:
        case "classification":
            return fitted(name, 4)
        case "segmentation":
            return with_masks(name, 2)
        case "detection":
            return with_boxes(name, 2)
    return without_labels(name)


def learned_a_step(name: str) -> Learner:
    """One step changes every trained number. That every template is exported is in `delivery/test_exports_agree.py`."""
    torch.manual_seed(0)
    analysis = analyse(brought_to(with_data(name), SMALL.get(name, 64)))
    assert not analysis.problems
    learner = learner_of(analysis)
    assert sum(weight.numel() for weight in learner.network.parameters()) == analysis.parameters
    before = {key: weight.detach().clone() for key, weight in learner.network.named_parameters()}
    learner.begin(learning=True)
    learner.learn(BATCHES[TASKS[name]], 0)
    assert not [key for key, weight in learner.network.named_parameters() if torch.equal(weight, before[key])]
    return learner


def test_that_the_smallest_network_takes_a_step_and_is_exported(tmp_path: Path) -> None:
    network = learned_a_step("lenet").network
    report = export_onnx(network, tmp_path / "model.onnx", contract_of(network.analysis), [torch.rand(3, 64, 64) * 255])
    assert report.max_abs_difference <= 1e-4


@pytest.mark.long
@pytest.mark.parametrize(
    "name",
    [*IMAGENET, "resnet-110", "u-net", "u-net-pieces", *OUTLINING, *REBUILDING, "variational-autoencoder", *DETECTORS],
)
def test_that_every_network_takes_a_step(name: str) -> None:
    learned_a_step(name)
