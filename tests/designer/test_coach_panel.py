"""The coach and the layers in the Train workspace, with real runs and real clicks."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt

from designer.training.history import History
from designer.training.layers_file import LayersFile, read_layers
from designer.training.observations import Observations, spoken_time
from runtime.coach.health import health_of
from runtime.events import Epoch, Finished, Observed, Started
from runtime.files import save_graph
from runtime.worker import run_worker
from tests.builders import pictures, planted

LEFT = Qt.MouseButton.LeftButton
LONG = 60_000


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A project whose only run learned its images by heart."""
    folder = tmp_path_factory.mktemp("overfitted")
    graph, epochs = planted.overfitting(folder / "data")
    graph = replace(graph, training=replace(graph.training, epochs=epochs, batch=16))
    save_graph(graph, folder / "discs.netloom")
    run = pictures.new_run(graph, folder / "discs-runs" / "20260102-030405", device="cpu")
    run_worker(run.job)
    return folder / "discs.netloom"


@pytest.fixture
def training(qtbot, window, trained):
    """The Train workspace with the run; its coach has looked for remedies."""
    assert window.open_project(trained)
    window.show_workspace("train")
    coach = window.training.course.coach
    qtbot.waitUntil(lambda: bool(coach.rows and coach.rows[0].buttons), timeout=LONG)
    return window.training


def labels(row):
    return [made.text() for made in row.buttons]


def pressed(row, words):
    return next(made for made in row.buttons if words in made.text())


def test_that_the_coach_says_what_it_sees_and_a_click_changes_the_drawing(qtbot, window, training):
    (row,) = training.course.coach.rows
    assert row.isVisible()
    assert row.title.text() == "Overfitting"
    assert "by heart" in row.message.text()
    before = window.project.document.graph()
    qtbot.mouseClick(pressed(row, "Augment"), LEFT)
    document = window.project.document
    assert any(node.type == "augment" for node in document.nodes.values())
    assert document.undo_label == "Insert Augment"
    assert "Insert Augment" in window.messages.text
    assert "Ctrl+Z" in window.messages.text
    qtbot.waitUntil(lambda: "Insert Augment" not in labels(row), timeout=LONG)
    assert "Insert Augment" in row.done.text()
    assert row.done.isVisible()
    window.project.undo()
    assert document.graph() == before
    qtbot.waitUntil(lambda: "Insert Augment" in labels(row), timeout=LONG)
    assert not row.done.isVisible()


def test_that_every_remedy_can_be_taken_one_after_the_other(qtbot, window, training):
    (row,) = training.course.coach.rows
    taken = []
    while row.buttons:
        made = row.buttons[0]
        taken.append(made.text())
        qtbot.mouseClick(made, LEFT)
        qtbot.waitUntil(lambda last=taken[-1]: last not in labels(row), timeout=LONG)
    assert len(taken) >= 4
    assert not window.project.analyse_now().errors
    for _ in taken:
        window.project.undo()
    qtbot.waitUntil(lambda: len(row.buttons) == 4, timeout=LONG)


def test_that_a_remedy_is_taken_with_the_keyboard(qtbot, window, training):
    (row,) = training.course.coach.rows
    made = pressed(row, "without improvement")
    made.setFocus()
    qtbot.keyClick(made, Qt.Key.Key_Return)
    assert window.project.document.training.patience == 5


def test_that_the_coach_is_closed_and_stays_so_for_the_same_finding(qtbot, training):
    coach = training.course.coach
    qtbot.mouseClick(coach.closer, LEFT)
    assert not coach.isVisible()
    training.redraw()
    coach.read()
    assert not coach.isVisible()


def test_that_a_new_project_has_nothing_to_say(window, training):
    window.project.new()
    assert not training.course.coach.rows
    assert not training.course.coach.isVisible()


