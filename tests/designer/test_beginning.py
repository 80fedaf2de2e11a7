"""Beginning with data on the start page: a new project, never another folder for the one that is open."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from tests.builders.pictures import class_folders
from tests.designer.test_window import answer_question, drop


@pytest.fixture
def other(tmp_path):
    return class_folders(tmp_path / "other", 8)


def begin(window, way, folder, monkeypatch):
    """Bring a folder in from the start page."""
    window.show_start()
    if way == "drop":
        drop(window, folder)
    else:
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
        window.start.folder_asked.emit()


@pytest.mark.slow
@pytest.mark.parametrize("way", ["drop", "choose"])
def test_that_a_folder_on_the_start_page_begins_a_new_project(qtbot, window, make_project, other, monkeypatch, way):
    file = make_project()
    window.open_project(file)
    before = file.read_bytes()
    begin(window, way, other, monkeypatch)
    assert window.project.path is None
    assert not window.project.document.nodes
    assert window.current == "data"
    qtbot.waitUntil(lambda: window.data.templates.isVisible(), timeout=60_000)
    assert file.read_bytes() == before


def test_that_what_is_not_saved_is_asked_for_and_cancel_keeps_the_project(
    qtbot, window, make_project, other, monkeypatch
):
    window.open_project(make_project())
    with window.project.document.edit("Add convolution"):
        window.project.document.add("convolution")
    window.project.analyse_now()
    kept = window.project.document
    answer_question(qtbot, QMessageBox.StandardButton.Cancel)
    begin(window, "choose", other, monkeypatch)
    assert window.project.document is kept
    assert window.current == "start"
    assert window.data.survey is None


def test_that_practice_data_on_the_start_page_begin_a_new_project(qtbot, window, make_project):
    window.open_project(make_project())
    window.show_start()
    qtbot.mouseClick(window.start.findChild(object, "t1-t2"), Qt.MouseButton.LeftButton)
    assert window.project.path is None
    assert not window.project.document.nodes
    window.data.close_down()


def test_that_a_folder_on_another_page_goes_into_the_open_project(qtbot, window, make_project, other):
    file = make_project()
    window.open_project(file)
    drop(window, other)
    assert window.project.path == file
    window.data.close_down()
