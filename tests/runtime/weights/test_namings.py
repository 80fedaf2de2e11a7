"""Weights of torchvision and timm find their places in the templates of the same networks."""

from __future__ import annotations

import pytest
import torch

from runtime.analysis import analyse
from runtime.compile import Network
from runtime.document import Document
from runtime.graph import Graph
from runtime.modules.attention import PositionEmbedding
from runtime.weights.matching import COUNTER, match
from runtime.weights.starting import Start
from tests.builders import others_names as others
from tests.runtime.test_template_networks import fitted

SHALLOW, DEEP = (1, 1, 2, 2, 2), (2, 2, 3, 3, 3)


def own_shapes(graph: Graph) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        state = Network(analyse(graph)).state_dict()
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def normalised(graph: Graph) -> Graph:
    """VGG with a batch normalisation behind each convolution."""
    document = Document(graph)
    conv = next(node for node in document.nodes.values() if node.name == "conv")
    (after,) = [wire for wire in document.wires if wire.source == conv.id]
    with document.edit("Normalise"):
        norm = document.add("batch_normalization", "bn", conv.position, {}, conv.sheet)
        document.disconnect(after)
        document.connect(type(after)(conv.id, "out", norm, "image"))
        document.connect(type(after)(norm, "out", after.target, after.input))
    return document.graph()


def of_base_size(graph: Graph) -> Graph:
    """The vision transformer as wide as those with weights of ImageNet: ViT-B/16 on 224×224 pixels."""
    document = Document(graph)
    with document.edit("Widen"):
        for node in list(document.nodes.values()):
            if node.name == "blocks":
                document.change(node.id, width=768, heads=12)
            if node.name == "patch_embed":
                document.change(node.id, filters=768)
    return document.graph()


def test_that_places_in_a_row_are_laid_out_as_the_image_without_that_of_the_class_patch() -> None:
    report = match({"pos_embed.weight": (1, 4, 2, 3)}, {"pos_embed": (1, 7, 4)}, "w.pth")
    (pair,) = report.pairs
    row = torch.arange(28.0).reshape(1, 7, 4)
    network = torch.nn.ModuleDict({"pos_embed": PositionEmbedding((4, 2, 3))})
    Start(report, {"pos_embed": row}, ()).put(network)
    places = network["pos_embed"].weight[0].flatten(1).T
    assert pair.in_a_row
    assert torch.equal(places, row[0, 1:])


CASES = {
    "resnet-18": (others.resnet((2, 2, 2, 2)), "fc"),
    "resnet-34": (others.resnet((3, 4, 6, 3)), "fc"),
    "resnet-50": (others.resnet((3, 4, 6, 3), bottleneck=True), "fc"),
    "vgg-11": (others.vgg(SHALLOW), "fc8"),
    "vgg-16": (others.vgg(DEEP), "fc8"),
    "vgg-16 timm": (others.vgg(DEEP, timm=True), "fc8"),
    "vgg-11 bn": (others.vgg(SHALLOW, normalised=True), "fc8"),
    "vgg-16 bn": (others.vgg(DEEP, normalised=True), "fc8"),
    "densenet-121": (others.densenet(), "classifier"),
    "densenet-121 older": (others.densenet(older=True), "classifier"),
    "mobilenet-v2": (others.mobilenet(), "classifier"),
    "mobilenet-v2 timm": (others.mobilenet(timm=True), "classifier"),
    "alexnet": (others.alexnet(), "fc8"),
    "squeezenet": (others.squeezenet(), "conv10"),
    "googlenet": (others.googlenet(), "fc"),
    "shufflenet-v2": (others.shufflenet(), "fc"),
    "vision-transformer": (others.transformer(768), "head"),
    "vision-transformer timm": (others.transformer(768, timm=True), "head"),
}


