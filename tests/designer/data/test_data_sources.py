"""A drawing that reads two folders: a button says whose cases are shown, and a folder concerns that source."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

import nodes  # noqa: F401 - registers the node types
from runtime.attach import data_sources, learned
from runtime.data.corrections import corrections_in
from runtime.data.labels import read_dataset
from tests.builders.graphs import two_sources
from tests.builders.pictures import class_folders

LEFT, LONG = Qt.MouseButton.LeftButton, 60_000


@pytest.fixture
def folders(tmp_path):
    counts = {"first": 12, "second": 16, "third": 8}
    return {name: class_folders(tmp_path / name, count) for name, count in counts.items()}


def ended(qtbot, workspace):
    qtbot.waitUntil(lambda: workspace.survey is not None and not workspace.survey.running, timeout=LONG)


@pytest.mark.slow
def test_that_one_chooses_whose_cases_are_shown_mended_and_given_another_folder(qtbot, workspace, project, folders):
    project.new(two_sources(*(learned(read_dataset(folders[name])) for name in ("first", "second"))))
    one, two = data_sources(project.document.graph())
    buttons, document, cases = workspace.head.sources.buttons, project.document, workspace.browser.cases
    assert [made.text() for made in buttons.values()] == ["One", "Two"]
    assert workspace.pages.currentWidget() is workspace.attached
    assert workspace.bar.folder == folders["first"]

    QTest.mouseClick(buttons[two], LEFT)
    ended(qtbot, workspace)
    assert [made.isChecked() for made in buttons.values()] == [False, True]
    assert (len(workspace.browser.book.samples), workspace.use_button.text()) == (16, "In use")
    assert "“One” leads: a case of “Two” goes where its partner" in workspace.browser.splitting.beside.text()

    workspace.browser.book.choose([0])
    workspace.browser.right.setCurrentWidget(cases)
    QTest.mouseClick(cases.out_button, LEFT)
    left_out = {node: corrections_in(document.nodes[node].settings.get("corrections")).left_out for node in (one, two)}
    assert (len(left_out[one]), len(left_out[two])) == (0, 1)
    QTest.mouseClick(cases.undo_button, LEFT)

    workspace.open_folder(folders["third"])
    assert not buttons[one].isEnabled(), "the folder is on its way into the other source"
    ended(qtbot, workspace)
    read = [document.nodes[node].settings["folder"] for node in (one, two)]
    assert read == [str(folders["first"]), str(folders["third"])]

    QTest.mouseClick(buttons[one], LEFT)
    ended(qtbot, workspace)
    assert len(workspace.browser.book.samples) == 12
    assert workspace.browser.splitting.beside.text().startswith("“One” leads: its cases are shared out here.")
    project.new()
    assert not workspace.head.sources.isVisible()
