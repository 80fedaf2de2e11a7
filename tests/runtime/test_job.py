"""A job freezes a graph, and is refused where it would not be the same training."""

import json
import re
from dataclasses import replace

import pytest

from runtime.data.catalogue import DataError
from runtime.differences import differences, training_differences
from runtime.errors import RunError
from runtime.graph import Wire
from runtime.job import load_job, make_job, save_job
from tests.builders import graphs, pictures


@pytest.fixture
def graph(tmp_path):
    return graphs.classifier(**pictures.facts(pictures.class_folders(tmp_path / "data", 8)))


def test_that_a_saved_job_is_read_back_alike(graph, tmp_path):
    job = make_job(graph, tmp_path / "run", epochs=7, batch=3, seed=5, device="cpu", split="image")
    job.folder.mkdir()
    save_job(job)
    assert load_job(job.folder) == job
    assert job.training.epochs == 7
    assert graph.training.epochs == 2


def test_that_the_place_of_the_data_is_not_in_the_run_folder_and_known_to_its_user(graph, tmp_path):
    job = make_job(graph, tmp_path / "run")
    job.folder.mkdir()
    save_job(job)
    assert [file.name for file in job.folder.iterdir() if "data" in file.read_text(encoding="utf-8")] == []
    assert json.loads((job.folder / "job.json").read_text(encoding="utf-8"))["format"] == 1
    assert load_job(job.folder).graph.nodes["image_folder-1"].settings["folder"] == str(tmp_path / "data")


@pytest.mark.parametrize("given", [{"epochs": 0}, {"batch": 0}, {"seed": -1}, {"device": "tpu"}, {"split": "day"}])
def test_that_a_number_that_does_not_fit_is_refused_by_name(graph, tmp_path, given):
    (name,) = given
    with pytest.raises(RunError, match=name):
        make_job(graph, tmp_path / "run", **given)


def test_that_another_folder_replaces_the_data_for_the_job_alone(graph, tmp_path):
    other = pictures.class_folders(tmp_path / "other", 12, ("a", "b", "c"))
    job = make_job(graph, tmp_path / "run", data=other)
    settings = job.graph.nodes["image_folder-1"].settings
    assert settings["folder"] == str(other)
    assert settings["classes"] == ["a", "b", "c"]
    assert settings["counts"] == [4, 4, 4]
    assert graph.nodes["image_folder-1"].settings["folder"] == str(tmp_path / "data")


def test_that_a_folder_without_images_is_refused(graph, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty"):
        make_job(graph, tmp_path / "run", data=tmp_path / "empty")


def test_that_a_changed_graph_is_not_resumed_and_the_change_is_named(graph, tmp_path):
    job = make_job(graph, tmp_path / "run")
    job.folder.mkdir()
    save_job(job)
    document = graphs.Document(graph)
    with document.edit("Change"):
        document.change("convolution-1", filters=9)
    with pytest.raises(RunError, match="filters of “Convolution”: 4 → 9"):
        make_job(document.graph(), job.folder, resume=True)
    with pytest.raises(RunError, match="batch"):
        make_job(graph, job.folder, resume=True, batch=5)
    assert make_job(graph, job.folder, resume=True, epochs=9).training.epochs == 9


def test_that_a_moved_node_does_not_hinder_a_resume(graph, tmp_path):
    job = make_job(graph, tmp_path / "run")
    job.folder.mkdir()
    save_job(job)
    document = graphs.Document(graph)
    with document.edit("Move"):
        document.change("convolution-1", position=(7.0, 9.0))
    assert make_job(document.graph(), job.folder, resume=True).resume


def test_that_a_run_is_resumed_on_data_that_were_moved(graph, tmp_path):
    job = make_job(graph, tmp_path / "run")
    job.folder.mkdir()
    save_job(job)
    (tmp_path / "data").rename(tmp_path / "elsewhere")
    resumed = make_job(graph, job.folder, data=tmp_path / "elsewhere", resume=True)
    assert resumed.graph.nodes["image_folder-1"].settings["folder"] == str(tmp_path / "elsewhere")


def test_that_wires_in_another_order_into_one_port_are_a_change(graph):
    document = graphs.Document(graph)
    with document.edit("Merge"):
        merge = document.add("concatenate")
        for source in ("convolution-1", "image_folder-1"):
            output = "image" if source == "image_folder-1" else "out"
            document.connect(Wire(source, output, merge, "images"))
    drawn = document.graph()
    *others, first, second = drawn.wires
    assert differences(drawn, replace(drawn, wires=(*others, second, first))) == ("the wires were changed",)
    assert differences(drawn, replace(drawn, wires=(first, second, *others))) == ()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99, "training": {}}'])
def test_that_a_damaged_job_is_refused_in_words(tmp_path, content):
    (tmp_path / "job.json").write_text(content, encoding="utf-8")
    with pytest.raises(RunError, match=r"job\.json"):
        load_job(tmp_path)


def test_that_differences_say_the_old_and_the_new_value_and_unset_means_the_usual_one(graph):
    document = graphs.Document(graph)
    (loss,) = (node.id for node in graph.nodes.values() if node.type == "adam")
    with document.edit("Change"):
        document.change(loss, rate=0.5, schedule="cosine")
        document.change("relu-1", name="Bend")
    said = differences(graph, document.graph())
    assert any(re.fullmatch("learning rate of “Adam”: .* → 0.5", one) for one in said)
    assert "schedule of “Adam”: constant → cosine" in said
    assert "“Relu” is now called “Bend”" in said
    with document.edit("Say what is usual anyway"):
        document.change(loss, rate=graph.nodes[loss].settings.get("rate", 0.001), schedule="constant")
    assert differences(graph, document.graph()) == ("“Relu” is now called “Bend”",)


def test_that_differences_of_training_say_the_old_and_the_new_value(graph):
    old = graph.training
    new = replace(old, batch=5, split="image", parts=(0.6, 0.2, 0.2))
    assert training_differences(old, old) == ()
    assert training_differences(old, new) == (
        f"batch size: {old.batch} → 5",
        "split by: patient → image",
        "shares of training, validation and test: 0.7, 0.15, 0.15 → 0.6, 0.2, 0.2",
    )
