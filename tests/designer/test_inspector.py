"""The inspector: a form that follows the selection, keeps what is typed, and tells what is wrong."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from designer.inspector.fields import ChoiceField, FolderField, LineField, SwitchField
from designer.inspector.training_form import TrainingForm
from designer.project import Project
from designer.training.blockers import blockers_of
from runtime.graph import Wire
from tests.designer.desk import CTRL, Desk, form, inspected, stack


@pytest.fixture
def desk(qtbot):
    return inspected(qtbot, "input", "convolution", "relu")


def line(desk, name: str):
    return form(desk).rows.fields[name].line


def retype(edit, text: str) -> None:
    edit.selectAll()
    QTest.keyClicks(edit, text) if text else QTest.keyClick(edit, Qt.Key.Key_Delete)


def shown(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if not label.isHidden()]


def test_that_every_form_has_its_field(desk):
    fields = form(desk).rows.fields
    assert isinstance(fields["filters"], LineField)
    assert isinstance(fields["padding"], ChoiceField)
    assert isinstance(fields["bias"], SwitchField)
    with desk.document.edit("Add"):
        source = desk.document.add("dicom_folder")
    desk.view.go_to(source)
    assert isinstance(form(desk).rows.fields["folder"], FolderField)
    assert "classes" not in form(desk).rows.fields


def test_that_typing_is_one_step_of_undo_and_ctrl_z_in_the_field_takes_it_back(desk):
    before = desk.document.nodes["convolution"]
    retype(line(desk, "filters"), "128")
    assert desk.document.nodes["convolution"].settings["filters"] == 128
    QTest.keyClick(line(desk, "filters"), Qt.Key.Key_Z, CTRL)
    assert desk.document.nodes["convolution"] == before
    assert line(desk, "filters").text() == "16"


def test_that_a_half_typed_value_stays_and_is_explained_in_red(desk):
    retype(line(desk, "kernel"), "3×")
    retype(line(desk, "kernel"), "3×q")
    desk.project.analyse_now()
    assert line(desk, "kernel").text() == "3×q"
    assert line(desk, "kernel").property("wrong") is True
    assert any("q" in text and "fits" in text for text in shown(form(desk)))
    retype(line(desk, "kernel"), "3×5")
    desk.project.analyse_now()
    assert line(desk, "kernel").property("wrong") is False
    assert desk.document.nodes["convolution"].settings["kernel"] == [3, 5]


def test_that_the_up_key_steps_a_number(desk):
    QTest.keyClick(line(desk, "filters"), Qt.Key.Key_Up)
    assert desk.document.nodes["convolution"].settings["filters"] == 17


def test_that_renaming_refuses_an_empty_or_taken_name_and_says_so(desk):
    retype(line(desk, ""), "Edges")
    assert desk.document.nodes["convolution"].name == "Edges"
    retype(line(desk, ""), "")
    assert desk.document.nodes["convolution"].name == "Edges"
    assert any("needs a name" in text for text in shown(form(desk)))
    retype(line(desk, ""), "ReLU")
    assert any("Another node" in text for text in shown(form(desk)))


def test_that_the_facts_follow_the_settings(desk):
    assert "16 × 16 × 16" in shown(form(desk))
    retype(line(desk, "filters"), "4")
    desk.project.analyse_now()
    assert "4 × 16 × 16" in shown(form(desk))


def test_that_a_choice_and_a_switch_edit_the_document(desk):
    box = form(desk).rows.fields["padding"].box
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert desk.document.nodes["convolution"].settings["padding"] == box.currentData()
    check = form(desk).rows.fields["bias"].check
    QTest.mouseClick(check, Qt.MouseButton.LeftButton, pos=QPoint(8, check.height() // 2))
    assert desk.document.nodes["convolution"].settings["bias"] is False


def test_that_undo_elsewhere_shows_in_the_form(desk):
    with desk.document.edit("Elsewhere"):
        desk.document.change("convolution", filters=99)
    assert line(desk, "filters").text() == "99"
    desk.project.undo()
    assert line(desk, "filters").text() == "16"


def folder_line(desk):
    """A source is chosen; gives its id and the line with its folder."""
    with desk.document.edit("Add"):
        source = desk.document.add("image_folder")
    desk.project.analyse_now()
    desk.view.go_to(source)
    edit = line(desk, "folder")
    edit.setFocus()
    return source, edit


def test_that_a_folder_is_taken_when_its_path_is_whole_and_not_letter_by_letter(desk, tmp_path):
    source, edit = folder_line(desk)
    chosen = []
    desk.workspace.inspector.folder_chosen.connect(lambda _node, folder: chosen.append(folder))
    retype(edit, str(tmp_path))
    desk.project.analyse_now()
    assert not desk.document.nodes[source].settings.get("folder")
    assert chosen == []
    assert edit.text() == str(tmp_path)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert desk.document.nodes[source].settings["folder"] == str(tmp_path)
    edit.clearFocus()
    assert chosen == [str(tmp_path)]


@pytest.mark.parametrize("typed", ["relative", "", "/nowhere/at/all"])
def test_that_a_text_that_names_no_folder_stays_with_a_sentence_and_changes_nothing(desk, tmp_path, typed):
    source, edit = folder_line(desk)
    retype(edit, str(tmp_path))
    QTest.keyClick(edit, Qt.Key.Key_Return)
    before = desk.document.nodes[source]
    retype(edit, typed)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    desk.project.analyse_now()
    assert desk.document.nodes[source] == before
    assert edit.text() == typed
    assert edit.property("wrong") is True
    assert any("There is no folder" in said or "No folder is named" in said for said in shown(form(desk)))
    desk.project.undo()
    assert edit.text() == ""
    assert not form(desk).rows.fields["folder"].fault


def test_that_a_click_on_a_problem_goes_to_its_node(desk):
    with desk.document.edit("Break"):
        desk.document.change("input", shape=[])
    desk.project.analyse_now()
    cards = desk.workspace.inspector.problems.list
    assert cards.count() > 0
    QTest.mouseClick(cards.viewport(), Qt.MouseButton.LeftButton, pos=cards.visualItemRect(cards.item(0)).center())
    assert desk.canvas.selected_ids() == (desk.project.analysis.errors[0].node,)


def test_that_nothing_selected_shows_how_the_project_is_trained(desk):
    desk.key(Qt.Key.Key_Escape)
    training = desk.workspace.inspector.form
    assert isinstance(training, TrainingForm)
    retype(training.rows.fields["epochs"].line, "25")
    assert desk.document.training.epochs == 25
    retype(training.rows.fields["epochs"].line, "0")
    assert desk.document.training.epochs != 0
    assert any("1 or more fits" in text for text in shown(training))


def test_that_a_metric_can_tell_the_best_epoch(desk):
    desk.key(Qt.Key.Key_Escape)
    with desk.document.edit("Add"):
        auc = desk.document.add("auc", "AUC")
        desk.document.connect(_wire("relu", auc))
    desk.project.analyse_now()
    assert auc in desk.workspace.inspector.form.metrics()


def test_that_a_press_on_the_overview_moves_the_canvas(desk):
    before = desk.view.mapToScene(0, 0)
    QTest.mouseClick(desk.workspace.inspector.overview, Qt.MouseButton.LeftButton, pos=_corner(desk))
    assert desk.view.mapToScene(0, 0) != before


def test_that_the_status_counts_nodes_and_parameters(desk):
    assert desk.workspace.status().startswith("3 nodes")


def _corner(desk):
    return desk.workspace.inspector.overview.rect().topLeft()


def _wire(source, target):
    return Wire(source, "out", target, "prediction")


def test_that_what_the_train_button_waits_for_is_listed_and_nothing_else_is_called_trainable(qtbot):
    desk = Desk(qtbot, stack("input", "convolution"))
    shown = desk.workspace.inspector.problems
    desk.project.analyse_now()
    qtbot.waitUntil(lambda: shown.list.count() > 0)
    rows = [shown.list.item(row).text() for row in range(shown.list.count())]
    blockers = blockers_of(desk.project.analysis)
    assert any("no loss" in problem.message for problem in blockers)
    assert all(any(problem.message in row for row in rows) for problem in blockers)
    assert all(row.startswith("Before it can train: ") for row in rows)
    assert "can be" not in shown._none.text()


def test_that_settings_of_the_split_are_offered_only_where_they_apply(qtbot):
    project = Project()
    form = TrainingForm(project)
    qtbot.addWidget(form)
    project.changed.connect(lambda _change: form.show_training(project.document.training))

    def offered():
        return {name for name in ("split_column", "held_out", "parts", "fold") if not form.rows.fields[name].isHidden()}

    assert offered() == {"parts"}
    form.rows.fields["split"].edited.emit("column")
    assert offered() == {"split_column", "held_out", "parts"}
    form.rows.fields["folds"].edited.emit("5")
    assert offered() == {"split_column", "held_out", "fold"}
