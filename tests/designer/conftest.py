"""What the tests of the window share: settings of their own, a window, small pictures, a project that trains."""

from collections import Counter
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from tests.builders.pictures import class_folders

PATIENCE = 60  # looks, a second apart, until a question counts as not answered


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Decoded images of tests do not go into the user's cache."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NETLOOM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def own_settings(tmp_path, monkeypatch):
    """Nothing of the tester's own settings is read or written."""
    place = tmp_path / "settings" / "settings.ini"
    place.parent.mkdir()
    monkeypatch.setenv("NETLOOM_SETTINGS", str(place))
    return place


@pytest.fixture(autouse=True)
def answered(request):
    """A question that a test does not answer fails the test, instead of waiting for ever."""
    if "qtbot" not in request.fixturenames:
        yield
        return
    request.getfixturevalue("qapp")
    waited, unanswered = Counter(), []

    def look():
        asked = QApplication.activeModalWidget()
        if isinstance(asked, QMessageBox | QFileDialog):
            waited[asked] += 1
            if waited[asked] == PATIENCE:
                unanswered.append(f"{asked.windowTitle()} {getattr(asked, 'text', str)()}")
                asked.reject()

    timer = QTimer(interval=1000, timeout=look)
    timer.start()
    yield
    timer.stop()
    assert not unanswered, f"asked, and nobody answered: {unanswered}"


@pytest.fixture
def open_window(qtbot):
    """Opens main windows, and closes them without a question."""
    from designer.window import MainWindow

    opened = []

    def leave(window):
        window.project.new()

    def make(project=None):
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the windows of the tests before
        window = MainWindow()
        qtbot.addWidget(window, before_close_func=leave)
        opened.append(window)
        window.show()
        qtbot.waitExposed(window)
        if project is not None:
            assert window.open_project(project)
        return window

    return make


@pytest.fixture
def window(open_window):
    """A main window with nothing in it."""
    return open_window()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder with bright and dark discs, a folder for each class."""
    return class_folders(tmp_path_factory.mktemp("pictures") / "discs", 36)


@pytest.fixture(scope="session")
def fitted_graph(pictures):
    """LeNet-5 fitted to the pictures."""
    import nodes  # noqa: F401
    from runtime.data.labels import read_dataset
    from runtime.template_fit import fitted
    from runtime.templates import graph_of

    return fitted(graph_of("lenet"), read_dataset(pictures))


@pytest.fixture(scope="session")
def train_discs(tmp_path_factory, fitted_graph):
    """Trains so many epochs, and gives the folder with the project and its run."""
    from runtime.files import load_graph, save_graph
    from runtime.job import make_job
    from runtime.runs import create_run, default_run_folder
    from runtime.worker import run_worker

    def make(epochs):
        project = tmp_path_factory.mktemp("trained") / "discs.netloom"
        save_graph(replace(fitted_graph, training=replace(fitted_graph.training, epochs=epochs, batch=8)), project)
        job = make_job(load_graph(project).graph, default_run_folder(project))
        create_run(job)
        assert run_worker(job) == 0
        return project.parent

    return make


@pytest.fixture
def make_project(tmp_path, fitted_graph):
    """Writes a project that trains for so many epochs."""
    from runtime.files import save_graph

    def make(epochs=1):
        file = tmp_path / "discs.netloom"
        save_graph(replace(fitted_graph, training=replace(fitted_graph.training, epochs=epochs, batch=8)), file)
        return file

    return make
