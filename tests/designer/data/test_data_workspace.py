"""The Data workspace, with real surveys of real folders."""

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton

from designer.data.facts_panel import FactsPanel
from designer.data.survey import Found
from runtime.attach import data_sources
from runtime.templates import fitting, graph_of
from tests.builders.pictures import masked

LONG = 60_000


def surveyed(qtbot, workspace, folder):
    workspace.open_folder(folder)
    qtbot.waitUntil(lambda: not workspace.survey.running, timeout=LONG)
    return workspace.found


def source_settings(project):
    (source,) = data_sources(project.document.graph())
    return project.document.nodes[source].settings


def test_that_an_empty_workspace_says_what_to_do_next(workspace):
    assert workspace.pages.currentWidget() is workspace.empty
    assert "Drop a folder" in workspace.empty.title.text()


@pytest.mark.slow
def test_that_a_folder_is_shown_with_its_classes_counts_and_pictures(qtbot, workspace, pictures):
    found = surveyed(qtbot, workspace, pictures)
    assert found.label == "class"
    assert [(row[0], row[2]) for row in workspace.facts.classes.content.rows] == [("bright", 18), ("dark", 18)]
    assert workspace.grid.pictures.rowCount() == 36
    first = workspace.grid.pictures.index(0)
    assert first.data() in ("bright", "dark")
    assert not first.data(Qt.ItemDataRole.DecorationRole).isNull()
    assert "36 images" in workspace.facts.summary.text()


@pytest.mark.slow
def test_that_an_empty_drawing_is_offered_the_templates_that_fit_and_takes_one(qtbot, workspace, project, pictures):
    surveyed(qtbot, workspace, pictures)
    assert workspace.templates.isVisible()
    with qtbot.waitSignal(workspace.wants) as asked:
        qtbot.mouseClick(workspace.templates.findChild(object, "lenet"), Qt.MouseButton.LeftButton)
    assert asked.args == ["design"]
    assert source_settings(project)["folder"] == str(pictures)
    assert not project.analyse_now().errors
    assert not workspace.templates.isVisible()


@pytest.mark.slow
def test_that_the_other_templates_that_fit_stand_in_a_list(qtbot, workspace, project, pictures):
    surveyed(qtbot, workspace, pictures)
    offered = {entry.name for entry in fitting("class", "image_folder")}
    buttons = {made.objectName() for made in workspace.templates.findChildren(QPushButton)}
    listed = {action.objectName(): action for action in workspace.templates.findChildren(QAction)}
    assert offered <= buttons | set(listed)
    assert len(buttons & offered) == 3
    with qtbot.waitSignal(workspace.wants):
        listed["squeezenet"].trigger()
    assert "fire2" in {node.name for node in project.document.nodes.values()}


def test_that_a_template_without_data_is_fitted_when_a_folder_comes(qtbot, workspace, project, pictures):
    project.new(graph_of("lenet"))
    with qtbot.waitSignal(workspace.said, timeout=LONG) as said:
        workspace.open_folder(pictures)
    assert said.args[1] == "good"
    assert source_settings(project)["classes"] == ["bright", "dark"]
    assert not project.analyse_now().errors
    project.undo()
    assert not source_settings(project).get("folder")


def test_that_a_template_that_learns_something_else_takes_the_data_and_says_what_does_not_fit(
    qtbot, workspace, project, pictures
):
    project.new(graph_of("u-net"))
    with qtbot.waitSignal(workspace.said, timeout=LONG) as said:
        workspace.open_folder(pictures)
    assert said.args[1] == "warning"
    assert "This template learns a mask" in said.args[0]
    assert source_settings(project)["folder"] == str(pictures)


@pytest.mark.slow
def test_that_data_that_are_in_the_drawing_are_said_to_be_in_use_until_they_are_taken_out(
    qtbot, workspace, project, pictures
):
    project.new(graph_of("lenet"))
    surveyed(qtbot, workspace, pictures)
    assert workspace.use_button.text() == "In use"
    assert not workspace.use_button.isEnabled()
    assert "reads this folder" in workspace.use_button.toolTip()
    project.undo()
    project.analyse_now()
    assert workspace.use_button.text() == "Use this data"
    assert workspace.use_button.isEnabled()


