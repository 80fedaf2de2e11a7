"""Boxes on pictures, warnings that are out of date, folders read again, the cache's size, many cases at once."""

import json

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from designer.data.cache_panel import CachePanel
from designer.data.case_table import _runs
from designer.data.thumbnails import ThumbnailModel
from designer.design.workspace import DesignWorkspace
from designer.parts import counted, pixels, without_options
from designer.process import CommandProcess
from runtime.attach import data_sources
from runtime.templates import graph_of

LEFT = Qt.MouseButton.LeftButton
Key = Qt.Key
LONG = 60_000
BOX = "<object><name>{}</name><bndbox><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>"


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """Pictures with boxes in the manner of Pascal VOC."""
    folder = tmp_path_factory.mktemp("cells")
    for number in range(4):
        Image.fromarray(np.full((60, 80), 90, np.uint8)).save(folder / f"{number}.png")
        boxes = BOX.format("red", 10, 10, 40, 30) + BOX.format("white", 30, 20, 70, 55)
        (folder / f"{number}.xml").write_text(
            f"<annotation><filename>{number}.png</filename><size><width>80</width><height>60</height></size>"
            f"{boxes}</annotation>"
        )
    return folder


def read(qtbot, workspace, folder):
    workspace.open_folder(folder)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    return workspace.browser


def source_of(project):
    (source,) = data_sources(project.document.graph())
    return source


@pytest.mark.slow
def test_that_boxes_are_drawn_in_the_colours_of_their_classes_and_hidden_with_a_key(qtbot, workspace, cells):
    browser = read(qtbot, workspace, cells)
    view = browser.viewer.view
    qtbot.waitUntil(lambda: view.picture is not None, timeout=LONG)
    assert [mark.name for mark in view.marks.boxes] == ["red", "white"]
    corner = view.frame.point(QPointF(40, 30)).toPoint()
    ratio = view.devicePixelRatioF()

    def most_colour():
        """How far the most coloured pixel around the corner is from grey."""
        image = view.grab().toImage()
        around = [(x, y) for x in range(-6, 7) for y in range(-6, 7)]
        found = [image.pixelColor(int(corner.x() * ratio) + x, int(corner.y() * ratio) + y) for x, y in around]
        return max(max(one.getRgb()[:3]) - min(one.getRgb()[:3]) for one in found)

    assert most_colour() > 60
    assert browser.viewer.tools.mask_box.text() == "Boxes"
    assert not browser.viewer.tools.opacity.isVisible()
    view.setFocus()
    QTest.keyClick(view, Key.Key_O)
    assert view.marks.boxes == ()
    assert most_colour() < 5


@pytest.mark.slow
def test_that_boxes_are_counted_by_class_in_facts_charts_and_table(qtbot, workspace, cells):
    browser = read(qtbot, workspace, cells)
    assert [tuple(row) for row in browser.facts.classes.content.rows] == [("red", 4, 4), ("white", 4, 4)]
    browser.right.setCurrentIndex(3)
    assert "Classes of the boxes" in [chart.chart.title for chart in browser.charts.charts]
    assert browser.cases.table.cases.row(0)[2:5] == ("2 boxes", "", "80×60")


@pytest.mark.slow
def test_that_warnings_are_marked_as_out_of_date_after_a_mend_and_fresh_after_reading_again(
    qtbot, workspace, project, heads
):
    project.new(graph_of("lenet"))
    browser = read(qtbot, workspace, heads)
    stale = browser.warnings.stale
    assert stale.isHidden()
    few = [place for place, sample in enumerate(browser.book.samples) if sample.label == "T1"][3:]
    assert browser.book.leave_out(few) == ""
    assert not stale.isHidden()
    before = list(browser.warnings.texts)
    browser.right.setCurrentIndex(1)
    again = next(button for button in stale.children() if getattr(button, "text", str)() == "Read again")
    QTest.mouseClick(again, LEFT)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    assert stale.isHidden()
    assert any("“T1” has only 3 cases" in text for text in browser.warnings.texts)
    assert browser.warnings.texts != before
    assert workspace.use_button.text() == "In use"
    project.undo()
    qtbot.waitUntil(lambda: not stale.isHidden(), timeout=LONG)


@pytest.mark.slow
def test_that_a_source_that_asks_for_another_form_is_read_again_with_one_click(qtbot, workspace, project, heads):
    project.new(graph_of("lenet"))
    read(qtbot, workspace, heads)
    source = source_of(project)
    assert not workspace.reads.isVisible()
    with project.document.edit("Take"):
        project.document.change(source, take="slices")
    qtbot.waitUntil(workspace.reads.isVisible, timeout=LONG)
    assert "asks for cases slices" in workspace.reads.texts[0]
    QTest.mouseClick(workspace.reads.again_button, LEFT)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    assert project.document.nodes[source].settings["taken"] == "slices"
    assert not workspace.reads.isVisible()
    assert workspace.use_button.text() == "In use"


