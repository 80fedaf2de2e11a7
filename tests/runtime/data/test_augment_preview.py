"""The preview of augmentation: nine versions of a real case, with its mask, repeated by the seed."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from runtime.analysis import analyse
from runtime.attach import attach
from runtime.data.augment_preview import path_to, preview
from runtime.data.labels import read_dataset
from runtime.errors import RunError
from runtime.files import save_graph
from tests.builders import graphs, pictures
from tests.runtime.command import done, netloom

SHAKE = ("augment", {"flip_horizontal": True, "rotate": 90.0, "elastic": 5.0, "probability": 1.0})
PREPARED = [("resize", {"size": 24}), "normalise", SHAKE, "augment_intensity"]


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def graph(tmp_path):
    """A segmentation of discs with preparation and augmentation, attached to real files."""
    folder = pictures.masked(tmp_path / "discs", 5)
    drawn = graphs.segmenter(before=PREPARED)
    (source,) = (node.id for node in drawn.nodes.values() if node.type == "image_folder")
    node = drawn.nodes[source]
    settings = attach(drawn, source, read_dataset(folder))
    return replace(drawn, nodes={**drawn.nodes, source: replace(node, settings=settings)})


def test_that_a_case_is_shown_as_it_is_and_in_nine_versions_with_its_mask(graph):
    made = preview(graphs.sound(graph), "augment-1", 2, seed=0)
    assert (made.case.number, made.case.cases) == (2, 5)
    assert made.case.key.endswith("case002.png")
    assert len(made.pictures) == len(made.masks) == 10
    assert {picture.shape for picture in made.pictures} == {(24, 24)}
    assert {picture.dtype for picture in made.pictures} == {np.dtype(np.uint8)}
    assert len({picture.tobytes() for picture in made.pictures}) == 10
    assert len({mask.tobytes() for mask in made.masks}) > 5
    for picture, mask in zip(made.pictures, made.masks, strict=True):
        assert picture[mask == 1].mean() > picture[mask == 0].mean() + 50
    assert {shown.shape for shown in made.overlaid()} == {(24, 24, 3)}


def test_that_the_seed_repeats_the_versions_and_cases_begin_anew_after_the_last(graph):
    analysis = graphs.sound(graph)
    first, again, other = (preview(analysis, "augment_intensity-1", 1, seed).pictures for seed in (4, 4, 5))
    assert all(np.array_equal(one, same) for one, same in zip(first, again, strict=True))
    assert np.array_equal(first[0], other[0])
    assert not np.array_equal(first[1], other[1])
    assert preview(analysis, "augment-1", 6, 0).case.number == 1


def test_that_the_decoded_case_is_kept_for_the_next_call(graph, tmp_path):
    analysis = graphs.sound(graph)
    before = preview(analysis, "augment-1", 1, 0, keep=tmp_path)
    for file in (tmp_path / "discs" / "images").iterdir():
        file.unlink()
    kept = preview(analysis, "augment-1", 1, 0, keep=tmp_path)
    assert all(np.array_equal(one, same) for one, same in zip(before.pictures, kept.pictures, strict=True))
    assert kept.case.key == before.case.key


def test_that_a_brighter_version_looks_brighter(graph):
    source, path = path_to(graphs.sound(graph), "augment_intensity-1")
    assert source == "image_folder-1"
    assert [name.partition("-")[0] for name in path] == ["resize", "normalise", "augment", "augment_intensity"]
    node = graph.nodes["augment_intensity-1"]
    bright = replace(node, settings={"brightness": 100.0, "contrast": 0.0, "noise": 0.0, "probability": 1.0})
    made = preview(graphs.sound(replace(graph, nodes={**graph.nodes, node.id: bright})), node.id, 0, 0)
    means = [picture.mean() for picture in made.pictures]
    assert max(means[1:]) - min(means[1:]) > 20


def test_that_what_cannot_be_previewed_is_said_in_words(graph):
    plain = analyse(graphs.classifier(before=[SHAKE], size=(16, 16)))
    wrong = replace(graph.nodes["augment-1"], settings={"elastic": 40.0})
    broken = analyse(replace(graph, nodes={**graph.nodes, "augment-1": wrong}))
    with pytest.raises(RunError, match="would fold the image over itself"):
        preview(broken, "augment-1", 0, 0)
    with pytest.raises(RunError, match="cannot be used"):
        preview(plain, "augment-1", 0, 0)


@pytest.mark.slow
def test_that_the_command_writes_pictures_and_tells_of_them_in_one_line(graph, tmp_path):
    file = tmp_path / "discs.netloom"
    save_graph(graph, file)
    record = json.loads(done("preview", file, "--node", "augment-1", "--out", tmp_path / "shown", "--case", 3).stdout)
    assert record["record"] == "preview"
    assert (record["number"], record["cases"], record["masked"]) == (3, 5, True)
    assert len(record["pictures"]) == 9
    for path in [record["original"], *record["pictures"]]:
        with Image.open(path) as picture:
            assert picture.size == (24, 24)
    ran = netloom("preview", file, "--node", "none", "--out", tmp_path / "shown")
    assert ran.returncode == 1
    assert "There is no node “none”" in ran.stderr
