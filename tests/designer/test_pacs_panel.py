"""The page that imports from a PACS, on a real Orthanc on loopback; and what it says before anything is set."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

from designer import remember
from designer.data.pacs_panel import PacsPanel
from designer.data.workspace import DataWorkspace
from designer.project import Project
from runtime.data.practice import write_practice
from tests.builders import orthanc as builder

LONG = 60_000


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory):
    if builder.PROGRAM is None:
        pytest.skip("Orthanc (Debian package orthanc) is not installed on this machine")
    made = builder.start(tmp_path_factory.mktemp("orthanc"))
    try:
        folder = tmp_path_factory.mktemp("sent") / "data"
        write_practice("t1-t2", folder, 2)
        for file in sorted(folder.rglob("*.dcm")):
            made.store(file)
        yield made
    finally:
        made.process.terminate()
        made.process.wait(30)


@pytest.fixture
def panel(qtbot):
    made = PacsPanel()
    qtbot.addWidget(made, before_close_func=lambda widget: widget.close_down())
    made.show()
    return made


@pytest.fixture
def connected(panel, orthanc):
    enter(panel, orthanc)
    return panel


def enter(panel, orthanc):
    lines = panel.address.lines
    for name, text in {"host": "127.0.0.1", "port": orthanc.dicom, "called": "ARCHIVE"}.items():
        lines[name].setText(str(text))


def finish(qtbot, panel):
    qtbot.waitUntil(lambda: panel.work is None, timeout=LONG)


def found(qtbot, panel):
    panel.question.lines["modality"].setText("MR")
    qtbot.keyClick(panel.question.lines["modality"], Qt.Key.Key_Return)
    finish(qtbot, panel)
    assert panel.results.topLevelItemCount() == 2, panel.wrong.texts
    return panel.results


def test_that_the_page_explains_itself_and_every_disabled_button_says_why(panel):
    assert "Nothing is sent before" in panel.told.text()
    for made in (panel.test, panel.search, panel.fetch):
        assert not made.isEnabled()
        assert made.toolTip() == "Enter the address of the PACS first."
    assert panel.work is None
    panel.address.lines["host"].setText("pacs")
    assert panel.test.isEnabled()
    assert panel.search.toolTip() == "Enter what to look for first."
    assert panel.fetch.toolTip() == "Tick at least one study or series first."


def test_that_every_field_and_button_has_a_name_and_a_tip(panel):
    for kind in (QLineEdit, QComboBox):
        for field in panel.findChildren(kind):
            assert field.accessibleName(), field
            assert field.toolTip(), field.accessibleName()
    assert all(made.toolTip() and made.text() for made in panel.findChildren(QPushButton))
    assert panel.results.accessibleName()


def test_that_a_wrong_address_is_said_before_anything_is_started(panel):
    panel.address.lines["host"].setText("pacs")
    panel.address.lines["port"].setText("many")
    panel.try_connection()
    assert panel.work is None
    assert "port of the PACS" in panel.wrong.texts[0]


def test_that_a_connection_is_tried_and_its_failure_said_in_a_sentence(qtbot, connected):
    connected.try_connection()
    assert connected.busy.isVisible()
    finish(qtbot, connected)
    assert connected.told.text() == "The PACS answers."
    connected.address.lines["port"].setText("1")
    connected.try_connection()
    finish(qtbot, connected)
    assert "refused the connection" in connected.wrong.texts[0]
    assert "Traceback" not in connected.wrong.texts[0]


def test_that_studies_and_series_are_ticked_with_the_keyboard(qtbot, connected):
    results = found(qtbot, connected)
    assert results.hasFocus() or not connected.isActiveWindow()
    first = results.topLevelItem(0)
    results.setCurrentItem(first.child(0))
    qtbot.keyClick(results, Qt.Key.Key_Space)
    assert len(results.wanted()) == 1
    assert "/" in results.wanted()[0]
    assert first.checkState(0) == Qt.CheckState.PartiallyChecked
    results.setCurrentItem(first)
    qtbot.keyClick(results, Qt.Key.Key_Space)
    assert "/" not in results.wanted()[0]
    assert connected.fetch.toolTip() == "Choose a folder to fetch into first."


def test_that_nothing_found_is_said(qtbot, connected):
    connected.question.lines["patient_id"].setText("NOBODY")
    connected.look()
    finish(qtbot, connected)
    assert "no study that fits" in connected.wrong.texts[0]


@pytest.mark.long
def test_that_a_fetch_is_cancelled_and_goes_on_where_it_ended(qtbot, connected, tmp_path):
    results = found(qtbot, connected)
    for row in range(2):
        results.topLevelItem(row).setCheckState(0, Qt.CheckState.Checked)
    connected.folder.setText(str(tmp_path / "in"))
    connected.bring()
    qtbot.waitUntil(lambda: connected.busy.bar.value() > 0, timeout=LONG)
    connected.cancel()
    finish(qtbot, connected)
    assert "goes on from there" in connected.told.text()
    kept = len(list((tmp_path / "in").rglob("*.dcm")))
    assert 0 < kept < 58
    with qtbot.waitSignal(connected.fetched, timeout=LONG) as ended:
        connected.bring()
    assert ended.args == [tmp_path / "in"]
    assert len(list((tmp_path / "in").rglob("*.dcm"))) == 58


def test_that_the_address_is_remembered_and_neither_user_nor_password(qtbot, panel, own_settings):
    panel.address.protocol.setCurrentIndex(1)
    for name, text in {"url": "http://127.0.0.1:1/dicom-web", "user": "someone", "password": "hush-hush"}.items():
        panel.address.lines[name].setText(text)
    panel.question.lines["patient_name"].setText("Doe")
    panel.look()
    finish(qtbot, panel)
    remember.settings().sync()
    kept = own_settings.read_text(encoding="utf-8")
    assert "127.0.0.1" in kept
    assert not any(word in kept for word in ("someone", "hush-hush", "Doe"))
    again = PacsPanel()
    qtbot.addWidget(again)
    assert again.address.address()["url"] == "http://127.0.0.1:1/dicom-web"
    assert again.address.address()["password"] == ""


@pytest.mark.long
def test_that_what_was_fetched_opens_as_if_it_had_been_dropped(qtbot, orthanc, tmp_path):
    workspace = DataWorkspace(Project())
    qtbot.addWidget(workspace, before_close_func=lambda widget: widget.close_down())
    workspace.show()
    entry = next(made for made in workspace.empty.findChildren(QPushButton) if "PACS" in made.text())
    assert workspace.pacs.panel is None
    qtbot.mouseClick(entry, Qt.MouseButton.LeftButton)
    panel = workspace.pacs.panel
    assert workspace.pages.currentWidget() is panel
    panel.back.click()
    assert workspace.pages.currentWidget() is workspace.empty
    workspace.pacs.open()
    enter(panel, orthanc)
    found(qtbot, panel).topLevelItem(0).setCheckState(0, Qt.CheckState.Checked)
    panel.folder.setText(str(tmp_path / "in"))
    panel.bring()
    qtbot.waitUntil(lambda: workspace.survey is not None and not workspace.survey.running, timeout=LONG)
    assert workspace.pages.currentWidget() is workspace.browser
    assert workspace.found.folder == tmp_path / "in"
    assert len({series["patient"] for series in workspace.found.series}) == 1