def test_that_the_layers_show_their_norms_and_how_they_are_spread(qtbot, training):
    qtbot.mouseClick(training.views.buttons["layers"], LEFT)
    layers = training.layers
    assert layers.isVisible()
    names = [layers.list.topLevelItem(row).text(0) for row in range(layers.list.topLevelItemCount())]
    assert names == ["Dense", "Dense 2"]
    assert [curve.title for curve in layers.weights.curves] == names
    assert len(layers.weights.curves[0].points) == 20
    second = layers.list.visualItemRect(layers.list.topLevelItem(1)).center()
    qtbot.mouseClick(layers.list.viewport(), LEFT, pos=second)
    assert [curve.title for curve in layers.gradients.curves] == ["Dense 2"]
    assert sum(layers.spread.shown.counts) == 66
    assert "epoch 20" in layers.note.text()
    rows = layers.csv().splitlines()
    assert rows[0] == "layer,epoch,weights,gradients,gradients_that_are_0"
    assert len(rows) == 41
    assert rows[1].startswith("Dense,1,")


def test_that_pace_rate_time_and_device_are_told_and_drawn(qtbot, training):
    words = training.strip.facts.text()
    assert "cases/s" in words
    assert "learning rate 0.01" in words
    assert "trained for" in words
    assert "memory" in words
    charts = training.charts
    assert not charts.rate.isVisible()
    qtbot.mouseClick(charts.more, LEFT, pos=QPoint(8, charts.more.height() // 2))
    assert charts.rate.isVisible()
    assert [value for _, value in charts.rate.curves[0].points] == [0.01] * 20
    assert len(charts.pace.curves[0].points) == 20
    assert set(charts.csv().splitlines()[0].split(",")) >= {"learning_rate", "images_per_s", "train_loss"}


def test_that_dead_and_exploding_layers_are_told_apart():
    weights = {"a": [(1.0, 1.0), (2.0, 1.1)], "b": [(1.0, 1.0), (2.0, 30.0)], "c": [(1.0, 1.0)], "d": [(1.0, 1.0)]}
    gradients = {"a": [(2.0, 0.1)], "b": [(2.0, 0.1)], "c": [(1.0, 0.0)], "d": [(1.0, 50.0)]}
    assert health_of(weights, gradients, {}) == {"a": "learns", "b": "exploding", "c": "dead", "d": "exploding"}
    faint = {**gradients, "c": [(1.0, 1e-7)], "d": [(1.0, 0.1)]}
    assert health_of(weights, faint, {})["c"] == "vanishing"
    assert health_of(weights, {"a": [(2.0, 0.1)]}, {"a": [(2.0, 1.0)]})["a"] == "dead"
    assert health_of({}, {}, {}) == {}


def test_that_an_unhealthy_layer_is_marked(window):
    layers = window.training.layers
    history = History()
    gradients = {"good": 0.1, "dead": 0.0}
    history.take(Observed(1, weights={"good": 1.0, "dead": 1.0}, gradients=gradients, still={"dead": 1.0}))
    layers.show_run(None, history)
    states = {layers.list.topLevelItem(row).text(0): layers.list.topLevelItem(row).text(1) for row in range(2)}
    assert states == {"good": "learns", "dead": "dead"}
    assert "1 of 2 layers" in layers.note.text()


def test_that_a_resumed_run_tells_each_epoch_once():
    seen = Observations()
    for epoch in (1, 2, 3):
        seen.take(Observed(epoch, 10.0 * epoch, weights={"a": float(epoch)}))
        seen.take_epoch(Epoch(epoch, {}, 2.0, rate=0.1))
    seen.start(Started(5, 1, "cpu", 1, resumed_after=2))
    seen.take(Observed(3, 5.0))
    assert seen.pace["images_per_s"] == [(1.0, 10.0), (2.0, 20.0), (3.0, 5.0)]
    assert seen.weights["a"] == [(1.0, 1.0), (2.0, 2.0)]
    assert seen.seconds == {1: 2.0, 2: 2.0}


def test_that_times_are_spoken():
    assert [spoken_time(value) for value in (0.2, 42, 200, 7500)] == ["1 s", "42 s", "3 min 20 s", "2 h 5 min"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"epoch": 1, "layers": 3}', '{"epoch": "x", "layers": []}'])
def test_that_a_damaged_file_of_layers_is_as_none(tmp_path, text):
    (tmp_path / "layers.json").write_text(text, encoding="utf-8")
    assert read_layers(tmp_path) == LayersFile()


def test_that_a_history_keeps_what_the_coach_reads():
    told = [Started(1, 1, "cpu", 1), Observed(1), Epoch(1, {}, 1.0), Finished(1, 1, {})]
    assert History.of(told).course == told
