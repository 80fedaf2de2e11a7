"""Nothing drawn is lost and nothing is written over unasked: a killed window, a second window, a file that changed."""

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox, QPushButton

from designer.guard import journal_folder
from runtime.files import load_graph, save_graph
from runtime.owner import Owner, this_process
from runtime.project_lock import lock_file
from runtime.recovery import read_journal

ROOT = Path(__file__).resolve().parents[2]
OPENED = """
import sys
from pathlib import Path
from designer.app import make_app
from designer.window import MainWindow
app = make_app()
window = MainWindow()
if sys.argv[1:]:
    window.open_project(Path(sys.argv[1]))
window.show()
"""
DRAW = """
document = window.project.document
def draw(name):
    with document.edit("Add dense"):
        document.add("dense", name)
for name in ("First", "Second", "Third"):
    draw(name)
for name in ("F", "Fi", "Fin"):
    with document.edit("Rename", merge="rename"):
        document.change(list(document.nodes)[-1], name=name)
draw("Taken back")
window.project.undo()
"""
WAIT = """
print("done", flush=True)
app.exec()
"""
NEEDS_KILL = pytest.mark.skipif(sys.platform == "win32", reason="a window is killed by a signal")


@pytest.fixture
def elsewhere():
    """Opens a window in a process of its own, which runs a script and then waits; kills it in the end."""
    opened = []

    def make(script, *words):
        process = subprocess.Popen([sys.executable, "-P", "-c", script + WAIT, *map(str, words)], cwd=ROOT,
                                   env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE)  # fmt: skip
        opened.append(process)
        assert process.stdout.readline() == b"done\n"
        return process

    yield make
    for process in opened:
        kill(process)


def kill(process):
    if process.poll() is None:
        process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()


def press(qtbot, title):
    """Press a button of the message bar."""
    (window,) = (widget for widget in QApplication.topLevelWidgets() if widget.objectName() == "main")
    (button,) = (one for one in window.messages.findChildren(QPushButton) if one.isVisible() and one.text() == title)
    button.click()


def answer(*titles, name=""):
    """Press these buttons of the questions that come up, one after the other; name a file where one is asked for."""
    left = list(titles)

    def look():
        box = QApplication.activeModalWidget()
        if isinstance(box, QFileDialog):
            box.findChild(QLineEdit, "fileNameEdit").setText(name)
            box.accept()
            return
        if isinstance(box, QMessageBox) and left:
            (button,) = (one for one in box.buttons() if one.text().replace("&", "") == left[0])
            left.pop(0)
            QTimer.singleShot(0, look)
            button.click()
        elif left or name:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


@pytest.fixture
def own_dialogs():
    """File dialogs of Qt itself, which a test can fill in."""
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, True)
    yield
    QApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs, False)


def names(window):
    return [node.name for node in window.project.document.nodes.values()]


def add(window, name="Added"):
    with window.project.document.edit("Add dense"):
        window.project.document.add("dense", name)
    window.project.analyse_now()


@pytest.mark.long
@NEEDS_KILL
def test_that_a_new_window_offers_exactly_the_steps_that_a_killed_one_lost(qtbot, make_project, elsewhere, open_window):
    file = make_project()
    before = file.read_bytes()
    kill(elsewhere(OPENED + DRAW, file))
    window = open_window()
    assert re.fullmatch(r"“discs” was not closed properly at \d\d:\d\d: 4 steps were not saved\.", window.messages.text)
    press(qtbot, "Recover")
    assert names(window)[-3:] == ["First", "Second", "Fin"]
    assert window.project.path == file
    assert window.project.dirty
    assert window.current == "design"
    assert file.read_bytes() == before
    (journal,) = journal_folder().iterdir()
    assert len(read_journal(journal).steps) == 4
    for _ in range(4):
        window.project.undo()
    assert window.project.document.graph() == load_graph(file).graph
    window.project.redo()
    assert window.files.save()
    assert list(journal_folder().iterdir()) == []


@pytest.mark.long
@NEEDS_KILL
def test_that_what_a_recovering_window_had_is_not_lost_when_it_is_killed_too(
    qtbot, make_project, elsewhere, open_window
):
    file = make_project()
    kill(elsewhere(OPENED + DRAW, file))
    again = """
from PySide6.QtWidgets import QPushButton
next(one for one in window.messages.findChildren(QPushButton) if one.text() == "Recover").click()
"""
    kill(elsewhere(OPENED + again))
    window = open_window(file)
    assert "4 steps were not saved" in window.messages.text
    press(qtbot, "Discard")
    assert not window.messages.isVisible()
    assert list(journal_folder().iterdir()) == []
    assert window.project.document.graph() == load_graph(file).graph