@pytest.mark.slow
def test_that_the_page_says_which_folder_is_read_when_taking_another_is_undone(
    qtbot, workspace, project, make_project, pictures, tmp_path
):
    project.load(make_project())
    other = tmp_path / "other"
    shutil.copytree(pictures, other)
    surveyed(qtbot, workspace, other)
    assert workspace.use_button.text() == "In use"
    assert workspace.reads.texts == []
    project.undo()
    project.analyse_now()
    assert source_settings(project)["folder"] == str(pictures)
    assert f"reads {pictures}, not the folder that is shown here" in workspace.reads.texts[0]
    assert workspace.use_button.text() == "Use this data"
    assert workspace.use_button.isEnabled()
    project.redo()
    project.analyse_now()
    assert workspace.reads.texts == []
    assert workspace.use_button.text() == "In use"


def test_that_a_folder_that_was_not_read_follows_the_project(workspace, project, make_project, tmp_path):
    project.load(make_project())
    source = data_sources(project.document.graph())[0]
    with project.document.edit("Move"):
        project.document.change(source, folder=str(tmp_path))
    project.analyse_now()
    assert workspace.bar.folder == tmp_path
    assert workspace.attached.title.text() == tmp_path.name


@pytest.mark.slow
def test_that_a_new_drawing_from_a_template_takes_the_folder_that_is_looked_at(qtbot, workspace, project, pictures):
    project.new(graph_of("u-net"))
    surveyed(qtbot, workspace, pictures)
    with qtbot.waitSignal(workspace.said, timeout=LONG) as said:
        project.new(graph_of("lenet"))
    assert said.args[1] == "good"
    assert workspace.grid.pictures.rowCount() == 36
    assert source_settings(project)["folder"] == str(pictures)
    assert not project.analyse_now().errors


def test_that_an_opened_project_does_not_take_the_folder_that_is_looked_at(
    qtbot, workspace, project, make_project, tmp_path
):
    file = make_project()
    project.load(file)
    before = dict(source_settings(project))
    workspace.look_at(masked(tmp_path / "others", 4), use=False)
    project.load(file)
    assert workspace.survey is None
    assert source_settings(project) == before


@pytest.mark.slow
def test_that_the_pictures_of_the_classes_take_turns_and_tell_class_and_patient(qtbot, workspace, pictures):
    surveyed(qtbot, workspace, pictures)
    shown = [workspace.grid.pictures.index(row) for row in range(4)]
    assert [index.data() for index in shown] == ["bright", "dark", "bright", "dark"]
    assert shown[0].data(Qt.ItemDataRole.ToolTipRole).startswith("bright\n")


@pytest.mark.slow
def test_that_masks_are_laid_over_the_pictures_in_colour(qtbot, workspace, tmp_path):
    surveyed(qtbot, workspace, masked(tmp_path / "masked", 4))
    picture = workspace.grid.pictures.index(0).data(Qt.ItemDataRole.DecorationRole).toImage()
    colours = {picture.pixelColor(x, y).hsvSaturation() > 60 for x in range(84) for y in range(84)}
    assert colours == {True, False}
    assert workspace.grid.pictures.index(0).data() != "nothing drawn"


def test_that_spacing_reads_short_and_is_copied_in_full(qtbot):
    panel = FactsPanel()
    qtbot.addWidget(panel)
    row = {"patient": "A", "frames": 3, "columns": 8, "rows": 8, "spacing_mm": [9.3912, 1.875, 0.97656]}
    panel.show_found(Found(None, series=[row]))
    index = panel.series.content.index(0, 4)
    assert index.data() == "9.4 × 1.9 × 0.98"
    assert index.data(Qt.ItemDataRole.ToolTipRole) == "9.3912 × 1.875 × 0.97656 mm"
    assert "9.3912 × 1.875 × 0.97656 mm" in panel.series.content.csv()


def test_that_mixed_series_are_told_with_their_sizes_kinds_and_problems(qtbot):
    panel = FactsPanel()
    qtbot.addWidget(panel)
    problem = "mixes 2 pixel spacings"
    series = [
        {"patient": "A", "modality": "CT", "frames": 22, "columns": 512, "rows": 512, "problems": [problem]},
        {"patient": "B", "modality": "MR", "frames": 212, "columns": 256, "rows": 256},
    ]
    settings = {"modality": "MR", "folder": "/images"}
    dataset = {"cases": 234, "size": [256, 256], "sizes": 2, "channels": 1, "label": "", "settings": settings}
    panel.show_found(Found(None, series=series, dataset=dataset))
    assert "2 sizes, mostly 256×256 pixels · grey · MR and CT" in panel.summary.text()
    assert f"Series A: {problem}." in panel.warnings.texts


