"""The Evaluate and Deliver workspaces, on a run that was really trained."""

import csv
import io
import shutil
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from designer.delivery.card import export_text
from designer.delivery.workspace import DeliveryWorkspace
from designer.evaluation.confusion import Confusion
from designer.evaluation.wording import metric_row, remarks
from designer.evaluation.workspace import EvaluationWorkspace
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
def evaluation(qtbot, project):
    made = EvaluationWorkspace(project)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.close_down())
    made.resize(1000, 700)
    made.show()
    return read(qtbot, made)


@pytest.fixture
def delivery(qtbot, project):
    made = DeliveryWorkspace(project)
    qtbot.addWidget(made, before_close_func=lambda widget: widget.close_down())
    made.show()
    return read(qtbot, made)


def test_that_without_a_run_the_workspaces_say_what_to_do(qtbot):
    for kind in (EvaluationWorkspace, DeliveryWorkspace):
        made = kind(Project())
        qtbot.addWidget(made)
        button = made.evaluate_button if kind is EvaluationWorkspace else made.onnx
        assert not button.isEnabled()
        assert "train the project first" in button.toolTip()


@pytest.mark.parametrize(("place", "part"), [(0, "validation"), (1, "test")])
def test_that_a_run_is_measured_and_the_result_shown_and_kept(qtbot, evaluation, project, place, part):
    assert evaluation.pages.currentWidget() is evaluation.empty
    evaluation.part.setCurrentIndex(place)
    qtbot.mouseClick(evaluation.evaluate_button, Qt.MouseButton.LeftButton)
    assert not evaluation.evaluate_button.isEnabled()
    qtbot.waitUntil(lambda: bool(evaluation.result) and evaluation.evaluate_button.isEnabled(), timeout=LONG)
    assert evaluation.result["part"] == part
    names = [row[0] for row in evaluation.metrics.content.rows]
    assert "Accuracy" in names
    assert f"best epoch, {evaluation.result['epoch']}" in evaluation.shown.title.text()
    assert sum(map(sum, evaluation.confusion.counts)) == evaluation.result["cases"]
    again = EvaluationWorkspace(project)
    qtbot.addWidget(again, before_close_func=lambda widget: widget.close_down())
    read(qtbot, again)
    again.part.setCurrentIndex(place)
    again.part.activated.emit(place)
    assert again.result["metrics"] == evaluation.result["metrics"]


def test_that_the_result_is_copied_as_csv(qtbot, evaluation):
    evaluation.evaluate()
    qtbot.waitUntil(lambda: bool(evaluation.result) and evaluation.copy_button.isEnabled(), timeout=LONG)
    qtbot.mouseClick(evaluation.copy_button, Qt.MouseButton.LeftButton)
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0][:2] == ["Metric", "Value"]
    assert {row[0]: row[1] for row in rows[1:] if row}["Accuracy"] == str(evaluation.result["metrics"]["accuracy"])
    assert ["truth / predicted", "bright", "dark"] in rows


def test_that_a_measuring_that_fails_is_said_in_one_sentence(qtbot, evaluation, project):
    run = evaluation.runs.run
    (run.folder / "split.json").write_text("no split")
    with qtbot.waitSignal(evaluation.said, timeout=LONG) as said:
        evaluation.evaluate()
    assert said.args[1] == "error"
    assert said.args[0]
    assert "Traceback" not in said.args[0]
    assert evaluation.evaluate_button.isEnabled()


def test_that_the_confusion_matrix_gives_the_share_of_each_true_class(qtbot):
    table = Confusion()
    qtbot.addWidget(table)
    table.show_counts(["a", "b"], [[3, 1], [0, 0]])
    assert table.share(0, 0) == 0.75
    assert table.share(1, 1) == 0.0
    assert table.csv().splitlines() == ["truth / predicted,a,b", "a,3,1", "b,0,0"]
    assert "a: 3 a, 1 b" in table.accessibleDescription()
    assert not table.grab().isNull()


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
    delivery.predict_folders([pictures], tmp_path / "answers.csv")
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


@pytest.mark.parametrize(("name", "value", "title", "spelled"), [
    ("accuracy", 0.9981481, "Accuracy", "99.8 %"),
    ("accuracy", 1.0, "Accuracy", "100 %"),
    ("sensitivity:T1", 0.5, "Sensitivity for T1", "50.0 %"),
    ("auc", 0.9981481, "AUC", "0.998"),
    ("dice_score_2", 0.75, "Dice score 2", "0.750"),
    ("mean_absolute_error", 12.3456, "Mean absolute error", "12.3"),
    ("loss", 0.00086171, "Loss", "0.000862"),
])  # fmt: skip
def test_that_a_metric_reads_as_it_is_usually_given_and_keeps_its_digits(name, value, title, spelled):
    shown, short, between = metric_row(name, value, {"intervals": {name: {"low": 0.5, "high": 1.0}}})
    assert (shown, short) == (title, spelled)
    assert short.full == value
    assert " – " in between


def test_that_what_the_intervals_stand_for_is_said_once():
    few = {"low": None, "high": None, "note": "2 patients: too few."}
    assert remarks({"intervals": {"a": few, "b": few}}) == ["2 patients: too few."]
    (told,) = remarks({"intervals": {"a": {"low": 0.1, "high": 0.2, "note": ""}}})
    assert "Patients are counted, not images" in told


def test_that_a_run_measured_on_test_cases_alone_shows_them(qtbot, evaluation, project):
    evaluation.part.setCurrentIndex(1)
    evaluation.evaluate()
    qtbot.waitUntil(lambda: bool(evaluation.result) and evaluation.evaluate_button.isEnabled(), timeout=LONG)
    again = EvaluationWorkspace(project)
    qtbot.addWidget(again, before_close_func=lambda widget: widget.close_down())
    read(qtbot, again)
    assert again.part.currentData() == "test"
    assert again.result["part"] == "test"
