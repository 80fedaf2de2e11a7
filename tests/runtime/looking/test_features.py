"""Feature maps, kernels, the strongest cases and the scatter are those of the trained network."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from runtime import template_fit, templates
from runtime.analysis import analyse
from runtime.cli.main import run
from runtime.data.one_case import read_case
from runtime.environment import environment_text
from runtime.errors import RunError
from runtime.files import save_graph
from runtime.looking.clusters import clusters_of
from runtime.looking.features import feature_maps, kernels, sheet
from runtime.looking.record import read_record
from runtime.looking.scatter import code_layer, scatter
from runtime.looking.strongest import strongest
from runtime.looking.walk import Walk
from runtime.trained import load_trained
from tests.builders import graphs
from tests.runtime.test_templates import dataset


def tensor_after(run, count):
    """What leaves the second ReLU for case `count`, by torch alone."""
    trained = load_trained(run)
    image = torch.from_numpy(read_case(trained.analysis, "image_folder-1", count).image)[None]
    weights = trained.network.state_dict()
    found = (image - image.mean()) / image.std(correction=0)
    found = torch.relu(torch.conv2d(found, weights["first.weight"], weights["first.bias"], padding=1))
    found = torch.max_pool2d(found, 2)
    return torch.relu(torch.conv2d(found, weights["second.weight"], weights["second.bias"], padding=1))[0].numpy()


def test_that_feature_maps_are_those_of_the_network(discs):
    made = feature_maps(discs, 4, "Relu 2")
    own = tensor_after(discs, 4)
    assert made.facts["shape"] == list(own.shape)
    low, high = made.facts["low"], made.facts["high"]
    expected = np.clip((own - low) / (high - low), 0, 1) * 255
    assert np.abs(made.arrays["maps"] - expected).max() < 1


def test_that_numbers_are_given_where_a_node_gives_no_pictures(discs, tmp_path):
    made = feature_maps(discs, 4, "Means")
    assert made.arrays["values"] == pytest.approx(tensor_after(discs, 4).mean(axis=(1, 2)), abs=1e-4)
    with pytest.raises(RunError, match="gives numbers, not pictures"):
        sheet(made)


def test_that_kernels_are_the_learned_weights(discs):
    made = kernels(discs, "Second")
    weight = load_trained(discs).network.state_dict()["second.weight"].numpy()
    assert np.array_equal(made.arrays["kernels"], weight)
    assert sheet(made).size == (3 * 68 + 4, 2 * 68 + 4)
    with pytest.raises(RunError, match="“Means” has no kernels; choose a convolution"):
        kernels(discs, "Means")


def test_that_the_strongest_cases_are_those_with_the_largest_value_and_where_it_lies(discs):
    made = strongest(discs, "Relu 2", 2, "train")
    values = made.arrays["values"]
    assert list(values) == sorted(values, reverse=True)
    first = tensor_after(discs, made.facts["cases"][0])[2]
    assert values[0] == pytest.approx(first.max(), abs=1e-4)
    row, column = np.unravel_index(first.argmax(), first.shape)
    assert made.arrays["places"][0] == pytest.approx([(row + 0.5) / 8, (column + 0.5) / 8])
    assert made.arrays["pictures"].shape[1:] == (96, 96)
    with pytest.raises(RunError, match="has the channels 0 to 5; 6 is none"):
        strongest(discs, "Relu 2", 6)


@pytest.mark.parametrize("layout", ["pca", "t-sne"])
def test_that_the_scatter_keeps_classes_apart_that_the_network_tells_apart(discs, layout):
    made = scatter(discs, layout, "train")
    points, labels = made.arrays["points"], np.array(made.facts["labels"])
    assert made.facts["node"] == "Means"
    assert points.shape == (len(labels), 2)
    assert set(labels) == {"bright", "dark"}
    near = np.linalg.norm(points[:, None] - points[None], axis=2) + np.eye(len(points)) * 1e9
    assert (labels[near.argmin(axis=1)] == labels).mean() > 0.9
    assert np.array_equal(scatter(discs, layout, "train").arrays["points"], points)


def test_that_clusters_are_found_without_labels_and_compared_with_them(discs):
    made = scatter(discs, "pca", "train", clusters=2)
    clusters, labels = np.array(made.facts["clusters"]), np.array(made.facts["labels"])
    assert len(clusters) == len(labels)
    assert np.bincount(clusters)[0] >= np.bincount(clusters)[1] > 0
    assert made.facts["agreement"] > 0.8
    assert 0 < made.facts["silhouette"] <= 1
    assert not scatter(discs, "pca", "train").facts["clusters"]
    with pytest.raises(RunError, match="1 clusters were asked for"):
        scatter(discs, "pca", "train", clusters=1)


def test_that_clusters_are_what_was_planted_whatever_the_order():
    generator = np.random.default_rng(0)
    middles = np.array([[0, 0], [9, 0], [0, 9]], np.float32)
    own = np.repeat([0, 1, 2], [5, 20, 10])
    values = (middles[own] + generator.normal(0, 0.5, (35, 2))).astype(np.float32)
    found = clusters_of(values, 3, [str(place) for place in own])
    assert [found.of.count(place) for place in range(3)] == [20, 10, 5]
    assert found.agreement == 1
    assert found.silhouette > 0.8
    assert clusters_of(values, 3).agreement is None
    with pytest.raises(RunError, match="2 to 34 can be made"):
        clusters_of(values, 40)


def test_that_the_code_of_an_autoencoder_is_laid_out():
    graph = template_fit.fitted(templates.graph_of("autoencoder"), dataset("", ()))
    analysis = analyse(graph)
    assert analysis.title(code_layer(analysis)) == "code"
    with pytest.raises(RunError, match="No layer of this network is narrower"):
        code_layer(analyse(template_fit.fitted(templates.graph_of("denoising"), dataset("", ()))))


def call(*words):
    assert run([str(word) for word in words]) == 0


def test_that_the_commands_write_what_was_found(discs, tmp_path):
    call("features", discs.folder, "--case", 0, "--node", "First", "--out", tmp_path / "maps.png")
    with Image.open(tmp_path / "maps.png") as picture:
        assert picture.size == (2 * 68 + 4, 2 * 68 + 4)
    call("kernels", discs.folder, "--node", "First", "--out", tmp_path / "kernels.npz")
    assert read_record(tmp_path / "kernels.npz", "kernels").arrays["kernels"].shape == (4, 1, 3, 3)
    call("strongest", discs.folder, "--node", "First", "--channel", 1, "--out", tmp_path / "strongest.npz")
    assert read_record(tmp_path / "strongest.npz", "strongest").facts["channel"] == 1
    call("scatter", discs.folder, "--layout", "pca", "--out", tmp_path / "points.npz")
    assert read_record(tmp_path / "points.npz", "scatter").facts["part"] == "validation"


def test_that_the_commands_say_where_the_projects_data_stand_in_for_those_of_the_run(
    discs, tmp_path, monkeypatch, capsys
):
    shutil.copytree(discs.folder, tmp_path / "heads-runs" / "1")
    save_graph(discs.job.graph, tmp_path / "heads.netloom")
    moved, here = tmp_path / "heads-runs" / "1", tmp_path / "out.npz"
    (moved / "environment.json").write_text(environment_text(), encoding="utf-8")
    words = (
        ("features", moved, "--case", 0, "--node", "First", "--out", here),
        ("strongest", moved, "--node", "First", "--channel", 0, "--out", here),
        ("scatter", moved, "--layout", "pca", "--out", here),
        ("report", moved, "--out", tmp_path / "report.html"),
    )
    for command in words:
        call(*command)
        assert "the project beside the run" not in capsys.readouterr().err
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "of another user"))
    for command in words:
        call(*command)
        assert "those that the project beside the run names are taken" in capsys.readouterr().err


def test_that_the_walk_gives_what_the_compiled_network_gives(discs):
    trained = load_trained(discs)
    image = torch.from_numpy(read_case(trained.analysis, "image_folder-1", 1).image)[None]
    left = {one.node: one.tensor for one in Walk(trained.analysis, trained.network).outputs({"image_folder-1": image})}
    with torch.no_grad():
        scores = trained.network({"image_folder-1": image}).at("dense-1")
    assert torch.allclose(left["dense-1"], scores, atol=1e-6)
    assert {node for node in trained.analysis.order if node in left} == set(left)


def test_that_the_walk_goes_as_far_as_an_unfinished_drawing_allows():
    graph = graphs.classifier()
    walked = Walk(analyse(replace(graph, wires=graph.wires[:3])))
    left = [one.node for one in walked.outputs({"image_folder-1": torch.rand(1, 1, 16, 16)})]
    assert left[0] == "image_folder-1"
    assert 1 < len(left) < len(graph.nodes)


def test_that_volumes_show_one_slice_of_each_channel_and_a_place_in_space(volumes):
    made = feature_maps(volumes, 0, "First")
    assert made.facts["shape"] == [4, 10, 12, 12]
    assert made.arrays["maps"].shape == (4, 12, 12)
    assert 0 <= made.facts["slice"] < 10
    assert kernels(volumes, "First").arrays["kernels"].shape == (4, 1, 3, 3, 3)
    assert sheet(kernels(volumes, "First")).mode == "L"
    assert strongest(volumes, "First", 0, "train").arrays["places"].shape[1] == 3
    assert scatter(volumes, "pca", "train").arrays["pictures"].shape[1:] == (48, 48)
