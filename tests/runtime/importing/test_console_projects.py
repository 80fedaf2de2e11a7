"""Projects of Neural Network Console, as their makers published them, become drawings that train."""

from pathlib import Path

import pytest

from nodes.placeholder import Placeholder
from runtime.importing.foreign import read_foreign
from runtime.importing.imported import Imported
from tests.builders.imported import learned_a_step, with_data

GREY, COLOUR = 1, 3
SMALL = {  # by name: channels of the images, trained numbers
    "LeNet": (GREY, 78_810),
    "01_logistic_regression": (GREY, 785),
    "02_binary_cnn": (GREY, 4_925),
    "06_auto_encoder": (GREY, 402_448),
    "11_deconvolution": (GREY, 4_489),
    "12_residual_learning": (GREY, 275_018),
    "binary_connect_mnist_LeNet": (GREY, 635_358),
    "03_attention": (GREY, 16_677),
    "elman_net": (GREY, 1_653),
    "long_short_term_memory(LSTM)": (GREY, 6_525),
    "mnist_vae": (GREY, 1_361_884),
    "mnist_dcgan": (GREY, 6_854_482),
}
LARGE = {
    "resnet-110": (COLOUR, 1_751_002),
    "binary_semantic_segmentation": (GREY, 169_025),
    "unetlike_125px": (COLOUR, 33_613_973),
    "alexnet": (COLOUR, 60_667_176),
    "resnet-18": (COLOUR, 11_689_512),
    "squeezenet11": (COLOUR, 1_235_496),
    "vgg-11": (COLOUR, 132_863_336),
}


def imported(real_data: Path, name: str) -> Imported:
    (path,) = (real_data / "nnc" / "sdcproj").rglob(f"{name.replace('[', '')}.sdcproj")
    return read_foreign(path)


def check(real_data: Path, name: str, channels: int, parameters: int) -> None:
    found = imported(real_data, name)
    assert not [node for node in found.graph.nodes.values() if node.type == Placeholder.id]
    analysis = with_data(found.graph, channels)
    assert not analysis.errors
    assert analysis.parameters == parameters
    assert not learned_a_step(analysis)


@pytest.mark.parametrize("name", SMALL)
def test_that_a_small_project_trains_without_placeholders(real_data, name):
    check(real_data, name, *SMALL[name])


@pytest.mark.long
@pytest.mark.parametrize("name", LARGE)
def test_that_a_large_project_trains_without_placeholders(real_data, name):
    check(real_data, name, *LARGE[name])


def test_that_all_shared_projects_are_tried(real_data):
    names = {path.stem for path in (real_data / "nnc" / "sdcproj").rglob("*.sdcproj")}
    assert names == {*SMALL, *LARGE}
    assert len(names) == 19