@pytest.mark.slow
def test_that_the_form_of_a_source_offers_to_read_its_folder_again(qtbot, workspace, project, heads):
    project.new(graph_of("lenet"))
    read(qtbot, workspace, heads)
    source = source_of(project)
    design = DesignWorkspace(project)
    qtbot.addWidget(design)
    design.show()
    design.view.canvas.node_items[source].setSelected(True)
    qtbot.waitUntil(lambda: design.inspector.form is not None and hasattr(design.inspector.form, "again"))
    assert design.inspector.form.again.isHidden()
    with project.document.edit("Take"):
        project.document.change(source, take="slices")
    qtbot.waitUntil(lambda: not design.inspector.form.again.isHidden(), timeout=LONG)
    with qtbot.waitSignal(design.read_again) as asked:
        QTest.mouseClick(design.inspector.form.again, LEFT)
    workspace.read_again(*asked.args)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    assert project.document.nodes[source].settings["taken"] == "slices"


def test_that_the_cache_says_its_size_is_limited_and_cleared(qtbot, tmp_path, monkeypatch):
    monkeypatch.setenv("NETLOOM_CACHE", str(tmp_path / "cache"))
    panel = CachePanel()
    qtbot.addWidget(panel, before_close_func=lambda widget: widget.close_down())
    panel.show()
    qtbot.waitUntil(lambda: panel.limit.count() > 0, timeout=LONG)
    assert "0 data sets" in panel.state.text()
    panel.limit.setFocus()
    panel.limit.setCurrentIndex(panel.limit.findText("2 GB"))
    panel.limit.activated.emit(panel.limit.currentIndex())
    qtbot.waitUntil(lambda: "at most 2 GB" in panel.state.text(), timeout=LONG)
    assert not panel.clear.isEnabled()


def test_that_much_that_a_process_tells_comes_in_order_and_before_its_end(qtbot, heads):
    process = CommandProcess(["survey", str(heads)])
    told = []
    process.record.connect(lambda record: told.append(record["record"]))
    with qtbot.waitSignal(process.ended, timeout=LONG) as ended:
        process.start()
    assert ended.args[0].ok
    assert told[-1] == "done"
    assert told.index("series") < told.index("files") < told.index("cases") < told.index("dataset")


@pytest.mark.slow
def test_that_a_column_that_is_still_read_when_the_window_closes_is_left(qtbot, workspace, project, heads):
    read(qtbot, workspace, heads)
    counter = workspace.browser.splitting._counter
    training = project.document.training
    with qtbot.waitSignal(counter.reading, timeout=LONG), project.document.edit("Split"):
        project.document.train_with(training.__class__(**{**_fields(training), "split": "study"}))
    process = counter._reader[1]
    workspace.close_down()
    assert not process.running
    assert counter._reader is None


def test_that_early_pictures_name_no_file_while_names_are_hidden(qtbot, tmp_path):
    file = tmp_path / "small.png"
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(file)
    model = ThumbnailModel()
    model._names.shown = False
    model.add({"file": str(file), "path": "DOE^JANE/1.dcm", "early": True, "truth": None, "patient": ""})
    roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
    assert not any("1.dcm" in str(model.index(0).data(role)) for role in roles)


def test_that_rows_are_chosen_in_runs():
    assert _runs([]) == []
    assert _runs([0, 1, 2, 5, 7, 8]) == [(0, 2), (5, 5), (7, 8)]


def test_that_sizes_and_sentences_are_said_as_in_a_viewer():
    assert pixels((480, 640)) == "640×480"
    assert pixels((22, 512, 256)) == "256×512×22"
    assert counted(2, "box") == "2 boxes"
    assert counted(1, "box") == "1 box"
    assert without_options("Choose one as labels (--labels a).") == "Choose one as labels."


def _fields(training):
    return {name: getattr(training, name) for name in training.__dataclass_fields__}


def test_that_a_column_that_is_not_there_is_said_in_words(tmp_path, heads):
    from runtime.cli.column import values_record

    asked = {"folder": str(heads), "kind": "dicom", "labels": "", "paths": [], "column": "nonsense"}
    record = values_record(json.loads(json.dumps(asked)))
    assert record["record"] == "problem"
    assert "nonsense" in record["problems"][0]


@pytest.mark.slow
def test_that_a_folder_without_images_says_so_where_pictures_and_series_would_be(qtbot, workspace, tmp_path):
    (tmp_path / "notes.txt").write_text("nothing to see")
    browser = read(qtbot, workspace, tmp_path)
    assert "no image here" in browser.viewer.view.message
    assert not browser.viewer.tools.isVisible()
    assert len(browser.warnings.cards) == 1
