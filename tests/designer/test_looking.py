"""Looking inside: the map of a case, the channels of a node, the scatter with its lasso, shortcuts."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from designer import theme
from designer.looking.features_panel import FeaturesPanel
from designer.looking.map_panel import MapPanel
from designer.looking.map_picture import MapPicture
from designer.looking.picture_grid import PictureGrid
from designer.looking.question import Question
from designer.looking.scatter_groups import groups_of, said_of
from designer.looking.scatter_panel import ScatterPanel
from designer.looking.scatter_view import ScatterView
from designer.looking.shortcuts_panel import ShareInterval, ShortcutsPanel
from runtime.looking.record import Record
from tests.builders import graphs, pictures

SOON = 120_000


@pytest.fixture(scope="module")
def discs(tmp_path_factory):
    """A run of one epoch."""
    from runtime.train import train

    folder = pictures.class_folders(tmp_path_factory.mktemp("discs") / "data", 40)
    graph = graphs.classifier(**pictures.facts(folder))
    run = pictures.new_run(graph, folder.parent / "run", epochs=1, batch=8, device="cpu")
    list(train(run.job))
    return run.folder


def shown(qtbot, widget, width=700, height=600):
    qtbot.addWidget(widget)
    widget.resize(width, height)
    widget.show()
    qtbot.waitExposed(widget)
    return widget


@pytest.fixture(autouse=True)
def dark(qapp):
    theme.apply(qapp, Qt.ColorScheme.Dark)


def scatter_of(qtbot):
    view = shown(qtbot, ScatterView(), 400, 400)
    points = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)
    view.show_cases(points, np.full((4, 8, 8), 200, np.uint8), [0, 0, 1, -1], list("abcd"))
    return view


def test_that_a_lasso_takes_the_cases_within_it(qtbot):
    view = scatter_of(qtbot)
    with qtbot.waitSignal(view.chosen) as told:
        QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
        for place in (QPoint(200, 2), QPoint(200, 398), QPoint(2, 398)):
            QTest.mouseMove(view, place)
        QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=QPoint(2, 398))
    assert told.args[0] == [0, 1]
    assert view.picked == {0, 1}


def test_that_a_click_takes_one_case_and_a_click_beside_takes_none(qtbot):
    view = scatter_of(qtbot)
    with qtbot.waitSignal(view.chosen) as told:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.place_of(3).toPoint())
    assert told.args[0] == [3]
    with qtbot.waitSignal(view.chosen) as told:
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert told.args[0] == []


def test_that_the_map_is_red_over_the_picture_as_strongly_as_is_wished(qtbot):
    picture = shown(qtbot, MapPicture("map"), 200, 200)
    found = np.zeros((20, 20), np.float32)
    found[:10] = 1
    picture.show_map(np.full((1, 20, 20), 100, np.float32), found)
    picture.set_opacity(1.0)
    image = picture.grab().toImage()
    assert image.pixelColor(100, 50).red() > image.pixelColor(100, 50).blue() + 100
    assert image.pixelColor(100, 150).red() == image.pixelColor(100, 150).blue()
    picture.set_opacity(0.0)
    image = picture.grab().toImage()
    assert image.pixelColor(100, 50) == image.pixelColor(100, 150)


def test_that_pictures_of_a_grid_are_taken_by_mouse_and_keys(qtbot):
    grid = shown(qtbot, PictureGrid("channels", 40), 140, 300)
    grid.show_pictures([np.full((8, 8), 10 * place, np.uint8) for place in range(5)], list("abcde"))
    assert grid.height() == 2 * 44
    with qtbot.waitSignal(grid.taken) as told:
        QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert told.args == [4]
    with qtbot.waitSignal(grid.taken) as told:
        QTest.keyClick(grid, Qt.Key.Key_Up)
    assert told.args == [1]


def test_that_the_interval_is_drawn_where_it_lies(qtbot):
    bar = shown(
        qtbot,
        ShareInterval({"sentence": "", "verdict": "alarm", "share": 0.9, "low": 0.8, "high": 1.0, "chance": 0.5}),
        188, 16,
    )  # fmt: skip
    image = bar.grab().toImage()
    alarm = theme.Theme.current().error
    assert image.pixelColor(4 + round(0.82 * 180), 8).name() == alarm
    assert image.pixelColor(4 + round(0.3 * 180), 8).name() == theme.Theme.current().border


@pytest.mark.slow
def test_that_a_failure_is_told_in_words(qtbot, tmp_path):
    question = Question("map")
    with qtbot.waitSignal(question.failed, timeout=SOON) as told:
        question.ask(["explain", str(tmp_path), "--case", "0"])
    assert "is not a run folder" in told.args[0]
    assert not question.busy


def test_that_findings_stand_alarms_first(qtbot):
    panel = shown(qtbot, ShortcutsPanel())
    findings = [
        {"what": what, "verdict": verdict, "sentence": f"{what}.", "share": 0.9, "low": 0.8, "high": 1.0, "chance": 0.5}
        for what, verdict in (("the size", "none"), ("the border", "alarm"))
    ]
    panel.show_record(Record("shortcuts", {"summary": "Found.", "findings": findings}))
    assert [panel.rows.itemAt(place).widget().accessibleName() for place in (0, 1)] == ["The border", "The size"]
    assert panel.summary.text() == "Found."


@pytest.mark.long
def test_that_a_case_is_explained_and_another_class_asked_for(qtbot, discs):
    panel = shown(qtbot, MapPanel())
    with qtbot.waitSignal(panel.shown, timeout=SOON) as told:
        panel.show_case(discs, "dark/case000.png")
    assert told.args[0].facts["method"] == "gradcam"
    assert panel.sanity.text()
    assert [panel.target.itemText(place) for place in (1, 2)] == ["bright", "dark"]
    with qtbot.waitSignal(panel.shown, timeout=SOON) as told:
        panel.show_case(discs, "dark/case000.png", ("bright", "dark"), "bright")
        panel.show_case(discs, "dark/case000.png", ("bright", "dark"))  # the next case, with the class that was chosen
    assert told.args[0].facts["class"] == "bright"
    panel.close_down()


@pytest.mark.long
def test_that_a_node_shows_its_channels_and_a_channel_its_cases(qtbot, discs):
    panel = shown(qtbot, FeaturesPanel())
    panel.show_node(discs, "dark/case000.png", "convolution-1")
    qtbot.waitUntil(lambda: "4×16×16" in panel.about.text(), timeout=SOON)
    panel.maps.take(1)
    qtbot.waitUntil(panel.cases.isVisible, timeout=SOON)
    with qtbot.waitSignal(panel.case_chosen) as told:
        panel.cases.take(0)
    assert told.args[0].endswith(".png")
    panel.close_down()


@pytest.mark.long
def test_that_the_scatter_tells_which_cases_were_taken(qtbot, discs):
    panel = shown(qtbot, ScatterPanel())
    panel.show_run(discs)
    panel.layout_choice.setCurrentIndex(1)
    panel.begin()
    qtbot.waitUntil(lambda: panel.pages.currentIndex() == 1, timeout=SOON)
    assert "bright" in panel.legend.text()
    with qtbot.waitSignal(panel.cases_chosen) as told:
        panel.view.choose([0])
    assert told.args[0][0].endswith(".png")
    panel.close_down()


def facts_of(**more):
    usual = {
        "cases": list("abc"), "labels": ["ill", "well", "ill"], "classes": ["ill", "well"], "kind": "class",
        "numbers": 8, "node": "code", "explained": [], "clusters": [], "silhouette": None, "agreement": None,
    }  # fmt: skip
    return {**usual, **more}


def test_that_the_groups_of_the_scatter_are_classes_or_clusters_where_some_were_made():
    classes = groups_of(facts_of())
    assert (classes.names, classes.cases(0)) == (["ill", "well"], [0, 2])
    clusters = groups_of(facts_of(clusters=[0, 1, 0], silhouette=0.5, agreement=1.0))
    assert (clusters.names, clusters.cases(1)) == (["Cluster 1 (2)", "Cluster 2 (1)"], [1])
    assert 'href="1"' in clusters.legend()
    assert not groups_of(facts_of(kind="number")).names


def test_that_silhouette_and_agreement_are_told_of_clusters_alone(qtbot):
    assert "Silhouette" not in said_of(facts_of())
    said = said_of(facts_of(clusters=[0, 1, 0], silhouette=0.512, agreement=None))
    assert "Silhouette of the clusters 0.51" in said
    assert "Agreement" not in said


def test_that_a_cluster_in_the_legend_is_a_group_of_cases_to_look_at(qtbot):
    panel = shown(qtbot, ScatterPanel())
    arrays = {"points": np.eye(3, 2, dtype=np.float32), "pictures": np.zeros((3, 8, 8), np.uint8)}
    facts = facts_of(clusters=[0, 1, 0], silhouette=0.5, agreement=0.1)
    panel._question.answered.emit(Record("scatter", facts, arrays))
    with qtbot.waitSignal(panel.cases_chosen) as told:
        panel.legend.linkActivated.emit("0")
    assert told.args[0] == ["a", "c"]
    assert panel.view.picked == {0, 2}
    panel.close_down()
