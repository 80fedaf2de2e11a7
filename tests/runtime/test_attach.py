"""Attaching a folder writes what was learned of it into the source node."""

import pytest

from runtime.analysis import analyse
from runtime.attach import attach, reattach
from runtime.data.catalogue import DataError
from runtime.data.labels import read_dataset
from runtime.data.practice import write_practice
from runtime.readiness import training_problems
from tests.builders import graphs, pictures


@pytest.fixture(scope="module")
def heads(tmp_path_factory):
    folder = tmp_path_factory.mktemp("heads") / "data"
    write_practice("t1-t2", folder, patients=3)
    return folder


def test_that_a_source_stores_what_was_learned(tmp_path):
    folder = pictures.class_folders(tmp_path / "data", 10)
    dataset = read_dataset(folder)
    found = attach(graphs.classifier(), "image_folder-1", dataset)
    assert found == {
        "folder": str(folder), "labels": "", "label": "class", "classes": ["bright", "dark"], "counts": [5, 5],
        "channels": 1, "found_size": [16, 16], "images": 10, "fingerprint": dataset.fingerprint, "modality": "",
        "top": 255,
    }  # fmt: skip


def test_that_balanced_weights_of_masks_follow_from_their_pixels(tmp_path):
    found = pictures.facts(pictures.masked(tmp_path / "data", 6))
    assert sum(found["counts"]) == 6 * 16 * 16
    graph = graphs.segmenter(loss=("dice_cross_entropy", {"class_weights": "balanced"}), **found, size=())
    analysis = analyse(graph)
    assert (*analysis.problems, *training_problems(analysis)) == ()
    loss = next(facts for facts in analysis.facts.values() if facts.node.type == "dice_cross_entropy")
    background, disc = loss.type.weights_for(loss.inputs["target"])
    assert disc / background == pytest.approx(found["counts"][0] / found["counts"][1], rel=1e-4)


def test_that_the_modality_is_read_from_dicom(heads):
    found = attach(graphs.classifier(kind="dicom_folder"), "dicom_folder-1", read_dataset(heads))
    assert found["modality"] == "MR"
    assert found["classes"] == ["T1", "T2"]


def test_that_a_source_of_the_wrong_kind_is_refused(heads):
    with pytest.raises(DataError, match="DICOM folder"):
        attach(graphs.classifier(), "image_folder-1", read_dataset(heads))


def test_that_another_folder_makes_the_source_fit_its_files(heads):
    graph = reattach(graphs.classifier(size=()), heads)
    node = graph.nodes["image_folder-1"]
    assert node.type == "dicom_folder"
    analysis = analyse(graph)
    assert analysis.errors == ()
    assert analysis.facts[node.id].shape == (1, 128, 128)


def test_that_a_project_without_a_source_cannot_take_a_folder(tmp_path):
    with pytest.raises(DataError, match="one source"):
        reattach(graphs.Graph(), pictures.class_folders(tmp_path / "data", 4))
