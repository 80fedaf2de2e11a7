"""The whole journey with the mouse: a folder is dropped, a network is drawn, trained, judged and exported."""

import json

import numpy as np
import onnxruntime
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from runtime.data.practice import write_practice
from runtime.graph import Wire
from runtime.runs import find_runs
from tests.designer.hand import CTRL, Hand

EPOCHS = 2
LAYERS = ("resize", "convolution", "relu", "global_average_pooling", "dense")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "heads"
    write_practice("t1-t2", place, patients=6)
    return place


@pytest.fixture
def hand(qtbot):
    return Hand(qtbot)


@pytest.mark.slow
def test_that_a_dropped_folder_becomes_a_checked_onnx_file_by_mouse(hand, folder, tmp_path):
    hand.look("journey")
    look_at_the_data(hand, folder)
    ids = draw_layers(hand)
    judge(hand, ids)
    hand.until(lambda: hand.problems() == [])
    assert not hand.window.messages.isVisible(), hand.window.messages.text
    hand.look("journey")
    project = tmp_path / "heads.netloom"
    with hand.answering(project):
        QTest.keyClick(hand.window, Qt.Key.Key_S, CTRL)
    assert not hand.window.project.dirty
    run = train(hand, project)
    see_how_good_it_is(hand, run)
    check_model(export(hand, tmp_path / "heads.onnx"))


def look_at_the_data(hand, folder):
    """Drop the folder, wait until all of it is shown."""
    hand.go("data")
    hand.look("journey")
    data = hand.window.data
    assert hand.drop_files(folder, on=data)
    hand.until(lambda: data.survey is not None and data.survey.found.dataset and not data.survey.running)
    images = data.found.dataset["cases"]
    assert images > 100
    hand.until(lambda: data.grid.pictures.rowCount() > 10)
    hand.look("journey")
    assert data.found.settings["classes"] == ["T1", "T2"]


def draw_layers(hand):
    """The source of the data, and five layers below it, each wired by hand."""
    hand.click(hand.button("Draw it myself"))
    assert hand.window.current == "design"
    ids = {"dicom_folder": hand.id_of("dicom_folder")}
    hand.until(lambda: is_in_the_middle(hand, ids["dicom_folder"]))
    hand.look("journey")
    hand.drag(hand.place(ids["dicom_folder"]), QPoint(300, 60))
    for place, kind in enumerate(LAYERS, start=1):
        ids[kind] = hand.drag_from_palette(kind, QPoint(300 + 60 * (place % 2), 60 + 84 * place))
    assert hand.document.wires == ()
    hand.look("journey")
    hand.until(hand.problems)
    above, output = "dicom_folder", "image"
    for kind in LAYERS:
        port = "features" if kind == "dense" else "image"
        hand.wire(ids[above], output, ids[kind], port)
        assert Wire(ids[above], output, ids[kind], port) in hand.document.wires
        above, output = kind, "out"
    set_by_typing(hand, ids["resize"], "size", "16")
    set_by_typing(hand, ids["convolution"], "filters", "4")
    set_by_typing(hand, ids["dense"], "units", "2")
    return ids


def is_in_the_middle(hand, node_id):
    """Whether the view has come to rest with the only node in its middle."""
    return (hand.place(node_id) - hand.view.viewport().rect().center()).manhattanLength() < 120


def set_by_typing(hand, node_id, name, text):
    """Click on a node and type into its form."""
    hand.click(hand.view.viewport(), hand.place(node_id))
    hand.retype(hand.window.design.inspector.form.rows.fields[name].line, text)


def judge(hand, ids):
    """Loss, metric, optimizer and output: dropped under the dense layer or searched for at the end of a loose wire."""
    dense = ids["dense"]
    ids["cross_entropy"] = hand.drag_from_palette("cross_entropy", hand.place(dense) + QPoint(60, 40))
    wires = set(hand.document.wires)
    assert Wire(dense, "out", ids["cross_entropy"], "prediction") in wires
    assert Wire(ids["dicom_folder"], "class", ids["cross_entropy"], "target") in wires
    for words, kind, below in (("output", "output", 60), ("accuracy", "accuracy", 130)):
        start = hand.port(dense, False, "out")
        hand.drag(start, start + QPoint(330, below))
        box = hand.view.finder.box
        assert box.isVisible()
        QTest.keyClicks(box.field, words)
        hand.look("journey")
        QTest.keyClick(box.field, Qt.Key.Key_Return)
        ids[kind] = hand.id_of(kind)
    ids["adam"] = hand.drag_from_palette("adam", hand.place(ids["cross_entropy"]) + QPoint(60, 40))
    hand.until(lambda: set(hand.window.project.analysis.graph.nodes) == set(hand.document.nodes))


def train(hand, project):
    """Type the number of epochs and press F5; the curves grow and the run ends."""
    hand.go("train")
    training = hand.window.training
    hand.retype(training.side.settings.form.rows.fields["epochs"].line, str(EPOCHS))
    hand.retype(training.side.settings.form.rows.fields["batch"].line, "8")
    hand.look("journey")
    QTest.keyClick(hand.window, Qt.Key.Key_F5)
    assert training.running, hand.window.messages.text
    hand.until(lambda: curve(hand, "train_loss"))
    hand.look("journey")
    hand.until(lambda: not training.running)
    assert [epoch for epoch, _ in curve(hand, "train_loss")] == [1.0, 2.0]
    assert len(curve(hand, "validation_loss")) == EPOCHS
    (run,) = find_runs(project)
    assert run.status == "finished", run.reason
    hand.until(lambda: "Finished" in training.strip.state.text())
    hand.look("journey")
    return run


def curve(hand, name):
    """The points of a curve that is drawn."""
    return next((drawn.points for drawn in hand.window.training.charts.losses.curves if drawn.name == name), ())


def see_how_good_it_is(hand, run):
    """The best epoch was measured when the training had ended."""
    hand.go("evaluate")
    evaluation = hand.window.evaluation
    hand.until(lambda: evaluation.confusion.isVisible() and evaluation.confusion.counts)
    hand.look("journey")
    best = json.loads((run.folder / "checkpoints" / "best.json").read_text("utf-8"))
    assert evaluation.result["epoch"] == best["epoch"]
    assert sum(map(sum, evaluation.confusion.counts)) == evaluation.result["cases"]
    assert list(evaluation.confusion.classes) == ["T1", "T2"]


def export(hand, file):
    """Export ONNX; what the check found is shown."""
    hand.go("deliver")
    delivery = hand.window.delivery
    hand.look("journey")
    with hand.answering(file):
        hand.click(delivery.onnx)
    hand.until(lambda: delivery.results["onnx"].isVisible())
    hand.look("journey")
    assert "Written and checked" in delivery.results["onnx"].text(), delivery.results["onnx"].text()
    return file


def check_model(file):
    """The file answers for an image of another size, with probabilities of the two classes."""
    session = onnxruntime.InferenceSession(str(file))
    (entry,) = session.get_inputs()
    image = np.full((1, 1, 40, 56), 300, np.float32)
    (answer,) = session.run(None, {entry.name: image})
    assert answer.shape == (1, 2)
    assert np.isclose(answer.sum(), 1, atol=1e-5)
