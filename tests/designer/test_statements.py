"""The window that asks for what only the author of a report can write."""

import json

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from designer.delivery.statements import StatementsWindow
from runtime.report.statements import FILE, STATEMENTS, keep_statements, kept_statements

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(tmp_path):
    folder = tmp_path / "heads-runs" / "2"
    folder.mkdir(parents=True)
    return folder


def shown(qtbot, run):
    made = StatementsWindow(run)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the test looks at it afterwards
    qtbot.addWidget(made)
    made.show()
    return made


def row_of(key):
    return next(row for row, one in enumerate(STATEMENTS) if one.key == key)


def test_that_what_is_written_is_kept_with_the_run_while_it_is_written(qtbot, run):
    made = shown(qtbot, run)
    made.list.setCurrentRow(row_of("ethics"))
    assert made.title.text() == "Ethics"
    with qtbot.waitSignal(made.kept):
        QTest.keyClicks(made.text, "Approved.")
    assert kept_statements(run) == {"ethics": "Approved."}
    assert made.list.item(row_of("ethics")).text() == "●  Ethics"
    assert made.count.text() == f"1 of {len(STATEMENTS)} written"


def test_that_closing_keeps_the_last_letters_and_what_is_emptied_is_not_reported(qtbot, run):
    keep_statements(run, {"ethics": "Approved.", "funding": "None."})
    made = shown(qtbot, run)
    made.list.setCurrentRow(row_of("ethics"))
    made.text.clear()
    QTest.keyClick(made, Qt.Key.Key_Escape)
    assert not made.isVisible()
    assert kept_statements(run) == {"funding": "None."}


def test_that_the_first_question_without_an_answer_is_asked(qtbot, run):
    keep_statements(run, {STATEMENTS[0].key: "Is there a bleeding?"})
    assert shown(qtbot, run).list.currentRow() == 1


def test_that_what_was_written_for_the_run_before_fills_what_is_empty(qtbot, run):
    before = run.with_name("1")
    before.mkdir()
    keep_statements(before, {"ethics": "Approved.", "funding": "None."})
    keep_statements(run, {"funding": "A grant."})
    made = shown(qtbot, run)
    qtbot.mouseClick(made.take, LEFT)
    assert kept_statements(run) == {"ethics": "Approved.", "funding": "A grant."}
    assert kept_statements(before)["funding"] == "None."


def test_that_a_run_without_another_beside_it_offers_nothing_to_take_over(qtbot, run):
    assert not shown(qtbot, run).take.isVisible()


def test_that_a_damaged_file_is_told_and_not_written_over(qtbot, run):
    (run / FILE).write_text('{"limitation": "few"}', encoding="utf-8")
    made = shown(qtbot, run)
    assert "nobody asks for: limitation" in made.fault.text()
    QTest.keyClicks(made.text, "x")
    made.close()
    assert json.loads((run / FILE).read_text(encoding="utf-8")) == {"limitation": "few"}


def test_that_what_cannot_be_kept_is_told_before_the_window_closes(qtbot, run):
    made = shown(qtbot, run)
    run.rmdir()
    QTest.keyClicks(made.text, "x")
    made.close_button.click()
    assert made.isVisible()
    assert "could not be kept" in made.fault.text()
    made.close_button.click()
    assert not made.isVisible()
