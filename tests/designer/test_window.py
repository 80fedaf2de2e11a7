"""The window as a whole: going about in it, projects, drops, closing, and what nobody foresaw."""

import sys

import pytest
from PySide6.QtCore import QMimeData, QPointF, QRect, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from designer import remember
from designer.app import LastResort
from designer.project_files import ProjectFiles
from designer.theme import Theme


def drop(window, path):
    """What the file manager does when a file is dropped."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    place, copy = QPointF(400, 400), Qt.DropAction.CopyAction
    left, plain = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(place.toPoint(), copy, data, left, plain)
    QApplication.sendEvent(window, entering)
    assert entering.isAccepted()
    QApplication.sendEvent(window, QDropEvent(place, copy, data, left, plain))


def answer_question(qtbot, button):
    """Press a button of the question that comes up."""

    def press():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        box.button(button).click()

    QTimer.singleShot(0, press)


def add_node(window):
    with window.project.document.edit("Add convolution"):
        window.project.document.add("convolution")
    window.project.analyse_now()


def test_that_the_window_begins_with_the_start_page(window):
    assert window.current == "start"
    assert set(window.start.cards) >= {"", "image-classifier"}


WORKSPACES = [(1, "data"), (2, "design"), (3, "train"), (4, "evaluate"), (5, "deliver")]


@pytest.mark.parametrize(("number", "name"), WORKSPACES)
def test_that_alt_and_a_number_open_a_workspace(qtbot, window, number, name):
    qtbot.keyClick(window, Qt.Key(ord(str(number))), Qt.KeyboardModifier.AltModifier)
    assert window.current == name
    assert window.top.switches[name].isChecked()


def test_that_a_template_card_fills_the_drawing_and_leads_to_the_data(qtbot, window):
    qtbot.mouseClick(window.start.cards["lenet"], Qt.MouseButton.LeftButton)
    assert window.project.document.nodes
    assert window.current == "data"


def test_that_training_says_why_it_cannot_while_something_is_missing(qtbot, window):
    window.project.analyse_now()
    assert "no data to train on" in window.top.train.toolTip()
    qtbot.keyClick(window, Qt.Key.Key_F5)
    assert window.current == "train"
    assert window.messages.said.startswith("Not trained: There is no data to train on. ")
    assert "no data to train on" in window.training.side.problems.item(0).text()


def test_that_name_and_edited_mark_follow_the_project(window, tmp_path):
    add_node(window)
    assert (window.top.name.text(), window.top.edited.text()) == ("untitled", "edited")
    window.project.save(tmp_path / "chest.netloom")
    assert (window.top.name.text(), window.top.edited.text()) == ("chest", "")
    assert window.status.saved.text() == "saved"


def test_that_a_dropped_project_is_opened_and_remembered(window, make_project):
    file = make_project()
    drop(window, file)
    assert window.project.path == file
    assert window.current == "design"
    assert remember.recent() == [file]


def test_that_a_dropped_folder_is_surveyed_and_used_for_a_template(qtbot, window, pictures):
    drop(window, pictures)
    assert window.current == "data"
    qtbot.waitUntil(lambda: window.data.found is not None and bool(window.data.found.settings), timeout=60_000)
    assert window.data.found.label == "class"


def test_that_a_damaged_project_is_refused_with_one_sentence_and_the_old_one_stays(window, make_project, tmp_path):
    window.open_project(make_project())
    broken = tmp_path / "broken.netloom"
    broken.write_text("{")
    assert not window.open_project(broken)
    assert "broken.netloom" in window.messages.text
    assert window.project.path.name == "discs.netloom"


def test_that_closing_with_unsaved_changes_asks_and_cancel_keeps_the_window(qtbot, window):
    add_node(window)
    answer_question(qtbot, QMessageBox.StandardButton.Cancel)
    assert not window.close()
    assert window.isVisible()


def test_that_closing_with_unsaved_changes_can_save_them(qtbot, window, make_project):
    file = make_project()
    window.open_project(file)
    add_node(window)
    before = file.read_bytes()
    answer_question(qtbot, QMessageBox.StandardButton.Save)
    assert window.close()
    assert file.read_bytes() != before


def test_that_a_project_that_is_saved_closes_without_a_question(window, make_project):
    window.open_project(make_project())
    assert window.close()


def test_that_a_project_that_cannot_be_written_says_so_and_stays_edited(window, tmp_path):
    add_node(window)
    files: ProjectFiles = window.files
    window.project.path = tmp_path / "no such folder" / "x.netloom"
    assert not files.save()
    assert "x.netloom" in window.messages.text
    assert window.project.dirty


def test_that_a_place_on_a_screen_that_is_gone_is_brought_back(qapp):
    screen = qapp.primaryScreen().availableGeometry()
    place = remember.on_screen(QRect(90_000, 90_000, 90_000, 90_000))
    assert screen.contains(place)


def test_that_the_place_of_the_window_is_remembered(open_window):
    first = open_window()
    first.resize(first.width(), first.height() - 40)
    wanted = first.size()
    first.close()
    assert open_window().size() == wanted


def test_that_what_nobody_foresaw_becomes_a_sentence_with_a_log(window, tmp_path):
    last = LastResort(window, tmp_path / "window.log")
    try:
        raise KeyError("a mistake of the program")
    except KeyError:
        last(*sys.exc_info())
    assert window.messages.isVisible()
    assert "a mistake of the program" in window.messages.text
    assert "Traceback" not in window.messages.text
    assert "Traceback" in last.log.read_text()


def test_that_checking_a_drawing_that_cannot_train_leads_to_the_list_of_reasons(window):
    window.actions_.trigger("check")
    assert window.current == "train"
    assert window.training.side.problems.count() == len(window.training.blockers) > 0


@pytest.mark.slow
def test_that_light_and_dark_can_be_chosen_and_are_remembered(window):
    window.actions_.trigger("look_light")
    assert remember.settings().value("scheme") == "light"
    window.actions_.trigger("look_dark")
    assert remember.settings().value("scheme") == "dark"


@pytest.mark.slow
def test_that_a_message_that_stands_follows_light_and_dark(window):
    window.actions_.trigger("look_light")
    window.messages.say("Copied.")
    light = Theme.current().field
    assert light in window.messages.styleSheet()
    window.actions_.trigger("look_dark")
    assert Theme.current().field != light
    assert Theme.current().field in window.messages.styleSheet()


def test_that_workspaces_made_later_are_seen_in_the_window_alone(qtbot, window):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for place in ("evaluate", "deliver"):
        window.workspaces[place]
        shown = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible()]
        assert shown == [window]
    assert window.isActiveWindow()
