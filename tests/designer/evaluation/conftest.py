"""What the tests of the Evaluate page share: a run that was really trained and measured, and its page."""

import shutil

import pytest
from PySide6.QtCore import QEventLoop

from designer.data.survey import Survey
from designer.evaluation.workspace import EvaluationWorkspace
from designer.project import Project
from runtime.evaluation.evaluate import evaluate
from runtime.runs import find_runs

LONG = 60_000


@pytest.fixture(scope="session")
def trained(train_discs):
    """A folder with a project and its trained run, not measured yet."""
    return train_discs(epochs=2)


@pytest.fixture(scope="session")
def measured(trained, tmp_path_factory):
    """The same, measured on its training and validation cases."""
    copy = tmp_path_factory.mktemp("measured")
    shutil.copytree(trained, copy, dirs_exist_ok=True)
    for part in ("validation", "train"):
        evaluate(_run(copy), part)
    return copy


@pytest.fixture
def open_page(qtbot, tmp_path_factory):
    """Opens the Evaluate page on a copy of a trained folder, when it has read the runs."""

    def make(folder, known=None):
        copy = tmp_path_factory.mktemp("copied")
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        project = Project()
        project.load(copy / "discs.netloom")
        page = EvaluationWorkspace(project, known)
        qtbot.addWidget(page, before_close_func=lambda widget: widget.close_down())
        page.resize(1280, 740)
        page.show()
        qtbot.waitExposed(page)
        qtbot.waitUntil(lambda: page.runs.run is not None)
        qtbot.waitUntil(lambda: not page.reader.reading)
        return page

    return make


@pytest.fixture(scope="session")
def found(qapp, pictures):
    """What the Data workspace knows of the pictures."""
    survey, loop = Survey(pictures, pictures=False), QEventLoop()
    survey.ended.connect(lambda _end: loop.quit())
    survey.start()
    loop.exec()
    assert survey.found.settings
    return survey.found


@pytest.fixture
def page(qtbot, open_page, measured, found):
    """The page with the results of the validation cases; their folder was read in the Data workspace."""
    made = open_page(measured, lambda: found)
    qtbot.waitUntil(lambda: bool(made.result))
    return made


@pytest.fixture
def gallery(qtbot, page):
    """The gallery when the files of its cases are known."""
    page.view.tabs.show_page("cases")
    qtbot.waitUntil(lambda: page.view.files.book.base is not None, timeout=LONG)
    return page.view.gallery


def _run(folder):
    (run,) = find_runs(folder / "discs.netloom")
    return run