@pytest.mark.parametrize("case", CASES)
def test_that_all_layers_but_the_classifier_find_their_weights_by_the_names_of_others(case: str) -> None:
    entries, last = CASES[case]
    given = dict(entries)
    name, _, form = case.partition(" ")
    graphs = {classes: fitted(name, classes) for classes in (2, 1000)}
    if form == "bn":
        graphs = {classes: normalised(graph) for classes, graph in graphs.items()}
    if name == "vision-transformer":
        graphs = {classes: of_base_size(graph) for classes, graph in graphs.items()}
    own = own_shapes(graphs[1000])
    whole = match(own, given, "w.pth")
    assert not whole.report.new
    assert whole.report.naming
    assert {pair.own for pair in whole.pairs} == {*own}
    assert len({pair.given for pair in whole.pairs}) == len(whole.pairs)
    assert not whole.report.unused
    assert {entry.partition(".")[0] for entry in whole.report.left_out} == (
        {"googlenet": {"aux1", "aux2"}, "vision-transformer": {"cls_token" if form else "class_token"}}.get(name, set())
    )
    told = [said for said in whole.report.sentences() if "leaves out" in said]
    assert len(told) == bool(whole.report.left_out)
    assert all(said.endswith(whole.report.without) and whole.report.without for said in told)
    few = match(own_shapes(graphs[2]), given, "w.pth").report
    assert [row.layer for row in few.new] == [last]
    assert "1000×" in few.new[0].why
    assert "2×" in few.new[0].why


def test_that_what_stands_before_all_names_and_missing_counters_do_not_matter() -> None:
    own = own_shapes(fitted("resnet-18", 1000))
    plain = dict(others.resnet((2, 2, 2, 2)))
    for prefix in ("module.", "backbone.", "module.encoder_q."):
        given = {prefix + name: shape for name, shape in plain.items() if not name.endswith(COUNTER)}
        report = match(own, given, "w.pth").report
        assert not report.new
        assert not report.unused
        assert report.sentences()[0] == (
            "41 of 41 layers begin with the weights of w.pth, known by the names of the ResNet of torchvision and timm."
        )


def test_that_a_backbone_inside_a_block_of_ones_own_is_found() -> None:
    own = {f"eye.{name}": shape for name, shape in own_shapes(fitted("resnet-18", 2)).items()}
    own |= {"join.weight": (2, 5)}
    report = match(own, dict(others.resnet((2, 2, 2, 2))), "w.pth").report
    assert [row.layer for row in report.new] == ["eye.fc", "join"]


def test_that_images_are_said_to_be_prepared_as_the_weights_expect() -> None:
    expected = {
        name: match(own_shapes(fitted(name, 2)), dict(entries), "w.pth").report.expected
        for name, entries in (("squeezenet", others.squeezenet()), ("googlenet", others.googlenet()))
    }
    assert expected["squeezenet"].mean == (0.485, 0.456, 0.406)
    assert expected["googlenet"].mean == (0.5, 0.5, 0.5)


def test_that_grey_images_get_summed_kernels_and_other_channels_are_told_with_a_remedy() -> None:
    given = dict(others.squeezenet())
    grey = match(own_shapes(fitted("squeezenet", 2, channels=1)), given, "w.pth")
    assert [(pair.own, pair.summed) for pair in grey.pairs if pair.summed] == [("conv1.weight", True)]
    assert grey.report.rows[0].how == "summed"
    four = match(own_shapes(fitted("squeezenet", 2, channels=4)), given, "w.pth").report
    assert (four.rows[0].loaded, four.rows[0].how) == (False, "channels")
    assert any(
        "looks at 3 channels, here at 4; give it images of 3 channels, or of 1" in one for one in four.sentences()
    )
    back = {name: (64, 1, 3, 3) if name == "features.0.weight" else shape for name, shape in given.items()}
    colour = match(own_shapes(fitted("squeezenet", 2)), back, "w.pth").report
    assert "bring the images to 1 channel with Grey" in colour.rows[0].why
