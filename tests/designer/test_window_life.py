"""The window is killed: what was saved is whole, what was being trained goes on, and the next window finds it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from runtime.events import Epoch
from runtime.files import load_graph
from runtime.runs import find_runs

LONG = 120_000
ROOT = Path(__file__).resolve().parents[2]
OPENED = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from designer.app import make_app
from designer.window import MainWindow
app = make_app()
window = MainWindow()
window.open_project(Path(sys.argv[1]))
window.show()
window.activateWindow()
"""
TRAIN = OPENED + """
def train():
    if window.isActiveWindow() and not window.training.running:
        QTest.keyClick(window, Qt.Key.Key_F5)
timer = QTimer()
timer.timeout.connect(train)
timer.start(50)
app.exec()
"""
SAVE = OPENED + """
window.show_workspace("train")
def save():
    line = window.training.side.settings.form.rows.fields["epochs"].line
    QTest.keyClick(line, Qt.Key.Key_Up)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
timer = QTimer()
timer.timeout.connect(save)
timer.start(0)
app.exec()
"""


@pytest.fixture
def open_elsewhere():
    """Opens a window in a process of its own, which a script drives; kills it in the end."""
    opened = []

    def make(script, project):
        process = subprocess.Popen([sys.executable, "-P", "-c", script, str(project)], cwd=ROOT,
                                   env={**os.environ, "PYTHONPATH": str(ROOT)}, start_new_session=True)  # fmt: skip
        opened.append(process)
        return process

    yield make
    for process in opened:
        kill(process)


def kill(process):
    """Kill the window with all that is in its process group, as a desktop that ends or a full memory would."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def epochs_done(project):
    return max((run.epochs_done for run in find_runs(project)), default=0)


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="process groups are killed by a signal")
def test_that_a_training_outlives_its_killed_window_and_the_next_window_finds_it(
    qtbot, make_project, open_elsewhere, open_window
):
    project = make_project(epochs=10_000)
    window = open_elsewhere(TRAIN, project)
    qtbot.waitUntil(lambda: epochs_done(project) >= 1, timeout=LONG)
    kill(window)
    done = epochs_done(project)
    qtbot.waitUntil(lambda: epochs_done(project) > done + 1, timeout=LONG)
    (run,) = find_runs(project)
    assert run.status == "running"
    another = open_window(project)
    assert another.current == "train"
    assert another.training.running
    assert another.training.shown.folder == run.folder
    told = [event.epoch for event, _ in run.events() if isinstance(event, Epoch)]
    qtbot.waitUntil(lambda: another.training.history.done > told[-1], timeout=LONG)
    with qtbot.waitSignal(another.training.session.ended, timeout=LONG):
        QTest.keyClick(another, Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)
    assert run.status == "stopped"
    assert run.can_resume


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="process groups are killed by a signal")
def test_that_a_window_killed_while_it_saves_leaves_a_whole_project(qtbot, make_project, open_elsewhere):
    project = make_project(epochs=1)
    window = open_elsewhere(SAVE, project)
    seen = 1
    for _ in range(20):
        qtbot.waitUntil(lambda last=seen: load_graph(project).graph.training.epochs > last, timeout=LONG)
        seen = load_graph(project).graph.training.epochs
    kill(window)
    graph = load_graph(project).graph
    assert graph.training.epochs >= seen
    assert len(graph.nodes) > 5
    assert [file.name for file in project.parent.glob("*.netloom")] == [project.name]
