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
        "top": 255, "named_patients": 0, "groups": [5, 5], "choices": [], "most_boxes": 0,
        "kept_parts": found["kept_parts"], "take": "as found", "neighbours": 3, "spacing": [], "taken": "",
        "found_unit": "", "spreads": [], "points": "",
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


def test_that_patients_of_each_class_are_counted_for_the_split(heads):
    found = attach(graphs.classifier(kind="dicom_folder"), "dicom_folder-1", read_dataset(heads))
    assert (found["named_patients"], found["groups"]) == (3, [3, 3])


def test_that_a_folder_of_masks_is_chosen_again_below_each_patient(tmp_path):
    for patient in "ab":
        for name in ("masks_lv", "masks_rv"):
            pictures.masked(tmp_path / name / patient, 2)
            (tmp_path / "data" / patient).mkdir(parents=True, exist_ok=True)
            (tmp_path / name / patient / "masks").rename(tmp_path / "data" / patient / name)
        (tmp_path / "masks_lv" / patient / "images").rename(tmp_path / "data" / patient / "images")
    unchosen = read_dataset(tmp_path / "data")
    assert (unchosen.label, unchosen.choices) == ("", ("masks_lv", "masks_rv"))
    node = reattach(graphs.segmenter(size=(), labels="masks_lv"), tmp_path / "data").nodes["image_folder-1"]
    assert (node.settings["labels"], node.settings["label"]) == ("masks_lv", "mask")


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
