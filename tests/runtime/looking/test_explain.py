"""A map of one case says what it rests on, and whether it would look the same without any learning."""

import json
import re

import numpy as np
import pytest
import torch
from PIL import Image

from runtime.cli.main import run
from runtime.compile import compile_graph
from runtime.errors import RunError
from runtime.looking.explain import RANDOM, explain, randomised, sheet
from runtime.looking.method_names import METHODS
from runtime.looking.methods import explained_for, method_map
from runtime.looking.record import Record, read_record, write_record
from runtime.looking.sanity import check, rank_correlation, structural_similarity
from tests.builders import graphs


@pytest.mark.parametrize("method", METHODS)
def test_that_every_method_explains_a_case_beside_random_weights(discs, method):
    made = explain(discs, 3, method)
    assert made.found.shape == made.random.shape == (16, 16)
    assert made.classes == ("bright", "dark")
    assert made.classes[made.target] == made.predicted
    assert made.case.truth in made.classes
    assert made.sanity.networks == RANDOM
    assert not np.allclose(made.found, made.random)
    assert np.isfinite(made.found).all()


def test_that_grad_cam_lies_on_what_the_class_differs_in(discs):
    found = [explain(discs, number, "gradcam", node="Second").found for number in range(4)]
    inside = np.mean([one[4:12, 4:12].mean() for one in found])
    corners = np.mean([one[[0, 0, -1, -1], [0, -1, 0, -1]].mean() for one in found])
    assert inside != pytest.approx(corners, rel=0.2)


def test_that_a_case_is_found_by_its_file_and_a_class_by_its_name(discs):
    made = explain(discs, "dark/case000.png", "gradients", target="bright")
    assert (made.case.key, made.case.truth, made.classes[made.target]) == ("dark/case000.png", "dark", "bright")


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_that_a_mask_is_explained_for_the_pixels_that_were_answered(masks, method):
    made = explain(masks, 0, method, target="foreground")
    assert made.found.shape == (16, 16)
    assert re.search("in the [0-9]+ pixels answered so|No pixel was answered", " ".join(made.notes))


def test_that_the_names_of_classes_cases_and_nodes_that_are_not_there_are_told(discs):
    with pytest.raises(RunError, match="no class “cat”; this output answers “bright”, “dark”"):
        explain(discs, 0, "gradients", target="cat")
    with pytest.raises(RunError, match=r"no case “nothing\.png”"):
        explain(discs, "nothing.png", "gradients")
    with pytest.raises(RunError, match="no node “Third”; the nodes are"):
        explain(discs, 0, "gradcam", node="Third")


def test_that_a_map_that_does_not_depend_on_the_weights_is_called_so():
    """Behind a mean over the whole image every pixel weighs the same, whatever is learned."""
    layers = (("global_average_pooling", {}), ("dense", {"units": 4}))
    network = compile_graph(graphs.sound(graphs.classifier(layers=layers))).eval()
    image = torch.rand(1, 1, 16, 16)
    found = method_map(explained_for(network, "gradients"), image, 0, "gradients").numpy()
    others = [
        method_map(explained_for(randomised(network, number), "gradients"), image, 0, "gradients").numpy()
        for number in range(RANDOM)
    ]
    judged = check(found, others)
    assert judged.verdict == "alike"
    assert judged.rank_correlation == pytest.approx(1, abs=1e-3)
    assert "hardly depends on what was learned" in judged.sentence


def test_that_random_weights_are_others_each_time_and_the_same_when_drawn_again(discs):
    network = compile_graph(graphs.sound(discs.job.graph))
    first, again, second = (randomised(network, number).state_dict() for number in (0, 0, 1))
    name = next(name for name in first if name.endswith("weight"))
    assert torch.equal(first[name], again[name])
    assert not torch.equal(first[name], second[name])
    assert not torch.equal(first[name], network.state_dict()[name])


def test_that_similarity_is_told_by_rank_and_structure():
    generator = np.random.default_rng(0)
    one, other = generator.random((2, 40, 40))
    assert rank_correlation(one, one**3) == pytest.approx(1)
    assert structural_similarity(one, one) == pytest.approx(1)
    assert abs(structural_similarity(one, other)) < 0.1
    assert structural_similarity(np.zeros((9, 9)), np.ones((9, 9))) == pytest.approx(0.0001 / 1.0001)
    assert check(one, [other]).verdict == "depends"
    assert check(np.zeros((9, 9)), [other[:9, :9]]).verdict == "unknown"
    assert check(one, [one * 0]).verdict == "depends"


def test_that_a_record_is_read_as_it_was_written(tmp_path):
    record = Record("map", {"case": "é.png", "classes": ["a"]}, {"map": np.arange(6, dtype=np.float32).reshape(2, 3)})
    write_record(record, tmp_path / "one.npz")
    again = read_record(tmp_path / "one.npz", "map")
    assert again.facts == record.facts
    assert np.array_equal(again.arrays["map"], record.arrays["map"])
    write_record(record, tmp_path / "one.json")
    assert json.loads((tmp_path / "one.json").read_text(encoding="utf-8"))["arrays"]["map"] == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize("content", [b"", b"PK\x05\x06" + bytes(18), b"words"])
def test_that_a_damaged_record_is_refused(tmp_path, content):
    (tmp_path / "one.npz").write_bytes(content)
    with pytest.raises(RunError, match=r"one\.npz cannot be read as “map”"):
        read_record(tmp_path / "one.npz", "map")


def test_that_the_sheet_shows_image_map_and_random_map(discs):
    made = sheet(explain(discs, 3, "gradients"))
    assert isinstance(made, Image.Image)
    assert made.width > 3 * made.height / 2 > 300


@pytest.mark.parametrize("method", METHODS)
def test_that_volumes_are_explained_and_their_strongest_slice_is_shown(volumes, method):
    made = explain(volumes, 1, method)
    assert made.found.shape == made.case.image.shape[1:] == (10, 12, 12)
    assert np.abs(made.found).max() > 0
    assert sheet(made).width > 900


def test_that_the_command_writes_a_picture_and_the_numbers(discs, tmp_path, capsys):
    words = ["explain", str(discs.folder), "--case"]
    assert run([*words, "dark/case002.png", "--out", str(tmp_path / "map.png")]) == 0
    assert "Grad-CAM of dark/case002.png for" in capsys.readouterr().out
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.width > 900
    words += ["5", "--method", "gradients", "--class", "dark", "--out", str(tmp_path / "map.npz"), "--json"]
    assert run(words) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["class"], facts["method"], facts["sanity"]["networks"]) == ("dark", "gradients", RANDOM)
    assert read_record(tmp_path / "map.npz", "map").arrays["map"].shape == (16, 16)


def test_that_the_command_says_what_is_off(discs, tmp_path, capsys):
    words = ["explain", str(discs.folder), "--case", "0"]
    assert run([*words, "--out", "a.txt"]) == 2
    assert "ends in “.txt”; a name that ends in .png, .npz, .json fits" in capsys.readouterr().err
    assert run([*words, "--class", "cat", "--out", str(tmp_path / "a.png")]) == 1
    assert "no class “cat”" in capsys.readouterr().err