@pytest.mark.slow
@NEEDS_KILL
def test_that_a_comment_that_was_being_written_is_not_lost(qtbot, elsewhere, open_window):
    write = """
from PySide6.QtTest import QTest
window.show_workspace("design")
view = window.design.view
view.remarks.add_comment()
QTest.keyClicks(view.remarks.editor.box, "a long thought")
"""
    kill(elsewhere(OPENED + write))
    window = open_window()
    press(qtbot, "Recover")
    (note,) = window.project.document.nodes.values()
    assert note.settings["text"] == "a long thought"
    assert window.project.document.undo_label == "Write Comment"


@pytest.mark.slow
@NEEDS_KILL
def test_that_a_drawing_that_never_had_a_file_comes_back_too(qtbot, elsewhere, open_window):
    kill(elsewhere(OPENED + DRAW))
    window = open_window()
    assert "“untitled” was not closed properly" in window.messages.text
    press(qtbot, "Recover")
    assert names(window) == ["First", "Second", "Fin"]
    assert window.project.path is None
    assert window.project.dirty


def test_that_a_window_that_is_closed_leaves_neither_journal_nor_lock(make_project, open_window):
    file = make_project()
    window = open_window(file)
    add(window)
    assert len(list(journal_folder().iterdir())) == 1
    answer("Discard")
    assert window.close()
    assert list(journal_folder().iterdir()) == []
    assert list(file.parent.glob(".*")) == []


@pytest.mark.long
@NEEDS_KILL
def test_that_a_second_window_reads_only_says_who_has_the_project_and_saves_elsewhere(
    qtbot, make_project, elsewhere, open_window, own_dialogs
):
    file = make_project()
    first = elsewhere(OPENED, file)
    before = file.read_bytes()
    window = open_window(file)
    assert window.project.read_only
    said = window.messages.text
    assert f"“discs.netloom” is open in another window (process {first.pid} on {this_process().host}) since" in said
    assert "for reading only" in window.status.saved.text()
    add(window)
    other = file.with_name("other.netloom")
    answer(name=str(other))
    assert window.files.save()
    assert not window.project.read_only
    assert load_graph(other).graph.nodes.keys() == window.project.document.nodes.keys()
    assert file.read_bytes() == before
    kill(first)
    assert window.open_project(file)
    assert not window.project.read_only
    assert not lock_file(other).exists()


def test_that_a_file_that_another_window_has_is_not_written_under_its_own_name(make_project, window):
    file = make_project()
    far = {**asdict(Owner(1, "long ago", "another machine")), "since": "2026-01-02T14:32:00+00:00"}
    lock_file(file).write_text(json.dumps(far))
    before = file.read_bytes()
    add(window)
    assert not window.files._write(file)
    assert "process 1 on another machine" in window.messages.text
    assert "Nothing was saved" in window.messages.text
    window.project.new()
    assert window.open_project(file)
    assert not window.files._write(file)
    assert ".discs.netloom.lock" in window.messages.text
    assert file.read_bytes() == before


@pytest.fixture
def changed(make_project, open_window):
    """A window with unsaved edits, whose file something else has changed."""
    file = make_project()
    window = open_window(file)
    add(window, "Mine")
    graph = load_graph(file).graph
    save_graph(type(graph)({}, (), graph.training), file)
    return window


def test_that_a_file_that_was_touched_but_not_changed_is_saved_without_a_question(make_project, open_window):
    window = open_window(make_project())
    add(window)
    window.project.path.touch()
    assert window.files.save()
    add(window)
    assert window.files.save()


def test_that_a_file_changed_by_something_else_is_not_written_over_unasked(changed):
    before = changed.project.path.read_bytes()
    answer("Cancel")
    assert not changed.files.save()
    assert changed.project.path.read_bytes() == before
    assert changed.project.dirty


def test_that_a_changed_file_can_be_written_over(changed):
    answer("Overwrite")
    assert changed.files.save()
    assert load_graph(changed.project.path).graph == changed.project.document.graph()


def test_that_a_changed_file_can_be_kept_beside_the_drawing(changed, own_dialogs):
    file = changed.project.path
    before = file.read_bytes()
    answer("Save as another file …", name=str(file.with_name("mine.netloom")))
    assert changed.files.save()
    assert file.read_bytes() == before
    assert changed.project.path.name == "mine.netloom"


@pytest.mark.parametrize(("sure", "left"), [("Yes", 0), ("Cancel", 1)])
def test_that_a_changed_file_is_read_again_once_the_user_is_sure(changed, sure, left):
    answer("Reload", sure)
    assert not changed.files.save()
    assert names(changed).count("Mine") == left
    assert changed.project.dirty is bool(left)
