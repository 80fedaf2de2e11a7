"""What is told again and again while a folder is read is not made anew, and never shows what it must not."""

from PySide6.QtWidgets import QLabel

from designer.data.names import Names
from designer.data.survey import Found
from designer.data.warnings_panel import WarningsPanel
from designer.parts import Notes


def test_that_a_name_that_is_learned_later_is_hidden_in_a_sentence_that_was_told_before():
    names = Names()
    assert names.hidden_in("Jane1 is damaged") == "Jane1 is damaged"
    names.learn(["Jane1"])
    assert names.hidden_in("Jane1 is damaged") == "Patient 1 is damaged"
    names.shown = True
    assert names.hidden_in("Jane1 is damaged") == "Jane1 is damaged"
    names.shown = False
    names.forget()
    names.learn(["Abel", "Jane1"])
    assert names.hidden_in("Jane1 is damaged") == "Patient 2 is damaged"


def test_that_sentences_that_are_told_again_keep_their_labels(qtbot):
    notes = Notes("warning")
    qtbot.addWidget(notes)
    notes.show_texts(["one", "two"])
    before = notes.findChildren(QLabel)
    notes.show_texts(["one", "two"])
    assert notes.findChildren(QLabel) == before
    notes.show_texts(["two"])
    qtbot.waitUntil(lambda: [one.text() for one in notes.findChildren(QLabel) if not one.isHidden()] == ["two"])
    notes.show_texts([])
    assert notes.isHidden()


def test_that_warnings_keep_their_cards_until_they_are_others(qtbot, workspace, tmp_path):
    panel = workspace.browser.warnings
    assert isinstance(panel, WarningsPanel)
    found = Found(tmp_path, dataset={"cases": 1}, findings=[{"text": "Jane1 is damaged", "advice": "", "cases": ()}])
    workspace.browser.show_found(found)
    before = panel.cards
    assert panel.texts == ["Jane1 is damaged"]
    workspace.browser.show_found(found)
    assert panel.cards is before
    found.listed.append({"path": "a.dcm", "series": "1", "patient": "Jane1", "kind": "image", "frames": 1})
    workspace.browser.show_found(found)
    assert panel.texts == ["Patient 1 is damaged"]
    workspace.browser.names_box.setChecked(True)
    assert panel.texts == ["Jane1 is damaged"]
    found.findings.clear()
    workspace.browser.show_found(found)
    assert panel.cards == []


def test_that_files_of_no_use_are_listed_when_their_reason_is_opened(qtbot, workspace, tmp_path):
    found = Found(tmp_path, files=2, skipped=[("a.txt", "it is no image"), ("b.txt", "it is no image")])
    workspace.browser.show_found(found)
    tree = workspace.browser.tree.model_
    qtbot.waitUntil(lambda: tree.rowCount() == 1)
    reason = tree.index(0, 0, tree.index(0, 0))
    assert tree.entry(reason).title == "it is no image"
    assert tree.hasChildren(reason)
    assert tree.rowCount(reason) == 0
    tree.fetchMore(reason)
    assert [tree.entry(tree.index(row, 0, reason)).paths for row in range(2)] == [("a.txt",), ("b.txt",)]
