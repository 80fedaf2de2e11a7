"""The Deliver workspace, on a run that was really trained."""

import csv
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from designer.delivery.card import export_text
from designer.delivery.workspace import DeliveryWorkspace
from designer.project import Project
from runtime.files import load_graph, save_graph
from runtime.job import make_job
from runtime.runs import create_run, default_run_folder
from runtime.worker import run_worker

LONG = 30_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory, fitted_graph):
    """A folder with a project and its trained run."""
    project = tmp_path_factory.mktemp("trained") / "discs.netloom"
    save_graph(replace(fitted_graph, training=replace(fitted_graph.training, epochs=3, batch=8)), project)
    job = make_job(load_graph(project).graph, default_run_folder(project))
    create_run(job)
    assert run_worker(job) == 0
    return project.parent


@pytest.fixture
def project(trained, tmp_path_factory):
    """The trained project, a copy for each test, as far from the pictures as the first."""
    copy = tmp_path_factory.mktemp("copied")
    shutil.copytree(trained, copy, dirs_exist_ok=True)
    made = Project()
    made.load(copy / "discs.netloom")
    return made


def read(qtbot, made):
    """A workspace when it has read the runs of its project."""
    qtbot.waitUntil(lambda: made.runs.run is not None)
    return made


@pytest.fixture
def delivery(qtbot, project):
    made = DeliveryWorkspace(project)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.close_down())
    made.show()
    return read(qtbot, made)


def test_that_without_a_run_the_workspace_says_what_to_do(qtbot):
    made = DeliveryWorkspace(Project())
    qtbot.addWidget(made)
    assert not made.onnx.isEnabled()
    assert "train the project first" in made.onnx.toolTip()


@pytest.mark.long
def test_that_an_onnx_file_is_exported_and_its_check_is_told(qtbot, delivery, tmp_path):
    delivery.export("onnx", tmp_path / "model.onnx")
    assert not delivery.python.isEnabled()
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    told = delivery.results["onnx"]
    assert told.isVisible()
    assert "Written and checked" in told.text()
    assert (tmp_path / "model.onnx").stat().st_size > 1000
    qtbot.mouseClick(delivery.cards["onnx"].copy_path, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == str(tmp_path / "model.onnx")


@pytest.mark.long
def test_that_python_source_is_exported_with_its_weights(qtbot, delivery, tmp_path):
    delivery.export("python", tmp_path / "model.py")
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    assert "Written and checked" in delivery.results["python"].text()
    assert (tmp_path / "model.safetensors").exists()


def test_that_a_folder_is_predicted_into_a_table(qtbot, delivery, pictures, tmp_path):
    delivery.predict_folder(pictures, tmp_path / "answers.csv")
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    assert "36 predictions" in delivery.results["predict"].text()
    with (tmp_path / "answers.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 36


def test_that_an_export_that_cannot_be_made_says_why_in_its_card(qtbot, delivery, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    delivery.export("onnx", blocked / "model.onnx")
    qtbot.waitUntil(delivery.onnx.isEnabled, timeout=LONG)
    told = delivery.results["onnx"].text()
    assert told
    assert "Traceback" not in told
    assert delivery.results["onnx"].property("role") == "wrong"
    assert not delivery.cards["onnx"].open_folder.isVisible()


def test_that_the_check_of_an_export_is_told_in_plain_words():
    record = {"file": "m.py", "opset": 0, "checked_cases": 16, "max_abs_difference": 0.0}
    assert "on 16 held-out images: the answers are exactly the same. It fits." in export_text(record)
    assert "opset" not in export_text(record)
    other = export_text({**record, "opset": 20, "checked_cases": 1, "max_abs_difference": 1.5e-7})
    assert "opset 20" in other
    assert "on 1 held-out image: the largest difference is 0.00000015. It fits." in other