@pytest.mark.slow
def test_that_images_of_one_class_are_told_what_to_do_next(qtbot, workspace, pictures, tmp_path):
    shutil.copytree(pictures / "dark", tmp_path / "only" / "dark")
    surveyed(qtbot, workspace, tmp_path / "only")
    assert any("images of each class into a folder of their own" in text for text in workspace.facts.warnings.texts)
    assert workspace.templates.findChild(object, "alone").text() == "Draw it myself"


@pytest.mark.slow
def test_that_another_choice_of_labels_surveys_the_folder_again(qtbot, workspace, pictures):
    surveyed(qtbot, workspace, pictures)
    before = workspace.survey
    workspace.bar.choose_labels("none")
    qtbot.waitUntil(lambda: workspace.survey is not before and not workspace.survey.running, timeout=LONG)
    assert workspace.found.label == ""
    assert "no labels" in workspace.facts.summary.text()


@pytest.mark.slow
def test_that_a_file_that_is_no_image_is_listed_with_the_reason(qtbot, workspace, pictures, tmp_path):
    folder = tmp_path / "mixed"
    shutil.copytree(pictures, folder)
    (folder / "dark" / "letter.docx").write_text("Dear colleague")
    surveyed(qtbot, workspace, folder)
    assert [row[0] for row in workspace.facts.unused.content.rows] == ["File 1"]  # names are hidden until asked for
    workspace.browser.names_box.click()
    assert [row[0] for row in workspace.facts.unused.content.rows] == ["dark/letter.docx"]
    assert all(row[1] for row in workspace.facts.unused.content.rows)


def test_that_a_folder_without_images_says_so_and_cannot_be_used(qtbot, workspace, project, tmp_path):
    project.new(graph_of("lenet"))
    (tmp_path / "nothing").mkdir()
    found = surveyed(qtbot, workspace, tmp_path / "nothing")
    assert found.problems
    assert workspace.facts.problems.texts == found.problems
    assert not workspace.use_button.isEnabled()
    assert workspace.use_button.toolTip()


@pytest.mark.slow
def test_that_a_survey_can_be_cancelled_and_the_next_one_works(qtbot, workspace, pictures):
    workspace.open_folder(pictures)
    with qtbot.waitSignal(workspace.survey.ended, timeout=LONG) as ended:
        qtbot.mouseClick(workspace.busy.cancel, Qt.MouseButton.LeftButton)
    assert ended.args[0].stopped
    assert not workspace.busy.isVisible()
    assert surveyed(qtbot, workspace, pictures).label == "class"


@pytest.mark.slow
def test_that_the_folder_of_an_opened_project_is_shown_and_read_on_demand_alone(
    qtbot, workspace, project, make_project, pictures
):
    project.load(make_project())
    assert workspace.pages.currentWidget() is workspace.attached
    assert workspace.survey is None
    assert "36 images" in workspace.attached.says.text()
    qtbot.mouseClick(workspace.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workspace.survey is not None and not workspace.survey.running, timeout=LONG)
    assert not project.dirty


def test_that_the_folder_of_a_project_that_is_gone_is_said_to_be_gone(workspace, project, make_project):
    file = make_project()
    project.load(file)
    source = data_sources(project.document.graph())[0]
    with project.document.edit("Move"):
        project.document.change(source, folder=str(file.parent / "gone"))
    project.save(file)
    project.load(file)
    assert not workspace.again.isEnabled()
    assert "not there any more" in workspace.again.toolTip()


@pytest.mark.long
def test_that_practice_data_are_written_and_surveyed(qtbot, workspace):
    workspace.practise("lesion")
    qtbot.waitUntil(lambda: workspace.survey is not None and not workspace.survey.running, timeout=2 * LONG)
    assert workspace.found.label == "mask"
    assert workspace.templates.isVisible()
    assert workspace.grid.pictures.rowCount() > 0


@pytest.mark.slow
def test_that_real_series_are_shown_with_their_spacing(qtbot, workspace, real_data):
    found = surveyed(qtbot, workspace, real_data / "dicom_series")
    assert found.series
    assert workspace.facts.series.content.rows
    assert workspace.grid.pictures.rowCount() > 0
